"""The filters that every area's templates load with `{% load xiaopos %}`.

What may live here: thin filters over `web.words`. What may not: words, rules.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone

from xiaopos.kernel.money import Money
from xiaopos.web import words

register = template.Library()


@register.filter
def money(amount: Money | int, currency: str = "CNY") -> str:
    """An amount as people read it: a Money, or minor units and the letters of a currency."""
    return words.money_text(amount if isinstance(amount, Money) else Money(int(amount), currency))


@register.filter
def reason_of(reason: Any) -> words.Words | None:
    """The words of a reason (or of its stable name); nothing for nothing."""
    return words.reason_words(reason) if reason else None


@register.filter
def local(instant: datetime | None, zone: str = "") -> str:
    """An instant in a zone (the house's own when none is named), to the second."""
    if instant is None:
        return ""
    there = timezone.localtime(instant, ZoneInfo(zone) if zone else None)
    return there.strftime("%Y-%m-%d %H:%M:%S")


@register.filter
def local_exact(instant: datetime, zone: str = "") -> str:
    """The same to the millisecond."""
    return f"{local(instant, zone)}.{instant.microsecond // 1000:03d}"


@register.filter
def clock(instant: datetime | None, zone: str = "") -> str:
    """The time of day of an instant, to the second."""
    return local(instant, zone)[11:]


for _name in ("state_words", "state_tone", "kind_words", "method_words", "card_kind_words", "channel_words"):
    register.filter(_name, getattr(words, _name))
register.filter("role_words", words.role_words)
register.filter("name_words", words.name_words)
