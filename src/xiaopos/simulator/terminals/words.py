"""The terminal page's words in Chinese and English: one small table, since the simulator is no part of the product's catalogues.

What may live here: the words. What may not: what an answer code means (the terminal's own texts).
"""

from __future__ import annotations

LANGUAGES = ("zh", "en")

_ROWS: dict[str, tuple[str, str]] = {
    "title": ("模拟终端", "Simulated terminal"),
    "watermark": ("模拟终端 · 不是真钱", "Simulated terminal · no real money"),
    "other_language": ("English", "中文"),
    "idle": ("请在收银台输入金额", "Enter an amount at the cashier"),
    "amount": ("金额（元）", "Amount (CNY)"),
    "start": ("开始收款", "Start a sale"),
    "amount_wrong": ("请输入大于零的金额，最多两位小数", "Enter an amount above zero, at most two decimals"),
    "present": ("请挥卡、插卡或刷卡", "Tap, insert or swipe a card"),
    "present_refund": ("退款：请出示原来付款的卡", "Refund: present the card that paid"),
    "cards": ("顾客拿出哪张卡", "Which card the customer holds"),
    "tap": ("挥卡", "Tap"),
    "insert": ("插卡＋密码", "Insert + PIN"),
    "swipe": ("刷卡", "Swipe"),
    "cancel": ("取消", "Cancel"),
    "cancelled": ("已取消，未扣款", "Cancelled; no money moved"),
    "pin": ("请顾客输入密码", "The customer enters the PIN"),
    "pin_help": ("测试卡密码都是 123456", "Every test card has the PIN 123456"),
    "pin_digits": ("已输入位数", "Digits entered"),
    "pin_clear": ("清除", "Clear"),
    "pin_done": ("确认", "Enter"),
    "pin_short": ("密码是 4 到 12 位数字", "A PIN has 4 to 12 digits"),
    "sending": ("正在联系银行，请稍候", "Asking the bank, please wait"),
    "putting_right": ("正在自动冲正，请稍候", "Following by itself, please wait"),
    "busy": ("终端正忙，请等这一笔结束", "The terminal is busy; wait for this one to end"),
    "no_simulator": (
        "模拟终端没有回应，请看这一笔的结果再操作",
        "The simulated terminal does not respond; look up the result first",
    ),
    "more": ("更多交易", "More transactions"),
    "action": ("做什么", "What to do"),
    "preauth": ("预授权", "Hold an amount"),
    "complete": ("预授权完成", "Complete a hold"),
    "complete_advice": ("预授权完成（通知）", "Complete a hold by notice"),
    "void_preauth": ("预授权撤销", "Void a hold"),
    "void_completion": ("预授权完成撤销", "Void a completion"),
    "offline_sale": ("离线结算", "Tell of an offline sale"),
    "balance": ("余额查询", "Balance"),
    "settle": ("批结算", "Settle the batch"),
    "approval": ("预授权的授权码", "The hold's approval code"),
    "original_stan": ("原交易的凭证号", "The original's voucher number"),
    "go": ("开始", "Start"),
    "code_wrong": ("请输入 6 位授权码", "Enter the 6 characters of the approval code"),
    "stan_wrong": ("请输入原交易的凭证号", "Enter the original's voucher number"),
    "approval_code": ("授权码", "Approval code"),
    "available": ("可用余额", "Available"),
    "faults": ("制造故障", "Make something go wrong"),
    "fault_line": ("断线", "Line drops"),
    "fault_decline": ("发卡行拒绝", "Issuer declines"),
    "fault_late": ("应答迟到", "Answer comes late"),
    "fault_lift": ("恢复正常", "All well again"),
    "fault_waits": ("下一笔将出现", "The next payment meets"),
    "fault_failed": ("没能设置这个故障", "This fault could not be set"),
    "terminal": ("终端号", "Terminal"),
    "batch": ("批次号", "Batch"),
    "stan": ("凭证号", "Voucher"),
    "rrn": ("参考号", "Reference"),
}


def words(lang: str) -> dict[str, str]:
    """Every word in the language; Chinese for a language that is not there."""
    place = 1 if lang == "en" else 0
    return {name: row[place] for name, row in _ROWS.items()}
