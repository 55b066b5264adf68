"""A ring drawn: applications around a circle, a line between any two that share something, thicker the more it says.

What may live here: places and lines as numbers for a template. What may not: markup, words, finding rings (risk.rings).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

from xiaopos.risk.rings.findings import Finding, Tie

SIZE = 320
"""The drawing's width and height."""
_ROOM = 30
_THICKEST = 6


@dataclass(frozen=True, slots=True)
class Dot:
    """One subject: its place, its number in the table, the application that it is known by."""

    x: int
    y: int
    number: int
    application_id: str
    own: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What two subjects share: from dot to dot, how thick, and the tie itself."""

    one: Dot
    other: Dot
    thick: int
    tie: Tie


@dataclass(frozen=True, slots=True)
class Drawing:
    """A ring as a page shows it: `own` is the one that is asked about, the first dot, at the top."""

    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    score: int
    is_ring: bool
    cut: bool
    size: int = SIZE


def draw_ring(finding: Finding) -> Drawing | None:
    """The ring around an application; None where nothing ties it to anybody."""
    names = dict.fromkeys(name for tie in finding.ties for name in (tie.one, tie.other))
    if not names:
        return None
    own = finding.application_id if finding.application_id in names else next(iter(names))
    ordered = [own, *(name for name in names if name != own)]
    reach, middle = SIZE / 2 - _ROOM, SIZE / 2
    dots = {}
    for place, name in enumerate(ordered):
        turn = 2 * pi * place / len(ordered)
        x, y = round(middle + reach * sin(turn)), round(middle - reach * cos(turn))
        dots[name] = Dot(x, y, place + 1, name, own=place == 0)
    lines = [
        Line(dots[tie.one], dots[tie.other], max(1, tie.strength * _THICKEST // 1000), tie)
        for tie in sorted(finding.ties, key=lambda tie: (-tie.strength, tie.one, tie.other))
    ]
    return Drawing(tuple(dots.values()), tuple(lines), finding.score, finding.is_ring, finding.cut)
