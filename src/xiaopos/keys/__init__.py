"""Key hierarchy, PIN blocks, MACs, track encryption, check values. A clear key exists only inside a vault's implementation.

What may live here: the `Vault` role and its words (`vault`), the tables it obeys (`hierarchy`), a key's life (`states`); its
rules, written once (`ruled_vault`, made of `work_*` over `shelf`); the engines below them (`software_vault`, `pkcs11_vault`);
the pure algorithms (`des`, `macs`, `pin_blocks`, `tracks`, `cryptograms` and others).
What may not: sockets, files, clocks, randomness (it is handed in), message layouts (`wire`), decisions about payments.
"""

from xiaopos.keys.hierarchy import Operation
from xiaopos.keys.software_vault import SoftwareVault
from xiaopos.keys.states import KEY_LIFE, KeyEvent, KeyState, serves
from xiaopos.keys.vault import (
    CardPadding,
    ExportedKey,
    KeyAlgorithm,
    KeyFault,
    KeyRefused,
    KeyUsage,
    MacKind,
    PinFormat,
    Vault,
    WrappedKey,
    sealed_with,
)

__all__ = [
    "KEY_LIFE",
    "CardPadding",
    "ExportedKey",
    "KeyAlgorithm",
    "KeyEvent",
    "KeyFault",
    "KeyRefused",
    "KeyState",
    "KeyUsage",
    "MacKind",
    "Operation",
    "PinFormat",
    "SoftwareVault",
    "Vault",
    "WrappedKey",
    "sealed_with",
    "serves",
]
