"""Sign a terminal in (签到) and out: fresh working keys under its master key.

What may live here: making, recording and handing out working keys. What may not: the layout of field 62 (the host's).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.profiles import PROFILES, KeyLayout, TerminalProfile
from xiaopos.kernel.ids import TerminalId
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.keys import ExportedKey, KeyAlgorithm, KeyRefused, KeyUsage, Vault, WrappedKey
from xiaopos.usecases.ports import Change, House, Recorded, TerminalChange, TerminalFacts
from xiaopos.usecases.steps import refuse_acceptor


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the terminal is given: its batch number and its working keys under its master key."""

    batch_number: int
    layout: KeyLayout
    tpk: ExportedKey
    tak: ExportedKey
    tdk: ExportedKey | None


async def sign_in_terminal(
    terminal_id: TerminalId, merchant_id: str, layout: KeyLayout, received_at: datetime, house: House
) -> SignedIn | Refused:
    """Make new working keys for a terminal, record them, and hand them out under its master key.

    The layout that the terminal asks for must be the one of its profile: a mismatch is told as such to the operator.
    """
    terminal = await house.books.recall_terminal(terminal_id, house.day(received_at))
    if terminal is None:
        return Refused(Reason.TERMINAL_UNKNOWN, terminal_id)
    refused = refuse_acceptor(terminal, merchant_id)
    if refused is not None:
        return refused
    profile = PROFILES[terminal.profile]
    if layout is not profile.key_layout:
        return Refused(
            Reason.KEY_FAULT,
            f"asks for key layout {layout.value}, its profile {profile.name} has {profile.key_layout.value}",
        )
    if terminal.tmk is None:
        return Refused(Reason.KEY_FAULT, "the terminal has no master key")
    if not profile.suite.travels_under(terminal.tmk.algorithm):
        return Refused(
            Reason.KEY_FAULT,
            f"its profile {profile.name} needs a {profile.suite.carrier.value} master key, "
            f"it has a {terminal.tmk.algorithm.value} one",
        )
    return await _give_keys(terminal, terminal.tmk, profile, received_at, house)


async def _give_keys(
    terminal: TerminalFacts, tmk: WrappedKey, profile: TerminalProfile, at: datetime, house: House
) -> SignedIn | Refused:
    vault = house.vault
    try:
        keys = {
            usage: vault.generate(usage=usage, algorithm=algorithm)
            for usage, algorithm in profile.working_keys().items()
        }
        exported = {usage: vault.export_under(kek=tmk, key=key) for usage, key in keys.items()}
        if not profile.takes_pins:
            exported[KeyUsage.TPK] = _filling(tmk, vault)
    except KeyRefused as error:
        return Refused(Reason.KEY_FAULT, str(error))
    tpk, tak, tdk = (keys.get(usage) for usage in (KeyUsage.TPK, KeyUsage.TAK, KeyUsage.TDK))
    change = TerminalChange(
        terminal.terminal_id, at, tpk=tpk, tak=tak, tdk=tdk, signed_in=True, complied=TerminalAsk.SIGN_IN
    )
    recorded = await house.books.record(Change(terminal=change))
    if not isinstance(recorded, Recorded):
        return recorded if isinstance(recorded, Refused) else Refused(Reason.FAULT)
    return SignedIn(
        terminal.batch_number,
        profile.key_layout,
        exported[KeyUsage.TPK],
        exported[KeyUsage.TAK],
        exported.get(KeyUsage.TDK),
    )


def _filling(tmk: WrappedKey, vault: Vault) -> ExportedKey:
    """What fills the place of the PIN key where no PIN is taken: a key that nobody keeps.

    The terminal finds its check value right and goes on; a PIN that is typed all the same can never be used by us.
    """
    return vault.export_under(kek=tmk, key=vault.generate(usage=KeyUsage.TAK, algorithm=KeyAlgorithm.DES))


async def sign_off_terminal(terminal_id: TerminalId, received_at: datetime, house: House) -> Refused | None:
    """Sign a terminal out (签退). It must sign in again before the next payment."""
    terminal = await house.books.recall_terminal(terminal_id, house.day(received_at))
    if terminal is None:
        return Refused(Reason.TERMINAL_UNKNOWN, terminal_id)
    recorded = await house.books.record(
        Change(terminal=TerminalChange(terminal.terminal_id, received_at, signed_in=False))
    )
    return recorded if isinstance(recorded, Refused) else None
