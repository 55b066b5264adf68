"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class ApplicationsStore(AppConfig):
    """Registers the models under the label `store_applications`."""

    name = "xiaopos.store.applications"
    label = "store_applications"
