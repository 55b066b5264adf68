"""What a page says of badges: verdicts, deeds, what nobody may ever do, suspicions, reports, faults.

What may live here: words. What may not: rules (merchants.badges).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xiaopos.merchants.badges.challenges import ChallengeFault
from xiaopos.merchants.badges.credential import Deed, Never, Unreadable
from xiaopos.merchants.badges.sightings import Suspicion
from xiaopos.merchants.badges.states import BadgeEvent, BadgeState
from xiaopos.merchants.badges.verdicts import Verdict
from xiaopos.usecases.keep_badges import BadgeFault
from xiaopos.usecases.report_badge import ReportFault, ReportKind, ReportState


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict as a page shows it: how it looks, what it says, what to do now."""

    tone: str
    title: Any
    next: Any


_STOP = _("不要签字，不要付钱，不要交出身份证和银行卡；请举报")

VERDICTS: dict[Verdict | Unreadable, Told] = {
    Verdict.AUTHORISED: Told("good", _("工牌有效，已授权"), _("先核对是不是本人，再继续谈")),
    Verdict.UNKNOWN: Told("bad", _("不是我们发的工牌"), _STOP),
    Verdict.REVOKED: Told("bad", _("工牌已被吊销"), _STOP),
    Verdict.SUSPENDED: Told("bad", _("工牌已暂停，正在调查"), _("先不要办理；调查有结果后再说")),
    Verdict.REPLACED: Told("bad", _("这是旧工牌，已经换新"), _("请对方当面打开新的工牌，再扫一次")),
    Verdict.NOT_YET: Told("bad", _("工牌还没有生效"), _("请在生效日期以后再扫")),
    Verdict.EXPIRED: Told("bad", _("工牌已过期"), _("请对方当面更新工牌，再扫一次")),
    Verdict.NOT_AUTHORISED: Told("bad", _("现在没有授权"), _STOP),
    Verdict.OUT_OF_SCOPE: Told("bad", _("超出授权地区"), _("在您选的地区，这个人没有授权；请举报，或联系我们")),
    Unreadable.NO_BADGE: Told("bad", _("这不是工牌"), _STOP),
    Unreadable.OTHER_OPERATOR: Told("bad", _("不是我们机构的工牌"), _("请到它写明的机构去查；我们不能为它担保")),
    Unreadable.KEY_UNKNOWN: Told("bad", _("签名的钥匙不是我们公布的"), _STOP),
    Unreadable.FORGED: Told("bad", _("伪造的工牌，签名不对"), _STOP),
}

SUSPICIONS = {
    Suspicion.TWO_PLACES: _("同一张工牌在两个城市同时出现过，可能被复制"),
    Suspicion.CROWD: _("这张工牌短时间内在太多地方被扫，可能被复制"),
}

DEEDS = {
    Deed.INTRODUCE: _("介绍机具和价格"),
    Deed.HELP_APPLY: _("帮您填写申请"),
    Deed.DELIVER: _("送机具、安装机具"),
    Deed.TRAIN: _("教您怎么用"),
    Deed.SERVE: _("送纸、维修、换机"),
}

NEVERS = {
    Never.COLLECT_FEES: _("不能向您收任何费用、押金"),
    Never.TAKE_YOUR_CARD: _("不能拿走您的银行卡、身份证"),
    Never.SIGN_FOR_YOU: _("不能代您签字、代您刷脸"),
    Never.ASK_FOR_CODES: _("不能问您的密码和短信验证码"),
    Never.DECIDE: _("不能决定申请是否通过"),
}

REPORT_KINDS = {
    ReportKind.NOT_THIS_PERSON: _("工牌不是这个人的"),
    ReportKind.ASKED_FOR_MONEY: _("向我要钱"),
    ReportKind.ASKED_FOR_CARD: _("要我的银行卡、密码或验证码"),
    ReportKind.FALSE_BADGE: _("工牌是假的"),
    ReportKind.OTHER: _("其他问题"),
}

REPORT_STATES = {
    ReportState.OPEN: ("warn", _("待处理")),
    ReportState.UPHELD: ("bad", _("查实")),
    ReportState.DISMISSED: ("calm", _("不成立")),
}

STATES = {
    BadgeState.VALID: ("good", pgettext_lazy("badge", "有效")),
    BadgeState.SUSPENDED: ("warn", pgettext_lazy("badge", "已暂停")),
    BadgeState.REPLACED: ("calm", pgettext_lazy("badge", "已换新")),
    BadgeState.REVOKED: ("bad", pgettext_lazy("badge", "已吊销")),
}

EVENTS = {
    BadgeEvent.SUSPEND: _("暂停工牌"),
    BadgeEvent.RESUME: _("恢复工牌"),
    BadgeEvent.REVOKE: _("吊销工牌"),
}

FAULTS = {
    BadgeFault.PROMOTER_UNKNOWN: _("登记簿里没有这个推广员"),
    BadgeFault.MAY_NOT_ACT: _("推广员或代理商今天没有授权，不能发工牌"),
    BadgeFault.SUSPENDED: _("工牌正在被调查，查清以前不能换新"),
    BadgeFault.BADGE_UNKNOWN: _("没有这张工牌"),
    BadgeFault.NO_REASON: _("请写明原因"),
    BadgeFault.NOT_NOW: _("工牌的状态已经变了，请刷新后再看"),
}

CHALLENGE_FAULTS = {
    ChallengeFault.NONE_OPEN: _("现在没有人在核对您的工牌；请对方先在页面上点“核对本人”"),
    ChallengeFault.TOO_LATE: _("数字过了三分钟，请对方重新点“核对本人”"),
    ChallengeFault.TOO_MANY_TRIES: _("输错太多次，请对方重新点“核对本人”"),
    ChallengeFault.WRONG: _("数字不对，请再听一遍"),
}

REPORT_FAULTS = {
    ReportFault.TOO_LONG: _("说明太长，最多 500 字"),
    ReportFault.REPORT_UNKNOWN: _("没有这个举报"),
    ReportFault.NO_REASON: _("请写明原因"),
    ReportFault.NOT_NOW: _("这个举报已经处理过了"),
}
