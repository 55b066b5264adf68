"""What goes over the line has the fields that its transaction demands: the device's messages, and the desk's answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from support.card_counter import CODEC, CardCounter
from support.world import at_once
from xiaopos.kernel.refusal import Refused
from xiaopos.terminal.cards import How
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Outcome
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583.framing import TerminalFrame
from xiaopos.wire.iso8583.meaning import transaction_of
from xiaopos.wire.iso8583.requirements import requirements_of


@dataclass
class OverheardCounter(CardCounter):
    """A counter whose line keeps every message that passed, both ways."""

    heard: list[Message] = field(default_factory=list)

    def passes(self, frame: bytes | Refused) -> Outcome:
        assert isinstance(frame, bytes), frame
        answer = at_once(self.desk.answer(frame[2:]))
        assert answer is not None
        self.heard += [CODEC.decode(TerminalFrame.parse(raw[2:]).body) for raw in (frame, answer)]
        return self.device.take(answer[2:], now=self.world.clock.now())


@pytest.mark.parametrize("profile", ["unionpay-3des-2012", "unionpay-3des-track-2012"])
def test_a_devices_whole_day_lacks_no_field_and_has_none_too_many(profile: str) -> None:
    counter = OverheardCounter(profile)
    counter.signs_in()
    first, second = counter.sells(), counter.sells(20_00, How.INSERT, "123456")
    counter.sells(30_00, How.SWIPE, "123456")
    counter.passes(counter.device.void(first.stan))
    counter.passes(counter.device.refund(5_00, Original(second.rrn, second.batch_number, second.stan)))
    counter.world.the_issuer_declines()
    counter.sells()
    counter.passes(counter.device.echo())
    counter.passes(counter.device.settle())
    counter.passes(counter.device.sign_off())
    names = [named.name for named in map(transaction_of, counter.heard) if named]
    assert len(names) == len(counter.heard) == 20
    assert {(name, finding.en) for name, each in zip(names, counter.heard, strict=True)
            for finding in requirements_of(each)} == set()  # fmt: skip


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"f4": None}, "field 4"),
        ({"f11": None}, "field 11"),
        ({"f49": None}, "field 49"),
        ({"f3": "200000", "f60": "23000001000"}, "field 37 or 61"),
    ],
)
def test_a_refusal_for_a_missing_field_names_it_in_the_log(parts: dict[str, str | bytes | None], named: str) -> None:
    counter = CardCounter()
    counter.signs_in()
    with capture_logs() as logs:
        answer = counter.asks(counter.sale(**parts))
    assert answer is not None
    assert answer.text(39) == "30"
    assert any(named in str(entry.get("detail")) for entry in logs)
