"""A pretend speaker: asks what to say, and says only what is proven, next, and not too old.

What may live here: a device built after docs/speakers.md and nothing else, so that both sides are checked against the text.
What may not: the house's own rooms.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

ANSWER_WITHIN_S = 40
_SIGNED = (
    "speaker_id", "number", "follows", "payment_id", "kind", "amount_minor", "currency", "at", "expires_at", "late",
    "said_zh", "said_en",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one answer: the sentence to say, or in `refused` why nothing is said."""

    sentence: str = ""
    refused: str = ""


class PretendSpeaker:
    """One device. `number` is the last that it said, which it keeps over restarts; `now` is its clock in seconds since 1970."""

    def __init__(
        self, speaker_id: str, secret: bytes, now: Callable[[], float], *, number: int = 0, english: bool = False
    ) -> None:
        self.speaker_id = speaker_id
        self.number = number
        self.last_said = ""
        self._secret = secret
        self._now = now
        self._english = english

    def asks(self) -> tuple[str, dict[str, str]]:
        """The path and the headers of its next request."""
        time = int(self._now())
        text = f"xiaopos-speaker-asks-1\n{self.speaker_id}\n{self.number}\n{time}"
        path = f"/speakers/{self.speaker_id}/next?after={self.number}"
        return path, {"X-Time": str(time), "X-Mac": self._mac(text)}

    def hears(self, body: bytes) -> Heard:
        """Judge an answer; what is accepted becomes the last that was said."""
        try:
            said: dict[str, Any] = json.loads(body)
            lines = [str(int(said[name]) if name == "late" else said[name]) for name in _SIGNED]
            number, follows, expires = (int(said[name]) for name in ("number", "follows", "expires_at"))
            mac = bytes.fromhex(said["mac"])
        except (ValueError, KeyError, TypeError):
            return Heard(refused="cannot be read")
        if any("\n" in line for line in lines):
            return Heard(refused="cannot be read")
        if not hmac.compare_digest(mac, bytes.fromhex(self._mac("\n".join(["xiaopos-speaker-says-1", *lines])))):
            return Heard(refused="not proven")
        if said["speaker_id"] != self.speaker_id:
            return Heard(refused="for another speaker")
        if follows != self.number or number <= follows:
            return Heard(refused="not the next")
        if self._now() >= expires:
            return Heard(refused="too old")
        self.number = number
        self.last_said = said["said_en" if self._english else "said_zh"]
        return Heard(self.last_said)

    def again(self) -> str:
        """What its button says: the last sentence, marked so that it does not pass for another payment."""
        if not self.last_said:
            return ""
        return ("Again: " if self._english else "重播：") + self.last_said

    async def listen(self, house: str, client: aiohttp.ClientSession) -> Heard | None:
        """Ask once; None when there was nothing to say. Raises aiohttp.ClientError, TimeoutError."""
        path, headers = self.asks()
        within = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
        async with client.get(house + path, headers=headers, timeout=within) as answer:
            if answer.status == 204:
                return None
            if answer.status != 200:
                return Heard(refused=f"the house answered {answer.status}: {(await answer.text()).strip()}")
            return self.hears(await answer.read())

    def _mac(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
