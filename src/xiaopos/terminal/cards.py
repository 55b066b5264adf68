"""A card as the terminal reads it, and the ways of reading it.

What may live here: what came off a card, and the codes that tell the host how. What may not: PINs (they go from the pad
into the vault), chip data (chip), keeping any of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from xiaopos.kernel.secret import Pan, Secret

_EXPIRY = re.compile(r"[0-9]{2}(0[1-9]|1[0-2])")


class How(Enum):
    """How the card was presented. `MANUAL` is a card number that the terminal kept from the original transaction."""

    TAP = "tap"
    INSERT = "insert"
    SWIPE = "swipe"
    MANUAL = "manual"

    @property
    def entry(self) -> str:
        """The first two digits of field 22."""
        return {How.TAP: "07", How.INSERT: "05", How.SWIPE: "02", How.MANUAL: "01"}[self]

    @property
    def capability(self) -> str:
        """Field 60.4: what the reader that was used can read."""
        return "6" if self is How.TAP else "5"

    @property
    def has_chip_data(self) -> bool:
        """Whether the card's chip takes part."""
        return self in (How.TAP, How.INSERT)


@dataclass(frozen=True, slots=True)
class CardRead:
    """What a reader got from a card: number, expiry (YYMM), sequence number and the service code of its track.

    Raises ValueError, without values, for an expiry that is no month.
    """

    pan: Pan
    expiry: str
    sequence: str = "001"
    service_code: str = "120"

    def __post_init__(self) -> None:
        if _EXPIRY.fullmatch(self.expiry) is None:
            raise ValueError("an expiry date is YYMM")

    def track2(self) -> Secret:
        """Track 2 (ISO/IEC 7813) as ASCII, the separator as `=`; the discretionary data are zeros."""
        return Secret(f"{self.pan.digits}={self.expiry}{self.service_code}000000000".encode("ascii")[:37])
