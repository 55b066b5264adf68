"""The filters of portal and console, loaded with `{% load desk %}`.

What may live here: thin filters over words. What may not: rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django import template
from django.utils.translation import gettext

from xiaopos.fleet.asks import ASK_WORDS, TerminalAsk
from xiaopos.fleet.profiles import SUITE_WORDS, TerminalProfile
from xiaopos.keys import KeyState, KeyUsage
from xiaopos.usecases.key_ceremony import Change, Origin
from xiaopos.web import audit_words, key_words, reading_words, stories, words
from xiaopos.wire.reading import Finding

register = template.Library()


@register.filter
def profile_words(profile: TerminalProfile | None) -> str:
    """How a terminal speaks, in words; nothing for a profile that the table does not hold."""
    if profile is None:
        return ""
    return profile.english if words.in_english() else profile.chinese


@register.filter
def suite_words(profile: TerminalProfile) -> str:
    """Which algorithms a terminal's keys are of, in words."""
    return SUITE_WORDS[profile.suite.name][words.in_english()]


@register.filter
def named(names: tuple[str, str] | None, number: str) -> str:
    """A merchant's name in the reader's language; its number when it has none."""
    return names[words.in_english()] or names[0] if names else number


@register.filter
def channels(names: Iterable[str]) -> str:
    """What several channels are called, as one text."""
    return (", " if words.in_english() else "、").join(words.channel_words(name) for name in names)


@register.filter
def permille(value: int | None) -> str:
    """A share in parts per thousand as per cent with one digit; a dash for none.

    >>> permille(987), permille(None)
    ('98.7 %', '-')
    """
    return "-" if value is None else f"{value // 10}.{value % 10} %"


@register.filter
def within(bound_ms: int | None) -> str:
    """Within how long something was done: an upper bound in milliseconds, or None for longer than 30 seconds."""
    if bound_ms is None:
        return gettext("超过 30 秒")
    return (
        gettext("%(count)s 毫秒内") % {"count": bound_ms}
        if bound_ms < 1000
        else gettext("%(count)s 秒内") % {"count": bound_ms // 1000}
    )


@register.filter
def age(passed: timedelta) -> str:
    """How long something has been waiting."""
    minutes, seconds = divmod(int(passed.total_seconds()), 60)
    if minutes < 60:
        return gettext("%(minutes)s 分 %(seconds)s 秒") % {"minutes": minutes, "seconds": seconds}
    return gettext("%(hours)s 小时 %(minutes)s 分") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.filter
def percent(ppm: int) -> str:
    """A rate in parts per million as per cent.

    >>> percent(3800), percent(5000), percent(125)
    ('0.38 %', '0.5 %', '0.0125 %')
    """
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + " %"


for _name in (
    "job_words",
    "entry_words",
    "discrepancy_words",
    "account_words",
    "account_kind_words",
    "capability_words",
):
    register.filter(_name, getattr(stories, _name))
register.filter("action_words", audit_words.action_words)
register.filter("said", reading_words.said)


@register.filter
def finding_words(finding: Finding) -> str:
    """What is wrong with a message's fields, in the reader's language."""
    return reading_words.said((finding.zh, finding.en))


@register.filter
def ask_words(ask: TerminalAsk) -> str:
    """What is asked of a terminal."""
    return ASK_WORDS[ask][words.in_english()]


@register.filter
def usage_words(usage: str) -> str:
    """What a key is for."""
    return key_words.words_of(usage, KeyUsage, key_words.USAGES)


@register.filter
def key_state_words(state: str) -> str:
    """Where a key is in its life."""
    return key_words.words_of(state, KeyState, key_words.STATES)


@register.filter
def key_change_words(change: str) -> str:
    """What was asked for."""
    return key_words.words_of(change, Change, key_words.CHANGES)


@register.filter
def origin_words(origin: str) -> str:
    """How a key comes to be."""
    return key_words.words_of(origin, Origin, key_words.ORIGINS)
