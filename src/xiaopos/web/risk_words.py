"""What pages call the reasons for an application's risk: what ties a ring, what a list says, what the checks found.

What may live here: those words. What may not: scores, rules.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xiaopos.merchants.applications.checks import Wrong
from xiaopos.merchants.applications.fields import Field
from xiaopos.risk.rings.traits import TraitKind
from xiaopos.risk.screening.matching import HitReason, Outcome
from xiaopos.usecases.import_screening_list import ListFault
from xiaopos.usecases.see_risk import LISTED, RING
from xiaopos.web.application_words import FIELD_WORDS, WRONG

TRAITS: dict[TraitKind, Any] = {
    TraitKind.RESIDENT_ID: gettext_lazy("身份证号"),
    TraitKind.LICENCE: gettext_lazy("统一社会信用代码"),
    TraitKind.PHONE: gettext_lazy("手机号"),
    TraitKind.ACCOUNT: gettext_lazy("收款账户"),
    TraitKind.ADDRESS: gettext_lazy("店址"),
    TraitKind.DEVICE: gettext_lazy("填写用的设备"),
    TraitKind.PICTURE: gettext_lazy("店铺照片"),
    TraitKind.PERSON: gettext_lazy("姓名和生日"),
    TraitKind.HEAD_OFFICE: gettext_lazy("总部"),
    TraitKind.PROMOTER: gettext_lazy("推广员"),
}
OUTCOMES: dict[Outcome, Any] = {
    Outcome.CLEAR: gettext_lazy("不在任何名单上"),
    Outcome.POSSIBLE: gettext_lazy("可能在名单上，要人看"),
    Outcome.CERTAIN: gettext_lazy("在名单上"),
}
HITS: dict[HitReason, Any] = {
    HitReason.NUMBER: gettext_lazy("证件号码相同"),
    HitReason.SAME_NAME: gettext_lazy("姓名相同"),
    HitReason.NEAR_NAME: gettext_lazy("姓名相近"),
    HitReason.SAME_BIRTHDAY: gettext_lazy("生日相同"),
    HitReason.OTHER_BIRTHDAY: gettext_lazy("生日不同"),
    HitReason.OTHER_NUMBER: gettext_lazy("证件号码不同"),
}
LIST_FAULTS: dict[ListFault, Any] = {
    ListFault.NAME: gettext_lazy("名称不对，或没有这份名单"),
    ListFault.NO_REASON: gettext_lazy("请写明原因"),
    ListFault.TOO_BIG: gettext_lazy("文件太大：最多 12 MB、20 万条"),
    ListFault.NOT_TEXT: gettext_lazy("不是 UTF-8 的文本文件"),
    ListFault.HEADING: gettext_lazy("第一行的列名不对"),
    ListFault.EMPTY: gettext_lazy("文件里一条也没有"),
    ListFault.SAME: gettext_lazy("和现在用的一模一样"),
    ListFault.ROW: gettext_lazy("有一行不对"),
}
COLUMN_WORDS: dict[str, Any] = {
    "row": gettext_lazy("列数"),
    "number": gettext_lazy("编号"),
    "kind": gettext_lazy("类别"),
    "name": gettext_lazy("姓名"),
    "aliases": gettext_lazy("别名"),
    "id": gettext_lazy("证件号码"),
    "birthday": gettext_lazy("生日"),
    "reason": gettext_lazy("原因"),
}


def reason_words(reason: str) -> str:
    """A reason by its name, as scores keep it, in words. One that nobody knows any more is shown as it is."""
    begins, _blank, rest = reason.partition(" ")
    try:
        if begins == RING:
            return _("多份申请共用：%(what)s") % {"what": TRAITS[TraitKind(rest)]}
        if begins == LISTED:
            return _("筛查名单：%(what)s") % {"what": OUTCOMES[Outcome(rest)]}
        if begins == "category":
            return _("行业 %(code)s 的风险较高") % {"code": rest}
        words = WRONG[Wrong(begins)]
        return f"{FIELD_WORDS[Field(rest)]}：{words}" if rest != "start" else str(words)
    except (KeyError, ValueError):
        return reason
