"""Applications in the database, each move with its line in the audit trail.

What may live here: the ApplicationBook on Django. What may not: rules (usecases), pictures (pictures), lists (queries).

A move is written only over the version that was read: of two that decide at once, one finds that the other was first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from xiaopos.merchants.applications.fields import UNIQUE, Field
from xiaopos.merchants.applications.rulebook import Purpose
from xiaopos.merchants.applications.sealing import PersonalSeal
from xiaopos.merchants.applications.states import WITH_US, ApplicationEvent, ApplicationState
from xiaopos.store.applications.models import (
    ApplicationCallRow,
    ApplicationRow,
    ApplicationStepRow,
    ApplicationValueRow,
    ConsentRow,
    MerchantLimitsRow,
    PictureRow,
    ReturnedPartRow,
)
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.bindings.book import BindingRows
from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan, Shop
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.application_ports import (
    CallOutcome,
    KeptApplication,
    Move,
    NewMerchant,
    ReturnedPart,
    Start,
)
from xiaopos.usecases.pack_order import Papers

_COUNTED = [state.value for state in (*WITH_US, ApplicationState.RETURNED, ApplicationState.APPROVED)]
_SAME_MERCHANT = (Field.RESIDENT_ID, Field.LICENCE_CODE)
CURRENCY, CUT_OVER_HOUR = "CNY", 24
_SERIALS = 10_000
_TRIES = 5
_APPEAL = "appeal"


class ApplicationRows:
    """See ApplicationBook. What people gave is sealed and opened by `seal`."""

    def __init__(self, seal: PersonalSeal) -> None:
        self._seal = seal

    def add(self, application_id: str, start: Start, at: datetime) -> None:
        """See ApplicationBook."""
        with transaction.atomic():
            row = ApplicationRow.objects.create(
                application_id=application_id,
                kind=start.kind.value,
                category=start.category,
                region=start.region,
                language=start.language,
                state=ApplicationState.DRAFT.value,
                opened_at=at,
                changed_at=at,
                link_mark=start.link_mark,
                agent_id=start.agent_id,
                promoter_id=start.promoter_id,
                wished_model=start.wished_model,
            )
            self._write(row.application_id, {Field.PHONE: start.phone}, at)

    def recall(self, application_id: str) -> ApplicationRow | None:
        """See ApplicationBook."""
        return ApplicationRow.objects.filter(application_id=application_id).first()

    def by_link(self, link_mark: str) -> ApplicationRow | None:
        """See ApplicationBook."""
        return ApplicationRow.objects.filter(link_mark=link_mark).first()

    def values(self, application_id: str) -> Mapping[Field, str]:
        """See ApplicationBook."""
        found = {
            Field(row.field): self._seal.open(bytes(row.sealed), place_of(application_id, row.field)).decode()
            for row in ApplicationValueRow.objects.filter(application_id=application_id)
        }
        pictures = PictureRow.objects.filter(application_id=application_id, replaced_at=None)
        found |= {Field(field): number for field, number in pictures.values_list("field", "picture_id")}
        return {field: found[field] for field in Field if field in found}

    def save(self, application: KeptApplication, values: Mapping[Field, str], at: datetime) -> bool:
        """See ApplicationBook."""
        with transaction.atomic():
            if not _as_read(application).update(changed_at=at):
                return False
            self._write(application.application_id, values, at)
            given_anew(application.application_id, values, at)
        return True

    def _write(self, application_id: str, values: Mapping[Field, str], at: datetime) -> None:
        for field, text in values.items():
            rows = ApplicationValueRow.objects.filter(application_id=application_id, field=field.value)
            if not text:
                rows.delete()
                continue
            told = {
                "sealed": self._seal.seal(text.encode(), place_of(application_id, field.value)),
                "mark": self._mark(field, text),
                "saved_at": at,
            }
            if not rows.update(**told):
                ApplicationValueRow.objects.create(application_id=application_id, field=field.value, **told)

    def _mark(self, field: Field, text: str) -> str:
        return self._seal.mark(field.value, text) if field in UNIQUE else ""

    def used_elsewhere(self, application: KeptApplication, values: Mapping[Field, str]) -> Sequence[Field]:
        """See ApplicationBook."""
        marks = {self._mark(field, values[field]): field for field in UNIQUE if values.get(field)}
        rows = ApplicationValueRow.objects.filter(mark__in=marks).exclude(application_id=application.application_id)
        counted = ApplicationRow.objects.filter(state__in=_COUNTED).values("application_id")
        found = set(rows.filter(application_id__in=counted).values_list("mark", flat=True))
        return [field for mark, field in marks.items() if mark in found]

    def merchants_of(self, values: Mapping[Field, str]) -> int:
        """See ApplicationBook."""
        marks = [self._mark(field, values[field]) for field in _SAME_MERCHANT if values.get(field)]
        same = ApplicationValueRow.objects.filter(mark__in=marks).values("application_id")
        approved = ApplicationRow.objects.filter(state=ApplicationState.APPROVED.value)
        return int(approved.filter(application_id__in=same).count())

    def returned(self, application_id: str) -> Mapping[Field, ReturnedPart]:
        """See ApplicationBook."""
        rows = ReturnedPartRow.objects.filter(application_id=application_id, closed_at=None)
        found = {Field(row.field): ReturnedPart(row.reason, row.given_anew_at is not None) for row in rows}
        return {field: found[field] for field in Field if field in found}

    def move(self, application: KeptApplication, move: Move) -> bool:
        """See ApplicationBook."""
        with transaction.atomic():
            return self._move(application, move)

    def _move(self, application: KeptApplication, move: Move, **more: object) -> bool:
        written: dict[str, object] = {
            "state": move.after.value,
            "version": application.version + 1,
            "changed_at": move.at,
            **more,
        }
        named = {"taken_by": move.taken_by, "first_by": move.first_by, "refused_by": move.refused_by}
        written |= {name: who for name, who in named.items() if who is not None}
        if move.event is ApplicationEvent.TAKE:
            written["taken_by"] = move.actor.username
        own_words = move.event is ApplicationEvent.APPEAL
        if own_words:  # what a person says of themselves can be taken away again; a step cannot
            written["appeal"] = self._seal.seal(move.told.encode(), place_of(application.application_id, _APPEAL))
        if move.due_at is not None or move.after not in WITH_US:
            written["due_at"] = move.due_at
        if move.risk is not None:
            written |= {"score": move.risk.score, "risk_reasons": list(move.risk.reasons)}
        if not _as_read(application).update(**written):
            return False
        ApplicationStepRow.objects.create(
            application_id=application.application_id,
            version=application.version + 1,
            at=move.at,
            event=move.event.value,
            after=move.after.value,
            actor=move.actor.username,
            reason=move.actor.reason.strip(),
            told="" if own_words else move.told,
        )
        append_line(f"application_{move.event.value}", application.application_id, move.actor, move.at)
        return True

    def hand_in(self, application: KeptApplication, move: Move, consents: Mapping[Purpose, str], edition: str) -> bool:
        """See ApplicationBook."""
        with transaction.atomic():
            if not self._move(application, move, submitted_at=move.at, edition=edition):
                return False
            open_parts = ReturnedPartRow.objects.filter(application_id=application.application_id, closed_at=None)
            open_parts.update(closed_at=move.at)
            ConsentRow.objects.bulk_create(
                ConsentRow(
                    application_id=application.application_id,
                    purpose=purpose.value,
                    at=move.at,
                    given=True,
                    words=words,
                    edition=edition,
                )
                for purpose, words in consents.items()
            )
        return True

    def appeal_of(self, application_id: str) -> str:
        """What the applicant said against a refusal; empty when nothing."""
        row = self.recall(application_id)
        sealed = bytes(row.appeal) if row is not None else b""
        return self._seal.open(sealed, place_of(application_id, _APPEAL)).decode() if sealed else ""

    def give_back(self, application: KeptApplication, move: Move, parts: Mapping[Field, str]) -> bool:
        """See ApplicationBook."""
        with transaction.atomic():
            if not self._move(application, move):
                return False
            ReturnedPartRow.objects.bulk_create(
                ReturnedPartRow(
                    application_id=application.application_id,
                    field=field.value,
                    reason=reason,
                    returned_by=move.actor.username,
                    returned_at=move.at,
                )
                for field, reason in parts.items()
            )
        return True

    def note_call(
        self, application: KeptApplication, outcome: CallOutcome, note: str, actor: Actor, at: datetime
    ) -> None:
        """See ApplicationBook."""
        with transaction.atomic():
            ApplicationCallRow.objects.create(
                application_id=application.application_id,
                at=at,
                version=application.version,
                outcome=outcome.value,
                note=note,
                called_by=actor.username,
            )
            append_line("application_called", application.application_id, actor, at, outcome=outcome.value)

    def calls(self, application_id: str) -> Sequence[CallOutcome]:
        """See ApplicationBook."""
        handed_in = (ApplicationEvent.SUBMIT.value, ApplicationEvent.REOPEN.value)
        steps = ApplicationStepRow.objects.filter(application_id=application_id, event__in=handed_in)
        since = steps.order_by("-version").values_list("version", flat=True).first() or 0
        rows = ApplicationCallRow.objects.filter(application_id=application_id, version__gte=since)
        return [CallOutcome(outcome) for outcome in rows.order_by("at").values_list("outcome", flat=True)]

    def approve(self, application: KeptApplication, move: Move, merchant: NewMerchant) -> str | None:
        """See ApplicationBook."""
        for _try in range(_TRIES):
            number = _next_number(merchant.begins)
            try:
                with transaction.atomic():
                    if not self._move(application, move, merchant_id=number):
                        return None
                    _write_merchant(number, application, move, merchant)
                return number
            except IntegrityError:  # another merchant took the number at this moment
                continue
        return None

    def has_plan(self, plan_id: str) -> bool:
        """See ApplicationBook."""
        return bool(PricePlan.objects.filter(plan_id=plan_id).exists())

    def keep_code(self, application: KeptApplication, code_mark: str, until: datetime) -> None:
        """See ApplicationBook."""
        rows = ApplicationRow.objects.filter(application_id=application.application_id)
        rows.update(code_mark=code_mark, code_until=until)

    def spend_code(self, link_mark: str, code_mark: str, now: datetime) -> ApplicationRow | None:
        """See ApplicationBook."""
        fitting = ApplicationRow.objects.filter(link_mark=link_mark, code_mark=code_mark, code_until__gt=now)
        if not code_mark or not fitting.update(code_mark="", code_until=None):
            return None
        return self.by_link(link_mark)

    def left_behind(self, states: Sequence[ApplicationState], before: datetime) -> Sequence[ApplicationRow]:
        """See ApplicationBook."""
        rows = ApplicationRow.objects.filter(state__in=[state.value for state in states], changed_at__lt=before)
        return list(rows.order_by("application_id"))


def _as_read(application: KeptApplication) -> QuerySet[ApplicationRow]:
    return ApplicationRow.objects.filter(
        application_id=application.application_id, state=application.state, version=application.version
    )


def place_of(application_id: str, part: str) -> str:
    """The place for which something of an application is sealed."""
    return f"application:{application_id}:{part}"


def given_anew(application_id: str, fields: Mapping[Field, str] | Sequence[Field], at: datetime) -> None:
    """Note that parts which were back with the applicant have been given anew."""
    rows = ReturnedPartRow.objects.filter(application_id=application_id, closed_at=None)
    rows.filter(field__in=[field.value for field in fields]).update(given_anew_at=at)


def append_line(action: str, application_id: str, actor: Actor, at: datetime, **detail: str) -> None:
    """A line in the audit trail about an application; never what was given."""
    entry = AuditEntry(
        actor=actor.username,
        role=actor.role,
        action=action,
        object_kind="application",
        object_id=application_id,
        reason=actor.reason.strip(),
        detail=detail,
    )
    append(entry, at=at)


def _next_number(begins: str) -> str:
    taken = Merchant.objects.filter(merchant_id__startswith=begins).order_by("-merchant_id")
    last = taken.values_list("merchant_id", flat=True).first()
    serial = int(last[len(begins) :]) + 1 if last else 1
    assert serial < _SERIALS, f"every merchant number that begins with {begins} is given"
    return f"{begins}{serial:04d}"


def _write_merchant(number: str, application: KeptApplication, move: Move, merchant: NewMerchant) -> None:
    edition = ApplicationRow.objects.values_list("edition", flat=True).get(application_id=application.application_id)
    row = Merchant.objects.create(
        merchant_id=number,
        name=merchant.name,
        name_en=merchant.name,
        category_code=merchant.category,
        active=True,
        zone=merchant.zone,
        cut_over_hour=CUT_OVER_HOUR,
        created_at=move.at,
    )
    MerchantTerms.objects.create(
        merchant_id=number,
        valid_from=merchant.valid_from,
        plan_id=merchant.plan_id,
        currency=CURRENCY,
        payment_limit_minor=merchant.payment_minor,
        author=f"rules {edition}",
        approver=move.actor.username,
    )
    Shop.objects.create(
        shop_id=f"shop-{number}",
        merchant=row,
        name=merchant.name,
        name_en=merchant.name,
        address=merchant.address,
        phone=merchant.phone,
    )
    papers = Papers(number, merchant.licence, merchant.account, move.at)
    BindingRows().keep(papers, move.actor, move.at)
    MerchantLimitsRow.objects.create(
        merchant_id=number,
        application_id=application.application_id,
        kind=application.kind,
        region=application.region,
        credit_day_minor=merchant.credit_day_minor,
        credit_month_minor=merchant.credit_month_minor,
        edition=edition,
    )
