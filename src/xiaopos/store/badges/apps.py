"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class BadgeStore(AppConfig):
    """Registers the models under the label `store_badges`."""

    name = "xiaopos.store.badges"
    label = "store_badges"
