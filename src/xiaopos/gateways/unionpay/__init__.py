"""The card network (银联): authorisations, voids, refunds and reversals over one long-lived line.

What may live here: the adapter that plays the Acquirer role, the line, its messages and codes. What may not: byte layouts
(`wire.iso8583.card_network`), keys in clear (the vault), decisions about payments.
"""

from xiaopos.gateways.unionpay.gateway import UnionPayAcquirer
from xiaopos.gateways.unionpay.line import LineCounts, LineTerms
from xiaopos.gateways.unionpay.messages import LateAnswer, Membership
from xiaopos.gateways.unionpay.qr_messages import ShopFace
from xiaopos.gateways.unionpay.qr_wallet import UnionPayQrWallet, faces_by_books

__all__ = [
    "LateAnswer",
    "LineCounts",
    "LineTerms",
    "Membership",
    "ShopFace",
    "UnionPayAcquirer",
    "UnionPayQrWallet",
    "faces_by_books",
]
