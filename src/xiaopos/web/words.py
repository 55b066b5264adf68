"""What pages say in the language of whoever reads: reasons, states, methods, channels, amounts.

What may live here: looking words up and writing an amount. What may not: the words of reasons (kernel's table), markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from xiaopos.kernel.money import Money
from xiaopos.kernel.refusal import REASONS, MoneyMoved, Reason
from xiaopos.merchants.roles import Role
from xiaopos.merchants.wallet_contracts import TRIAL_MARK
from xiaopos.payments.payment import CardKind, Kind, Method
from xiaopos.payments.states import State


@dataclass(frozen=True, slots=True)
class Words:
    """What a person reads of a reason: what happened, what to do now, whether money moved.

    `article` names the page of the help centre that says more, `name` is the reason's stable name.
    """

    title: str
    next: str
    money: str
    article: str
    name: str


MONEY_WORDS = {
    MoneyMoved.NO: _("没有动钱"),
    MoneyMoved.YES: _("钱已经动了"),
    MoneyMoved.UNKNOWN: _("是否扣款正在确认"),
}

STATE_WORDS = {
    State.SENT: _("正在联系"),
    State.PAYING: _("等待顾客付款"),
    State.APPROVED: _("已收款"),
    State.DECLINED: _("未成功"),
    State.UNKNOWN: _("结果未知"),
    State.REVERSING: _("冲正中"),
    State.REVERSED: _("已冲正"),
    State.UNRESOLVED: _("待人工核实"),
    State.VOIDING: _("撤销中"),
    State.VOIDED: _("已撤销"),
    State.COMPLETING: _("完成中"),
    State.COMPLETED: _("已完成"),
}

STATE_TONES = {
    State.SENT: "wait",
    State.PAYING: "wait",
    State.APPROVED: "good",
    State.DECLINED: "bad",
    State.UNKNOWN: "warn",
    State.REVERSING: "warn",
    State.REVERSED: "calm",
    State.UNRESOLVED: "bad",
    State.VOIDING: "warn",
    State.VOIDED: "calm",
    State.COMPLETING: "warn",
    State.COMPLETED: "calm",
}
"""How a state looks: good, wait, warn, bad or calm. Never told by colour alone: the chip also says the word."""

KIND_WORDS = {
    Kind.SALE: _("消费"),
    Kind.VOID: _("撤销"),
    Kind.REFUND: _("退款"),
    Kind.PREAUTH: _("预授权"),
    Kind.COMPLETION: _("预授权完成"),
    Kind.TIP: _("小费"),
}

_UNDO_STATE_WORDS = {
    (Kind.VOID, State.APPROVED): _("撤销成功"),
    (Kind.REFUND, State.APPROVED): _("已退款"),
    (Kind.PREAUTH, State.APPROVED): _("已冻结"),
}

METHOD_WORDS = {
    Method.CARD: _("银行卡"),
    Method.PAYER_CODE: _("付款码"),
    Method.SHOP_CODE: _("收款码"),
}

CARD_KIND_WORDS = {
    CardKind.DEBIT: _("借记卡"),
    CardKind.CREDIT: _("信用卡"),
    CardKind.WALLET: _("钱包"),
    CardKind.UNKNOWN: _("未知卡种"),
}

CHANNEL_WORDS = {"unionpay": _("银联"), "sandbox": _("沙盒钱包"), "alipay": _("支付宝"), "wechat": _("微信支付")}

ROLE_WORDS = {
    Role.CASHIER: _("收银员"),
    Role.MANAGER: _("店长"),
    Role.OWNER: _("店主"),
    Role.SUPPORT: _("客服"),
    Role.RISK: _("风控"),
    Role.FINANCE: _("财务"),
    Role.ADMINISTRATOR: _("管理员"),
    Role.AGENT: _("代理商"),
    Role.PROMOTER: _("推广员"),
}

_SIGNS = {"CNY": "¥", "HKD": "HK$", "MOP": "MOP$", "USD": "US$", "EUR": "€", "JPY": "JP¥"}


def in_english() -> bool:
    """Whether whoever reads has chosen English."""
    return (get_language() or "").startswith("en")


def reason_words(reason: Reason | str) -> Words:
    """The words of a reason in the current language. A text is a reason's stable name. Raises ValueError for another."""
    known = Reason(reason)
    row = REASONS[known]
    title, then = (row.title_en, row.next_en) if in_english() else (row.title_zh, row.next_zh)
    return Words(title, then, str(MONEY_WORDS[row.money_moved]), row.article, known.value)


def state_words(state: State | str, kind: Kind | str = Kind.SALE) -> str:
    """What a state is called; an approved void or refund is called what it did."""
    known = State(state)
    return str(_UNDO_STATE_WORDS.get((Kind(kind), known), STATE_WORDS[known]))


def state_tone(state: State | str) -> str:
    """How a state looks."""
    return STATE_TONES[State(state)]


def kind_words(kind: Kind | str) -> str:
    """What a payment does."""
    return str(KIND_WORDS[Kind(kind)])


def method_words(method: Method | str) -> str:
    """How the customer pays."""
    return str(METHOD_WORDS[Method(method)])


def card_kind_words(kind: CardKind | str) -> str:
    """What the card is."""
    return str(CARD_KIND_WORDS[CardKind(kind)])


def channel_words(channel: str) -> str:
    """What a channel is called, also that of test payments; one that we have no word for keeps its own name."""
    name = channel.removesuffix(TRIAL_MARK)
    words = str(CHANNEL_WORDS.get(name, name))
    return words if name == channel else str(_("%(wallet)s（测试）") % {"wallet": words})


def role_words(role: Role | str) -> str:
    """What a role is called."""
    return str(ROLE_WORDS[Role(role)])


def name_words(named: Any) -> str:
    """The name of a person (`name_zh`, `name_en`) or of a merchant or shop (`name`, `name_en`)."""
    own = getattr(named, "name_zh", "") or getattr(named, "name", "")
    return str((getattr(named, "name_en", "") if in_english() else "") or own)


def money_text(amount: Money) -> str:
    """An amount as people read it, grouped by thousands.

    >>> money_text(Money(1250)), money_text(Money(-123456789)), money_text(Money(7, "JPY"))
    ('¥12.50', '-¥1,234,567.89', 'JP¥7')
    """
    whole, point, rest = amount.decimal().lstrip("-").partition(".")
    return f"{'-' if amount.minor < 0 else ''}{_SIGNS[amount.currency]}{int(whole):,}{point}{rest}"
