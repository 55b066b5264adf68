"""A pretend card network with its issuers (模拟银联): real ISO 8583 over TCP, pretend money, moods on command.

What may live here: the network, its cards, its records, its control page. What may not: the gateway that talks to it.
"""

from xiaopos.simulator.network.cards import TEST_CARDS, Card, CardStatus, test_card
from xiaopos.simulator.network.control import control_routes
from xiaopos.simulator.network.qr import UNIONPAY_TERMS, UnionPayTrades
from xiaopos.simulator.network.records import Transaction
from xiaopos.simulator.network.server import CardNetwork

__all__ = [
    "TEST_CARDS",
    "UNIONPAY_TERMS",
    "Card",
    "CardNetwork",
    "CardStatus",
    "Transaction",
    "UnionPayTrades",
    "control_routes",
    "test_card",
]
