"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class DeliveriesStore(AppConfig):
    """Registers the models under the label `store_deliveries`."""

    name = "xiaopos.store.deliveries"
    label = "store_deliveries"
