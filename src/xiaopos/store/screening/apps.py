"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class ScreeningStore(AppConfig):
    """Registers the models under the label `store_screening`."""

    name = "xiaopos.store.screening"
    label = "store_screening"
