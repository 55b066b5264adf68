"""Who changes something at the console, and why.

What may live here: that value. What may not: permissions (merchants.roles), storage.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something at the console, in which role, and why. A change without a reason is not made."""

    username: str
    role: str
    reason: str

    @property
    def gives_a_reason(self) -> bool:
        """Whether the reason says anything."""
        return bool(self.reason.strip())
