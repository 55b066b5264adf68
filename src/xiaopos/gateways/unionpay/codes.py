"""The network's answer codes (应答码, F39) as one table: success, the house's reason, or not known.

What may live here: the table of 银联 answer codes and its reading. What may not: messages, sockets.
"""

from __future__ import annotations

from xiaopos.kernel.refusal import Reason

SUCCESS: frozenset[str] = frozenset({"00", "10", "11", "A2", "A4", "A5", "A6"})
"""Approved. 10 approves another amount (F4); A2, A4, A5 and A6 ask to confirm with the issuer and are successes."""

PARTIAL = "10"

UNDONE: frozenset[str] = frozenset({"00", "25"})
"""What ends a reversal (冲正): undone, or there was nothing to undo."""

UNSURE: frozenset[str] = frozenset({"68", "98"})
"""The issuer did not answer the network in time: a reversal finds out."""

REASONS: dict[str, Reason] = {
    "01": Reason.ISSUER_REFERRAL,
    "03": Reason.MERCHANT_UNKNOWN,
    "04": Reason.CARD_KEPT,
    "05": Reason.ISSUER_DECLINED,
    "06": Reason.ISSUER_UNAVAILABLE,
    "12": Reason.TRANSACTION_UNSUPPORTED,
    "13": Reason.AMOUNT_ZERO,
    "14": Reason.PAN_WRONG,
    "15": Reason.ISSUER_UNKNOWN,
    "21": Reason.CARD_NOT_ALLOWED,
    "22": Reason.ORIGINAL_SETTLED,
    "25": Reason.ORIGINAL_UNKNOWN,
    "30": Reason.FORMAT_WRONG,
    "34": Reason.CARD_KEPT,
    "38": Reason.PIN_TRIES_OVER,
    "40": Reason.TRANSACTION_UNSUPPORTED,
    "41": Reason.CARD_LOST,
    "43": Reason.CARD_STOLEN,
    "45": Reason.USE_CHIP,
    "51": Reason.BALANCE_TOO_LOW,
    "54": Reason.CARD_EXPIRED,
    "55": Reason.PIN_WRONG,
    "57": Reason.CARD_NOT_ALLOWED,
    "58": Reason.CARD_NOT_ALLOWED,
    "59": Reason.PAN_WRONG,
    "61": Reason.ISSUER_LIMIT,
    "62": Reason.CARD_RESTRICTED,
    "64": Reason.VOID_AMOUNT_DIFFERS,
    "65": Reason.CARD_OVER_COUNT,
    "68": Reason.OUTCOME_UNKNOWN,
    "75": Reason.PIN_TRIES_OVER,
    "90": Reason.CHANNEL_UNAVAILABLE,
    "91": Reason.ISSUER_UNAVAILABLE,
    "92": Reason.ISSUER_UNAVAILABLE,
    "94": Reason.REPEAT_DIFFERS,
    "96": Reason.CHANNEL_UNAVAILABLE,
    "97": Reason.TERMINAL_UNKNOWN,
    "98": Reason.OUTCOME_UNKNOWN,
    "99": Reason.PIN_FORMAT_WRONG,
    "A0": Reason.CHANNEL_UNAVAILABLE,
    "A1": Reason.CURRENCY_WRONG,
    "A3": Reason.CARD_NOT_ALLOWED,
    "A7": Reason.KEY_FAULT,
}
"""Every code that terminals and hosts know and that is no success.

A0 is about the keys of our own line: told to a terminal as it is, it would make the terminal doubt its keys, and ask for ever.
"""

KEYS_DOUBTED: frozenset[str] = frozenset({"99", "A0", "A7"})
"""Answers after which the line asks for new keys: the two sides no longer hold the same ones."""


NOT_ABOUT_THE_FIRST: frozenset[str] = frozenset(
    {"03", "06", "30", "90", "91", "92", "94", "96", "97", "99", "A0", "A7"}
)
"""Refusals that, given to a repeated refund, say nothing about its first ask, which may have been done."""


ASK_LATER: frozenset[str] = UNSURE | frozenset({"06", "90", "91", "92", "96", "99", "A0", "A7"})
"""Answers to a notice after which it is told again: the network, or the keys of our line, were not ready for it."""


def reason_of(code: str) -> Reason:
    """The house's reason for a refusal. A code that the table does not know is the issuer's no."""
    return REASONS.get(code, Reason.ISSUER_DECLINED)
