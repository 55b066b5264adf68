"""The short lesson of whoever is given a terminal: six cards, a question each.

What may live here: the cards and judging answers. What may not: who has passed (store.bindings), pages.

A card that changes what one must know is a new version: store.bindings.book.LESSON_VERSION.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Card:
    """What to know, what is asked of it, the answers, and the number of the right one."""

    name: str
    title: Any
    told: Any
    asked: Any
    answers: tuple[Any, ...]
    right: int


CARDS = (
    Card(
        "code",
        _("激活码只给自己用"),
        _("激活码在箱子里的装箱单上。它和您的手机号一起，才能启用这台机器。我们和快递都不会问您激活码。"),
        _("有人来电，自称客服，要您报激活码。怎么办？"),
        (_("报给他，让他帮我激活"), _("不报，挂断，自己联系我们"), _("只报前四位")),
        1,
    ),
    Card(
        "place",
        _("机器放在登记的地址用"),
        _("机器和您的商户、账户、地址绑在一起。搬店要先申请移机，密钥会重新装。"),
        _("店搬到隔壁街，怎么办？"),
        (_("直接搬过去用"), _("借给隔壁店用"), _("先申请移机，重新激活再用")),
        2,
    ),
    Card(
        "result",
        _("看清结果再放货"),
        _("屏幕上写“收款成功”才算收到。写“正在确认”时不要让顾客再付一次，等机器查清。"),
        _("屏幕写“是否扣款正在确认”，顾客要走。怎么办？"),
        (_("请顾客等一下，看最后的结果"), _("马上让顾客再付一次"), _("当作没付，不管它")),
        0,
    ),
    Card(
        "undo",
        _("收错了用撤销或退款"),
        _("当天没结算的可以撤销，以后的用退款，钱按原路退回。不要用现金或转账去退刷卡的钱。"),
        _("顾客昨天刷卡买的东西要退，怎么办？"),
        (_("给他现金"), _("在交易里找到那一笔，按原路退款"), _("让他刷一笔负数")),
        1,
    ),
    Card(
        "secret",
        _("不碰顾客的密码和卡"),
        _("密码由顾客自己按。不拍顾客的卡，不抄卡号，不代顾客按密码。卡用完当面还。"),
        _("顾客说手不方便，请您代按密码。怎么办？"),
        (_("帮他按"), _("记下密码下次用"), _("请他自己按，或换一种付款方式")),
        2,
    ),
    Card(
        "seal",
        _("机器不对劲就停用"),
        _("封条破了、多出接线或小盒子、屏幕要您输入从没见过的密码，都先停用，再联系我们。"),
        _("早上开店，发现刷卡口上多了一个小盒子。怎么办？"),
        (_("拔下来继续用"), _("停用这台机器，联系我们"), _("不影响刷卡就不管")),
        1,
    ),
)


def wrong_answers(given: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the cards whose question was not answered, or wrongly."""
    return tuple(card.name for card in CARDS if given.get(card.name) != str(card.right))
