"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class WebhookStore(AppConfig):
    """Registers the models under the label `store_webhooks`."""

    name = "xiaopos.store.webhooks"
    label = "store_webhooks"
