"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class LedgerStore(AppConfig):
    """Registers the models under the label `store_ledger`."""

    name = "xiaopos.store.ledger"
    label = "store_ledger"
