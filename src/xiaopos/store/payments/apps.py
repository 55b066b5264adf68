"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class PaymentsStore(AppConfig):
    """Registers the models under the label `store_payments`."""

    name = "xiaopos.store.payments"
    label = "store_payments"
