"""What an application is made of: each field with its step, how it is entered, how much of it is shown to whom.

What may live here: kinds of merchant, fields, masks. What may not: who must give what (requirements), whether it can be true
(checks), words (web).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a merchant is before the law."""

    MICRO = "micro"
    """小微商户: a person without a licence."""
    SOLE = "sole"
    """个体工商户: a person with a licence."""
    COMPANY = "company"
    """企业: a company, by its legal person."""


class Grade(Enum):
    """How closely an application is looked at."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


class Step(Enum):
    """The pages of an application, in their order."""

    SHOP = "shop"
    PERSON = "person"
    BUSINESS = "business"
    ACCOUNT = "account"
    PICTURES = "pictures"


class Input(Enum):
    """How a field is entered."""

    TEXT = "text"
    DATE = "date"
    """A day, or that there is no end (LONG_TERM)."""
    CHOICE = "choice"
    PICTURE = "picture"


class Mask(Enum):
    """How much of a field is shown until somebody says why they must see it whole."""

    OPEN = "open"
    NAME = "name"
    """The first character."""
    PHONE = "phone"
    """The first three and the last four digits."""
    NUMBER = "number"
    """The last four characters."""
    HIDDEN = "hidden"


class Field(Enum):
    """One thing that somebody may be asked for."""

    SHOP_NAME = "shop_name"
    SHOP_ADDRESS = "shop_address"
    MONTHLY = "monthly"
    """What is expected in a month, roughly."""
    PERSON_NAME = "person_name"
    """Who applies; of a company its legal person."""
    RESIDENT_ID = "resident_id"
    ID_UNTIL = "id_until"
    PHONE = "phone"
    LICENCE_NAME = "licence_name"
    LICENCE_CODE = "licence_code"
    LICENCE_UNTIL = "licence_until"
    CARD_NUMBER = "card_number"
    """The person's own bank card that receives the money."""
    ACCOUNT_NAME = "account_name"
    ACCOUNT_NUMBER = "account_number"
    """A company's account."""
    ACCOUNT_BANK = "account_bank"
    OWNERS = "owners"
    """Who owns a company in the end (受益所有人)."""
    ID_FRONT = "id_front"
    ID_BACK = "id_back"
    LICENCE_PICTURE = "licence_picture"
    CARD_PICTURE = "card_picture"
    ACCOUNT_PROOF = "account_proof"
    DOOR_PICTURE = "door_picture"
    INSIDE_PICTURE = "inside_picture"
    LEASE = "lease"


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """Where a field stands, how it is entered, how it is masked, and the most characters it may have."""

    step: Step
    input: Input
    mask: Mask
    longest: int = 40


LONG_TERM = "long_term"
"""In place of a day: a licence or identity card without an end (长期)."""
MONTHLY_CHOICES = ("under_10k", "under_50k", "under_200k", "over_200k")
"""Expected receipts of a month in yuan."""
_T, _D, _C, _P = Input.TEXT, Input.DATE, Input.CHOICE, Input.PICTURE

FIELDS: Mapping[Field, FieldFacts] = {
    Field.SHOP_NAME: FieldFacts(Step.SHOP, _T, Mask.OPEN),
    Field.SHOP_ADDRESS: FieldFacts(Step.SHOP, _T, Mask.OPEN, 120),
    Field.MONTHLY: FieldFacts(Step.SHOP, _C, Mask.OPEN, 12),
    Field.PERSON_NAME: FieldFacts(Step.PERSON, _T, Mask.NAME),
    Field.RESIDENT_ID: FieldFacts(Step.PERSON, _T, Mask.NUMBER, 18),
    Field.ID_UNTIL: FieldFacts(Step.PERSON, _D, Mask.OPEN, 10),
    Field.PHONE: FieldFacts(Step.PERSON, _T, Mask.PHONE, 20),
    Field.LICENCE_NAME: FieldFacts(Step.BUSINESS, _T, Mask.OPEN),
    Field.LICENCE_CODE: FieldFacts(Step.BUSINESS, _T, Mask.OPEN, 18),
    Field.LICENCE_UNTIL: FieldFacts(Step.BUSINESS, _D, Mask.OPEN, 10),
    Field.CARD_NUMBER: FieldFacts(Step.ACCOUNT, _T, Mask.NUMBER, 23),
    Field.ACCOUNT_NAME: FieldFacts(Step.ACCOUNT, _T, Mask.OPEN),
    Field.ACCOUNT_NUMBER: FieldFacts(Step.ACCOUNT, _T, Mask.NUMBER, 32),
    Field.ACCOUNT_BANK: FieldFacts(Step.ACCOUNT, _T, Mask.OPEN),
    Field.OWNERS: FieldFacts(Step.BUSINESS, _T, Mask.HIDDEN, 200),
    Field.ID_FRONT: FieldFacts(Step.PICTURES, _P, Mask.HIDDEN),
    Field.ID_BACK: FieldFacts(Step.PICTURES, _P, Mask.HIDDEN),
    Field.LICENCE_PICTURE: FieldFacts(Step.PICTURES, _P, Mask.HIDDEN),
    Field.CARD_PICTURE: FieldFacts(Step.PICTURES, _P, Mask.HIDDEN),
    Field.ACCOUNT_PROOF: FieldFacts(Step.PICTURES, _P, Mask.HIDDEN),
    Field.DOOR_PICTURE: FieldFacts(Step.PICTURES, _P, Mask.HIDDEN),
    Field.INSIDE_PICTURE: FieldFacts(Step.PICTURES, _P, Mask.HIDDEN),
    Field.LEASE: FieldFacts(Step.PICTURES, _P, Mask.HIDDEN),
}

UNIQUE = (Field.RESIDENT_ID, Field.PHONE, Field.CARD_NUMBER, Field.LICENCE_CODE, Field.ACCOUNT_NUMBER)
"""What two applications should not have in common."""


def is_picture(field: Field) -> bool:
    """Whether a field is a picture rather than something typed or chosen."""
    return FIELDS[field].input is Input.PICTURE


def fields_of(step: Step) -> tuple[Field, ...]:
    """The fields of a step, in their order."""
    return tuple(field for field, facts in FIELDS.items() if facts.step is step)


def tidied(field: Field, text: str) -> str:
    """What somebody typed as it is kept: without blanks around it, numbers without any, letters of numbers in capitals.

    >>> tidied(Field.RESIDENT_ID, " 11010519491231002x "), tidied(Field.CARD_NUMBER, "6222 0212-3456 7890")
    ('11010519491231002X', '6222021234567890')
    """
    text = " ".join(text.split())
    if field in UNIQUE:
        return "".join(mark for mark in text if mark not in " -").upper()
    return text


def masked(field: Field, text: str) -> str:
    """As much of a field as is shown to whoever did not say why they must see it whole.

    >>> masked(Field.PERSON_NAME, "林晓"), masked(Field.PHONE, "13800001234"), masked(Field.RESIDENT_ID, "11010519491231002X")
    ('林*', '138****1234', '**************002X')
    """
    mask = FIELDS[field].mask
    if not text or mask is Mask.OPEN:
        return text
    if mask is Mask.NAME:
        return f"{text[0]}*"
    if mask is Mask.PHONE and len(text) > 7:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
    if mask is Mask.NUMBER and len(text) > 8:
        return "*" * (len(text) - 4) + text[-4:]
    return "*" * len(text)
