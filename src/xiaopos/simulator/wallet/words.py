"""The phone page's words in Chinese and English: one small table, since the simulator is no part of the product's catalogues.

What may live here: the words. What may not: anything else.
"""

from __future__ import annotations

LANGUAGES = ("zh", "en")

_ROWS: dict[str, tuple[str, str]] = {
    "title": ("模拟手机", "Simulated phone"),
    "watermark": ("模拟 · 不是真钱", "Simulated · no real money"),
    "other_language": ("English", "中文"),
    "which_app": ("用哪个 App 付款", "Which app pays"),
    "app_wallet": ("沙盒钱包", "Sandbox wallet"),
    "app_alipay": ("支付宝", "Alipay"),
    "app_wechat": ("微信支付", "WeChat Pay"),
    "app_unionpay": ("云闪付", "UnionPay"),
    "who": ("这是谁的手机", "Whose phone is this"),
    "balance": ("余额", "Balance"),
    "pay": ("付款码", "Payment code"),
    "make_code": ("出示付款码", "Show a payment code"),
    "code_help": ("请收银员扫这个码，一分钟内有效，只能用一次", "For the cashier to scan; one use, one minute"),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "scan": ("扫一扫", "Scan"),
    "scan_label": ("把商家二维码的内容粘贴到这里", "Paste the content of the shop's code here"),
    "scan_do": ("识别", "Read"),
    "scan_failed": ("这个码不能付款，可能已付或已失效", "This code cannot be paid; it may be paid or expired"),
    "waiting": ("等您确认", "Waiting for you"),
    "password": ("支付密码（已替您填好，可改错试试）", "Payment password (filled in for you; try a wrong one)"),
    "wrong_password": ("密码不对，还能试", "Wrong password, tries left:"),
    "confirm": ("确认付款", "Pay"),
    "refuse": ("不付", "Refuse"),
    "orders": ("最近的订单", "Recent orders"),
    "none": ("暂时没有", "None yet"),
    "gone": ("这笔订单已不能操作", "Nothing can be done with this order any more"),
    "moods": ("让钱包出点状况", "Make the wallet misbehave"),
    "mood_late": ("下次晚 20 秒回答", "Answer 20 s late, once"),
    "mood_lose_answer": ("下次做了但不回答", "Do it but say nothing, once"),
    "mood_lose_request": ("下次没收到", "Miss the next request"),
    "mood_drop_line": ("下次做完就断线", "Do it, then drop the line, once"),
    "mood_down": ("停机", "Go down"),
    "mood_lift": ("恢复正常", "Be well again"),
    "mood_now": ("现在的状况", "Now"),
    "well": ("正常", "Well"),
    "state_SUCCESS": ("已付", "Paid"),
    "state_USERPAYING": ("待确认", "To confirm"),
    "state_NOTPAY": ("未付", "Not paid"),
    "state_CLOSED": ("已关闭", "Closed"),
    "state_PAYERROR": ("未成功", "Failed"),
    "state_REFUNDED": ("已退款", "Refunded"),
    "state_REVOKED": ("已撤回", "Withdrawn"),
    "broken": ("模拟钱包没有回答，请稍后再试", "The simulated wallet does not answer; try again later"),
}


def words(language: str) -> dict[str, str]:
    """The page's words; Chinese for a language that is not known."""
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {name: row[place] for name, row in _ROWS.items()}
