"""Merchants' terms in the database, with their lines in the audit trail.

What may live here: the TermsBook on Django, the plans to choose from. What may not: the rules (usecases.change_terms), giving
terms to payments (store.writer reads the approved ones).
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from xiaopos.merchants.terms import Terms
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan
from xiaopos.store.merchants.queries import currency_of
from xiaopos.usecases.change_terms import TermsEntry, WaitingTerms


def plans() -> tuple[tuple[str, str, str], ...]:
    """The price plans by number, with their Chinese and English names."""
    return tuple(PricePlan.objects.order_by("plan_id").values_list("plan_id", "name_zh", "name_en"))


class TermsRows:
    """See TermsBook."""

    def has_merchant(self, merchant_id: str) -> bool:
        """See TermsBook."""
        return bool(Merchant.objects.filter(merchant_id=merchant_id).exists())

    def has_plan(self, plan_id: str) -> bool:
        """See TermsBook."""
        return bool(PricePlan.objects.filter(plan_id=plan_id).exists())

    def waiting(self, merchant_id: str, valid_from: date) -> WaitingTerms | None:
        """See TermsBook."""
        row = _waiting(merchant_id, valid_from).first()
        return WaitingTerms(_terms(row), row.author) if row is not None else None

    def enter(self, entry: TermsEntry) -> bool:
        """See TermsBook."""
        terms = entry.terms
        try:
            with transaction.atomic():
                MerchantTerms.objects.create(
                    merchant_id=terms.merchant_id,
                    valid_from=terms.valid_from,
                    plan_id=terms.plan_id,
                    currency=currency_of(terms.merchant_id, terms.valid_from),
                    payment_limit_minor=terms.payment_limit_minor,
                    completion_percent=terms.completion_percent,
                    preauth_days=terms.preauth_days,
                    tip_percent=terms.tip_percent,
                    author=entry.actor.username,
                    approver="",
                )
                _audit("enter_terms", entry)
        except IntegrityError:
            return False
        return True

    def approve(self, entry: TermsEntry) -> bool:
        """See TermsBook."""
        terms = entry.terms
        with transaction.atomic():
            as_seen = _waiting(terms.merchant_id, terms.valid_from).filter(
                plan_id=terms.plan_id,
                payment_limit_minor=terms.payment_limit_minor,
                completion_percent=terms.completion_percent,
                preauth_days=terms.preauth_days,
                tip_percent=terms.tip_percent,
            )
            if not as_seen.update(approver=entry.actor.username):
                return False
            _audit("approve_terms", entry)
        return True

    def drop(self, entry: TermsEntry) -> bool:
        """See TermsBook."""
        with transaction.atomic():
            dropped, _ = _waiting(entry.terms.merchant_id, entry.terms.valid_from).delete()
            if not dropped:
                return False
            _audit("drop_terms", entry)
        return True


def _waiting(merchant_id: str, valid_from: date) -> QuerySet[MerchantTerms]:
    return MerchantTerms.objects.filter(merchant_id=merchant_id, valid_from=valid_from, approver="")


def _terms(row: MerchantTerms) -> Terms:
    return Terms(
        row.merchant_id, row.valid_from, row.plan_id, row.payment_limit_minor, row.completion_percent, row.preauth_days,
        row.tip_percent,
    )  # fmt: skip


def _audit(action: str, entry: TermsEntry) -> None:
    terms = entry.terms
    append(
        AuditEntry(
            actor=entry.actor.username,
            role=entry.actor.role,
            action=action,
            merchant_id=terms.merchant_id,
            object_kind="terms",
            object_id=terms.valid_from.isoformat(),
            reason=entry.actor.reason.strip(),
            detail={
                "plan": terms.plan_id,
                "payment_limit_minor": terms.payment_limit_minor,
                "completion_percent": terms.completion_percent,
                "preauth_days": terms.preauth_days,
                "tip_percent": terms.tip_percent,
            },
        ),
        at=entry.at,
    )
