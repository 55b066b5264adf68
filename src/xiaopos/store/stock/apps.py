"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class StockStore(AppConfig):
    """Registers the models under the label `store_stock`."""

    name = "xiaopos.store.stock"
    label = "store_stock"
