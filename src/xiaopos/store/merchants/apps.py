"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class MerchantsStore(AppConfig):
    """Registers the models under the label `store_merchants`."""

    name = "xiaopos.store.merchants"
    label = "store_merchants"
