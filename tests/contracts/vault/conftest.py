"""What the vaults' contract is run on: the software vault, and the PKCS#11 vault on a token of SoftHSM2.

A case is written once for both. Where a token cannot do something, the case says that it is refused: NOT_OFFERED.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault, Vault, WrappedKey
from xiaopos.keys.pkcs11_vault import Pkcs11Vault

VECTORS = Path(__file__).parents[2] / "vectors"

Load = Callable[..., WrappedKey]


@pytest.fixture
def rng() -> random.Random:
    """Seeded: a failure repeats, as far as the token's own randomness allows."""
    return random.Random(20260801)


@pytest.fixture(params=["software", "pkcs11"])
def vault(request: pytest.FixtureRequest, rng: random.Random) -> Iterator[Vault]:
    """A vault of its own for each test; the token is one for all."""
    if request.param == "software":
        yield SoftwareVault(Secret(rng.randbytes(32)), rng.randbytes)
    else:
        yield Pkcs11Vault(request.getfixturevalue("token_session"))


@pytest.fixture
def offers_sm4(vault: Vault) -> bool:
    """Whether the vault has SM4; SoftHSM2 has not."""
    return isinstance(vault, SoftwareVault)


@pytest.fixture
def offers_sm3(vault: Vault) -> bool:
    """Whether the vault has SM3; SoftHSM2 has not."""
    return isinstance(vault, SoftwareVault)


@pytest.fixture
def vector() -> Callable[[str], Any]:
    """Known answers by file name; each file says where it comes from."""

    def read(name: str) -> Any:
        return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))

    return read


@pytest.fixture
def load(vault: Vault, rng: random.Random) -> Load:
    """Brings a known clear key into the vault the way custodians do: as two components."""

    def bring(usage: KeyUsage, algorithm: KeyAlgorithm, clear: str | bytes) -> WrappedKey:
        key = bytes.fromhex(clear) if isinstance(clear, str) else clear
        first = rng.randbytes(len(key))
        second = bytes(a ^ b for a, b in zip(first, key, strict=True))
        return vault.combine(components=[Secret(first), Secret(second)], usage=usage, algorithm=algorithm)

    return bring
