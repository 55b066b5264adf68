"""What a receipt says (签购单): its elements in order, in Chinese and English, from a payment.

What may live here: which elements a receipt has and how their values are written. What may not: paper widths, fonts,
pages (web), printing (terminals). A card number comes here masked and leaves masked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from enum import Enum

from xiaopos.kernel.money import Money
from xiaopos.payments.payment import CardFacts, Kind, Method, Payment
from xiaopos.payments.states import State


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Line:
    """One element: what it is called in both languages, and its value as it is printed."""

    zh: str
    en: str
    value: str


class Signing(Enum):
    """What stands where a customer would sign."""

    LINE = "line"
    NOT_NEEDED = "not_needed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What a receipt says that is not in the payment: who the merchant and the acquirer are, and the shop's zone.

    `channel` is what the channel is called to people, in both languages.
    """

    merchant_name: str
    acquirer: str
    channel: Words
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt. `marks` stand above everything else (重打印, 已撤销, the simulator's watermark).

    `chip` is what is printed of a chip transaction; `signing` says what stands in the place of a signature.
    """

    title: Words
    marks: tuple[Words, ...]
    watermark: Words | None
    lines: tuple[Line, ...]
    remarks: tuple[Line, ...]
    chip: tuple[Line, ...]
    signing: Signing
    copies: tuple[Words, ...]


TITLE = Words("签购单", "SALES SLIP")
REPRINTED = Words("****重打印****", "**** REPRINT ****")
VOIDED = Words("已撤销", "VOIDED")
WATERMARK = Words("模拟交易,凭证无效", "SIMULATED, NOT VALID AS A RECEIPT")
STATEMENT = Words(
    "本人确认以上交易,同意将其计入本卡账户", "I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES"
)
REMARKS = Words("备注", "REFERENCE")
SIGNATURE = Words("持卡人签名", "CARDHOLDER SIGNATURE")
NO_SIGNATURE = Words("免密免签,无需输入密码和签名", "NO PIN AND NO SIGNATURE REQUIRED")
MERCHANT_COPY = Words("商户存根", "MERCHANT COPY")
CARDHOLDER_COPY = Words("持卡人存根", "CARDHOLDER COPY")
CUSTOMER_COPY = Words("顾客存根", "CUSTOMER COPY")

_TYPES = {
    (True, Kind.SALE): "消费 SALE",
    (True, Kind.VOID): "消费撤销 VOID",
    (True, Kind.REFUND): "退货 REFUND",
    (True, Kind.PREAUTH): "预授权 PRE-AUTHORISATION",
    (True, Kind.COMPLETION): "预授权完成 COMPLETION",
    (True, Kind.TIP): "小费 TIP",
    (False, Kind.SALE): "扫码消费 QR SALE",
    (False, Kind.VOID): "扫码撤销 QR VOID",
    (False, Kind.REFUND): "扫码退款 QR REFUND",
}
_WAYS = {Method.PAYER_CODE: "付款码 payment code", Method.SHOP_CODE: "收款码 shop's code"}
_ENTRIES = {
    "01": "手工 M",
    "02": "刷卡 S",
    "05": "插卡 I",
    "07": "挥卡 C",
    "90": "刷卡 S",
    "91": "挥卡 C",
    "98": "挥卡 C",
}
_CONTACTLESS = ("07", "91", "98")
_CHIP = (
    (("9F26",), "应用密文", "ARQC/TC"),
    (("95",), "终端验证结果", "TVR"),
    (("84", "4F"), "应用标识", "AID"),
    (("9B",), "交易状态信息", "TSI"),
    (("9F36",), "交易计数器", "ATC"),
    (("50", "9F12"), "应用标签", "APP LABEL"),
)
_HAS_RECEIPT = frozenset({State.APPROVED, State.VOIDING, State.VOIDED})


def has_receipt(payment: Payment) -> bool:
    """Whether there is a receipt of the payment: only when money moved for certain."""
    return payment.state in _HAS_RECEIPT


def receipt_of(
    payment: Payment,
    facts: ReceiptFacts,
    original: Payment | None = None,
    *,
    reprint: bool = False,
    simulated: bool = True,
) -> Receipt:
    """The receipt of an approved payment; a void or refund names its `original` in the remarks.

    `simulated` puts the watermark on it: nothing that a simulator approved may pass for a valid receipt.
    """
    assert has_receipt(payment), "a receipt is given only for a payment that stands or stood"
    marks = ((REPRINTED,) if reprint else ()) + ((VOIDED,) if payment.state is State.VOIDED else ())
    card = payment.card or (original.card if original else None)
    is_card = payment.method is Method.CARD
    middle = _card_lines(payment, card, facts) if is_card else _code_lines(payment, facts)
    return Receipt(
        title=TITLE,
        marks=marks,
        watermark=WATERMARK if simulated else None,
        lines=(*_acceptor_lines(payment, facts), *middle, *_number_lines(payment, facts), _amount_line(payment)),
        remarks=tuple(_remarks(original, facts)) if original else (),
        chip=tuple(_chip_lines(card)) if is_card and card else (),
        signing=_signing(card) if is_card else Signing.NONE,
        copies=(MERCHANT_COPY, CARDHOLDER_COPY if is_card else CUSTOMER_COPY),
    )


def _acceptor_lines(payment: Payment, facts: ReceiptFacts) -> Iterator[Line]:
    yield Line("商户名称", "MERCHANT NAME", facts.merchant_name)
    yield Line("商户编号", "MERCHANT NO.", payment.merchant_id)
    yield Line("终端编号", "TERMINAL NO.", payment.terminal_id)
    yield Line("操作员号", "OPERATOR NO.", payment.cashier or "-")


def _card_lines(payment: Payment, card: CardFacts | None, facts: ReceiptFacts) -> Iterator[Line]:
    yield Line("发卡行", "ISSUER", payment.issuer or "-")
    yield Line("收单行", "ACQUIRER", facts.acquirer)
    if card:
        entry = _ENTRIES.get(card.entry_mode[:2], "")
        yield Line("卡号", "CARD NO.", f"{card.masked} {entry}".rstrip())
    yield Line("交易类型", "TRANS TYPE", _TYPES[True, payment.kind])


def _code_lines(payment: Payment, facts: ReceiptFacts) -> Iterator[Line]:
    yield Line("收单行", "ACQUIRER", facts.acquirer)
    yield Line("交易类型", "TRANS TYPE", _TYPES[False, payment.kind])
    yield Line("付款方式", "PAID WITH", f"{facts.channel.zh} {facts.channel.en}, {_WAYS[payment.method]}")
    if payment.payer:
        yield Line("付款方", "PAYER", payment.payer)
    yield Line("商户订单号", "ORDER NO.", payment.payment_id)
    if payment.channel_ref:
        yield Line("渠道流水号", "CHANNEL NO.", payment.channel_ref)


def _number_lines(payment: Payment, facts: ReceiptFacts) -> Iterator[Line]:
    yield Line("批次号", "BATCH NO.", f"{payment.batch_number:06d}")
    if payment.stan is not None:
        yield Line("凭证号", "VOUCHER NO.", f"{payment.stan:06d}")
    if payment.approval_code:
        yield Line("授权码", "AUTH CODE", payment.approval_code)
    yield Line("参考号", "REFER NO.", payment.rrn)
    yield Line("日期时间", "DATE/TIME", f"{payment.received_at.astimezone(facts.zone):%Y/%m/%d %H:%M:%S}")


def _amount_line(payment: Payment) -> Line:
    return Line("金额", "AMOUNT", money_words(payment.amount))


def money_words(amount: Money) -> str:
    """An amount as receipts write it.

    >>> money_words(Money(2500)), money_words(Money(100, "HKD"))
    ('RMB 25.00', 'HKD 1.00')
    """
    return f"{'RMB' if amount.currency == 'CNY' else amount.currency} {amount.decimal()}"


def _remarks(original: Payment, facts: ReceiptFacts) -> Iterator[Line]:
    if original.stan is not None:
        yield Line("原批次号", "ORIG. BATCH NO.", f"{original.batch_number:06d}")
        yield Line("原凭证号", "ORIG. VOUCHER NO.", f"{original.stan:06d}")
    yield Line("原参考号", "ORIG. REFER NO.", original.rrn)
    if original.approval_code:
        yield Line("原授权码", "ORIG. AUTH CODE", original.approval_code)
    if original.method is not Method.CARD:
        yield Line("原商户订单号", "ORIG. ORDER NO.", original.payment_id)
    yield Line("原交易日期", "ORIG. DATE", f"{original.received_at.astimezone(facts.zone):%Y/%m/%d}")
    yield Line("原金额", "ORIG. AMOUNT", money_words(original.amount))


def _chip_lines(card: CardFacts) -> Iterator[Line]:
    values = dict(card.chip)
    for tags, zh, en in _CHIP:
        value = next((values[tag] for tag in tags if tag in values), "")
        if value:
            yield Line(zh, en, value)
    sequence = card.sequence or values.get("5F34", "")
    if values and sequence:
        yield Line("卡序列号", "PAN SN", sequence)


def _signing(card: CardFacts | None) -> Signing:
    """Contactless without a PIN needs no signature (免密免签); any other card is signed for.

    The third digit of the entry mode (ISO 8583 field 22) says whether a PIN can be and was taken: 1 is yes.
    """
    if card is not None and card.entry_mode[:2] in _CONTACTLESS and card.entry_mode[2:] != "1":
        return Signing.NOT_NEEDED
    return Signing.LINE
