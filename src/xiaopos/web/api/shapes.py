"""The JSON of the API, as structs: from them come parsing, rendering and the description.

What may live here: field names, forms and meanings (Chinese msgids, translated by the description). What may not: rules.
A payer's code never shows in a repr.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.utils.translation import gettext_noop as _
from msgspec import UNSET, Meta, Struct, UnsetType

from xiaopos.kernel.refusal import REASONS, MoneyMoved, Reason
from xiaopos.payments.payment import Kind, Method
from xiaopos.payments.payment import Payment as BookedPayment
from xiaopos.payments.states import State
from xiaopos.payments.telling import reason_now
from xiaopos.web.api.waiting import LONGEST_S
from xiaopos.web.words import reason_words

MOST_MINOR = 999_999_999_999
MOST_IN_A_PAGE = 100
CURSOR = "^000[0-9a-f]{45}$"

PaymentId = Annotated[
    str,
    Meta(
        pattern="^[0-9a-f]{32}$",
        max_length=32,
        description=_("32 位小写十六进制号，由调用方生成并在发送前存好；重发必须用同一个号"),
        examples=["0192f0c1d2e370008000000000000000"],
    ),
]
TerminalNumber = Annotated[
    str, Meta(pattern="^[0-9A-Za-z]{8}$", max_length=8, description=_("终端号，8 位"), examples=["10000001"])
]
AmountMinor = Annotated[
    int, Meta(ge=1, le=MOST_MINOR, description=_("金额，以最小货币单位计（人民币为分）"), examples=[1250])
]
PaidMinor = Annotated[int, Meta(ge=0, description=_("金额，以最小货币单位计（人民币为分）"))]
CurrencyCode = Annotated[
    str, Meta(pattern="^[A-Z]{3}$", max_length=3, description=_("货币代码，ISO 4217"), examples=["CNY"])
]
PayerCode = Annotated[
    str,
    Meta(
        pattern="^[0-9A-Za-z]{8,64}$",
        max_length=64,
        description=_("顾客手机上的付款码；只用一次，不保存"),
        examples=["990000000000000001"],
    ),
]


class NewPayerCodePayment(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="means", tag="payer_code"
):
    """A payment with the code that the customer shows."""

    payment_id: PaymentId
    terminal_id: TerminalNumber
    amount_minor: AmountMinor
    currency: CurrencyCode = "CNY"
    payer_code: PayerCode

    def __repr__(self) -> str:
        return f"NewPayerCodePayment({self.payment_id})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("payment_id", self.payment_id)]


class NewShopCodePayment(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="means", tag="shop_code"
):
    """A payment for which the shop shows a code."""

    payment_id: PaymentId
    terminal_id: TerminalNumber
    amount_minor: AmountMinor
    currency: CurrencyCode = "CNY"


NewPayment = NewPayerCodePayment | NewShopCodePayment


class NewRefund(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A refund of all or part of a payment, in its currency."""

    refund_id: PaymentId
    amount_minor: AmountMinor


class NewVoid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A void of a whole payment."""

    void_id: PaymentId


class NewCapture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A capture: what a pre-authorisation holds is taken, or part of it, in its currency."""

    capture_id: PaymentId
    amount_minor: AmountMinor


class DayQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which payments to list."""

    business_on: Annotated[date, Meta(description=_("营业日"), examples=["2026-03-14"])]
    cursor: (
        Annotated[str, Meta(pattern=CURSOR, max_length=48, description=_("上一页给出的 next_cursor"))] | UnsetType
    ) = UNSET
    limit: Annotated[int, Meta(ge=1, le=MOST_IN_A_PAGE, description=_("每页最多几笔"))] = 50


class WaitQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to wait for news of a payment."""

    wait_s: Annotated[int, Meta(ge=0, le=LONGEST_S, description=_("最多等几秒再回答；0 表示马上回答"))] = 0
    after_version: (
        Annotated[int, Meta(ge=0, le=MOST_MINOR, description=_("已知的 version：等到更新为止；不填则等到结果已知为止"))]
        | UnsetType
    ) = UNSET


class Why(Struct, frozen=True, kw_only=True):
    """Why a payment is not simply approved, in the language of whoever asks."""

    reason: Annotated[Reason, Meta(description=_("原因的固定名称，供程序判断"))]
    title: Annotated[str, Meta(description=_("发生了什么"))]
    next: Annotated[str, Meta(description=_("现在该怎么做"))]
    money_moved: Annotated[MoneyMoved, Meta(description=_("是否动钱：no 没有，yes 动了，unknown 正在确认"))]


class Payment(Struct, frozen=True, kw_only=True):
    """A payment, void or refund as the books hold it."""

    payment_id: PaymentId
    version: Annotated[int, Meta(ge=1, description=_("交易每变化一次加一"))]
    kind: Annotated[Kind, Meta(description=_("收款、撤销或退款"))]
    method: Annotated[Method, Meta(description=_("付款方式"))]
    state: Annotated[State, Meta(description=_("状态；见状态说明"))]
    amount_minor: PaidMinor
    refunded_minor: Annotated[int, Meta(ge=0, description=_("已退金额"))]
    refundable_minor: Annotated[int, Meta(ge=0, description=_("还可退的金额"))]
    currency: CurrencyCode
    terminal_id: TerminalNumber
    shop_id: Annotated[str, Meta(description=_("门店号"))]
    business_on: Annotated[date, Meta(description=_("营业日"))]
    received_at: Annotated[datetime, Meta(tz=True, description=_("收到请求的时刻（UTC）"))]
    decided_at: Annotated[Annotated[datetime, Meta(tz=True)] | None, Meta(description=_("最近一次变化的时刻（UTC）"))]
    original_id: Annotated[str | None, Meta(description=_("撤销或退款所对应的原交易号"))]
    rrn: Annotated[str, Meta(description=_("参考号，印在小票上"))]
    approval_code: Annotated[str, Meta(description=_("授权码；没有则为空"))]
    channel: Annotated[str, Meta(description=_("通道"))]
    channel_ref: Annotated[str, Meta(description=_("通道的交易号；没有则为空"))]
    shown_code: Annotated[str, Meta(description=_("店家要展示给顾客扫的码；没有则为空"))]
    why: Annotated[Why | None, Meta(description=_("没有成功的原因；成功则为 null"))]


class PaymentPage(Struct, frozen=True, kw_only=True):
    """One page of a business day, newest first."""

    payments: Annotated[list[Payment], Meta(description=_("本页的交易，新的在前"))]
    next_cursor: Annotated[str | None, Meta(description=_("取下一页用；最后一页为 null"))]


class FieldProblem(Struct, frozen=True, kw_only=True):
    """What is wrong with one field of a request."""

    field: Annotated[str, Meta(description=_("字段名；空表示整个请求"))]
    problem: Annotated[str, Meta(description=_("应当是什么（英文，供开发者看）"))]


class Problem(Struct, frozen=True, kw_only=True):
    """Why a request was not done (RFC 9457), in the language of whoever asks."""

    type: Annotated[str, Meta(description=_("此原因的说明页"))]
    status: Annotated[int, Meta(description=_("HTTP 状态码"))]
    reason: Annotated[Reason, Meta(description=_("原因的固定名称，供程序判断"))]
    title: Annotated[str, Meta(description=_("发生了什么"))]
    next: Annotated[str, Meta(description=_("现在该怎么做"))]
    money_moved: Annotated[MoneyMoved, Meta(description=_("是否动钱：no 没有，yes 动了，unknown 正在确认"))]
    detail: Annotated[str, Meta(description=_("给开发者的细节（英文）；可能为空"))]
    fields: Annotated[list[FieldProblem], Meta(description=_("有误的字段"))]


def why(reason: Reason) -> Why:
    """A reason with its words in the current language."""
    words = reason_words(reason)
    return Why(reason=reason, title=words.title, next=words.next, money_moved=REASONS[reason].money_moved)


def payment_shape(payment: BookedPayment) -> Payment:
    """A payment as the API shows it. The customer's card, even masked, and name stay in the house."""
    reason = reason_now(payment)
    return Payment(
        payment_id=payment.payment_id,
        version=payment.version,
        kind=payment.kind,
        method=payment.method,
        state=payment.state,
        amount_minor=payment.amount.minor,
        refunded_minor=payment.refunded.minor,
        refundable_minor=payment.refundable.minor,
        currency=payment.amount.currency,
        terminal_id=payment.terminal_id,
        shop_id=payment.shop_id,
        business_on=payment.business_on,
        received_at=payment.received_at,
        decided_at=payment.decided_at,
        original_id=payment.original_id,
        rrn=payment.rrn,
        approval_code=payment.approval_code,
        channel=payment.channel,
        channel_ref=payment.channel_ref,
        shown_code=payment.shown_code,
        why=None if reason is None else why(reason),
    )
