"""Key ceremonies: a key is planned, comes to be, serves and ends, each step with an actor, a reason and a second person.

What may live here: the rules of each step and the role they need played. What may not: cryptography (`keys`), storage, who
has which permission (roles).

A change is asked for by one person and carried out when another approves it. Components are two or three people's own act:
each enters one, sees its check value alone, and the key is there when the last has come; only then is it activated.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from xiaopos.kernel.secret import Secret
from xiaopos.keys import (
    KEY_LIFE,
    KeyAlgorithm,
    KeyEvent,
    KeyRefused,
    KeyState,
    KeyUsage,
    Vault,
    WrappedKey,
)
from xiaopos.keys.hierarchy import ALGORITHMS, CARRIES
from xiaopos.keys.wider_vault import BlockTerms, WiderVault
from xiaopos.usecases.actors import Actor


class CeremonyFault(Enum):
    """Why a step was not made."""

    NO_REASON = "no_reason"
    NO_SUCH_KEY = "no_such_key"
    NOT_NOW = "not_now"
    """The key's state does not allow it, or another change waits."""
    WRONG_ALGORITHM = "wrong_algorithm"
    SAME_PERSON = "same_person"
    """Two people are needed, and this is the same one again."""
    CHECK_VALUE = "check_value"
    NOT_CARRIED = "not_carried"
    """Nothing may carry a key of this usage: it comes by components, or is generated here."""
    NOT_ROTATED = "not_rotated"
    """What is sealed or hashed under this key would not be found again under a new one."""
    VAULT_REFUSED = "vault_refused"


@dataclass(frozen=True, slots=True)
class NotMade:
    """A step that was not made, and the vault's own words where it was the vault."""

    fault: CeremonyFault
    detail: str = ""


class Origin(Enum):
    """How a key comes to be."""

    GENERATED = "generated"
    COMPONENTS = "components"
    IMPORTED = "imported"


class Change(Enum):
    """What one person asks for and another approves; in the order in which a console offers it."""

    GENERATE = "generate"
    IMPORT = "import"
    ACTIVATE = "activate"
    EXPORT = "export"
    RETIRE = "retire"
    COMPROMISE = "compromise"
    DESTROY = "destroy"


EVENTS = {
    Change.GENERATE: KeyEvent.GENERATE,
    Change.IMPORT: KeyEvent.IMPORT,
    Change.ACTIVATE: KeyEvent.ACTIVATE,
    Change.RETIRE: KeyEvent.RETIRE,
    Change.COMPROMISE: KeyEvent.COMPROMISE,
    Change.DESTROY: KeyEvent.DESTROY,
}
"""What each change does to a key's state; an export leaves it."""

_COMES_BY = {Change.GENERATE: Origin.GENERATED, Change.IMPORT: Origin.IMPORTED}
_CARRIED = frozenset(usage for carried in CARRIES.values() for usage in carried)
_LEAVES = (KeyState.GENERATED, KeyState.IMPORTED, KeyState.ACTIVE)
_NEVER_ROTATED = (KeyUsage.SEAL, KeyUsage.TOKEN)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as the inventory knows it; `wrapped` is empty before it comes to be and after it was destroyed."""

    key_id: str
    name: str
    usage: KeyUsage
    algorithm: KeyAlgorithm
    state: KeyState
    origin: Origin
    parts: int
    wrapped: str = ""
    check_value: str = ""


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One custodian's part, as the inventory keeps it until the key is there."""

    position: int
    custodian: str
    wrapped: str
    check_value: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that waits for a second person.

    `detail` holds no clear value. An import has `kek` and either `cipher` with `check` or `block`, a key block, where `check`
    may be empty; an export has `kek`, and `form` "block" where the key shall leave in a key block.
    """

    request_id: str
    key_id: str
    change: Change
    actor: Actor
    at: datetime
    detail: Mapping[str, str] = field(default_factory=dict)


class KeyBook(Protocol):
    """The inventory of keys. Each writing method also writes the audit trail, both or neither."""

    def find(self, key_id: str) -> KeyRow | None:
        """A key."""
        ...

    def active(self, name: str) -> KeyRow | None:
        """The key that serves under a name now."""
        ...

    def components(self, key_id: str) -> Sequence[ComponentRow]:
        """The parts that have come, in order."""
        ...

    def waiting(self, key_id: str) -> Asked | None:
        """The change that waits for a second person."""
        ...

    def plan(self, row: KeyRow, actor: Actor, at: datetime) -> None:
        """Reserve a place."""
        ...

    def take(self, row: KeyRow, part: ComponentRow, actor: Actor, at: datetime, whole: WrappedKey | None) -> None:
        """Keep a part; with `whole`, the key is there, and every part is forgotten."""
        ...

    def ask(self, asked: Asked) -> None:
        """Let a change wait."""
        ...

    def withdraw(self, asked: Asked, actor: Actor, at: datetime) -> None:
        """Take a waiting change away."""
        ...

    def refuse(self, row: KeyRow, step: str, why: NotMade, actor: Actor, at: datetime) -> None:
        """A step that somebody tried and that was not made; nothing else changes."""
        ...

    def carry_out(self, asked: Asked, state: KeyState, outcome: Outcome, approver: Actor, at: datetime) -> None:
        """A waiting change was approved and done. What serves under the key's name follows."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What carrying a change out gave: a new key, a key under another one (`cipher` or `block`), a key that is replaced.

    `public` is the public key of a new pair as the other side's pages take it: an SM2 point in hex, an RSA key in base64.
    """

    made: WrappedKey | None = None
    cipher: str = ""
    block: str = ""
    check: str = ""
    public: str = ""
    replaced: KeyRow | None = None


def plan_key(row: KeyRow, actor: Actor, at: datetime, book: KeyBook) -> NotMade | None:
    """Reserve a place for a key: its name, usage, algorithm, and how it will come. Two or three parts for components."""
    if not actor.gives_a_reason:
        return NotMade(CeremonyFault.NO_REASON)
    if row.algorithm not in ALGORITHMS[row.usage]:
        return NotMade(CeremonyFault.WRONG_ALGORITHM)
    if row.origin is Origin.IMPORTED and row.usage not in _CARRIED:
        return NotMade(CeremonyFault.NOT_CARRIED)
    if row.usage in _NEVER_ROTATED and book.active(row.name) is not None:
        return NotMade(CeremonyFault.NOT_ROTATED)
    book.plan(row, actor, at)
    return None


def enter_component(
    key_id: str, component: Secret, check: bytes, actor: Actor, at: datetime, *, book: KeyBook, vault: Vault
) -> ComponentRow | NotMade:
    """One custodian enters one part; the check value that stands on the custodian's paper is compared, 3 or 4 bytes.

    Nobody enters two. With the last part the key is put together and its state is IMPORTED. What is refused here is written
    down too, but for a key that is not there.
    """
    row = book.find(key_id)
    if row is None or row.origin is not Origin.COMPONENTS:
        return NotMade(CeremonyFault.NO_SUCH_KEY)
    parts = book.components(key_id)
    try:
        taken = _taken(row, parts, component, check, actor, vault)
        if isinstance(taken, NotMade):
            book.refuse(row, "component", taken, actor, at)
            return taken
        part = ComponentRow(len(parts) + 1, actor.username, taken.text(), taken.kcv)
        whole = None
        if part.position == row.parts:
            texts = (*(each.wrapped for each in parts), part.wrapped)
            components = [WrappedKey.from_text(text) for text in texts]
            whole = vault.combine_taken(components=components, usage=row.usage, algorithm=row.algorithm)
    except KeyRefused as refused:
        why = NotMade(CeremonyFault.VAULT_REFUSED, str(refused))
        book.refuse(row, "component", why, actor, at)
        return why
    book.take(row, part, actor, at, whole)
    return part


def _taken(
    row: KeyRow, parts: Sequence[ComponentRow], component: Secret, check: bytes, actor: Actor, vault: Vault
) -> WrappedKey | NotMade:
    if row.state is not KeyState.AWAITED:
        return NotMade(CeremonyFault.NOT_NOW)
    if any(part.custodian == actor.username for part in parts):
        return NotMade(CeremonyFault.SAME_PERSON)
    taken = vault.take_component(component=component, algorithm=row.algorithm)
    if not _fits(taken, check):
        return NotMade(CeremonyFault.CHECK_VALUE)
    return taken


def _fits(key: WrappedKey, check: bytes) -> bool:
    """Whether 3 or 4 bytes of check value are this key's."""
    return len(check) in (3, 4) and key.kcv.startswith(check.hex().upper())


def ask_for_change(asked: Asked, book: KeyBook) -> NotMade | None:
    """Ask for a change; nothing is done until another person approves."""
    row = book.find(asked.key_id)
    if not asked.actor.gives_a_reason:
        return NotMade(CeremonyFault.NO_REASON)
    if row is None:
        return NotMade(CeremonyFault.NO_SUCH_KEY)
    if book.waiting(asked.key_id) is not None or not _possible(row, asked.change):
        return NotMade(CeremonyFault.NOT_NOW)
    book.ask(asked)
    return None


def withdraw_change(key_id: str, actor: Actor, at: datetime, book: KeyBook) -> NotMade | None:
    """Take a waiting change away: whoever asked, or whoever would have approved."""
    asked = book.waiting(key_id)
    if asked is None:
        return NotMade(CeremonyFault.NOT_NOW)
    book.withdraw(asked, actor, at)
    return None


def approve_change(
    key_id: str, approver: Actor, at: datetime, *, book: KeyBook, vault: WiderVault
) -> Outcome | NotMade:
    """A second person approves the waiting change, and it is carried out.

    Activating a key retires the one that served under the same name: that is a rotation. An approval that is refused is
    written down too; the change waits on.
    """
    row, asked = book.find(key_id), book.waiting(key_id)
    if row is None or asked is None or not _possible(row, asked.change):
        return NotMade(CeremonyFault.NOT_NOW)
    replaced = book.active(row.name) if asked.change is Change.ACTIVATE else None
    outcome = _approved(row, asked, approver, replaced, book, vault)
    if isinstance(outcome, NotMade):
        book.refuse(row, asked.change.value, outcome, approver, at)
        return outcome
    event = EVENTS.get(asked.change)
    state = row.state if event is None else KEY_LIFE.move(row.state, event)
    book.carry_out(asked, state, outcome, approver, at)
    return outcome


def _approved(
    row: KeyRow, asked: Asked, approver: Actor, replaced: KeyRow | None, book: KeyBook, vault: WiderVault
) -> Outcome | NotMade:
    if asked.actor.username == approver.username:
        return NotMade(CeremonyFault.SAME_PERSON)
    if replaced is not None and row.usage in _NEVER_ROTATED:
        return NotMade(CeremonyFault.NOT_ROTATED)
    try:
        outcome = _done(row, asked, book, vault)
    except KeyRefused as refused:
        return NotMade(CeremonyFault.VAULT_REFUSED, str(refused))
    return outcome if isinstance(outcome, NotMade) else replace(outcome, replaced=replaced)


def possible_changes(row: KeyRow) -> tuple[Change, ...]:
    """What may be asked for now: the buttons that a console shows."""
    return tuple(change for change in Change if _possible(row, change))


def _possible(row: KeyRow, change: Change) -> bool:
    if change is Change.EXPORT:
        return row.state in _LEAVES and row.usage in _CARRIED
    if change in _COMES_BY and _COMES_BY[change] is not row.origin:
        return False
    return KEY_LIFE.allows(row.state, EVENTS[change])


def _done(row: KeyRow, asked: Asked, book: KeyBook, vault: WiderVault) -> Outcome | NotMade:
    """What a change asks of the vault."""
    if asked.change is Change.GENERATE and row.usage is KeyUsage.SIGN:
        pair = vault.generate_pair(algorithm=row.algorithm)
        return Outcome(made=pair, public=_shown(vault.public_key(key=pair), row.algorithm))
    if asked.change is Change.GENERATE:
        return Outcome(made=vault.generate(usage=row.usage, algorithm=row.algorithm))
    if asked.change not in (Change.IMPORT, Change.EXPORT):
        return Outcome()
    carrier = book.active(asked.detail.get("kek", ""))
    if carrier is None:
        return NotMade(CeremonyFault.NO_SUCH_KEY)
    kek = WrappedKey.from_text(carrier.wrapped)
    if asked.change is Change.IMPORT:
        return _brought(row, asked.detail, kek, vault)
    key = WrappedKey.from_text(row.wrapped)
    if asked.detail.get("form") == "block":
        return Outcome(block=vault.export_block(kek=kek, key=key, terms=BlockTerms(checks=True)), check=key.kcv)
    sent = vault.export_under(kek=kek, key=key)
    return Outcome(cipher=sent.cipher.hex().upper(), check=sent.check4.hex().upper())


def _shown(public: bytes, algorithm: KeyAlgorithm) -> str:
    return public.hex().upper() if algorithm is KeyAlgorithm.SM2 else base64.b64encode(public).decode("ascii")


def _brought(row: KeyRow, detail: Mapping[str, str], kek: WrappedKey, vault: WiderVault) -> Outcome | NotMade:
    """A key that came under `kek`: ECB-encrypted with its check value, or in a key block."""
    block = "".join(detail.get("block", "").split())
    try:
        cipher, check = bytes.fromhex(detail.get("cipher", "")), bytes.fromhex(detail.get("check", ""))
    except ValueError:
        return NotMade(CeremonyFault.CHECK_VALUE)
    if not block:
        return Outcome(
            made=vault.import_under(kek=kek, cipher=cipher, check=check, usage=row.usage, algorithm=row.algorithm)
        )
    made = vault.import_block(kek=kek, block=block, usage=row.usage).key
    if made.algorithm is not row.algorithm:
        return NotMade(CeremonyFault.WRONG_ALGORITHM)
    if check and not _fits(made, check):
        return NotMade(CeremonyFault.CHECK_VALUE)
    return Outcome(made=made)
