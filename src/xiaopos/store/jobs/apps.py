"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class JobsStore(AppConfig):
    """Registers the models under the label `store_jobs`."""

    name = "xiaopos.store.jobs"
    label = "store_jobs"
