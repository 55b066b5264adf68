"""What the terminal's screen says for each answer code (domain: UnionPay terminal interface, field 39).

What may live here: the table of codes, each with what happened and what to do, in Chinese and English.
What may not: deciding anything from a code except whether it means success.
"""

from __future__ import annotations

from dataclasses import dataclass

SUCCESS: frozenset[str] = frozenset({"00", "10", "11", "A2", "A4", "A5", "A6"})
"""The codes that mean: done. 10 changes the amount; A2..A6 ask the customer to check with the bank."""

SIGN_IN_AGAIN: frozenset[str] = frozenset({"A0", "99"})
"""The codes after which the working keys are of no use any more."""

NOT_KNOWN_YET: frozenset[str] = frozenset({"98"})
"""Answers that say: asked, not known. The terminal goes on as if no answer had come."""

LATER: frozenset[str] = NOT_KNOWN_YET | {"06", "68", "90", "91", "92", "96", "A7"}
"""Answers to a notice that say: not now. It is kept and sent again; any other refusal ends it."""

STILL_UNDER_WAY: frozenset[str] = NOT_KNOWN_YET | {"94"}
"""The same, and "sent before", in answers to a refund notice that was sent again."""

REVERSAL_ENDS: frozenset[str] = SUCCESS | {"25"}
"""Answers to a reversal that end it: undone, or there never was an original."""


@dataclass(frozen=True, slots=True)
class Words:
    """What happened and what to do now, for the person at the counter."""

    title_zh: str
    next_zh: str
    title_en: str
    next_en: str

    def title(self, lang: str) -> str:
        """What happened, in Chinese unless `lang` is `en`."""
        return self.title_en if lang == "en" else self.title_zh

    def next(self, lang: str) -> str:
        """What to do now, in Chinese unless `lang` is `en`."""
        return self.next_en if lang == "en" else self.next_zh


_OTHER_CARD = ("请换一张卡或其他付款方式", "Use another card or another way to pay")
_LATER = ("请稍后重试，或换付款方式", "Try again later, or use another way to pay")
_SUPPORT = ("请联系客服", "Ask support")
_NOTHING = ("", "")
_KEEP = ("请勿争执，请顾客联系发卡行", "Stay calm; the customer asks the bank")
_SIGN_IN = ("请重新签到后再试", "Sign in again, then try once more")


def _words(title_zh: str, title_en: str, then: tuple[str, str]) -> Words:
    return Words(title_zh, then[0], title_en, then[1])


ANSWERS: dict[str, Words] = {
    "00": _words("交易成功", "Approved", _NOTHING),
    "01": _words("请持卡人与发卡行联系", "The customer should call the bank", _OTHER_CARD),
    "03": _words("无效商户", "The merchant is not valid", _SUPPORT),
    "04": _words("发卡行要求没收此卡", "The bank asks to keep this card", _KEEP),
    "05": _words("发卡行不予承兑", "The bank declined", _OTHER_CARD),
    "06": _words("发卡行故障", "The bank has a fault", _LATER),
    "10": _words("部分承兑，以屏显金额为准", "Approved in part: see the amount", _NOTHING),
    "11": _words("交易成功", "Approved", _NOTHING),
    "12": _words("无效交易", "This transaction is not possible", _SUPPORT),
    "13": _words("无效金额", "The amount is not valid", ("请核对金额后重试", "Check the amount and try again")),
    "14": _words("无效卡号", "The card number is not valid", _OTHER_CARD),
    "15": _words("此卡无对应发卡方", "No bank answers for this card", _OTHER_CARD),
    "21": _words("卡未初始化或睡眠卡", "The card is not in use", _OTHER_CARD),
    "22": _words("操作有误或超出交易允许天数", "Not possible, or too late", _SUPPORT),
    "25": _words("没有原始交易", "There is no such original", ("请核对原交易信息", "Check the original's details")),
    "30": _words("报文格式错", "The host could not read the message", ("请重试", "Try again")),
    "34": _words("作弊卡", "The card is reported as fraudulent", _KEEP),
    "38": _words("密码错误次数超限", "Too many wrong PINs", _OTHER_CARD),
    "40": _words("不支持的交易类型", "This transaction is not supported", _SUPPORT),
    "41": _words("挂失卡", "The card is reported lost", _KEEP),
    "43": _words("被窃卡", "The card is reported stolen", _KEEP),
    "45": _words("请插卡交易", "Use the chip", ("请插入芯片，不要刷磁条", "Insert the card instead of swiping")),
    "51": _words("余额不足", "Not enough money", _OTHER_CARD),
    "54": _words("卡已过期", "The card has expired", _OTHER_CARD),
    "55": _words("密码错误", "The PIN is wrong", ("请顾客重新输入密码", "Ask the customer to enter the PIN again")),
    "57": _words("不允许此卡交易", "This card does not allow it", _OTHER_CARD),
    "58": _words("不允许该卡在本终端交易", "Not allowed on this terminal", _SUPPORT),
    "59": _words("卡片校验错", "The card could not be checked", _OTHER_CARD),
    "61": _words("金额超限", "Over the limit", ("请减少金额或换卡", "Take less, or use another card")),
    "62": _words("受限制的卡", "The card is restricted", _OTHER_CARD),
    "64": _words(
        "金额与原交易不匹配", "The amount differs from the original", ("请按原金额办理", "Use the original amount")
    ),
    "65": _words("超出消费次数限制", "The card was used too often", _OTHER_CARD),
    "68": _words("交易超时", "The bank was too slow", ("请重试", "Try again")),
    "75": _words("密码错误次数超限", "Too many wrong PINs", _OTHER_CARD),
    "90": _words("系统日切", "The system changes its day", _LATER),
    "91": _words("发卡行状态不正常", "The bank cannot be reached", _LATER),
    "92": _words("发卡行线路异常", "The line to the bank is down", _LATER),
    "94": _words("重复交易", "This was sent before", ("请查询原交易结果", "Look up the first one's result")),
    "96": _words("交换中心异常", "The centre has a fault", _LATER),
    "97": _words("终端未登记", "This terminal is not registered", _SUPPORT),
    "98": _words(
        "发卡行超时，结果未知",
        "The bank did not answer in time",
        ("请勿重复收款，稍后查询", "Do not charge again; look it up"),
    ),
    "99": _words("PIN 格式错", "The PIN could not be read", _SIGN_IN),
    "A0": _words("MAC 校验错", "The message check failed", _SIGN_IN),
    "A1": _words("转账货币不一致", "The currencies differ", _SUPPORT),
    "A2": _words("交易成功，请向发卡行确认", "Approved; the customer checks with the bank", _NOTHING),
    "A3": _words("账户不正确", "The account is not right", _OTHER_CARD),
    "A4": _words("交易成功，请向发卡行确认", "Approved; the customer checks with the bank", _NOTHING),
    "A5": _words("交易成功，请向发卡行确认", "Approved; the customer checks with the bank", _NOTHING),
    "A6": _words("交易成功，请向发卡行确认", "Approved; the customer checks with the bank", _NOTHING),
    "A7": _words("安全处理失败", "The keys could not be used", _SIGN_IN),
    "C1": _words("终端不可用", "This terminal may not be used", _SUPPORT),
    "C2": _words("商户不可用", "This merchant may not take payments", _SUPPORT),
    "D9": _words("交易被风控拦截", "Stopped by a risk rule", _SUPPORT),
}

UNKNOWN = Words(
    "没有收到结果，正在自动冲正",
    "请勿重复收款，稍候几秒看结果",
    "No result came; this is being undone by itself",
    "Do not charge again; wait a few seconds for the result",
)
REFUND_UNKNOWN = Words(
    "没有收到退款结果，正在自动重发",
    "请勿重复退款，稍候几秒看结果",
    "No result came for the refund; it is being sent again by itself",
    "Do not refund again; wait a few seconds for the result",
)
NOTICE_UNKNOWN = Words(
    "主机还没有收到通知，正在自动重发",
    "请勿重复办理，稍候几秒看结果",
    "The host has not taken the notice yet; it is being sent again by itself",
    "Do not do it again; wait a few seconds for the result",
)
NOTICE_NOT_TAKEN = Words(
    "通知仍未送达，已登记待处理",
    "请勿重复办理，与客服联系",
    "The notice has not been taken yet; it is kept and will be tried again",
    "Do not do it again; ask support",
)
NO_MONEY = Words(
    "没有收到应答",
    "未动用资金，请检查网络后重试",
    "No answer came",
    "No money was involved; check the line and try again",
)
KEYS_REFUSED = Words(
    "主机不认本机密钥，正在重新签到",
    "请勿重复收款，稍候几秒看结果",
    "The host refused this terminal's keys; it is signing in again by itself",
    "Do not charge again; wait a few seconds for the result",
)
REVERSED = Words(
    "交易已冲正，未扣款",
    "可以重新收款",
    "Undone: the customer was not charged",
    "You may charge again",
)
UNDOING_UNDONE = Words(
    "撤销已冲正，原交易仍然有效",
    "如仍需撤销，请重新撤销",
    "The void was undone: the original payment stands",
    "Void it again if it is still to be voided",
)
REFUND_NOT_KNOWN = Words(
    "退款结果仍未知，已登记待处理",
    "请勿重复退款，与客服联系",
    "The refund's outcome is still not known; it is kept and will be tried again",
    "Do not refund again; ask support",
)
NOT_REVERSED = Words(
    "冲正未成功，已登记待处理",
    "请勿重复收款，与客服联系",
    "Not undone yet; it is kept and will be tried again",
    "Do not charge again; ask support",
)
BALANCE = Words("余额查询成功", "", "Balance", "")
KEYS_WRONG = Words(
    "解包密钥验证不符，签到失败",
    "请重新签到；仍失败请联系客服",
    "The keys' check values are wrong; not signed in",
    "Sign in again; if it fails again, ask support",
)
SIGNED_IN = Words("签到成功", "", "Signed in", "")
NOT_SETTLED = Words(
    "结算未完成，批次未关闭",
    "请稍后重新结算",
    "Not settled; the batch is still open",
    "Settle again later",
)
NOT_BALANCED = Words(
    "结算完成，对账不平",
    "明细会自动上送核对；差异由客服处理",
    "Settled, but the totals differ",
    "The details are sent by themselves; support looks into the difference",
)
LIST_PART = Words("正在下载", "", "Downloading", "")
LIST_FETCHED = Words("下载完成，新清单已启用", "", "Downloaded; the new list is in use", "")
LIST_UNREADABLE = Words(
    "下载的内容有误，仍用原来的清单",
    "请稍后重试；仍失败请联系客服",
    "What was downloaded is wrong; the old list stays in use",
    "Try again later; if it fails again, ask support",
)
STATUS_TOLD = Words("终端状态已上送", "", "The host has this terminal's status", "")
SIGNATURE_TOLD = Words("电子签名已上送", "", "The host keeps the customer's signature", "")
SCRIPT_TOLD = Words("脚本处理结果已通知", "", "The host has taken the script's result", "")
NOTICE_WAITS = Words(
    "没有收到应答，已留在终端，稍后自动再送",
    "未动用资金，可以继续收款",
    "No answer came; it is kept and will be sent again by itself",
    "No money was involved; you may go on",
)
QUERY_PAID = Words(
    "所查交易：已成功", "请勿重复收款", "The payment that was asked about was made", "Do not charge again"
)
QUERY_UNDONE = Words(
    "所查交易：已撤销或已冲正，未扣款",
    "可以重新收款",
    "The payment that was asked about was taken back",
    "You may charge again",
)
QUERY_OPEN = Words(
    "所查交易：结果未定",
    "请勿重复收款，稍后再查",
    "The payment that was asked about has no result yet",
    "Do not charge again; ask once more later",
)
UPLOADED = Words("批明细已上送", "", "The batch's details were sent", "")


DONE: dict[str, Words] = {
    "preauth": Words(
        "预授权成功，金额已冻结，未扣款",
        "请保管好授权码，完成或撤销时要用",
        "Held on the card; nothing was charged",
        "Keep the approval code: completing or voiding needs it",
    ),
    "preauth_void": Words("预授权已撤销，冻结已解除", "", "The hold was lifted; nothing was charged", ""),
    "completion": Words("预授权完成，已扣款", "", "Completed: the customer was charged", ""),
    "completion_advice": Words("预授权完成通知已送达", "", "The host has taken the completion", ""),
    "completion_void": Words(
        "预授权完成已撤销，冻结恢复", "", "The completion was voided; the amount is held again", ""
    ),
    "offline_sale": Words("离线交易已送达", "", "The host has taken the offline sale", ""),
    "tip": Words("小费已入账", "", "The tip was charged", ""),
}
"""What an approval (00) of an action (by its value) says, where it is more than approved."""


def words_for(response_code: str) -> Words:
    """The words of an answer code; a code that the table does not hold shows itself and asks for support."""
    known = ANSWERS.get(response_code)
    return known or _words(f"交易未成功（{response_code}）", f"Not done ({response_code})", _SUPPORT)
