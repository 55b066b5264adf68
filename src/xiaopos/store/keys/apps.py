"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class KeysStore(AppConfig):
    """Registers the models under the label `store_keys`."""

    name = "xiaopos.store.keys"
    label = "store_keys"
