"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class AuditStore(AppConfig):
    """Registers the models under the label `store_audit`."""

    name = "xiaopos.store.audit"
    label = "store_audit"
