"""What pages read of people: who works at a merchant, at an agent, at the operator.

What may live here: queries, each returning frozen values. What may not: passwords, codes, second factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from xiaopos.merchants.roles import Role
from xiaopos.store.people.models import User


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody who signs in, without anything by which they do."""

    username: str
    name_zh: str
    name_en: str
    role: str
    merchant_id: str
    active: bool
    last_login: datetime | None


def people_of(merchant_id: str) -> tuple[PersonLine, ...]:
    """Who works at a merchant, by user name. One query. Empty for no merchant: the operator's people are nobody's staff."""
    if not merchant_id:
        return ()
    return _lines(User.objects.filter(merchant_id=merchant_id))


def people_of_the_house() -> tuple[PersonLine, ...]:
    """The operator's own people, agents' people and the owners of all merchants: whom an administrator looks after."""
    return _lines(User.objects.filter(Q(merchant_id="") | Q(role=Role.OWNER.value)))


def people_at_agent(agent_id: str) -> tuple[PersonLine, ...]:
    """Who signs in for an agent, by user name. Empty for no agent."""
    if not agent_id:
        return ()
    return _lines(User.objects.filter(agent_id=agent_id))


def _lines(rows: QuerySet[User]) -> tuple[PersonLine, ...]:
    columns = (*PersonLine.__dataclass_fields__,)
    return tuple(PersonLine(*values) for values in rows.order_by("username").values_list(*columns))
