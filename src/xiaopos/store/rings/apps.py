"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class RingStore(AppConfig):
    """Registers the models under the label `store_rings`."""

    name = "xiaopos.store.rings"
    label = "store_rings"
