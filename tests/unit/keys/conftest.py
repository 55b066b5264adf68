"""What the keys tests share: a vault with seeded entropy, known answers, and keys with chosen clear values."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault, WrappedKey

VECTORS = Path(__file__).parents[2] / "vectors"

Load = Callable[..., WrappedKey]


@pytest.fixture
def vector() -> Callable[[str], Any]:
    """Known answers by file name; each file says where it comes from."""

    def read(name: str) -> Any:
        return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))

    return read


@pytest.fixture
def rng() -> random.Random:
    """Seeded: a failure repeats."""
    return random.Random(20260801)


@pytest.fixture
def vault(rng: random.Random) -> SoftwareVault:
    """A vault of its own for each test."""
    return SoftwareVault(Secret(rng.randbytes(32)), rng.randbytes)


@pytest.fixture
def load(vault: SoftwareVault, rng: random.Random) -> Load:
    """Brings a known clear key into the vault the way custodians do: as two components."""

    def bring(usage: KeyUsage, algorithm: KeyAlgorithm, clear: str | bytes) -> WrappedKey:
        key = bytes.fromhex(clear) if isinstance(clear, str) else clear
        first = rng.randbytes(len(key))
        second = bytes(a ^ b for a, b in zip(first, key, strict=True))
        return vault.combine(components=[Secret(first), Secret(second)], usage=usage, algorithm=algorithm)

    return bring
