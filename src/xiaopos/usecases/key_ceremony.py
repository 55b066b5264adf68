"""Key ceremonies: a key is planned, comes to be, serves and ends, each step with an actor, a reason and a second person.

What may live here: the rules of each step and the role they need played. What may not: cryptography (`keys`), storage, who
has which permission (roles).

A change is asked for by one person and carried out when another approves it. Components are two or three people's own act:
each enters one, sees its check value alone, and the key is there when the last has come; only then is it activated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from xiaopos.keys.hierarchy import ALGORITHMS
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
    """What one person asks for and another approves."""

    GENERATE = "generate"
    IMPORT = "import"
    EXPORT = "export"
    ACTIVATE = "activate"
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
    """A change that waits for a second person. `detail` holds no clear value: `kek`, `cipher`, `check` where needed."""

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

    def carry_out(self, asked: Asked, state: KeyState, outcome: Outcome, approver: Actor, at: datetime) -> None:
        """A waiting change was approved and done. What serves under the key's name follows."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What carrying a change out gave: a new key, a key under another one, a key that is replaced."""

    made: WrappedKey | None = None
    cipher: str = ""
    check: str = ""
    replaced: KeyRow | None = None


def plan_key(row: KeyRow, actor: Actor, at: datetime, book: KeyBook) -> NotMade | None:
    """Reserve a place for a key: its name, usage, algorithm, and how it will come. Two or three parts for components."""
    if not actor.gives_a_reason:
        return NotMade(CeremonyFault.NO_REASON)
    if row.algorithm not in ALGORITHMS[row.usage]:
        return NotMade(CeremonyFault.WRONG_ALGORITHM)
    if row.usage in _NEVER_ROTATED and book.active(row.name) is not None:
        return NotMade(CeremonyFault.NOT_ROTATED)
    book.plan(row, actor, at)
    return None


def enter_component(
    key_id: str, component: Secret, check: bytes, actor: Actor, at: datetime, *, book: KeyBook, vault: Vault
) -> ComponentRow | NotMade:
    """One custodian enters one part; the check value that stands on the custodian's paper is compared, 3 or 4 bytes.

    Nobody enters two. With the last part the key is put together and its state is IMPORTED.
    """
    row = book.find(key_id)
    if row is None or row.origin is not Origin.COMPONENTS:
        return NotMade(CeremonyFault.NO_SUCH_KEY)
    parts = book.components(key_id)
    if row.state is not KeyState.AWAITED:
        return NotMade(CeremonyFault.NOT_NOW)
    if any(part.custodian == actor.username for part in parts):
        return NotMade(CeremonyFault.SAME_PERSON)
    try:
        taken = vault.take_component(component=component, algorithm=row.algorithm)
        if len(check) not in (3, 4) or not taken.kcv.startswith(check.hex().upper()):
            return NotMade(CeremonyFault.CHECK_VALUE)
        part = ComponentRow(len(parts) + 1, actor.username, taken.text(), taken.kcv)
        whole = None
        if part.position == row.parts:
            texts = (*(each.wrapped for each in parts), part.wrapped)
            components = [WrappedKey.from_text(text) for text in texts]
            whole = vault.combine_taken(components=components, usage=row.usage, algorithm=row.algorithm)
    except KeyRefused as refused:
        return NotMade(CeremonyFault.VAULT_REFUSED, str(refused))
    book.take(row, part, actor, at, whole)
    return part


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


def approve_change(key_id: str, approver: Actor, at: datetime, *, book: KeyBook, vault: Vault) -> Outcome | NotMade:
    """A second person approves the waiting change, and it is carried out.

    Activating a key retires the one that served under the same name: that is a rotation.
    """
    row, asked = book.find(key_id), book.waiting(key_id)
    if row is None or asked is None or not _possible(row, asked.change):
        return NotMade(CeremonyFault.NOT_NOW)
    if asked.actor.username == approver.username:
        return NotMade(CeremonyFault.SAME_PERSON)
    replaced = book.active(row.name) if asked.change is Change.ACTIVATE else None
    if replaced is not None and row.usage in _NEVER_ROTATED:
        return NotMade(CeremonyFault.NOT_ROTATED)
    try:
        outcome = _done(row, asked, book, vault)
    except KeyRefused as refused:
        return NotMade(CeremonyFault.VAULT_REFUSED, str(refused))
    if isinstance(outcome, NotMade):
        return outcome
    event = EVENTS.get(asked.change)
    state = row.state if event is None else KEY_LIFE.move(row.state, event)
    outcome = Outcome(outcome.made, outcome.cipher, outcome.check, replaced)
    book.carry_out(asked, state, outcome, approver, at)
    return outcome


def possible_changes(row: KeyRow) -> tuple[Change, ...]:
    """What may be asked for now: the buttons that a console shows."""
    return tuple(change for change in Change if _possible(row, change))


def _possible(row: KeyRow, change: Change) -> bool:
    if change is Change.EXPORT:
        return row.state in _LEAVES
    if change in _COMES_BY and _COMES_BY[change] is not row.origin:
        return False
    return KEY_LIFE.allows(row.state, EVENTS[change])


def _done(row: KeyRow, asked: Asked, book: KeyBook, vault: Vault) -> Outcome | NotMade:
    """What a change asks of the vault."""
    if asked.change is Change.GENERATE:
        return Outcome(made=vault.generate(usage=row.usage, algorithm=row.algorithm))
    if asked.change not in (Change.IMPORT, Change.EXPORT):
        return Outcome()
    carrier = book.active(asked.detail.get("kek", ""))
    if carrier is None:
        return NotMade(CeremonyFault.NO_SUCH_KEY)
    kek = WrappedKey.from_text(carrier.wrapped)
    if asked.change is Change.EXPORT:
        sent = vault.export_under(kek=kek, key=WrappedKey.from_text(row.wrapped))
        return Outcome(cipher=sent.cipher.hex().upper(), check=sent.check4.hex().upper())
    try:
        cipher, check = bytes.fromhex(asked.detail.get("cipher", "")), bytes.fromhex(asked.detail.get("check", ""))
    except ValueError:
        return NotMade(CeremonyFault.CHECK_VALUE)
    made = vault.import_under(kek=kek, cipher=cipher, check=check, usage=row.usage, algorithm=row.algorithm)
    return Outcome(made=made)
