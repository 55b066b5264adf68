"""The inventory of keys in the database, each writing with its line in the audit trail.

What may live here: the KeyBook on Django, what the console lists. What may not: the rules (usecases.key_ceremony), clear keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from xiaopos.kernel.chain import Json
from xiaopos.keys import KeyAlgorithm, KeyState, KeyUsage, WrappedKey
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.fleet.models import NO_WORKING_KEYS, Terminal
from xiaopos.store.keys.models import HouseKey, KeyComponent, KeyRecord, KeyRequest, KeyUseCount
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.key_ceremony import Asked, Change, ComponentRow, KeyRow, NotMade, Origin, Outcome


def _row(record: KeyRecord) -> KeyRow:
    return KeyRow(
        key_id=record.key_id,
        name=record.name,
        usage=KeyUsage(record.usage),
        algorithm=KeyAlgorithm(record.algorithm),
        state=KeyState(record.state),
        origin=Origin(record.origin),
        parts=record.parts,
        wrapped=record.wrapped,
        check_value=record.check_value,
    )


def _asked(request: KeyRequest) -> Asked:
    actor = Actor(request.asked_by, request.asked_role, request.reason)
    return Asked(
        request.request_id, request.key_id, Change(request.change), actor, request.asked_at, dict(request.detail)
    )


class KeyRows:
    """See KeyBook."""

    def find(self, key_id: str) -> KeyRow | None:
        """See KeyBook."""
        record = KeyRecord.objects.filter(key_id=key_id).first()
        return None if record is None else _row(record)

    def active(self, name: str) -> KeyRow | None:
        """See KeyBook."""
        record = KeyRecord.objects.filter(name=name, state=KeyState.ACTIVE.value).first()
        return None if record is None else _row(record)

    def components(self, key_id: str) -> Sequence[ComponentRow]:
        """See KeyBook."""
        columns = ("position", "custodian", "wrapped", "check_value")
        found = KeyComponent.objects.filter(key_id=key_id).order_by("position").values_list(*columns)
        return [ComponentRow(*values) for values in found]

    def waiting(self, key_id: str) -> Asked | None:
        """See KeyBook."""
        request = KeyRequest.objects.filter(key_id=key_id, answer="").first()
        return None if request is None else _asked(request)

    @transaction.atomic
    def plan(self, row: KeyRow, actor: Actor, at: datetime) -> None:
        """See KeyBook."""
        _new_record(row, at).save(force_insert=True)
        _note(row, "key_planned", actor, at, origin=row.origin.value, parts=row.parts)

    @transaction.atomic
    def take(self, row: KeyRow, part: ComponentRow, actor: Actor, at: datetime, whole: WrappedKey | None) -> None:
        """See KeyBook."""
        KeyComponent.objects.create(
            key_id=row.key_id,
            position=part.position,
            custodian=part.custodian,
            wrapped="" if whole else part.wrapped,
            check_value=part.check_value,
            entered_at=at,
        )
        _note(row, "key_component_entered", actor, at, position=part.position, component_check=part.check_value)
        if whole is not None:
            KeyComponent.objects.filter(key_id=row.key_id).update(wrapped="")
            _change(row, KeyState.IMPORTED, at, whole)
            _note(row, "key_combined", actor, at, check_value=whole.kcv)

    @transaction.atomic
    def ask(self, asked: Asked) -> None:
        """See KeyBook."""
        KeyRequest.objects.create(
            request_id=asked.request_id,
            key_id=asked.key_id,
            change=asked.change.value,
            detail=dict(asked.detail),
            asked_by=asked.actor.username,
            asked_role=asked.actor.role,
            reason=asked.actor.reason.strip(),
            asked_at=asked.at,
        )
        _note(_found(asked), "key_asked", asked.actor, asked.at, change=asked.change.value)

    @transaction.atomic
    def withdraw(self, asked: Asked, actor: Actor, at: datetime) -> None:
        """See KeyBook."""
        _answer(asked, "withdrawn", actor, at, {})
        _note(_found(asked), "key_withdrawn", actor, at, change=asked.change.value)

    @transaction.atomic
    def refuse(self, row: KeyRow, step: str, why: NotMade, actor: Actor, at: datetime) -> None:
        """See KeyBook."""
        _note(row, "key_refused", actor, at, step=step, fault=why.fault.value)

    @transaction.atomic
    def carry_out(self, asked: Asked, state: KeyState, outcome: Outcome, approver: Actor, at: datetime) -> None:
        """See KeyBook."""
        row = _found(asked)
        sent = {"cipher": outcome.cipher, "block": outcome.block, "check": outcome.check, "public": outcome.public}
        result = {name: text for name, text in sent.items() if text}
        _answer(asked, "approved", approver, at, result)
        if outcome.replaced is not None:
            _change(outcome.replaced, KeyState.RETIRED, at, None)
        _change(row, state, at, outcome.made)
        if asked.change is Change.ACTIVATE:
            _serve(row, approver, at)
        if state in (KeyState.RETIRED, KeyState.COMPROMISED):
            _sign_terminal_off(row)
        if state is KeyState.DESTROYED:
            _forget(row)
        made = row.check_value if outcome.made is None else outcome.made.kcv
        replaced = "" if outcome.replaced is None else outcome.replaced.key_id
        detail = {"asked_by": asked.actor.username, "check_value": made, "state": state.value, "replaced": replaced}
        if asked.change in (Change.IMPORT, Change.EXPORT):
            detail["kek"] = asked.detail.get("kek", "")
        _note(
            row, f"key_{asked.change.value}", Actor(approver.username, approver.role, asked.actor.reason), at, **detail
        )


def _found(asked: Asked) -> KeyRow:
    return _row(KeyRecord.objects.select_for_update().get(key_id=asked.key_id))


def _new_record(row: KeyRow, at: datetime) -> KeyRecord:
    return KeyRecord(
        key_id=row.key_id,
        name=row.name,
        usage=row.usage.value,
        algorithm=row.algorithm.value,
        state=row.state.value,
        origin=row.origin.value,
        parts=row.parts,
        wrapped=row.wrapped,
        vault_id=WrappedKey.from_text(row.wrapped).key_id if row.wrapped else "",
        check_value=row.check_value,
        created_at=at,
        changed_at=at,
    )


_RECORDED = {
    Origin.GENERATED: "key_generate",
    Origin.COMPONENTS: "key_combined",
    Origin.IMPORTED: "key_import",
}


@transaction.atomic
def record_key(key_id: str, name: str, key: WrappedKey, origin: Origin, at: datetime, *, by: str) -> None:
    """Write a key that serves already into the inventory: what a set-up, `by`, made without a second person."""
    row = KeyRow(key_id, name, key.usage, key.algorithm, KeyState.ACTIVE, origin, 0, key.text(), key.kcv)
    _new_record(row, at).save(force_insert=True)
    _note(row, _RECORDED[origin], Actor(by, "", by), at, check_value=key.kcv, state=row.state.value)


@transaction.atomic
def end_terminal_keys(terminal_id: str, actor: Actor, at: datetime) -> None:
    """Take a terminal's keys away: its device goes elsewhere. The master key retires; the next one comes by ceremony."""
    Terminal.objects.filter(terminal_id=terminal_id).update(tmk="", **NO_WORKING_KEYS)
    found = KeyRecord.objects.select_for_update().filter(
        name=terminal_id, usage=KeyUsage.TMK.value, state=KeyState.ACTIVE.value
    )
    for row in [_row(record) for record in found]:
        _change(row, KeyState.RETIRED, at, None)
        _note(row, "key_retire", actor, at, check_value=row.check_value, state=KeyState.RETIRED.value)


def _change(row: KeyRow, state: KeyState, at: datetime, made: WrappedKey | None) -> None:
    columns: dict[str, object] = {"state": state.value, "changed_at": at}
    if made is not None:
        columns |= {"wrapped": made.text(), "vault_id": made.key_id, "check_value": made.kcv}
    KeyRecord.objects.filter(key_id=row.key_id).update(**columns)


def _answer(asked: Asked, answer: str, actor: Actor, at: datetime, result: Mapping[str, str]) -> None:
    changed = KeyRequest.objects.filter(request_id=asked.request_id, answer="").update(
        answer=answer, answered_by=actor.username, answered_at=at, result=dict(result)
    )
    assert changed == 1, "a change is answered once"


def _serve(row: KeyRow, actor: Actor, at: datetime) -> None:
    """From now on the processes find this key under its name; a terminal signs in anew under its new master key."""
    if row.usage is KeyUsage.TMK and Terminal.objects.filter(terminal_id=row.name).exists():
        Terminal.objects.filter(terminal_id=row.name).update(tmk=row.wrapped, **NO_WORKING_KEYS)
        return
    HouseKey.objects.update_or_create(
        name=row.name,
        defaults={
            "wrapped": row.wrapped,
            "check_value": row.check_value,
            "made_at": at,
            "made_by": actor.username,
        },
    )


def _sign_terminal_off(row: KeyRow) -> None:
    """A terminal's working keys end with the master key that carried them."""
    Terminal.objects.filter(terminal_id=row.name, tmk=row.wrapped).exclude(tmk="").update(**NO_WORKING_KEYS)


def _forget(row: KeyRow) -> None:
    KeyRecord.objects.filter(key_id=row.key_id).update(wrapped="")
    KeyComponent.objects.filter(key_id=row.key_id).update(wrapped="")
    if row.wrapped:
        HouseKey.objects.filter(name=row.name, wrapped=row.wrapped).delete()
        Terminal.objects.filter(terminal_id=row.name, tmk=row.wrapped).update(tmk="", **NO_WORKING_KEYS)


def _note(row: KeyRow, action: str, actor: Actor, at: datetime, **detail: Json) -> None:
    append(
        AuditEntry(
            actor=actor.username,
            role=actor.role,
            action=action,
            object_kind="key",
            object_id=row.key_id,
            reason=actor.reason.strip(),
            detail={"name": row.name, "usage": row.usage.value, **detail},
        ),
        at=at,
    )


# -- what the console shows ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key as a page shows it: everything but the key."""

    key_id: str
    name: str
    usage: str
    algorithm: str
    state: str
    origin: str
    parts: int
    check_value: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a key that was asked for, and its answer."""

    change: str
    asked_by: str
    reason: str
    asked_at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None
    result: Mapping[str, str]


def list_keys(*, text: str = "", limit: int = 200) -> list[KeyLine]:
    """The keys of the inventory, those that changed last first."""
    found = KeyRecord.objects.order_by("-changed_at", "-key_id")
    if text:
        found = found.filter(name__icontains=text)
    return [KeyLine(**values) for values in found.values(*KeyLine.__dataclass_fields__)[:limit]]


def key_line(key_id: str) -> KeyLine | None:
    """One key."""
    values = KeyRecord.objects.filter(key_id=key_id).values(*KeyLine.__dataclass_fields__).first()
    return None if values is None else KeyLine(**values)


def steps_of(key_id: str) -> list[Step]:
    """The changes of one key, newest first."""
    found = KeyRequest.objects.filter(key_id=key_id).order_by("-asked_at")
    return [Step(**values) for values in found.values(*Step.__dataclass_fields__)]


def uses_of(key_id: str) -> dict[str, int]:
    """How often a key was used, by operation."""
    vault_id = KeyRecord.objects.filter(key_id=key_id).values_list("vault_id", flat=True).first()
    counted = KeyUseCount.objects.filter(vault_id=vault_id or "-").values_list("operation").annotate(Sum("uses"))
    return dict(counted.order_by("operation"))


def trusted_pairs(name: str) -> list[WrappedKey]:
    """The pairs of this name whose signatures still count: the one in service and those that were replaced in good order."""
    states = (KeyState.ACTIVE.value, KeyState.RETIRED.value)
    rows = KeyRecord.objects.filter(name=name, state__in=states, usage=KeyUsage.SIGN.value).exclude(wrapped="")
    return [WrappedKey.from_text(text) for text in rows.order_by("-created_at").values_list("wrapped", flat=True)]


def serving_pair(name: str) -> WrappedKey | None:
    """The pair of the house that serves under a name now."""
    text = HouseKey.objects.filter(name=name).values_list("wrapped", flat=True).first()
    return None if text is None else WrappedKey.from_text(text)
