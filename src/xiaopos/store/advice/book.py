"""The rules of advice in the database, each change with its line in the audit trail.

What may live here: the AdviceBook on Django, the list for the console. What may not: rules about rules (usecases.adjust_advice).
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from xiaopos.fleet.advice_rules import AdviceRules, Point, Rule
from xiaopos.store.advice.models import AdviceRulesRow
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.usecases.adjust_advice import KeptRules, RulesEntry


class AdviceRows:
    """See AdviceBook."""

    def waiting(self, valid_from: date) -> KeptRules | None:
        """See AdviceBook."""
        return _kept(AdviceRulesRow.objects.filter(valid_from=valid_from, approver="").first())

    def standing(self, on: date) -> KeptRules | None:
        """See AdviceBook."""
        rows = AdviceRulesRow.objects.filter(valid_from__lte=on).exclude(approver="")
        return _kept(rows.order_by("-valid_from").first())

    def enter(self, entry: RulesEntry) -> bool:
        """See AdviceBook."""
        rules = entry.rules
        try:
            with transaction.atomic():
                AdviceRulesRow.objects.create(
                    valid_from=rules.valid_from,
                    rules={point.value: [rule.weight, rule.must] for point, rule in rules.rules.items()},
                    busy_from_minor=rules.busy_from_minor,
                    certificate_days=rules.certificate_days,
                    author=entry.actor.username,
                    entered_at=entry.at,
                )
                _append("enter_advice_rules", entry)
        except IntegrityError:
            return False
        return True

    def approve(self, entry: RulesEntry) -> bool:
        """See AdviceBook."""
        with transaction.atomic():
            rows = AdviceRulesRow.objects.filter(valid_from=entry.rules.valid_from, approver="")
            if not rows.update(approver=entry.actor.username):
                return False
            _append("approve_advice_rules", entry)
        return True

    def drop(self, entry: RulesEntry) -> bool:
        """See AdviceBook."""
        with transaction.atomic():
            dropped, _ = AdviceRulesRow.objects.filter(valid_from=entry.rules.valid_from, approver="").delete()
            if not dropped:
                return False
            _append("drop_advice_rules", entry)
        return True


def all_rules() -> tuple[KeptRules, ...]:
    """Every set of rules, the newest day first, waiting or approved."""
    found = (_kept(row) for row in AdviceRulesRow.objects.order_by("-valid_from"))
    return tuple(kept for kept in found if kept is not None)


def _kept(row: AdviceRulesRow | None) -> KeptRules | None:
    if row is None:
        return None
    own = {Point(name): Rule(weight, must) for name, (weight, must) in row.rules.items()}
    rules = AdviceRules(
        row.valid_from,
        {point: own[point] for point in Point if point in own},
        row.busy_from_minor,
        row.certificate_days,
    )
    return KeptRules(rules, row.author, row.approver)


def _append(action: str, entry: RulesEntry) -> None:
    append(
        AuditEntry(
            actor=entry.actor.username,
            role=entry.actor.role,
            action=action,
            object_kind="advice_rules",
            object_id=entry.rules.valid_from.isoformat(),
            reason=entry.actor.reason.strip(),
            detail={point.value: [rule.weight, rule.must] for point, rule in entry.rules.rules.items()},
        ),
        at=entry.at,
    )
