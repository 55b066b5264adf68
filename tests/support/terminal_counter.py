"""A terminal on the counter of 小林茶铺, its memory, and a host at the other end of the line."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from support.terminal_host import TerminalHost, new_vault, tmk_in
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault
from xiaopos.terminal.cards import CardRead, How
from xiaopos.terminal.chip import PretendChip
from xiaopos.terminal.device import Device
from xiaopos.terminal.outcome import Outcome
from xiaopos.terminal.profile import PROFILES, Identity

NOW = datetime(2026, 6, 1, 2, 11, 12, tzinfo=UTC)
CARD = CardRead(Pan("6225561620345170"), "3012")
IDENTITY = Identity("00000001", "952718182217875")


@dataclass
class Paper:
    """A memory on paper: what was saved, as JSON, in its order. `saved` can be cut short to go back in time."""

    saved: list[str] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)

    def load(self) -> Mapping[str, Any] | None:
        return json.loads(self.saved[-1]) if self.saved else None

    def save(self, state: Mapping[str, Any]) -> None:
        self.saved.append(json.dumps(state))
        self.journal.append("saved")


@dataclass
class Counter:
    """The terminal, its paper and its host, with verbs."""

    host: TerminalHost
    paper: Paper
    vault: SoftwareVault
    device: Device
    profile: str = "unionpay-3des-2012"

    def passes(self, frame: bytes | Refused) -> Outcome:
        """Send the frame and take what comes, or find that nothing came."""
        assert isinstance(frame, bytes), frame
        answer = self.host.answer(frame[2:])
        return self.device.no_answer() if answer is None else self.device.take(answer, now=NOW)

    def signs_in(self) -> Outcome:
        return self.passes(self.device.sign_in())

    def sells(self, amount_minor: int = 1250, how: How = How.TAP, pin: str | None = None) -> Outcome:
        typed = None if pin is None else Secret(pin.encode())
        return self.passes(self.device.sale(amount_minor, CARD, how, now=NOW, pin=typed))

    def pays_up(self) -> Outcome:
        return self.passes(self.device.pay_up())

    def restarts(self) -> Device:
        """Power cut and power back: a new device on the same memory and chip."""
        self.device = new_device(self.vault, self.paper, self.profile)
        return self.device


def new_device(vault: SoftwareVault, paper: Paper, profile: str) -> Device:
    chip = PretendChip(vault, vault.generate(usage=KeyUsage.IMK_AC, algorithm=KeyAlgorithm.TDES2))
    return Device(
        IDENTITY,
        vault=vault,
        tmk=tmk_in(vault),
        memory=paper,
        entropy=os.urandom,
        profile=PROFILES[profile],
        chip=chip,
    )


def new_counter(profile: str = "unionpay-3des-2012") -> Counter:
    paper, vault = Paper(), new_vault()
    host = TerminalHost(sign_in_code=PROFILES[profile].sign_in_code)
    return Counter(host, paper, vault, new_device(vault, paper, profile), profile)
