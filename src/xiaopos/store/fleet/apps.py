"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class FleetStore(AppConfig):
    """Registers the models under the label `store_fleet`."""

    name = "xiaopos.store.fleet"
    label = "store_fleet"
