"""Tables as files: CSV that spreadsheets open rightly and safely.

What may live here: writing rows. What may not: which rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

_BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _safe(cell: object) -> str:
    """The cell as text; what a spreadsheet would run as a formula gets an apostrophe, amounts below zero do not."""
    text = "" if cell is None else str(cell)
    if text.startswith(_RUN_BY_SPREADSHEETS) and not text.lstrip("-").replace(".", "", 1).isdigit():
        return f"'{text}"
    return text


def csv_file(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A download, written row by row."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield _BYTE_ORDER_MARK + writer.writerow([_safe(cell) for cell in head])
        for row in rows:
            yield writer.writerow([_safe(cell) for cell in row])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
