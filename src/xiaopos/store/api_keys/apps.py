"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class ApiKeyStore(AppConfig):
    """Registers the models under the label `store_api_keys`."""

    name = "xiaopos.store.api_keys"
    label = "store_api_keys"
