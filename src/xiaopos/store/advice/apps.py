"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class AdviceStore(AppConfig):
    """Registers the models under the label `store_advice`."""

    name = "xiaopos.store.advice"
    label = "store_advice"
