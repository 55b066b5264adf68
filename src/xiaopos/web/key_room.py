"""Where a page finds the vault that a key ceremony needs, also before the house can open for want of a key.

What may live here: the place where the composition root puts it. What may not: opening a vault.
"""

from __future__ import annotations

from collections.abc import Callable

from xiaopos.keys.wider_vault import WiderVault

_openers: list[Callable[[], WiderVault]] = []


def install(opener: Callable[[], WiderVault]) -> None:
    """Say how this process opens its vault; a failure to is KeyRefused. Called once by the composition root."""
    _openers[:] = [opener]


def vault() -> WiderVault:
    """The vault of this process. Raises KeyRefused (OUT_OF_REACH) when it cannot be opened."""
    assert _openers, "the composition root has installed no vault"
    return _openers[0]()
