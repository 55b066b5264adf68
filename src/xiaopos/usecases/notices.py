"""What terminals tell the house that moves no money, as the books keep it: their status, a script's result, a signature;
and that the card network was told of a script.

What may live here: those values. What may not: taking them (take_status, note_script_result, keep_signature), storage.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId


class TerminalStatus(Struct, frozen=True, gc=False):
    """What a terminal told of itself (状态上送): `header` is the 12 digits of its frames, `content` the rest as text or hex."""

    terminal_id: TerminalId
    told_at: datetime
    header: str
    content: str


class ScriptNotice(Struct, frozen=True, gc=False):
    """What came of an issuer's script on a card (脚本处理结果通知), tied to the payment whose answer brought it.

    `result` is tag DF31 in hex, `chip` what else the chip said, tag -> hex. Batch and STAN are the notice's own.
    """

    merchant_id: MerchantId
    payment_id: PaymentId
    terminal_id: TerminalId
    batch_number: int
    stan: int
    told_at: datetime
    result: str
    chip: tuple[tuple[str, str], ...] = ()


class ScriptPassedOn(Struct, frozen=True, gc=False):
    """That the card network has a script's result, by the notice's numbers: since when, and what it answered (F39)."""

    merchant_id: MerchantId
    payment_id: PaymentId
    batch_number: int
    stan: int
    passed_on_at: datetime
    response_code: str


class KeptSignature(Struct, frozen=True, gc=False):
    """A customer's signature (电子签名) as it is kept: `sealed` under the house's key, bound to its payment, in base64."""

    merchant_id: MerchantId
    payment_id: PaymentId
    terminal_id: TerminalId
    told_at: datetime
    sealed: str


Notice = TerminalStatus | ScriptNotice | ScriptPassedOn | KeptSignature
