"""The Django app of this folder. Nothing else lives here."""

from django.apps import AppConfig


class WalletStore(AppConfig):
    """Registers the models under the label `store_wallets`."""

    name = "xiaopos.store.wallets"
    label = "store_wallets"
