"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class BindingsStore(AppConfig):
    """Registers the models under the label `store_bindings`."""

    name = "xiaopos.store.bindings"
    label = "store_bindings"
