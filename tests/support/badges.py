"""A badge, the keys it is signed with, and another pair that signs nothing good.

What may live here: values of the tests on badges. What may not: tests.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from xiaopos.keys.ed25519 import SeedKey
from xiaopos.merchants.badges.credential import Claims, Deed, PublishedKey, Suite, badge_text, signing_input

OPERATOR = "pay.example"
BEGINS = datetime(2026, 6, 1, 8, tzinfo=UTC)
CLAIMS = Claims(
    badge_id="0123456789abcdef0123456789abcdef",
    operator=OPERATOR,
    name="林*",
    agent="小林商务",
    regions=("3101", "320506"),
    deeds=frozenset({Deed.INTRODUCE, Deed.HELP_APPLY}),
    issued_at=BEGINS,
    expires_at=BEGINS + timedelta(days=7),
)
PAIR = SeedKey(bytes(range(32)))
OTHER = SeedKey(bytes(range(1, 33)))
KEYS = {"k1": PublishedKey("k1", Suite.ED25519, PAIR.public), "k2": PublishedKey("k2", Suite.ED25519, OTHER.public)}


def a_badge(claims: Claims = CLAIMS, key_id: str = "k1", pair: SeedKey = PAIR) -> str:
    signed = signing_input(claims, key_id, Suite.ED25519)
    return badge_text(signed, pair.sign(signed))
