"""What terminals tell that moves no money, as requests: their status, a script's result, a signature.

What may live here: field numbers of these messages, and what each means to a use case. What may not: asking a use case.
Functions count on the fields that `demand` has found there.
"""

from __future__ import annotations

import re

from xiaopos.hosts import card_messages as messages
from xiaopos.hosts.card_messages import Asked
from xiaopos.kernel.secret import Secret
from xiaopos.usecases.keep_signature import SignatureAsk
from xiaopos.usecases.note_script_result import ScriptResult
from xiaopos.usecases.steps import Voucher
from xiaopos.wire.emv import tlv
from xiaopos.wire.iso8583 import Malformed, Message

_SCRIPT_RESULT = "DF31"
_KEPT_OF_CHIP = ("95", "82", "9F10", "9F26", "9F33", "9F36", "9F37")
"""What is kept of the chip's objects beside the result: none of them says whose card it is."""
_CARD_LIKE = re.compile(r"[0-9]{12,}")


def status_of(message: Message) -> str:
    """What a terminal tells of itself: text as it is, anything else in hex; long runs of digits are blotted out."""
    raw = message.raw(62)
    try:
        text = raw.decode("gbk")
    except UnicodeDecodeError:
        text = raw.hex().upper()
    if not text.isprintable():
        text = raw.hex().upper()
    return _CARD_LIKE.sub(lambda run: "*" * len(run.group()), text)


def script_result_of(asked: Asked) -> ScriptResult:
    """A script's result with the payment that it names. Raises Malformed, also for no result."""
    message = asked.message
    found = tlv.firsts(tlv.parse(message.raw(55), field=55))
    if _SCRIPT_RESULT not in found:
        raise Malformed(55, None, "the script's result", "nothing", _SCRIPT_RESULT)
    chip = tuple((tag, found[tag].hex().upper()) for tag in _KEPT_OF_CHIP if tag in found)
    original = original_of(message)
    return ScriptResult(
        asked.facts,
        messages.voucher_of(message),
        original,
        found[_SCRIPT_RESULT].hex().upper(),
        chip,
        asked.received_at,
    )


def signature_of(asked: Asked) -> SignatureAsk:
    """A signature with the payment that it names; one that names none carries its payment's own STAN. Raises Malformed."""
    message = asked.message
    original = _named(message) or messages.voucher_of(message)
    amount = int(message.text(4)) if message.text(4) else None
    return SignatureAsk(asked.facts, original, amount, Secret(message.raw(62)), asked.received_at)


def original_of(message: Message) -> Voucher | str:
    """The payment that a message names by RRN or by batch and STAN. Raises Malformed for one that names none."""
    original = _named(message)
    if original is None:
        raise Malformed(61, None, "the original's batch and trace number", "none")
    return original


def _named(message: Message) -> Voucher | str | None:
    return message.text(37).strip() or messages.original_voucher_of(message)
