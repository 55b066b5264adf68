"""The dictionary of chip data: every tag's name, format, size, who gives it, where it lies, and who may see it.

What may live here: the table and looking into it. What may not: reading values (describing, bits, cvm, lists, issuer_data).

Each row says how sure it is: EMV (book 3 annex A and the contactless books, as the open tag lists agree), PBOC (seen in
public lists of the Chinese card standard), SCHEME (one card scheme's own, seen in public lists), UNCONFIRMED (memory only).
A tag with several owners has the meaning that UnionPay cards give it; the others are named in the English words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from xiaopos.wire.emv.dictionary_rows import ROWS


class Format(Enum):
    """How a value is written (EMV book 3, 4.3)."""

    N = "n"
    """BCD digits, right-justified, zeros on the left."""
    CN = "cn"
    """BCD digits, left-justified, F on the right."""
    A = "a"
    AN = "an"
    ANS = "ans"
    B = "b"
    VAR = "var"
    """Other objects, or what a scheme defines."""


class Source(Enum):
    """Who gives the value."""

    CARD = "card"
    TERMINAL = "terminal"
    ISSUER = "issuer"
    CONFIGURATION = "configuration"
    """Parameters that the acquirer loads into the terminal."""


class Sight(Enum):
    """What of a value people may see."""

    OPEN = "open"
    PAN = "pan"
    """First six and last four digits."""
    TRACK = "track"
    """Track 2: of its PAN first six and last four digits, nothing else."""
    HIDDEN = "hidden"
    """Nothing but its size: tracks, names, PINs, identity numbers."""
    COMMAND = "command"
    """A card command: its header, never its data (it may hold a new PIN)."""


class Origin(Enum):
    """What the row stands on."""

    EMV = "emv"
    PBOC = "pboc"
    SCHEME = "scheme"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class TagRow:
    """One tag: `least` and `most` bytes; `templates` where it is found (empty: on its own, or in a command)."""

    tag: str
    zh: str
    en: str
    format: Format
    least: int
    most: int
    source: Source
    templates: tuple[str, ...]
    sight: Sight
    origin: Origin

    def fits(self, size: int) -> bool:
        """Whether a value of so many bytes has a length that the standard allows."""
        return self.least <= size <= self.most

    @property
    def sizes(self) -> str:
        """The allowed sizes for people: `8`, or `0-32`."""
        return f"{self.least}" if self.least == self.most else f"{self.least}-{self.most}"


_SIGHTS = {
    **dict.fromkeys(("5A",), Sight.PAN),
    **dict.fromkeys(("57", "9F6B"), Sight.TRACK),
    **dict.fromkeys(("56", "99", "9F0B", "9F1F", "9F20", "9F61", "5F20", "5F53", "5F50", "DF8115"), Sight.HIDDEN),
    "86": Sight.COMMAND,
}
_SOURCES = {"C": Source.CARD, "T": Source.TERMINAL, "I": Source.ISSUER, "P": Source.CONFIGURATION}
_ORIGINS = {"E": Origin.EMV, "P": Origin.PBOC, "S": Origin.SCHEME, "?": Origin.UNCONFIRMED}


def _read(row: str) -> TagRow:
    tag, form, size, source, templates, origin, zh, en = (cell.strip() for cell in row.split("|"))
    least, _, most = size.partition("-")
    return TagRow(
        tag,
        zh,
        en,
        Format(form),
        int(least),
        int(most or least),
        _SOURCES[source],
        tuple(templates.split()),
        _SIGHTS.get(tag, Sight.OPEN),
        _ORIGINS[origin],
    )


TAGS: Mapping[str, TagRow] = MappingProxyType({row.tag: row for row in map(_read, ROWS.strip().splitlines())})
"""Tag -> its row. A tag that is not here is kept when read and shown by its number."""

SENSITIVE = frozenset(row.tag for row in TAGS.values() if row.sight is not Sight.OPEN)
"""Tags whose values are card or personal data: never logged or kept in clear."""


def find(tag: str) -> TagRow | None:
    """The row of a tag, or None when it is unknown.

    >>> find("9F02").en
    'amount, authorised (numeric)'
    """
    return TAGS.get(tag)
