"""What webhooks are called, what came of an attempt and how to mend it, in words for a shop's owner.

What may live here: words. What may not: rules (merchants, usecases).
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaopos.merchants.webhooks import DeliveryState, EndpointState, EventType, Outcome
from xiaopos.usecases.keep_webhooks import WebhookFault

_E, _O, _F = EventType, Outcome, WebhookFault

EVENT_WORDS: dict[EventType, Any] = {
    _E.PAYMENT_CONFIRMING: _("顾客正在手机上确认"),
    _E.PAYMENT_APPROVED: _("收款成功"),
    _E.PAYMENT_DECLINED: _("收款被拒绝"),
    _E.PAYMENT_UNKNOWN: _("收款结果正在确认"),
    _E.PAYMENT_REVERSED: _("收款已自动冲正，没有收钱"),
    _E.PAYMENT_UNRESOLVED: _("收款冲正未成，人工处理中"),
    _E.PAYMENT_VOIDED: _("收款已撤销"),
    _E.PAYMENT_COMPLETED: _("预授权已完成"),
    _E.PAYMENT_REFUNDED: _("收款已退款（全部或部分）"),
    _E.PAYMENT_RESTORED: _("撤销或退款被取消，收款恢复"),
    _E.REFUND_APPROVED: _("退款成功"),
    _E.REFUND_DECLINED: _("退款被拒绝"),
    _E.REFUND_UNKNOWN: _("退款结果正在确认"),
    _E.REFUND_REVERSED: _("退款已自动冲正"),
    _E.REFUND_UNRESOLVED: _("退款冲正未成，人工处理中"),
    _E.VOID_APPROVED: _("撤销成功"),
    _E.VOID_DECLINED: _("撤销被拒绝"),
    _E.VOID_UNKNOWN: _("撤销结果正在确认"),
    _E.VOID_REVERSED: _("撤销已自动冲正"),
    _E.VOID_UNRESOLVED: _("撤销冲正未成，人工处理中"),
    _E.BATCH_CLOSED: _("终端批结算"),
    _E.TEST: _("测试通知"),
}

STATE_WORDS: dict[EndpointState, tuple[str, Any]] = {
    EndpointState.ACTIVE: ("good", _("正在通知")),
    EndpointState.PAUSED: ("calm", _("已暂停")),
    EndpointState.DISABLED: ("bad", _("已被系统停用")),
    EndpointState.REMOVED: ("calm", _("已删除")),
}

DELIVERY_WORDS: dict[DeliveryState, tuple[str, Any]] = {
    DeliveryState.WAITING: ("wait", _("等待送达")),
    DeliveryState.DELIVERED: ("good", _("已送达")),
    DeliveryState.GIVEN_UP: ("bad", _("没有送达")),
}

OUTCOME_WORDS: dict[Outcome, Any] = {
    _O.DELIVERED: _("对方收下了"),
    _O.REFUSED: _("对方没有收下：要回 2xx 状态码才算收下"),
    _O.REDIRECTED: _("对方要求转到别的地址：系统不跟随，请直接填最终地址"),
    _O.GONE: _("对方回答 410，表示不再接收"),
    _O.TOO_SLOW: _("对方 10 秒内没有答完：先回 2xx，再慢慢处理"),
    _O.NOT_CONNECTED: _("连不上对方：请看服务器是否在运行、端口是否开放"),
    _O.NOT_TRUSTED: _("对方的 HTTPS 证书不可信：请换有效的证书，并带上中间证书"),
    _O.NAME_UNKNOWN: _("域名查不到地址：请看域名解析"),
    _O.ADDRESS_FORBIDDEN: _("地址指向内部网络，系统不连接"),
    _O.BROKEN_OFF: _("连接中断，或者对方回的不是 HTTP"),
}

FAULT_WORDS: dict[WebhookFault, Any] = {
    _F.NO_URL: _("请填完整的网址，例如 https://shop.example.com/xiaopos；不能带用户名、# 和空格"),
    _F.NOT_HTTPS: _("网址要以 https:// 开头"),
    _F.INSIDE: _("网址指向内部网络；请填公网能访问的域名"),
    _F.NO_EVENTS: _("请至少选一种通知"),
    _F.SHOP_UNKNOWN: _("没有这个门店"),
    _F.TOO_MANY: _("最多 10 个接收地址"),
    _F.ENDPOINT_UNKNOWN: _("没有这个接收地址"),
    _F.DELIVERY_UNKNOWN: _("没有这条通知"),
    _F.NOT_NOW: _("现在的状态不能这样做，请刷新页面再看"),
}

DISABLED_WORDS: dict[str, Any] = {
    "failing": _("连续三天都没有送达，系统已停止通知这个地址；修好后请点“恢复通知”"),
    "gone": _("对方回答 410，表示不再接收，系统已停止通知这个地址；需要时请点“恢复通知”"),
}
