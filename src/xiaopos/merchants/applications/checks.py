"""What can be said at once about what an applicant gave: for each field what is wrong with it, and whether that stops anything.

What may live here: the checks, pure. What may not: words (web), asking books (a use case hands in what they know), documents.

Nothing here proves that somebody is who they say: it finds slips of the pen, and what a person should look at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Protocol

from xiaopos.kernel.secret import luhn_ok
from xiaopos.merchants.applications.fields import FIELDS, LONG_TERM, MONTHLY_CHOICES, Field, Input, Kind, is_picture
from xiaopos.merchants.applications.rulebook import RuleBook
from xiaopos.merchants.identifiers import is_resident_id, is_social_credit_code

SOON = timedelta(days=90)
"""A licence or card that ends within this time is said to."""


class RegionNames(Protocol):
    """What regions are called."""

    def names_of(self, region: str) -> Sequence[str]:
        """The names by which an address may say the region of these six digits; none for one that is not known."""
        ...


class Wrong(Enum):
    """What is wrong with something."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    """Signs that cannot be printed."""
    NO_NAME = "no_name"
    """Digits or signs where a name belongs."""
    RESIDENT_FORM = "resident_form"
    """Not 18 digits, of which the last may be X."""
    RESIDENT_DATE = "resident_date"
    """The date of birth in it does not exist."""
    RESIDENT_CHECK = "resident_check"
    """The last character does not fit the others: one of them is mistyped."""
    TOO_YOUNG = "too_young"
    PHONE_FORM = "phone_form"
    LICENCE_FORM = "licence_form"
    LICENCE_CHECK = "licence_check"
    LICENCE_KIND = "licence_kind"
    """A licence of another kind of merchant."""
    CARD_FORM = "card_form"
    CARD_CHECK = "card_check"
    """The last digit does not fit; some old cards have none that does."""
    CARD_CREDIT = "card_credit"
    """A credit card cannot receive money."""
    CARD_UNKNOWN = "card_unknown"
    """The beginning is none that we know a bank of."""
    ACCOUNT_FORM = "account_form"
    DATE_FORM = "date_form"
    DATE_PAST = "date_past"
    DATE_SOON = "date_soon"
    CHOICE = "choice"
    """None of what can be chosen."""
    REGION_UNKNOWN = "region_unknown"
    ADDRESS_ELSEWHERE = "address_elsewhere"
    """The address does not name the region that was chosen."""
    CATEGORY_UNKNOWN = "category_unknown"
    CATEGORY_CLOSED = "category_closed"
    NAMES_DIFFER = "names_differ"
    """The account is not called as the licence is."""
    USED_ELSEWHERE = "used_elsewhere"
    """Another application gives the same."""
    TOO_MANY = "too_many"
    """The same person or licence has as many merchants here as it may."""
    RETURNED = "returned"
    """It was given back for a reason, and has not been given anew."""


WARNS = frozenset(
    {
        Wrong.CARD_CHECK,
        Wrong.CARD_UNKNOWN,
        Wrong.LICENCE_KIND,
        Wrong.DATE_SOON,
        Wrong.ADDRESS_ELSEWHERE,
        Wrong.NAMES_DIFFER,
    }
)
"""What is said, and looked at by whoever reviews, and stops nobody."""
INSIDE = frozenset({Wrong.USED_ELSEWHERE, Wrong.TOO_MANY})
"""What only whoever reviews is told: else anybody could ask here who is a customer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a field, or (None) about the kind, category or region that were chosen at the beginning."""

    field: Field | None
    wrong: Wrong

    @property
    def stops(self) -> bool:
        """Whether nothing can be handed in while this stands."""
        return self.wrong not in WARNS | INSIDE


@dataclass(frozen=True, slots=True)
class Facts:
    """What checks ask besides the fields: who applies, where, when, by which rules."""

    kind: Kind
    category: str
    region: str
    on: date
    rules: RuleBook
    names: RegionNames


_PHONE = re.compile(r"1[3-9][0-9]{9}")
_CARD = re.compile(r"[0-9]{12,19}")
_ACCOUNT = re.compile(r"[0-9]{6,32}")
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
_LICENCE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_LETTER = re.compile(r"[^\W\d_]")


def check_start(facts: Facts) -> list[Finding]:
    """What is wrong with the category and region that were chosen."""
    found = []
    category = facts.rules.category(facts.category)
    if category is None:
        found.append(Finding(None, Wrong.CATEGORY_UNKNOWN))
    elif not category.open:
        found.append(Finding(None, Wrong.CATEGORY_CLOSED))
    if not facts.names.names_of(facts.region):
        found.append(Finding(None, Wrong.REGION_UNKNOWN))
    return found


def check_field(field: Field, text: str, facts: Facts) -> list[Finding]:
    """What is wrong with one field that somebody gave; nothing about an empty one."""
    if not text:
        return []
    if len(text) > FIELDS[field].longest:
        return [Finding(field, Wrong.TOO_LONG)]
    if not text.isprintable():
        return [Finding(field, Wrong.UNREADABLE)]
    return [Finding(field, wrong) for wrong in _CHECKS.get(field, _nothing)(text, facts)]


def check_all(values: Mapping[Field, str], due: Collection[Field], facts: Facts) -> list[Finding]:
    """Everything that is wrong with an application, in the order of the fields. `values` of a picture is any text for one that
    is there."""
    found = check_start(facts)
    for field in Field:
        text = values.get(field, "")
        if field in due and not text:
            found.append(Finding(field, Wrong.MISSING))
        elif not is_picture(field):
            found += check_field(field, text, facts)
    licence, account = values.get(Field.LICENCE_NAME, ""), values.get(Field.ACCOUNT_NAME, "")
    if licence and account and licence != account:
        found.append(Finding(Field.ACCOUNT_NAME, Wrong.NAMES_DIFFER))
    return found


def birth_of(resident_id: str) -> date | None:
    """The date of birth in a resident's number; None when there is no such day."""
    try:
        return date(int(resident_id[6:10]), int(resident_id[10:12]), int(resident_id[12:14]))
    except ValueError:
        return None


def years_between(born: date, on: date) -> int:
    """Whole years from a day of birth to another day.

    >>> years_between(date(2008, 2, 29), date(2026, 2, 28)), years_between(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _nothing(_text: str, _facts: Facts) -> list[Wrong]:
    return []


def _name(text: str, _facts: Facts) -> list[Wrong]:
    return [] if _LETTER.search(text) else [Wrong.NO_NAME]


def _resident(text: str, facts: Facts) -> list[Wrong]:
    if _RESIDENT.fullmatch(text) is None:
        return [Wrong.RESIDENT_FORM]
    born = birth_of(text)
    if born is None or born > facts.on:
        return [Wrong.RESIDENT_DATE]
    if not is_resident_id(text):
        return [Wrong.RESIDENT_CHECK]
    return [Wrong.TOO_YOUNG] if years_between(born, facts.on) < facts.rules.review.youngest_years else []


def _phone(text: str, _facts: Facts) -> list[Wrong]:
    return [] if _PHONE.fullmatch(text) else [Wrong.PHONE_FORM]


def _licence(text: str, facts: Facts) -> list[Wrong]:
    if _LICENCE.fullmatch(text) is None:
        return [Wrong.LICENCE_FORM]
    if not is_social_credit_code(text):
        return [Wrong.LICENCE_CHECK]
    begins = facts.rules.licence_begins.get(facts.kind, ())
    return [Wrong.LICENCE_KIND] if begins and not text.startswith(begins) else []


def _card(text: str, facts: Facts) -> list[Wrong]:
    if _CARD.fullmatch(text) is None:
        return [Wrong.CARD_FORM]
    known = facts.rules.card(text)
    if known is not None and not known.debit:
        return [Wrong.CARD_CREDIT]
    found = [] if luhn_ok(text) else [Wrong.CARD_CHECK]
    return found if known is not None else [*found, Wrong.CARD_UNKNOWN]


def _account(text: str, _facts: Facts) -> list[Wrong]:
    return [] if _ACCOUNT.fullmatch(text) else [Wrong.ACCOUNT_FORM]


def _until(text: str, facts: Facts) -> list[Wrong]:
    if text == LONG_TERM:
        return []
    try:
        until = date.fromisoformat(text)
    except ValueError:
        return [Wrong.DATE_FORM]
    if until < facts.on:
        return [Wrong.DATE_PAST]
    return [Wrong.DATE_SOON] if until - facts.on < SOON else []


def _monthly(text: str, _facts: Facts) -> list[Wrong]:
    return [] if text in MONTHLY_CHOICES else [Wrong.CHOICE]


def _address(text: str, facts: Facts) -> list[Wrong]:
    names = facts.names.names_of(facts.region)
    return [Wrong.ADDRESS_ELSEWHERE] if names and not any(name in text for name in names) else []


_CHECKS: Mapping[Field, Callable[[str, Facts], list[Wrong]]] = {
    Field.SHOP_NAME: _name,
    Field.SHOP_ADDRESS: _address,
    Field.MONTHLY: _monthly,
    Field.PERSON_NAME: _name,
    Field.RESIDENT_ID: _resident,
    Field.PHONE: _phone,
    Field.LICENCE_NAME: _name,
    Field.LICENCE_CODE: _licence,
    Field.CARD_NUMBER: _card,
    Field.ACCOUNT_NAME: _name,
    Field.ACCOUNT_NUMBER: _account,
    Field.ACCOUNT_BANK: _name,
    Field.OWNERS: _name,
    **{field: _until for field, facts in FIELDS.items() if facts.input is Input.DATE},
}
