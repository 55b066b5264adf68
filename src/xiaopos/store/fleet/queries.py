"""What pages read of terminals: lists, and one terminal with the check values of its keys.

What may live here: queries, each returning frozen values. What may not: writing, keys themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from xiaopos.keys import KeyAlgorithm, WrappedKey
from xiaopos.store.fleet.models import Terminal, TerminalStatusRow

_KEYS = ("tmk", "tpk", "tak", "tdk")


@dataclass(frozen=True, slots=True)
class TerminalLine:
    """A terminal as lists and its own page show it. `check_values` is (name of the key, check value).

    `master_algorithm` is its master key's; None without one.
    """

    terminal_id: str
    merchant_id: str
    shop_id: str
    maker: str
    model: str
    year: int
    capabilities: tuple[str, ...]
    serial: str
    active: bool
    profile: str
    batch_number: int
    signed_in_at: datetime | None
    last_seen_at: datetime | None
    check_values: tuple[tuple[str, str], ...]
    master_algorithm: KeyAlgorithm | None


def terminals_of(merchant_id: str) -> tuple[TerminalLine, ...]:
    """A merchant's terminals, by number. One query."""
    return _lines(Terminal.objects.filter(merchant_id=merchant_id), 500)


def find_terminals(text: str = "", *, most: int = 200) -> tuple[TerminalLine, ...]:
    """Terminals whose number, merchant's number or serial begins with the text, by number. One query."""
    rows = Terminal.objects.all()
    if text:
        begins = Q(terminal_id__startswith=text) | Q(merchant_id__startswith=text) | Q(serial__istartswith=text)
        rows = rows.filter(begins)
    return _lines(rows, most)


def one_terminal(terminal_id: str) -> TerminalLine | None:
    """One terminal, or None."""
    found = _lines(Terminal.objects.filter(terminal_id=terminal_id), 1)
    return found[0] if found else None


def _lines(rows: QuerySet[Terminal], most: int) -> tuple[TerminalLine, ...]:
    return tuple(
        TerminalLine(
            row.terminal_id,
            row.merchant_id,
            row.shop_id,
            row.model.maker,
            row.model.name,
            row.model.year,
            tuple(row.model.capabilities),
            row.serial,
            row.active,
            row.profile,
            row.batch_number,
            row.signed_in_at,
            row.last_seen_at,
            _check_values(row),
            WrappedKey.from_text(row.tmk).algorithm if row.tmk else None,
        )
        for row in rows.select_related("model").order_by("terminal_id")[:most]
    )


def _check_values(row: Terminal) -> tuple[tuple[str, str], ...]:
    texts = ((name, getattr(row, name)) for name in _KEYS)
    return tuple((name.upper(), WrappedKey.from_text(text).kcv) for name, text in texts if text)


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What a terminal told of itself: the 12 digits of its frames' header, and the rest as it sent it."""

    told_at: datetime
    header: str
    content: str


def statuses_of(terminal_id: str, *, most: int = 5) -> tuple[StatusLine, ...]:
    """The newest words of a terminal about itself."""
    rows = TerminalStatusRow.objects.filter(terminal_id=terminal_id).order_by("-told_at")
    return tuple(StatusLine(*values) for values in rows.values_list("told_at", "header", "content")[:most])
