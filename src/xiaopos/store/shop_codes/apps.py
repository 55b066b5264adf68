"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class ShopCodeStore(AppConfig):
    """Registers the models under the label `store_shop_codes`."""

    name = "xiaopos.store.shop_codes"
    label = "store_shop_codes"
