"""What a merchant's own systems may do through the API: scopes, and the key that carries them.

What may live here: Scope, ApiKey. What may not: the key's text or its hash (store), HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from xiaopos.kernel.ids import MerchantId, ShopId

LABEL_MOST = 20
"""Characters in what people call a key."""

LIFETIMES_DAYS = (365, 90, 30, 0)
"""For how long a key may open; 0 is until it is revoked."""

OPEN_MOST = 50
"""Open keys of one merchant: whoever has more has lost sight of them."""


class Scope(Enum):
    """What a key may be used for."""

    TAKE = "take"
    REFUND = "refund"
    READ = "read"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its text: whose it is and what it may do. `shop_id` is empty for a key of all the merchant's shops.

    `prefix` is the part of the text by which people tell keys apart; it opens nothing.
    """

    prefix: str
    merchant_id: MerchantId
    shop_id: ShopId
    scopes: frozenset[Scope]

    def reaches(self, merchant_id: str, shop_id: str) -> bool:
        """Whether something of a merchant's shop may be seen with this key.

        >>> key = ApiKey("xp_1", MerchantId("1"), ShopId(""), frozenset({Scope.READ}))
        >>> key.reaches("1", "any"), key.reaches("2", "any")
        (True, False)
        """
        return merchant_id == self.merchant_id and self.shop_id in ("", shop_id)
