"""What pages read of people: who works at a merchant.

What may live here: queries, each returning frozen values. What may not: passwords, codes, second factors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xiaopos.store.people.models import User


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody who signs in, without anything by which they do."""

    username: str
    name_zh: str
    name_en: str
    role: str
    active: bool
    last_login: datetime | None


def people_of(merchant_id: str) -> tuple[PersonLine, ...]:
    """Who works at a merchant, by user name. One query. Empty for no merchant: the operator's people are nobody's staff."""
    if not merchant_id:
        return ()
    columns = (*PersonLine.__dataclass_fields__,)
    rows = User.objects.filter(merchant_id=merchant_id).order_by("username")
    return tuple(PersonLine(*values) for values in rows.values_list(*columns))
