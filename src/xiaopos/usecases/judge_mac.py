"""Judge the MAC of a message that somebody pasted, with the key of the terminal that it names: support's first question.

What may live here: finding the terminal and its key, trying how its MAC may have been made. What may not: reading the message
(wire.reading), taking the message for real.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.ids import TerminalId
from xiaopos.keys import KeyRefused, MacKind, Vault, WrappedKey
from xiaopos.keys.hierarchy import MAC_KINDS
from xiaopos.usecases.ports import House
from xiaopos.wire.reading import MacQuestion


class MacVerdict(Enum):
    """What a MAC is worth. OTHER_KIND: made with the right key, but in another way than the terminal's profile says."""

    RIGHT = "right"
    OTHER_KIND = "other_kind"
    WRONG = "wrong"
    TERMINAL_UNKNOWN = "terminal_unknown"
    NO_KEY = "no_key"
    VAULT_REFUSED = "vault_refused"


@dataclass(frozen=True, slots=True)
class MacJudgement:
    """The verdict; `profile` is the terminal's, `kind` how the MAC was made, where they are known."""

    verdict: MacVerdict
    profile: str = ""
    kind: MacKind | None = None


async def judge_mac(asked: MacQuestion, on: date, house: House) -> MacJudgement:
    """Whether the MAC is right under the present MAC key of the terminal that the message names.

    A key that the terminal had before its last sign-in is gone: a frame from then is WRONG now.
    """
    terminal = await house.books.recall_terminal(TerminalId(asked.terminal_id), on)
    if terminal is None:
        return MacJudgement(MacVerdict.TERMINAL_UNKNOWN)
    if terminal.tak is None:
        return MacJudgement(MacVerdict.NO_KEY, terminal.profile)
    expected = PROFILES[terminal.profile].suite.mac_kind
    try:
        kind = fitting_kind(house.vault, terminal.tak, asked.covered, asked.mac, first=expected)
    except KeyRefused:
        return MacJudgement(MacVerdict.VAULT_REFUSED, terminal.profile)
    if kind is None:
        return MacJudgement(MacVerdict.WRONG, terminal.profile)
    return MacJudgement(MacVerdict.RIGHT if kind is expected else MacVerdict.OTHER_KIND, terminal.profile, kind)


def fitting_kind(
    vault: Vault, key: WrappedKey, covered: bytes, mac: bytes, *, first: MacKind | None = None
) -> MacKind | None:
    """How this MAC was made with this key: `first` if that fits, else any other way the key allows; None when none does.

    Raises KeyRefused.
    """
    ways = sorted(MAC_KINDS[key.algorithm], key=lambda kind: (kind is not first, kind.value))
    return next((kind for kind in ways if vault.verify_mac(key=key, data=covered, kind=kind, mac=mac)), None)
