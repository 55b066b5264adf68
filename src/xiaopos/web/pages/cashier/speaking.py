"""What the counter says aloud of a result: amounts as people read them out (中文金额读法).

What may live here: outcomes as speech, and which tone goes before them. What may not: when something is said (the script).
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from xiaopos.kernel.money import Money
from xiaopos.payments.payment import Kind
from xiaopos.payments.spoken import yuan_in_chinese, yuan_in_english
from xiaopos.web.words import in_english, money_text

_GIVES_BACK = (Kind.VOID, Kind.REFUND)


def spoken_result(outcome: str, amount: Money, kind: Kind = Kind.SALE, *, late: bool = False) -> str:
    """The sentence for a result that is final, or nothing: what is not known yet is never said aloud.

    `late` marks what comes when the customer may already have gone.

    >>> spoken_result("unknown", Money(1250))
    ''
    """
    sentence = _sentence(outcome, kind)
    if not sentence:
        return ""
    said = sentence % {"amount": spoken_amount(amount)}
    return _("刚才那笔：%(said)s") % {"said": said} if late else said


def tone_of(outcome: str, kind: Kind) -> str:
    """The tone before the sentence: received, given_back, or failed; nothing for what is not said."""
    if not _sentence(outcome, kind):
        return ""
    if outcome != "approved":
        return "failed"
    return "given_back" if kind in _GIVES_BACK else "received"


def _sentence(outcome: str, kind: Kind) -> str:
    good, bad = {
        Kind.SALE: (_("收款成功，%(amount)s"), _("收款没有成功，%(amount)s")),
        Kind.REFUND: (_("已退款给顾客，%(amount)s"), _("退款没有成功，%(amount)s")),
        Kind.VOID: (_("已撤销并退还顾客，%(amount)s"), _("撤销没有成功，%(amount)s")),
    }.get(kind, ("", ""))
    return {"approved": good, "declined": bad, "reversed": bad}.get(outcome, "")


def spoken_amount(amount: Money) -> str:
    """An amount of at least zero as it is read out: yuan, jiao and fen; another currency than the yuan as it is written.

    >>> spoken_amount(Money(1250))
    '十二元五角'
    """
    if amount.currency != "CNY":
        return money_text(amount)
    return yuan_in_english(amount.minor) if in_english() else yuan_in_chinese(amount.minor)
