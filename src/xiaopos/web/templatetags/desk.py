"""The filters of portal and console, loaded with `{% load desk %}`.

What may live here: thin filters over words. What may not: rules.
"""

from __future__ import annotations

from django import template

from xiaopos.fleet.profiles import TerminalProfile
from xiaopos.web import stories, words

register = template.Library()


@register.filter
def profile_words(profile: TerminalProfile | None) -> str:
    """How a terminal speaks, in words; nothing for a profile that the table does not hold."""
    if profile is None:
        return ""
    return profile.english if words.in_english() else profile.chinese


for _name in (
    "job_words",
    "entry_words",
    "discrepancy_words",
    "account_words",
    "account_kind_words",
    "capability_words",
):
    register.filter(_name, getattr(stories, _name))
register.filter("action_words", stories.action_words)
