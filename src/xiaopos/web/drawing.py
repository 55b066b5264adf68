"""Where the columns of a small drawing stand, as attributes of SVG elements: per cent across, pixels up.

What may live here: geometry. What may not: colours (the style sheet), numbers' meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xiaopos.kernel.money import Money
from xiaopos.web.words import money_text

_ROOM = 140
_UNDER = 24
_MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One column. `x`, `width` and `middle` in per cent of the drawing's width, as text; `y` and `height` in pixels."""

    label: str
    text: str
    x: str
    width: str
    middle: str
    y: int
    height: int
    marked: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole: its height, where its floor is, and the columns."""

    height: int
    floor: int
    bars: tuple[Bar, ...]


def bars(amounts: Sequence[tuple[str, Money]]) -> Drawing:
    """A drawing of labelled amounts. Amounts under zero stand on the floor with no height; the text still says them.

    At most eight labels are drawn, so that they fit a phone; the table beneath has them all.
    """
    highest = max((amount.minor for _, amount in amounts), default=0)
    step = -(-len(amounts) // _MOST_LABELS) or 1
    each = 100 / max(len(amounts), 1)
    drawn = []
    for place, (label, amount) in enumerate(amounts):
        height = max(2, round(_ROOM * amount.minor / highest)) if amount.minor > 0 else 0
        drawn.append(
            Bar(
                label=label,
                text=money_text(amount),
                x=f"{place * each + each * 0.15:.2f}",
                width=f"{each * 0.7:.2f}",
                middle=f"{place * each + each / 2:.2f}",
                y=_ROOM - height,
                height=height,
                marked=place % step == 0,
            )
        )
    return Drawing(height=_ROOM + _UNDER, floor=_ROOM, bars=tuple(drawn))
