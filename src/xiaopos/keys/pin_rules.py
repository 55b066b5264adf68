"""Which PIN block may become which: the translations that the standards allow, as a table.

What may live here: the table, the one question asked of it, which forms no public source confirms.
What may not: PINs, blocks, keys.

Sources: ISO 9564-1:2017 and ANSI X9.8-1 (restrictions on translation; published as tables in the manuals of hardware
modules that enforce them), PCI PIN Security Requirement 3. The rules in words:

- A PIN bound to a card number stays bound, and to that number: 0, 3, 4 become 0, 3, 4. There is one number to give, so a
  change of number cannot be asked for.
- A PIN not bound yet may be bound: 1 becomes 0, 3, 4. It may stay as it is: 1 becomes 1.
- Nothing becomes 1 from 0, 3, 4: who may loosen a PIN may test it against other cards.
- 2 is for a card and its reader: nothing becomes 2, and 2 becomes nothing, whatever a deployment permits.

The 银联 form without a number stands as 1 does, though nothing in it is random; SM4's forms with a number as 0 does.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from xiaopos.keys.vault import KeyFault, KeyRefused, PinFormat


class Rule(Enum):
    """What the standards say of one translation."""

    SAME_PAN = "same_pan"
    """Allowed; both blocks hold the same card number."""
    BINDS = "binds"
    """Allowed; the PIN becomes bound to a card number."""
    STAYS = "stays"
    """Allowed; neither holds a card number, and the form stays."""
    LOOSENS = "loosens"
    """Refused unless a deployment permits exactly this pair in writing: the card number is lost, or the random fill."""
    NEVER = "never"
    """Refused whatever is permitted."""


Permitted = frozenset[tuple[PinFormat, PinFormat]]
"""The pairs that `LOOSENS` refuses and a deployment permits, from its written policy."""

BOUND_TO_PAN = (PinFormat.ISO0, PinFormat.ISO3, PinFormat.ISO4, PinFormat.SM4_PAN, PinFormat.SM4_PADDED)

UNCONFIRMED = frozenset({PinFormat.SM4_PAN, PinFormat.SM4_PADDED})
"""Forms known from third parties' worked examples only (and `NO_PAN` under SM4, from memory): a channel's profile chooses
one after its acquirer has confirmed it."""


def _rule(from_form: PinFormat, to_form: PinFormat) -> Rule:
    if PinFormat.ISO2 in (from_form, to_form):
        return Rule.NEVER
    if to_form in BOUND_TO_PAN:
        return Rule.SAME_PAN if from_form in BOUND_TO_PAN else Rule.BINDS
    return Rule.STAYS if from_form is to_form else Rule.LOOSENS


TRANSLATIONS: Mapping[tuple[PinFormat, PinFormat], Rule] = {
    (from_form, to_form): _rule(from_form, to_form) for from_form in PinFormat for to_form in PinFormat
}
"""Every pair of forms and its rule."""


def require_translation(from_form: PinFormat, to_form: PinFormat, permitted: Permitted = frozenset()) -> None:
    """Raises KeyRefused (WRONG_FORM) for a translation that is not allowed.

    >>> require_translation(PinFormat.ISO1, PinFormat.ISO4)
    >>> TRANSLATIONS[PinFormat.ISO0, PinFormat.ISO1].value
    'loosens'
    """
    rule = TRANSLATIONS[from_form, to_form]
    if rule is Rule.NEVER:
        raise KeyRefused(KeyFault.WRONG_FORM, "format 2 stays between a card and its reader")
    if rule is Rule.LOOSENS and (from_form, to_form) not in permitted:
        raise KeyRefused(
            KeyFault.WRONG_FORM, f"{from_form.value} does not become {to_form.value}: it would be loosened"
        )
