"""What pages say of needs and of advice: the questions, the reasons for and against, why rules are refused.

What may live here: those words. What may not: judging (fleet.advice), rules.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xiaopos.fleet.advice import Ground, Line, Mobility, NeedsFault, Place, Printing, Tongue, Way
from xiaopos.fleet.advice_rules import Point
from xiaopos.fleet.catalogue import Capability
from xiaopos.kernel.money import Money
from xiaopos.usecases.adjust_advice import AdviceFault
from xiaopos.web.words import money_text

WAYS: dict[Way, Any] = {
    Way.CARDS: _("插卡（输密码）"),
    Way.CONTACTLESS: _("挥卡、手机闪付"),
    Way.STRIPE: _("刷磁条卡"),
    Way.PAYER_CODES: _("扫顾客的付款码"),
    Way.SHOP_CODES: _("顾客扫我们的码"),
}
PLACES: dict[Place, Any] = {
    Place.COUNTER: _("柜台"),
    Place.TABLES: _("餐桌边"),
    Place.STALL: _("摊位、户外"),
    Place.DOORSTEP: _("上门"),
}
MOBILITY: dict[Mobility, Any] = {
    Mobility.FIXED: _("放着不动"),
    Mobility.IN_SHOP: _("在店里拿来拿去"),
    Mobility.ON_THE_ROAD: _("带出去用"),
}
LINES: dict[Line, Any] = {
    Line.WIFI: pgettext_lazy("network", "Wi-Fi"),
    Line.ETHERNET: pgettext_lazy("network", "网线"),
    Line.MOBILE: pgettext_lazy("network", "手机信号（4G）"),
}
PRINTING: dict[Printing, Any] = {
    Printing.NEEDED: _("一定要打印"),
    Printing.WISHED: _("能打印更好"),
    Printing.NONE: _("不用打印，电子小票就行"),
}
TONGUES: dict[Tongue, Any] = {Tongue.ZH: _("机器说中文"), Tongue.EN: _("机器说英文")}
NEEDS_FAULTS: dict[NeedsFault, Any] = {
    NeedsFault.TURNOVER: _("每月大概收多少"),
    NeedsFault.WAYS: _("顾客怎么付"),
    NeedsFault.LINES: _("店里有什么网络"),
    NeedsFault.BUDGET: _("机器最多花多少"),
}
POINTS: dict[Point, tuple[Any, Any, Any]] = {
    Point.CERTIFICATE: (
        _("认证有效期"),
        _("认证还有 %(has)s 天"),
        _("认证只剩 %(has)s 天，至少要 %(asked)s 天"),
    ),
    Point.CONNECTION: (_("能上网"), _("能用您那里的网络"), _("用不了您那里的网络")),
    Point.CARDS: (_("插卡输密码"), _("能插卡、输密码"), _("不能插卡或不能输密码")),
    Point.CONTACTLESS: (_("挥卡"), _("能挥卡、手机闪付"), _("不能挥卡")),
    Point.STRIPE: (_("磁条卡"), _("能刷磁条卡"), _("不能刷磁条卡")),
    Point.PAYER_CODES: (_("扫付款码"), _("能扫顾客的付款码"), _("不能扫顾客的付款码")),
    Point.SHOP_CODES: (_("出示收款码"), _("能出示收款码给顾客扫"), _("不能出示收款码")),
    Point.MOBILE: (_("有电池"), _("有电池，不用插着电"), _("没有电池，离不开插座")),
    Point.ON_THE_ROAD: (_("自带移动网络"), _("自带移动网络，出门也能收"), _("没有移动网络，出门收不了")),
    Point.PRINTER: (_("打印小票"), _("能打印小票"), _("不能打印小票")),
    Point.LANGUAGE: (_("语言"), _("说您要的语言"), _("不说您要的语言")),
    Point.BUDGET: (_("预算"), _("%(has)s，在预算 %(asked)s 以内"), _("%(has)s，超过预算 %(asked)s")),
    Point.SECOND_LINE: (_("备用网络"), _("一条网络断了还有另一条"), _("只有一条网络能用，断了就收不了")),
    Point.OFFLINE: (_("断网脱机"), _("断网时小额卡还能收"), _("断网时一笔也收不了")),
    Point.FAST_SCAN: (_("扫码引擎"), _("有专门的扫码头，排队时快"), _("用摄像头扫，排队时慢一些")),
    Point.LARGE_SCREEN: (_("大屏"), _("屏幕大，隔着柜台也看得清"), _("屏幕小，隔着柜台看不清")),
    Point.LOUD: (_("语音播报"), _("会大声报到账"), _("不会报到账")),
    Point.CHEAP: (_("省钱"), _("比预算省 %(has)s"), _("没有比预算省")),
}
"""Of each point what it is called, and what is said when it is met and when it is not."""
_MONEY = frozenset({Point.BUDGET, Point.CHEAP})
CAPABILITIES: dict[Capability, Any] = {
    Capability.CHIP: _("插卡"),
    Capability.CONTACTLESS: _("挥卡、手机闪付"),
    Capability.STRIPE: _("刷磁条卡"),
    Capability.QR: _("扫付款码"),
    Capability.SCAN_ENGINE: _("有专门的扫码头"),
    Capability.SHOWS_CODE: _("出示收款码"),
    Capability.PRINTER: _("打印小票"),
    Capability.TOUCH: _("触摸屏"),
    Capability.KEYPAD: _("密码键盘"),
    Capability.BATTERY: _("有电池"),
    Capability.MOBILE_4G: pgettext_lazy("network", "手机信号（4G）"),
    Capability.GPRS: pgettext_lazy("network", "老移动网络（GPRS，正在停）"),
    Capability.WIFI: pgettext_lazy("network", "Wi-Fi"),
    Capability.ETHERNET: pgettext_lazy("network", "网线"),
    Capability.SPEAKER: _("语音播报"),
    Capability.OFFLINE: _("断网时小额卡还能收"),
    Capability.NATIONAL_KEYS: _("国密"),
}
ADVICE_FAULTS: dict[AdviceFault, Any] = {
    AdviceFault.NO_REASON: _("请写明原因"),
    AdviceFault.POINTS: _("每一项都要有规则"),
    AdviceFault.WEIGHT: _("分值要 0 到 100"),
    AdviceFault.NOTHING_COUNTS: _("至少要有一项有分"),
    AdviceFault.MUST: _("认证和上网必须是“不行就不推荐”；省钱不能是"),
    AdviceFault.BUSY: _("忙店从多少起要大于 0"),
    AdviceFault.CERTIFICATE_DAYS: _("认证天数要 0 到 3650"),
    AdviceFault.TOO_SOON: _("最早从明天起生效"),
    AdviceFault.DAY_TAKEN: _("这一天已有规则，或有规则在等复核"),
    AdviceFault.NOT_WAITING: _("没有等复核的规则"),
    AdviceFault.OWN_ENTRY: _("要由另一个人来做"),
    AdviceFault.OTHERWISE: _("和您看到的不一样了，请重新看"),
}


def ground_words(ground: Ground) -> str:
    """A reason for or against a device, in words."""
    has: object = ground.has
    asked: object = ground.asked
    if ground.point in _MONEY:
        has, asked = money_text(Money(ground.has, "CNY")), money_text(Money(ground.asked, "CNY"))
    return str(POINTS[ground.point][1 if ground.met else 2] % {"has": has, "asked": asked})
