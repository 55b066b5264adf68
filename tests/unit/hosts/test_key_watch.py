"""The watch over keys: a state that changes is obeyed, uses are counted, a database that is away is waited for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from xiaopos.hosts.key_watch import KeyPlaces, KeyWatch
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyState, KeyUsage, MacKind, SoftwareVault
from xiaopos.usecases.ports import BooksLost

NOON = datetime(2026, 8, 1, 4, tzinfo=UTC)


class PretendPlaces:
    """A pretend inventory: states that can be set, counts that were written, and a line that can be cut."""

    def __init__(self) -> None:
        self.states: dict[str, KeyState] = {}
        self.written: list[Sequence[Any]] = []
        self.away = False
        self.asked = 0

    async def read_states(self) -> Mapping[str, KeyState]:
        self.asked += 1
        if self.away:
            raise BooksLost("away")
        return dict(self.states)

    async def write_uses(self, rows: Sequence[Sequence[Any]]) -> None:
        if self.away:
            raise BooksLost("away")
        self.written += rows

    async def another_round(self) -> None:
        before = self.asked
        while self.asked < before + 2:
            await asyncio.sleep(0.001)


def _watch(vault: SoftwareVault, places: PretendPlaces, rounds: int) -> KeyWatch:
    numbers = iter(range(10_000))
    return KeyWatch(
        vault,
        KeyPlaces(places.read_states, places.write_uses),
        process="card-host",
        now=lambda: NOON,
        make_id=lambda _: f"{next(numbers):032x}",
        every_s=0.001,
        counts_every_s=0.001 * rounds,
    )


async def _lived(rounds: int, cut: bool) -> PretendPlaces:
    draws = random.Random(3)
    vault = SoftwareVault(Secret(draws.randbytes(32)), draws.randbytes)
    key = vault.generate(usage=KeyUsage.TAK, algorithm=KeyAlgorithm.TDES2)
    places = PretendPlaces()
    watch = _watch(vault, places, rounds)
    await watch.start()
    for _ in range(3):
        vault.mac(key=key, data=b"0200", kind=MacKind.X9_9)
    places.away = cut
    await places.another_round()
    places.away = False
    places.states[key.key_id] = KeyState.COMPROMISED
    await places.another_round()
    with pytest.raises(KeyRefused) as refused:
        vault.mac(key=key, data=b"0200", kind=MacKind.X9_9)
    assert refused.value.fault is KeyFault.WRONG_STATE
    await watch.stop()
    assert [(row[1], row[2], row[3], row[4], row[5], row[6], row[7]) for row in places.written] == [
        (key.key_id, "TAK", key.kcv, "mac", "card-host", 3, NOON)
    ]
    return places


@pytest.mark.parametrize("rounds", [1, 1_000_000])
@pytest.mark.parametrize("cut", [False, True])
def test_states_are_obeyed_and_uses_written_once(rounds: int, cut: bool) -> None:
    asyncio.run(_lived(rounds, cut))


def test_a_watch_that_never_began_writes_what_was_counted() -> None:
    async def live() -> PretendPlaces:
        draws = random.Random(3)
        vault = SoftwareVault(Secret(draws.randbytes(32)), draws.randbytes)
        places = PretendPlaces()
        watch = _watch(vault, places, 1)
        places.away = True
        with pytest.raises(BooksLost):
            await watch.start()
        key = vault.generate(usage=KeyUsage.TOKEN, algorithm=KeyAlgorithm.HMAC256)
        vault.token(key=key, data=b"6225")
        await watch.stop()
        assert places.written == []
        places.away = False
        await watch.stop()
        return places

    (row,) = asyncio.run(live()).written
    assert row[4:7] == ("token", "card-host", 1)
