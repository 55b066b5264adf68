"""The door of speakers, asked by a pretend speaker: what it says, what it refuses, who is let in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from support.channels import StandingClock, new_vault
from support.webhooks import SECRET, secret_in
from xiaopos.hosts.speaker_door import DoorSettings, SpeakerDoor
from xiaopos.kernel.money import Money
from xiaopos.keys import WrappedKey
from xiaopos.simulator.speaker import PretendSpeaker
from xiaopos.usecases.announce_payment import SAID_FOR, SaidKind, ToSay, announcement, proven
from xiaopos.usecases.ports import BooksLost

SPEAKER = "0198f0000000700080000000000000a1"
VAULT = new_vault()
KEY = secret_in(VAULT)


@dataclass
class Board:
    """What speakers are to say, in memory."""

    sayings: list[ToSay] = field(default_factory=list)
    heard: int = 0
    lost: bool = False

    async def find(self, speaker_id: str) -> tuple[WrappedKey, int, int] | None:
        if self.lost:
            raise BooksLost("away")
        return (KEY, self.heard, len(self.sayings)) if speaker_id == SPEAKER else None

    async def next(self, speaker_id: str, after: int, now: datetime) -> ToSay | None:
        return next((one for one in self.sayings if one.number > after and one.at > now - SAID_FOR), None)

    async def note_heard(self, speaker_id: str, number: int, now: datetime) -> None:
        self.heard = number

    async def fresh(self, since: datetime) -> Sequence[str]:
        return [SPEAKER] if self.sayings else []

    def says(self, at: datetime, minor: int = 12_50, kind: SaidKind = SaidKind.RECEIVED) -> None:
        number = len(self.sayings) + 1
        self.sayings.append(ToSay(number, f"{number:032x}", kind, Money(minor), at))


@dataclass
class Scene:
    """A door that is open, and one device."""

    board: Board
    clock: StandingClock
    speaker: PretendSpeaker
    house: str
    client: aiohttp.ClientSession
    door: SpeakerDoor

    async def hears(self) -> str:
        heard = await self.speaker.listen(self.house, self.client)
        return "" if heard is None else heard.sentence or f"[{heard.refused}]"


def play(story: Callable[[Scene], Awaitable[None]], *, hold_s: float = 0.05, **settings: Any) -> None:
    async def told() -> None:
        board, clock = Board(), StandingClock()
        door = SpeakerDoor(board, VAULT, clock, DoorSettings(hold_s=hold_s, poll_s=0.02, **settings))
        port = await door.start("127.0.0.1", 0)
        speaker = PretendSpeaker(SPEAKER, SECRET, lambda: clock.now().timestamp())
        try:
            async with aiohttp.ClientSession() as client:
                await story(Scene(board, clock, speaker, f"http://127.0.0.1:{port}", client, door))
        finally:
            await door.stop()

    asyncio.run(asyncio.wait_for(told(), 60))


def test_each_is_said_once_in_its_own_words_in_order() -> None:
    async def story(scene: Scene) -> None:
        assert await scene.hears() == ""
        now = scene.clock.now()
        scene.board.says(now)
        scene.board.says(now, 5_00, SaidKind.GIVEN_BACK)
        scene.board.says(now, 2_00, SaidKind.TAKEN_BACK)
        assert [await scene.hears() for _ in range(4)] == [
            "收款十二元五角",
            "已退款给顾客，五元",
            "注意，有一笔收款已冲正，没有收到，两元",
            "",
        ]
        assert scene.board.heard == 3
        assert scene.speaker.again() == "重播：注意，有一笔收款已冲正，没有收到，两元"
        scene.speaker.number = 0  # it lost its memory: what it has said stays said
        assert await scene.hears() == ""

    play(story)


def test_who_waits_is_told_when_it_comes() -> None:
    async def story(scene: Scene) -> None:
        waiting = asyncio.create_task(scene.hears())
        await asyncio.sleep(0.05)
        scene.board.says(scene.clock.now())
        assert await waiting == "收款十二元五角"

    play(story, hold_s=50)


def test_what_is_late_says_so_and_what_is_old_is_not_said() -> None:
    async def story(scene: Scene) -> None:
        now = scene.clock.now()
        scene.board.says(now - timedelta(minutes=11), 1_00)
        scene.board.says(now - timedelta(seconds=61), 2_00)
        scene.board.says(now, 3_00)
        assert [await scene.hears() for _ in range(3)] == ["刚才那笔：收款两元", "收款三元", ""]

    play(story)


def test_a_second_request_of_the_same_speaker_sends_the_first_away_and_stopping_all() -> None:
    async def story(scene: Scene) -> None:
        first = asyncio.create_task(scene.hears())
        await asyncio.sleep(0.2)
        second = asyncio.create_task(scene.hears())
        assert await first == ""
        await asyncio.sleep(0.2)
        await scene.door.stop()
        assert await second == ""

    play(story, hold_s=50)


def test_who_cannot_prove_who_it_is_learns_nothing() -> None:
    async def story(scene: Scene) -> None:
        scene.board.says(scene.clock.now())
        now = scene.clock.now().timestamp()
        strangers = [
            PretendSpeaker(SPEAKER, bytes(32), lambda: now),
            PretendSpeaker("0" * 32, SECRET, lambda: now),
            PretendSpeaker("0" * 64, SECRET, lambda: now),
            PretendSpeaker(SPEAKER, SECRET, lambda: now - 121),
            PretendSpeaker(SPEAKER, SECRET, lambda: now + 121),
        ]
        for each in strangers:
            heard = await each.listen(scene.house, scene.client)
            assert heard is not None
            assert heard.refused.startswith("the house answered 401"), heard
        path, headers = scene.speaker.asks()
        for wrong in ({"X-Mac": "zz" * 32}, {"X-Mac": ""}, {"X-Time": "soon"}, {"X-Time": "9" * 30}):
            async with scene.client.get(scene.house + path, headers=headers | wrong) as answer:
                assert answer.status == 401
        async with scene.client.get(scene.house + path.replace("after=0", "after=1"), headers=headers) as answer:
            assert answer.status == 401

    play(story)


def test_a_number_that_was_never_given_and_books_that_are_away() -> None:
    async def story(scene: Scene) -> None:
        scene.speaker.number = 7
        assert "409" in await scene.hears()
        scene.board.lost = True
        assert "503" in await scene.hears()

    play(story)


def test_more_than_the_door_holds_are_sent_away() -> None:
    async def story(scene: Scene) -> None:
        assert "503" in await scene.hears()

    play(story, most_held=0)


# -- what the device refuses ----------------------------------------------------------------------------------------------


def answered(number: int = 1, follows: int = 0, age_s: int = 0, speaker_id: str = SPEAKER, **parts: Any) -> bytes:
    now = StandingClock().now()
    what = ToSay(number, "0" * 32, SaidKind.RECEIVED, Money(12_50), now - timedelta(seconds=age_s))
    said = proven(announcement(speaker_id, follows, what, now - timedelta(seconds=age_s)), KEY, VAULT)
    return json.dumps({name: getattr(said, name) for name in said.__struct_fields__} | parts).encode()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (answered(amount_minor=99_99), "not proven"),
        (answered(said_zh="收款一万元"), "not proven"),
        (answered(expires_at=9_999_999_999), "not proven"),
        (answered(late=True), "not proven"),
        (answered(kind="given_back"), "not proven"),
        (answered(mac="00" * 32), "not proven"),
        (answered(mac="soon"), "cannot be read"),
        (answered(said_zh="a\nb"), "cannot be read"),
        (b"{}", "cannot be read"),
        (b"[]", "cannot be read"),
        (b"\xff", "cannot be read"),
        (answered(speaker_id="0" * 32), "for another speaker"),
        (answered(2, 1), "not the next"),
        (answered(0, 0), "not the next"),
        (answered(age_s=61), "too old"),
    ],
)
def test_forged_altered_reordered_and_expired_ones_are_not_said(body: bytes, why: str) -> None:
    speaker = PretendSpeaker(SPEAKER, SECRET, lambda: StandingClock().now().timestamp())
    assert speaker.hears(body).refused == why
    assert (speaker.number, speaker.again()) == (0, "")


def test_a_replayed_one_is_not_said() -> None:
    speaker = PretendSpeaker(SPEAKER, SECRET, lambda: StandingClock().now().timestamp(), english=True)
    assert speaker.hears(answered()).sentence == "Received twelve yuan and fifty fen"
    assert speaker.hears(answered()).refused == "not the next"
    assert speaker.again() == "Again: Received twelve yuan and fifty fen"
