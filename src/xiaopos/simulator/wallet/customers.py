"""The wallet's customers in the demo: people of the permanent cast.

What may live here: who they are and what they own at the beginning. What may not: rules.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody with an account at the wallet. `balance_minor` is what they own in a new world, in 分.

    `limit_minor` is the most that they let one payment take, `password` what they type to confirm one.
    """

    customer_id: str
    name_zh: str
    name_en: str
    balance_minor: int
    limit_minor: int
    password: str


CUSTOMERS: tuple[Customer, ...] = (
    Customer("mei", "梅", "Mei", 2_000_000, 1_800_000, "135246"),
    Customer("tao", "陶", "Tao", 3_000, 2_500, "246135"),
)
"""Mei can pay for nearly anything; Tao owns 30.00 and pays at most 25.00 at once."""
