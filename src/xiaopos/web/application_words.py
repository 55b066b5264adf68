"""What pages call the parts of an application: fields and their hints, what is wrong with them, states, steps, pictures.

What may live here: those words. What may not: reasons of the operator's rules, which are words themselves.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from xiaopos.merchants.applications.checks import Wrong
from xiaopos.merchants.applications.fields import Field, Kind, Step
from xiaopos.merchants.applications.pictures import PictureFault
from xiaopos.merchants.applications.requirements import Words
from xiaopos.merchants.applications.states import ApplicationEvent, ApplicationState
from xiaopos.usecases.application_ports import CallOutcome
from xiaopos.usecases.apply_for_pos import ApplyFault
from xiaopos.usecases.review_application import ReviewFault
from xiaopos.web.words import in_english

KINDS: dict[Kind, tuple[Any, Any]] = {
    Kind.MICRO: (_("小微商户"), _("没有营业执照，用本人身份证申请，比如摆摊、小铺")),
    Kind.SOLE: (_("个体工商户"), _("有个体户营业执照")),
    Kind.COMPANY: (_("企业"), _("有公司营业执照，由法定代表人申请")),
}
STEPS: dict[Step, Any] = {
    Step.SHOP: _("您的店"),
    Step.PERSON: _("申请人"),
    Step.BUSINESS: _("营业执照"),
    Step.ACCOUNT: _("收款账户"),
    Step.PICTURES: _("照片"),
}
FIELD_WORDS: dict[Field, Any] = {
    Field.SHOP_NAME: _("店名"),
    Field.SHOP_ADDRESS: _("店的详细地址"),
    Field.MONTHLY: _("每月大概收多少钱"),
    Field.PERSON_NAME: _("申请人姓名"),
    Field.RESIDENT_ID: _("身份证号码"),
    Field.ID_UNTIL: _("身份证有效期到"),
    Field.PHONE: _("手机号"),
    Field.LICENCE_NAME: _("营业执照上的名称"),
    Field.LICENCE_CODE: _("统一社会信用代码"),
    Field.LICENCE_UNTIL: _("营业执照有效期到"),
    Field.CARD_NUMBER: _("本人的储蓄卡卡号"),
    Field.ACCOUNT_NAME: _("对公账户户名"),
    Field.ACCOUNT_NUMBER: _("对公账号"),
    Field.ACCOUNT_BANK: _("开户行"),
    Field.OWNERS: _("最终持有公司的人"),
    Field.ID_FRONT: _("身份证人像面照片"),
    Field.ID_BACK: _("身份证国徽面照片"),
    Field.LICENCE_PICTURE: _("营业执照照片"),
    Field.CARD_PICTURE: _("银行卡照片"),
    Field.ACCOUNT_PROOF: _("开户证明照片"),
    Field.DOOR_PICTURE: _("店门照片"),
    Field.INSIDE_PICTURE: _("店内照片"),
    Field.LEASE: _("租约照片"),
}
HINTS: dict[Field, Any] = {
    Field.SHOP_ADDRESS: _("写到门牌号，开头写市和区"),
    Field.RESIDENT_ID: _("18 位，最后一位可能是 X"),
    Field.PHONE: _("11 位手机号"),
    Field.LICENCE_CODE: _("营业执照上 18 位的数字和字母"),
    Field.CARD_NUMBER: _("卡正面的数字，要是申请人自己的储蓄卡"),
    Field.OWNERS: _("姓名，每人一个逗号隔开"),
}
AUTOCOMPLETE: dict[Field, str] = {
    Field.PERSON_NAME: "name",
    Field.PHONE: "tel",
    Field.SHOP_ADDRESS: "street-address",
    Field.SHOP_NAME: "organization",
}
NUMERIC = frozenset({Field.PHONE, Field.CARD_NUMBER, Field.ACCOUNT_NUMBER})
MONTHLY: dict[str, Any] = {
    "under_10k": _("一万元以下"),
    "under_50k": _("一万到五万元"),
    "under_200k": _("五万到二十万元"),
    "over_200k": _("二十万元以上"),
}
WRONG: dict[Wrong, Any] = {
    Wrong.MISSING: _("还没有填"),
    Wrong.TOO_LONG: _("太长了，请写短一些"),
    Wrong.UNREADABLE: _("里面有看不见的符号，请重新输入"),
    Wrong.NO_NAME: _("这里要写名字，不能只有数字和符号"),
    Wrong.RESIDENT_FORM: _("身份证号码是 18 位数字，最后一位可能是 X"),
    Wrong.RESIDENT_DATE: _("第 7 到 14 位的出生日期不对，请核对"),
    Wrong.RESIDENT_CHECK: _("有一位输错了，请和身份证逐位核对"),
    Wrong.TOO_YOUNG: _("申请人年龄还不够，请由成年的负责人申请"),
    Wrong.PHONE_FORM: _("手机号是 1 开头的 11 位数字"),
    Wrong.LICENCE_FORM: _("统一社会信用代码是 18 位数字和大写字母，没有 I、O、S、V、Z"),
    Wrong.LICENCE_CHECK: _("有一位输错了，请和营业执照逐位核对"),
    Wrong.LICENCE_KIND: _("这个代码不像这一类商户的，请看看是不是选错了类型"),
    Wrong.CARD_FORM: _("卡号是 12 到 19 位数字"),
    Wrong.CARD_CHECK: _("卡号可能输错了一位，请再核对；有的老卡是对的，也可以继续"),
    Wrong.CARD_CREDIT: _("这是信用卡，不能收款，请换一张储蓄卡"),
    Wrong.CARD_UNKNOWN: _("认不出是哪家银行的卡，请再核对卡号"),
    Wrong.ACCOUNT_FORM: _("账号是 6 到 32 位数字"),
    Wrong.DATE_FORM: _("请选一个日期"),
    Wrong.DATE_PAST: _("已经过期，请先换新证"),
    Wrong.DATE_SOON: _("快要过期了，过期后要补新的"),
    Wrong.CHOICE: _("请选一项"),
    Wrong.REGION_UNKNOWN: _("请选一个我们服务的地区"),
    Wrong.ADDRESS_ELSEWHERE: _("地址里没有写您选的地区，请看看对不对"),
    Wrong.CATEGORY_UNKNOWN: _("请选一个行业"),
    Wrong.CATEGORY_CLOSED: _("这个行业我们不能开通"),
    Wrong.NAMES_DIFFER: _("和营业执照上的名称不一样，请看看对不对"),
    Wrong.USED_ELSEWHERE: _("另一份申请也用了它"),
    Wrong.TOO_MANY: _("同一个人或同一张执照的商户已满"),
    Wrong.RETURNED: _("退回来的这一项还没有重新填"),
}
PICTURE_FAULTS: dict[PictureFault, Any] = {
    PictureFault.EMPTY: _("请先选一张照片"),
    PictureFault.TOO_LARGE: _("照片太大，请用 12 MB 以下的"),
    PictureFault.NO_PICTURE: _("这不是照片，请用手机拍一张（JPEG 或 PNG）"),
    PictureFault.PDF: _("不收 PDF 文件，请拍照或截图后上传"),
    PictureFault.TOO_MANY_PIXELS: _("照片尺寸太大，请换小一些的"),
    PictureFault.TOO_SMALL: _("照片太小，看不清字，请重新拍"),
    PictureFault.BROKEN: _("照片打不开，请重新拍一张"),
    PictureFault.VIRUS: _("这个文件有病毒，没有保存；请换一台手机拍"),
    PictureFault.NOT_NOW: _("现在不需要这张照片"),
}
STATES: dict[ApplicationState, tuple[Any, Any, str]] = {
    ApplicationState.DRAFT: (_("正在填写"), _("填好后交给我们审核，随时可以停下，以后再填"), "calm"),
    ApplicationState.SUBMITTED: (_("等待审核"), _("我们会在下面的时间前处理，您现在不用做什么"), "wait"),
    ApplicationState.IN_REVIEW: (_("正在审核"), _("审核员正在看，您现在不用做什么"), "wait"),
    ApplicationState.CALL_DUE: (_("等我们给您打电话"), _("请留意手机；我们不会问您的密码和验证码"), "wait"),
    ApplicationState.RETURNED: (_("有几项要重新填"), _("只要改下面这几项，改好再交给我们"), "warn"),
    ApplicationState.SECOND_REVIEW: (_("正在复核"), _("另一位审核员再看一遍，您现在不用做什么"), "wait"),
    ApplicationState.APPROVED: (_("已通过"), _("我们会联系您送机器和开通账号"), "good"),
    ApplicationState.REFUSED: (_("没有通过"), _("原因写在下面；您觉得不对，可以申诉，会由另一个人重新看"), "bad"),
    ApplicationState.APPEALED: (_("申诉中"), _("另一位审核员会在下面的时间前答复"), "wait"),
    ApplicationState.UPHELD: (_("申诉没有成立"), _("原因写在下面；情况变了可以重新申请"), "bad"),
    ApplicationState.WITHDRAWN: (_("已撤回"), _("需要时可以重新申请"), "calm"),
    ApplicationState.EXPIRED: (_("太久没有继续，已失效"), _("需要时可以重新申请"), "calm"),
}
EVENTS: dict[ApplicationEvent, Any] = {
    ApplicationEvent.SUBMIT: _("交给我们审核"),
    ApplicationEvent.TAKE: _("开始审核"),
    ApplicationEvent.PUT_BACK: _("放回队列"),
    ApplicationEvent.PLAN_CALL: _("准备打电话核实"),
    ApplicationEvent.CALL: _("打过电话"),
    ApplicationEvent.RETURN: _("退回部分内容"),
    ApplicationEvent.PASS_ON: _("转给第二个人复核"),
    ApplicationEvent.SEND_BACK: _("复核后重新审核"),
    ApplicationEvent.APPROVE: _("通过"),
    ApplicationEvent.REFUSE: _("没有通过"),
    ApplicationEvent.APPEAL: _("提出申诉"),
    ApplicationEvent.REOPEN: _("申诉成立，重新审核"),
    ApplicationEvent.UPHOLD: _("申诉没有成立"),
    ApplicationEvent.WITHDRAW: _("撤回申请"),
    ApplicationEvent.EXPIRE: _("太久没有继续"),
}
OUTCOMES: dict[CallOutcome, Any] = {
    CallOutcome.CONFIRMED: _("本人确认，说的和填的一致"),
    CallOutcome.DENIED: _("本人没有申请，或是别人让办的"),
    CallOutcome.DIFFERENT: _("本人申请，但有的和填的不一致"),
    CallOutcome.NOT_REACHED: _("没有打通"),
}
APPLY_FAULTS: dict[ApplyFault, Any] = {
    ApplyFault.UNKNOWN: _("没有这份申请"),
    ApplyFault.NOT_NOW: _("申请的状态变了，这一步现在不能做"),
    ApplyFault.CONSENT: _("请勾选必须同意的两项"),
    ApplyFault.NO_WORDS: _("请写明为什么不对，最多 500 字"),
    ApplyFault.TOO_LATE: _("申诉的时间已过，可以重新申请"),
}
REVIEW_FAULTS: dict[ReviewFault, Any] = {
    ReviewFault.UNKNOWN: _("没有这份申请"),
    ReviewFault.NO_REASON: _("请写明原因"),
    ReviewFault.NOT_NOW: _("申请的状态变了，或别人先处理了，请刷新再看"),
    ReviewFault.NOT_YOURS: _("这份申请是别人在审，请先领取"),
    ReviewFault.NO_PARTS: _("请至少写一项要重新填的内容和原因"),
    ReviewFault.CALL_MISSING: _("要先打电话，由本人确认后才能通过"),
    ReviewFault.STILL_WRONG: _("还有不符合的内容，先退回去改"),
    ReviewFault.SAME_PERSON: _("要由另一个人来做"),
    ReviewFault.PLAN_UNKNOWN: _("规则里的价格方案不存在，请管理员先改规则"),
}
LONG_TERM = _("长期")
SCANS: dict[str, Any] = {"clean": _("已查毒"), "unscanned": _("未查毒")}


def said(words: Words) -> str:
    """The operator's own words in the reader's language."""
    return words.en if in_english() else words.zh
