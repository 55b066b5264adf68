"""What happened to a payment, told line by line in the language of whoever reads.

What may live here: the words of moves, jobs, discrepancies, entries. What may not: words of states and reasons
(web.words), markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from xiaopos.payments.payment import Kind, Payment
from xiaopos.payments.states import State
from xiaopos.store.payments.portal_queries import MoveLine
from xiaopos.web.words import channel_words, reason_words, state_tone


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a time line."""

    at: datetime
    title: str
    detail: str
    tone: str


_BECAME = {
    State.SENT: gettext_lazy("收到请求，记下后发往渠道"),
    State.PAYING: gettext_lazy("渠道在等顾客确认"),
    State.APPROVED: gettext_lazy("渠道批准"),
    State.DECLINED: gettext_lazy("渠道拒绝，没有动钱"),
    State.UNKNOWN: gettext_lazy("没有等到答复，结果未知"),
    State.REVERSING: gettext_lazy("开始冲正，请渠道撤回"),
    State.REVERSED: gettext_lazy("冲正完成，钱不会动"),
    State.UNRESOLVED: gettext_lazy("多次冲正没有答复，请人查看；机器会继续重试"),
    State.VOIDING: gettext_lazy("开始撤销"),
    State.VOIDED: gettext_lazy("已撤销，全额退回"),
    State.COMPLETING: gettext_lazy("开始完成，请渠道扣款"),
    State.COMPLETED: gettext_lazy("已完成，冻结的钱已收取"),
}

_BECAME_FROM = {
    (State.APPROVED, State.APPROVED): gettext_lazy("登记退款金额"),
    (State.VOIDING, State.APPROVED): gettext_lazy("撤销没有成功，交易仍然有效"),
    (State.VOIDED, State.APPROVED): gettext_lazy("撤销被冲正，交易恢复有效"),
    (State.COMPLETING, State.APPROVED): gettext_lazy("完成没有成功，仍然冻结"),
    (State.COMPLETED, State.APPROVED): gettext_lazy("完成被撤回，重新冻结"),
    (State.UNKNOWN, State.APPROVED): gettext_lazy("查到结果：渠道已批准"),
    (State.UNKNOWN, State.DECLINED): gettext_lazy("查到结果：渠道没有收款"),
    (State.UNRESOLVED, State.REVERSING): gettext_lazy("再次冲正"),
}

_ON_A_CHANNEL = frozenset({State.SENT, State.APPROVED, State.DECLINED, State.UNKNOWN, State.REVERSING, State.REVERSED})
"""Moves that are told with the channel they happened on."""

_BY = {"web": gettext_lazy("收银页面"), "card-host": gettext_lazy("终端接入"), "worker": gettext_lazy("后台任务")}

JOB_WORDS = {"reverse_payment": gettext_lazy("冲正"), "enquire_payment": gettext_lazy("查询结果")}
ENTRY_WORDS = {
    "sale": gettext_lazy("消费"),
    "void": gettext_lazy("撤销"),
    "refund": gettext_lazy("退款"),
    "reversal": gettext_lazy("冲正"),
    "adjustment": gettext_lazy("调整"),
}
ACCOUNT_WORDS = {
    "payable": gettext_lazy("应付商户"),
    "receivable": gettext_lazy("应收渠道"),
    "income": gettext_lazy("手续费收入"),
}
ACCOUNT_KIND_WORDS = {
    "asset": gettext_lazy("资产"),
    "liability": gettext_lazy("负债"),
    "equity": gettext_lazy("权益"),
    "income": gettext_lazy("收入"),
    "expense": gettext_lazy("费用"),
}
CAPABILITY_WORDS = {
    "chip": gettext_lazy("芯片卡"),
    "contactless": gettext_lazy("非接触"),
    "stripe": gettext_lazy("磁条卡"),
    "qr": gettext_lazy("二维码"),
    "printer": gettext_lazy("打印机"),
    "touch": gettext_lazy("触摸屏"),
    "keypad": gettext_lazy("按键"),
    "speaker": gettext_lazy("语音播报"),
    "4g": "4G",
    "gprs": "GPRS",
    "wifi": "Wi-Fi",
}
DISCREPANCY_WORDS = {
    "late_approval": gettext_lazy("冲正之后又收到批准"),
    "batch_totals": gettext_lazy("终端批结算金额与账上不符"),
    "batch_item_unknown": gettext_lazy("终端上送了账上没有的交易"),
    "batch_item_stands": gettext_lazy("终端认为成功，账上不是"),
    "batch_item_amount": gettext_lazy("终端上送的金额与账上不同"),
    "batch_item_missing": gettext_lazy("账上有，终端没有上送"),
    "batch_upload_short": gettext_lazy("终端批上送笔数不全"),
    "preauth_used_twice": gettext_lazy("预授权被用了两次，请核对"),
    "paid_twice": gettext_lazy("同一订单付了两次，第二次没能自动退回"),
}


def job_words(kind: str) -> str:
    """What a job does. Here and below: a name that we have no word for stays as it is."""
    return str(JOB_WORDS.get(kind, kind))


def entry_words(kind: str) -> str:
    """Why an entry was posted."""
    return str(ENTRY_WORDS.get(kind, kind))


def account_words(code: str) -> str:
    """What an account is: the word of its first part, and the rest of its code."""
    first, _colon, rest = code.partition(":")
    word = ACCOUNT_WORDS.get(first)
    if word is None:
        return code
    return str(word) if first == "income" else f"{word} {channel_words(rest)}"


def account_kind_words(kind: str) -> str:
    """The kind of an account."""
    return str(ACCOUNT_KIND_WORDS.get(kind, kind))


def capability_words(name: str) -> str:
    """What a terminal can do."""
    return str(CAPABILITY_WORDS.get(name, name))


def discrepancy_words(kind: str) -> str:
    """What a discrepancy is."""
    return str(DISCREPANCY_WORDS.get(kind, kind))


def time_line(payment: Payment, moves: Iterable[MoveLine]) -> list[Step]:
    """The payment's moves in words, the first with who asked for it."""
    steps, told_before = [], ""
    for move in moves:
        steps.append(_step(payment, move, told_before))
        told_before = move.reason
    return steps


def _step(payment: Payment, move: MoveLine, told_before: str) -> Step:
    title: object = _BECAME_FROM.get((move.before, move.state)) if move.before else None
    parts = []
    if move.before is State.SENT is move.state and move.channel != move.channel_before:
        title = gettext("没能发往%(from)s，改发%(to)s") % {
            "from": channel_words(move.channel_before),
            "to": channel_words(move.channel),
        }
    elif move.channel and move.state in _ON_A_CHANNEL and move.state is not move.before:
        parts.append(channel_words(move.channel))
    if move.before is None:
        if payment.cashier:
            parts.append(gettext("收银员 %(who)s") % {"who": payment.cashier})
        if payment.terminal_id:
            parts.append(gettext("终端 %(number)s") % {"number": payment.terminal_id})
    if move.reason and move.reason != told_before:
        parts.append(reason_words(move.reason).title)
    if move.response_code and move.state is not move.before:
        parts.append(gettext("应答码 %(code)s") % {"code": move.response_code})
    if move.by:
        parts.append(str(_BY.get(move.by.partition("@")[0], move.by)))
    return Step(move.at, str(title or _became(payment, move.state)), " · ".join(parts), state_tone(move.state))


def _became(payment: Payment, state: State) -> object:
    if state is State.REVERSED and payment.kind is Kind.VOID:
        return gettext("冲正完成，这次撤销不算数")
    return _BECAME[state]
