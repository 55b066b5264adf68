"""Reading the operator's rule book from its TOML text, and refusing nonsense in one sentence that names the place.

What may live here: the form of the file. What may not: opening files, the rules.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any, TypeVar

from xiaopos.merchants.applications.checks import Wrong
from xiaopos.merchants.applications.fields import Field, Grade, Kind
from xiaopos.merchants.applications.requirements import Need, Rule, Words
from xiaopos.merchants.applications.rulebook import (
    CardRange,
    Category,
    Limits,
    Purpose,
    Record,
    Region,
    Retention,
    Review,
    RuleBook,
)

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
_TABLES = frozenset(
    {
        "edition",
        "category",
        "region",
        "card",
        "rule",
        "limits",
        "review",
        "retention",
        "points",
        "licence_begins",
        "consent",
    }
)


class WrongRules(Exception):
    """A rule book that makes no sense; the text names the table and what would be right."""


def read_rule_book(text: str) -> RuleBook:
    """The rule book of a file's text. Raises WrongRules."""
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongRules(f"no TOML: {error}") from None
    strange = sorted(set(held) - _TABLES)
    if strange:
        raise WrongRules(f"{', '.join(strange)} is not known here")
    limits = {kind: _part(held, "limits", kind.value, _limits) for kind in Kind}
    points = _table(held, "points")
    begins = _table(held, "licence_begins")
    return RuleBook(
        edition=str(held.get("edition", "")) or _missing("edition"),
        categories=_rows(held, "category", _category),
        regions=_rows(held, "region", _region),
        cards=_rows(held, "card", _card),
        rules=_rows(held, "rule", _rule),
        limits=limits,
        review=_review(_table(held, "review")),
        retention={record: _part(held, "retention", record.value, _retention) for record in Record},
        points={_one("points", Wrong, name).value: _score("points", worth) for name, worth in points.items()},
        licence_begins={_one("licence_begins", Kind, name): tuple(texts) for name, texts in begins.items()},
        consents={purpose: _part(held, "consent", purpose.value, _words_alone) for purpose in Purpose},
    )


def _missing(name: str) -> Any:
    raise WrongRules(f"{name} is missing")


def _table(held: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = held.get(name)
    if not isinstance(found, dict):
        raise WrongRules(f"[{name}] is missing, or no table")
    return dict(found)


def _part(held: Mapping[str, Any], table: str, name: str, read: Callable[[dict[str, Any]], T]) -> T:
    found = _table(held, table).get(name)
    if not isinstance(found, dict):
        raise WrongRules(f"[{table}.{name}] is missing, or no table")
    return _read(f"[{table}.{name}]", dict(found), read)


def _rows(held: Mapping[str, Any], table: str, read: Callable[[dict[str, Any]], T]) -> tuple[T, ...]:
    rows = held.get(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WrongRules(f"[[{table}]] is written with two brackets")
    return tuple(_read(f"[[{table}]] number {place}", dict(row), read) for place, row in enumerate(rows, 1))


def _read(place: str, row: dict[str, Any], read: Callable[[dict[str, Any]], T]) -> T:
    try:
        found = read(row)
    except KeyError as error:
        raise WrongRules(f"{place}: {error.args[0]} is missing") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise WrongRules(f"{place}: {error}") from None
    if row:
        raise WrongRules(f"{place}: {', '.join(sorted(row))} is not known here")
    return found


def _one(place: str, names: type[E], text: object) -> E:
    try:
        return names(text)
    except ValueError:
        known = ", ".join(str(one.value) for one in names)
        raise WrongRules(f"[{place}]: {text!r} is none of {known}") from None


def _words(row: dict[str, Any], name: str) -> Words:
    return Words(_text(row, f"{name}_zh"), _text(row, f"{name}_en"))


def _text(row: dict[str, Any], name: str, default: str | None = None) -> str:
    found = row.pop(name) if default is None else row.pop(name, default)
    if not isinstance(found, str) or (default is None and not found.strip()):
        raise ValueError(f"{name} is a text")
    return found


def _number(row: dict[str, Any], name: str, default: int | None = None) -> int:
    found = row.pop(name) if default is None else row.pop(name, default)
    if type(found) is not int or found < 0:
        raise ValueError(f"{name} is a number from 0")
    return found


def _yes(row: dict[str, Any], name: str, *, default: bool) -> bool:
    found = row.pop(name, default)
    if type(found) is not bool:
        raise ValueError(f"{name} is true or false")
    return found


def _texts(row: dict[str, Any], name: str) -> tuple[str, ...]:
    found = row.pop(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise ValueError(f"{name} is a list of texts")
    return tuple(found)


def _day(row: dict[str, Any], name: str) -> date:
    found = row.pop(name)
    if type(found) is not date:
        raise ValueError(f"{name} is a day as 2026-01-31")
    return found


def _days(row: dict[str, Any], name: str, default: int | None = None) -> timedelta:
    return timedelta(days=_number(row, name, default))


def _score(place: str, found: object) -> int:
    if type(found) is not int or not 0 <= found <= 1000:
        raise WrongRules(f"[{place}]: a score is 0 to 1000, not {found!r}")
    return found


def _category(row: dict[str, Any]) -> Category:
    code = _text(row, "code")
    if len(code) != 4 or not code.isdecimal():
        raise ValueError("code is four digits")
    is_open = _yes(row, "open", default=True)
    if is_open == ("why_zh" in row):
        raise ValueError("a category that is not open says why, in why_zh and why_en, and no other does")
    why = None if is_open else _words(row, "why")
    return Category(code, _words(row, "name"), is_open, _score("category", row.pop("points", 0)), why)


def _region(row: dict[str, Any]) -> Region:
    code, said_as = _text(row, "code"), _texts(row, "said_as")
    if len(code) != 6 or not code.isdecimal() or not said_as:
        raise ValueError("code is six digits, and said_as has at least one name")
    return Region(code, _words(row, "name"), said_as)


def _card(row: dict[str, Any]) -> CardRange:
    prefix = _text(row, "prefix")
    if not prefix.isdecimal():
        raise ValueError("prefix is digits")
    return CardRange(prefix, _words(row, "bank"), _yes(row, "debit", default=True), _number(row, "digits", 0))


def _rule(row: dict[str, Any]) -> Rule:
    need = Need(_text(row, "need"))
    within = _days(row, "within_days", 0)
    if (need is Need.LATER) != bool(within):
        raise ValueError('within_days stands with need = "later", and only there')
    return Rule(
        field=Field(_text(row, "field")),
        need=need,
        why=_words(row, "why"),
        valid_from=_day(row, "valid_from"),
        valid_until=_day(row, "valid_until") if "valid_until" in row else None,
        kinds=frozenset(Kind(one) for one in _texts(row, "kinds")),
        categories=_texts(row, "categories"),
        regions=_texts(row, "regions"),
        grades=frozenset(Grade(one) for one in _texts(row, "grades")),
        within=within,
        source=_text(row, "source", ""),
        confirmed=_yes(row, "confirmed", default=False),
    )


def _limits(row: dict[str, Any]) -> Limits:
    return Limits(
        plan_id=_text(row, "plan"),
        payment_minor=_number(row, "payment_minor"),
        credit_day_minor=_number(row, "credit_day_minor", 0),
        credit_month_minor=_number(row, "credit_month_minor", 0),
        merchants_most=_number(row, "merchants_most", 0),
        source=_text(row, "source", ""),
        confirmed=_yes(row, "confirmed", default=False),
    )


def _review(row: dict[str, Any]) -> Review:
    def read(row: dict[str, Any]) -> Review:
        script = row.pop("script", [])
        found = Review(
            within=timedelta(hours=_number(row, "within_hours")),
            middle_from=_score("review", row.pop("middle_from")),
            high_from=_score("review", row.pop("high_from")),
            call_from=_score("review", row.pop("call_from")),
            call_kinds=frozenset(Kind(one) for one in _texts(row, "call_kinds")),
            second_from=_score("review", row.pop("second_from")),
            draft_lives=_days(row, "draft_days"),
            returned_lives=_days(row, "returned_days"),
            appeal_within=_days(row, "appeal_days"),
            youngest_years=_number(row, "youngest_years"),
            script=tuple(Words(zh, en) for zh, en in script),
        )
        if found.middle_from > found.high_from:
            raise ValueError("middle_from is at most high_from")
        return found

    return _read("[review]", row, read)


def _retention(row: dict[str, Any]) -> Retention:
    keep, why = _days(row, "days"), _words(row, "why")
    return Retention(keep, why, _text(row, "source", ""), _yes(row, "confirmed", default=False))


def _words_alone(row: dict[str, Any]) -> Words:
    return Words(_text(row, "zh"), _text(row, "en"))
