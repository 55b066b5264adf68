"""Key hierarchy, PIN blocks, MACs, track encryption, check values. A clear key exists only inside a vault's implementation.

What may live here: the `Vault` role and its words (`vault`), the tables it obeys (`hierarchy`), a key's life (`states`), the
software implementation (`software_vault`) and the pure algorithms it uses (`des`, `macs`, `pin_blocks`, `tracks`,
`cryptograms`).
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
