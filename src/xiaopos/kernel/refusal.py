"""What a refusal is: a value with a reason, and the one table that says what each reason means to people.

What may live here: the reasons, their rows, and the type that carries one.
What may not: who refuses and when (the rooms decide), page layout, the help articles' texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class MoneyMoved(Enum):
    """What a refused or unfinished request did to the customer's money."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Weight(Enum):
    """The class of an answer code: who can do something about it."""

    SUCCESS = "A"
    RETRY = "B"
    FINAL = "C"
    KEEP_CARD = "D"
    FAULT = "E"


class Reason(Enum):
    """Every named reason of the house. The value is the stable name that the API and the records carry."""

    TERMINAL_UNKNOWN = "terminal_unknown"
    TERMINAL_NOT_ACTIVE = "terminal_not_active"
    TERMINAL_NOT_BOUND = "terminal_not_bound"
    TERMINAL_NOT_SIGNED_IN = "terminal_not_signed_in"
    MERCHANT_UNKNOWN = "merchant_unknown"
    MERCHANT_NOT_ACTIVE = "merchant_not_active"
    MERCHANT_MISMATCH = "merchant_mismatch"
    MAC_WRONG = "mac_wrong"
    PIN_FORMAT_WRONG = "pin_format_wrong"
    PIN_NOT_TAKEN = "pin_not_taken"
    KEY_FAULT = "key_fault"
    FORMAT_WRONG = "format_wrong"
    TRANSACTION_UNSUPPORTED = "transaction_unsupported"
    AMOUNT_ZERO = "amount_zero"
    AMOUNT_OVER_LIMIT = "amount_over_limit"
    CURRENCY_WRONG = "currency_wrong"
    PAN_WRONG = "pan_wrong"
    REPEAT_DIFFERS = "repeat_differs"
    IN_PROGRESS = "in_progress"
    REVERSED_BEFORE = "reversed_before"
    ORIGINAL_UNKNOWN = "original_unknown"
    ORIGINAL_NOT_APPROVED = "original_not_approved"
    ORIGINAL_SETTLED = "original_settled"
    ORIGINAL_VOIDED = "original_voided"
    ORIGINAL_BUSY = "original_busy"
    ORIGINAL_OTHER_TERMINAL = "original_other_terminal"
    VOID_AMOUNT_DIFFERS = "void_amount_differs"
    REFUND_TOO_MUCH = "refund_too_much"
    REFUND_AFTER_VOID = "refund_after_void"
    PREAUTH_EXPIRED = "preauth_expired"
    PREAUTH_COMPLETED = "preauth_completed"
    COMPLETION_TOO_MUCH = "completion_too_much"
    TIP_WRONG = "tip_wrong"
    TIP_STANDS = "tip_stands"
    CARD_DIFFERS = "card_differs"
    MANAGER_NEEDED = "manager_needed"
    MANAGER_WRONG = "manager_wrong"
    TRIES_LOCKED = "tries_locked"
    NOT_ALLOWED = "not_allowed"
    PAYER_CODE_UNKNOWN = "payer_code_unknown"
    WALLET_NOT_ACCEPTED = "wallet_not_accepted"
    PAYER_CODE_EXPIRED = "payer_code_expired"
    PAYER_REFUSED = "payer_refused"
    PAYER_TOO_SLOW = "payer_too_slow"
    BALANCE_TOO_LOW = "balance_too_low"
    PIN_WRONG = "pin_wrong"
    PIN_TRIES_OVER = "pin_tries_over"
    CARD_EXPIRED = "card_expired"
    CARD_LOST = "card_lost"
    CARD_STOLEN = "card_stolen"
    CARD_KEPT = "card_kept"
    CARD_RESTRICTED = "card_restricted"
    CARD_NOT_ALLOWED = "card_not_allowed"
    CARD_OVER_COUNT = "card_over_count"
    ISSUER_LIMIT = "issuer_limit"
    ISSUER_REFERRAL = "issuer_referral"
    ISSUER_DECLINED = "issuer_declined"
    ISSUER_UNKNOWN = "issuer_unknown"
    ISSUER_UNAVAILABLE = "issuer_unavailable"
    USE_CHIP = "use_chip"
    CHANNEL_UNAVAILABLE = "channel_unavailable"
    CHANNEL_DECLINED = "channel_declined"
    OUTCOME_UNKNOWN = "outcome_unknown"
    BUSY = "busy"
    STOPPING = "stopping"
    FAULT = "fault"
    SESSION_EXPIRED = "session_expired"
    FORM_FORGED = "form_forged"
    BATCH_HAS_UNKNOWN = "batch_has_unknown"
    BATCH_WRONG = "batch_wrong"
    API_KEY_WRONG = "api_key_wrong"
    API_KEY_SCOPE = "api_key_scope"
    API_TOO_FAST = "api_too_fast"
    REQUEST_WRONG = "request_wrong"
    ADDRESS_UNKNOWN = "address_unknown"
    NOTE_MISSING = "note_missing"
    NETWORK_UNKNOWN = "network_unknown"
    LAST_NETWORK = "last_network"


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """What one reason means: answer code (ISO 8583 field 39), class, whether money moved, and the words for people.

    `article` names the page of the help centre that says more.
    """

    response_code: str
    weight: Weight
    money_moved: MoneyMoved
    title_zh: str
    next_zh: str
    title_en: str
    next_en: str
    article: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal: the request was understood and is not done. `detail` is for operators and never holds card data."""

    reason: Reason
    detail: str = ""


REASONS: dict[Reason, ReasonRow] = {
    Reason.TERMINAL_UNKNOWN: ReasonRow(
        "97",
        Weight.FINAL,
        MoneyMoved.NO,
        "终端未登记",
        "请核对终端号，或联系客服登记本机",
        "This terminal is not registered",
        "Check the terminal number, or ask support to register this device",
        "terminal-not-registered",
    ),
    Reason.TERMINAL_NOT_ACTIVE: ReasonRow(
        "97",
        Weight.FINAL,
        MoneyMoved.NO,
        "终端已停用",
        "请联系客服恢复本机",
        "This terminal is switched off",
        "Ask support to switch this terminal back on",
        "terminal-not-active",
    ),
    Reason.TERMINAL_NOT_BOUND: ReasonRow(
        "97",
        Weight.FINAL,
        MoneyMoved.NO,
        "终端还没有激活，或绑定已中断",
        "请在商户后台激活本机；激活过的请联系客服",
        "This terminal is not activated, or not bound any more",
        "Activate this device in the merchant portal; if you have, ask support",
        "terminal-not-active",
    ),
    Reason.TERMINAL_NOT_SIGNED_IN: ReasonRow(
        "99",
        Weight.RETRY,
        MoneyMoved.NO,
        "终端尚未签到",
        "请先签到，再重新收款",
        "This terminal has not signed in",
        "Sign in, then take the payment again",
        "sign-in",
    ),
    Reason.MERCHANT_UNKNOWN: ReasonRow(
        "03",
        Weight.FINAL,
        MoneyMoved.NO,
        "商户号不存在",
        "请核对商户号，或联系客服",
        "This merchant number does not exist",
        "Check the merchant number, or ask support",
        "merchant-not-active",
    ),
    Reason.MERCHANT_NOT_ACTIVE: ReasonRow(
        "03",
        Weight.FINAL,
        MoneyMoved.NO,
        "商户已停用",
        "请联系客服了解原因",
        "This merchant is not active",
        "Ask support for the reason",
        "merchant-not-active",
    ),
    Reason.MERCHANT_MISMATCH: ReasonRow(
        "03",
        Weight.FINAL,
        MoneyMoved.NO,
        "终端不属于该商户",
        "请核对终端参数，或联系客服",
        "The terminal does not belong to this merchant",
        "Check the terminal's parameters, or ask support",
        "terminal-not-registered",
    ),
    Reason.MAC_WRONG: ReasonRow(
        "A0",
        Weight.RETRY,
        MoneyMoved.NO,
        "报文校验未通过",
        "请重新签到，再重新收款",
        "The message did not pass its check",
        "Sign in again, then take the payment again",
        "sign-in",
    ),
    Reason.PIN_FORMAT_WRONG: ReasonRow(
        "99",
        Weight.RETRY,
        MoneyMoved.NO,
        "密码格式错误",
        "请重新签到，再请顾客输入密码",
        "The PIN arrived in a wrong form",
        "Sign in again, then ask the customer for the PIN",
        "sign-in",
    ),
    Reason.PIN_NOT_TAKEN: ReasonRow(
        "58",
        Weight.FINAL,
        MoneyMoved.NO,
        "这台终端不能收密码",
        "请改用扫码、免密卡，或换一台终端",
        "This terminal cannot take a PIN",
        "Take a code or a card without a PIN, or use another terminal",
        "sign-in",
    ),
    Reason.KEY_FAULT: ReasonRow(
        "A7",
        Weight.FAULT,
        MoneyMoved.NO,
        "密钥处理失败",
        "请重新签到；仍不行请联系客服",
        "A key could not be used",
        "Sign in again; if it goes on, ask support",
        "sign-in",
    ),
    Reason.FORMAT_WRONG: ReasonRow(
        "30",
        Weight.RETRY,
        MoneyMoved.NO,
        "报文格式错误",
        "请重试；仍不行请联系客服升级本机",
        "The message has a wrong format",
        "Try again; if it goes on, ask support to update this device",
        "format-error",
    ),
    Reason.TRANSACTION_UNSUPPORTED: ReasonRow(
        "40",
        Weight.FINAL,
        MoneyMoved.NO,
        "不支持此交易",
        "请换一种收款方式",
        "This transaction is not supported",
        "Use another way to pay",
        "unsupported",
    ),
    Reason.AMOUNT_ZERO: ReasonRow(
        "13",
        Weight.RETRY,
        MoneyMoved.NO,
        "金额不能为零",
        "请重新输入金额",
        "The amount must not be zero",
        "Key in the amount again",
        "amount",
    ),
    Reason.AMOUNT_OVER_LIMIT: ReasonRow(
        "61",
        Weight.FINAL,
        MoneyMoved.NO,
        "金额超过单笔限额",
        "请减少金额，或联系客服调整限额",
        "The amount is over the limit for one payment",
        "Take less, or ask support about the limit",
        "amount",
    ),
    Reason.CURRENCY_WRONG: ReasonRow(
        "13",
        Weight.RETRY,
        MoneyMoved.NO,
        "币种不支持",
        "请用人民币收款",
        "This currency is not accepted",
        "Take the payment in the shop's currency",
        "amount",
    ),
    Reason.PAN_WRONG: ReasonRow(
        "14",
        Weight.FINAL,
        MoneyMoved.NO,
        "卡号无效",
        "请核对卡号，或换一张卡",
        "The card number is not valid",
        "Check the number, or use another card",
        "card-declined",
    ),
    Reason.REPEAT_DIFFERS: ReasonRow(
        "94",
        Weight.FINAL,
        MoneyMoved.NO,
        "同一流水号内容不同",
        "请查看今日记录，再用新的流水收款",
        "The same number was used for something else",
        "Look at today's list, then start a new payment",
        "duplicate",
    ),
    Reason.IN_PROGRESS: ReasonRow(
        "98",
        Weight.FAULT,
        MoneyMoved.UNKNOWN,
        "这笔收款仍在处理",
        "请等待结果，不要重复收款",
        "This payment is still under way",
        "Wait for the result; do not charge again",
        "outcome-unknown",
    ),
    Reason.REVERSED_BEFORE: ReasonRow(
        "12",
        Weight.FINAL,
        MoneyMoved.NO,
        "这笔交易已先被冲正",
        "请重新收款",
        "This payment was already reversed",
        "Take the payment again",
        "reversal",
    ),
    Reason.ORIGINAL_UNKNOWN: ReasonRow(
        "25",
        Weight.FINAL,
        MoneyMoved.NO,
        "找不到原交易",
        "请核对凭证号或参考号",
        "The original payment was not found",
        "Check the voucher or reference number",
        "find-payment",
    ),
    Reason.ORIGINAL_NOT_APPROVED: ReasonRow(
        "12",
        Weight.FINAL,
        MoneyMoved.NO,
        "原交易未成功",
        "无需撤销或退款",
        "The original payment did not succeed",
        "There is nothing to void or refund",
        "find-payment",
    ),
    Reason.ORIGINAL_SETTLED: ReasonRow(
        "12",
        Weight.FINAL,
        MoneyMoved.NO,
        "原交易已结算，不能撤销",
        "请改用退款",
        "The original is settled and cannot be voided",
        "Make a refund instead",
        "void-or-refund",
    ),
    Reason.ORIGINAL_VOIDED: ReasonRow(
        "12",
        Weight.FINAL,
        MoneyMoved.NO,
        "原交易已撤销",
        "无需再次操作",
        "The original is already voided",
        "Nothing more is needed",
        "void-or-refund",
    ),
    Reason.ORIGINAL_BUSY: ReasonRow(
        "12",
        Weight.RETRY,
        MoneyMoved.NO,
        "原交易正在处理另一操作",
        "请稍候查看结果，再重试",
        "Another change to the original is under way",
        "Wait for its result, then try again",
        "void-or-refund",
    ),
    Reason.ORIGINAL_OTHER_TERMINAL: ReasonRow(
        "12",
        Weight.FINAL,
        MoneyMoved.NO,
        "撤销须在原终端进行",
        "请到原终端撤销，或改用退款",
        "A void must be made on the same terminal",
        "Use that terminal, or make a refund",
        "void-or-refund",
    ),
    Reason.VOID_AMOUNT_DIFFERS: ReasonRow(
        "64",
        Weight.FINAL,
        MoneyMoved.NO,
        "撤销金额与原交易不符",
        "请按原金额全额撤销",
        "The amount differs from the original",
        "Void the whole original amount",
        "void-or-refund",
    ),
    Reason.REFUND_TOO_MUCH: ReasonRow(
        "61",
        Weight.FINAL,
        MoneyMoved.NO,
        "退款超过可退金额",
        "请按剩余可退金额退款",
        "The refund is more than what remains",
        "Refund at most what remains",
        "void-or-refund",
    ),
    Reason.REFUND_AFTER_VOID: ReasonRow(
        "12",
        Weight.FINAL,
        MoneyMoved.NO,
        "已撤销的交易不能退款",
        "无需再次操作",
        "A voided payment cannot be refunded",
        "Nothing more is needed",
        "void-or-refund",
    ),
    Reason.PREAUTH_EXPIRED: ReasonRow(
        "22",
        Weight.FINAL,
        MoneyMoved.NO,
        "预授权已过期，不能完成",
        "请按实际金额重新收款",
        "The pre-authorisation has expired and cannot be completed",
        "Take a new payment for the final amount",
        "preauth",
    ),
    Reason.PREAUTH_COMPLETED: ReasonRow(
        "12",
        Weight.FINAL,
        MoneyMoved.NO,
        "这笔预授权已经完成过",
        "要更正请撤销那笔完成，或对它退款",
        "The pre-authorisation was completed before",
        "To correct it, void that completion or refund it",
        "preauth",
    ),
    Reason.COMPLETION_TOO_MUCH: ReasonRow(
        "61",
        Weight.FINAL,
        MoneyMoved.NO,
        "完成金额超过预授权允许的上限",
        "请降低金额，差额另行收款",
        "The amount is more than the pre-authorisation allows",
        "Lower the amount and take the rest as another payment",
        "preauth",
    ),
    Reason.TIP_WRONG: ReasonRow(
        "64",
        Weight.FINAL,
        MoneyMoved.NO,
        "小费与原交易不符，或超过约定的比例",
        "请核对原交易和小费金额，再重新输入",
        "The tip does not fit its sale, or is more than the agreed share",
        "Check the sale and the tip, and enter it again",
        "tip",
    ),
    Reason.TIP_STANDS: ReasonRow(
        "64",
        Weight.FINAL,
        MoneyMoved.NO,
        "这笔交易还有小费，未作撤销或退款",
        "请先撤销（或退还）小费，再撤销或退还这笔交易",
        "This payment still has a tip: nothing was voided or paid back",
        "Void the tip (or pay it back) first, then this payment",
        "tip",
    ),
    Reason.CARD_DIFFERS: ReasonRow(
        "14",
        Weight.FINAL,
        MoneyMoved.NO,
        "不是原交易的卡",
        "请使用原来付款的卡",
        "This is not the card of the original payment",
        "Use the card that paid",
        "void-or-refund",
    ),
    Reason.MANAGER_NEEDED: ReasonRow(
        "58",
        Weight.RETRY,
        MoneyMoved.NO,
        "需要店长授权",
        "请店长输入密码授权",
        "A manager must approve this",
        "Ask a manager to enter the approval code",
        "approval",
    ),
    Reason.MANAGER_WRONG: ReasonRow(
        "58",
        Weight.RETRY,
        MoneyMoved.NO,
        "店长授权码错误",
        "请店长重新输入",
        "The manager's code is wrong",
        "Ask the manager to enter it again",
        "approval",
    ),
    Reason.TRIES_LOCKED: ReasonRow(
        "75",
        Weight.RETRY,
        MoneyMoved.NO,
        "输错次数过多，已暂停",
        "请等几分钟，再由本人重试",
        "Too many wrong tries; paused for a while",
        "Wait a few minutes, then try again yourself",
        "tries-locked",
    ),
    Reason.NOT_ALLOWED: ReasonRow(
        "58",
        Weight.FINAL,
        MoneyMoved.NO,
        "您的角色无此权限",
        "请联系店长或管理员",
        "Your role does not allow this",
        "Ask a manager or an administrator",
        "roles",
    ),
    Reason.PAYER_CODE_UNKNOWN: ReasonRow(
        "14",
        Weight.RETRY,
        MoneyMoved.NO,
        "无法识别此付款码",
        "请顾客打开付款码再扫一次",
        "No wallet knows this payment code",
        "Ask the customer to open the payment code and scan again",
        "payment-code",
    ),
    Reason.WALLET_NOT_ACCEPTED: ReasonRow(
        "40",
        Weight.FINAL,
        MoneyMoved.NO,
        "本店未开通此钱包",
        "请顾客换一种付款方式",
        "This shop does not take this wallet",
        "Ask the customer for another way to pay",
        "payment-code",
    ),
    Reason.PAYER_CODE_EXPIRED: ReasonRow(
        "54",
        Weight.RETRY,
        MoneyMoved.NO,
        "付款码已失效",
        "请顾客刷新付款码再扫",
        "The payment code has expired",
        "Ask the customer to refresh it and scan again",
        "payment-code",
    ),
    Reason.PAYER_REFUSED: ReasonRow(
        "05",
        Weight.FINAL,
        MoneyMoved.NO,
        "顾客取消了付款",
        "请与顾客确认后重新收款",
        "The customer cancelled the payment",
        "Ask the customer, then start again",
        "payment-code",
    ),
    Reason.PAYER_TOO_SLOW: ReasonRow(
        "68",
        Weight.RETRY,
        MoneyMoved.NO,
        "顾客未在时限内付款",
        "订单已关闭，请重新收款",
        "The customer did not pay in time",
        "The order is closed; start again",
        "payment-code",
    ),
    Reason.BALANCE_TOO_LOW: ReasonRow(
        "51",
        Weight.FINAL,
        MoneyMoved.NO,
        "余额不足",
        "请顾客换一种付款方式",
        "Not enough money",
        "Ask the customer for another way to pay",
        "card-declined",
    ),
    Reason.PIN_WRONG: ReasonRow(
        "55",
        Weight.RETRY,
        MoneyMoved.NO,
        "密码错误",
        "请顾客重新输入密码",
        "The PIN is wrong",
        "Ask the customer to enter the PIN again",
        "card-declined",
    ),
    Reason.PIN_TRIES_OVER: ReasonRow(
        "75",
        Weight.FINAL,
        MoneyMoved.NO,
        "密码错误次数超限",
        "请顾客换卡，并联系发卡行",
        "Too many wrong PINs",
        "Use another card; the customer asks the bank",
        "card-declined",
    ),
    Reason.CARD_EXPIRED: ReasonRow(
        "54",
        Weight.FINAL,
        MoneyMoved.NO,
        "卡已过期",
        "请顾客换一张卡",
        "The card has expired",
        "Use another card",
        "card-declined",
    ),
    Reason.CARD_LOST: ReasonRow(
        "41",
        Weight.KEEP_CARD,
        MoneyMoved.NO,
        "挂失卡",
        "请留意安全，请顾客联系发卡行",
        "The card is reported lost",
        "Stay safe; the customer asks the bank",
        "card-declined",
    ),
    Reason.CARD_STOLEN: ReasonRow(
        "43",
        Weight.KEEP_CARD,
        MoneyMoved.NO,
        "被窃卡",
        "请留意安全，请顾客联系发卡行",
        "The card is reported stolen",
        "Stay safe; the customer asks the bank",
        "card-declined",
    ),
    Reason.CARD_KEPT: ReasonRow(
        "04",
        Weight.KEEP_CARD,
        MoneyMoved.NO,
        "发卡行要求没收此卡",
        "请勿冲突，联系客服",
        "The bank asks to keep this card",
        "Avoid a dispute and ask support",
        "card-declined",
    ),
    Reason.CARD_RESTRICTED: ReasonRow(
        "62",
        Weight.FINAL,
        MoneyMoved.NO,
        "受限制的卡",
        "请顾客换卡或联系发卡行",
        "The card is restricted",
        "Use another card, or ask the bank",
        "card-declined",
    ),
    Reason.CARD_NOT_ALLOWED: ReasonRow(
        "57",
        Weight.FINAL,
        MoneyMoved.NO,
        "此卡不允许该交易",
        "请顾客换卡或换付款方式",
        "This card does not allow the transaction",
        "Use another card or another way",
        "card-declined",
    ),
    Reason.CARD_OVER_COUNT: ReasonRow(
        "65",
        Weight.FINAL,
        MoneyMoved.NO,
        "超出消费次数限制",
        "请顾客换一张卡",
        "The card was used too often today",
        "Use another card",
        "card-declined",
    ),
    Reason.ISSUER_LIMIT: ReasonRow(
        "61",
        Weight.FINAL,
        MoneyMoved.NO,
        "超过发卡行金额限制",
        "请减少金额或换卡",
        "Over the bank's limit for this card",
        "Take less, or use another card",
        "card-declined",
    ),
    Reason.ISSUER_REFERRAL: ReasonRow(
        "01",
        Weight.FINAL,
        MoneyMoved.NO,
        "请持卡人联系发卡行",
        "请顾客换卡或联系发卡行",
        "The cardholder should call the bank",
        "Use another card, or call the bank",
        "card-declined",
    ),
    Reason.ISSUER_DECLINED: ReasonRow(
        "05",
        Weight.FINAL,
        MoneyMoved.NO,
        "发卡行不予承兑",
        "请顾客换卡或换付款方式",
        "The bank declined the payment",
        "Use another card or another way",
        "card-declined",
    ),
    Reason.ISSUER_UNKNOWN: ReasonRow(
        "15",
        Weight.FINAL,
        MoneyMoved.NO,
        "此卡无对应发卡行",
        "请顾客换一张卡",
        "No bank answers for this card",
        "Use another card",
        "card-declined",
    ),
    Reason.ISSUER_UNAVAILABLE: ReasonRow(
        "91",
        Weight.FAULT,
        MoneyMoved.NO,
        "发卡行暂时不可用",
        "请稍后重试，或换付款方式",
        "The bank cannot be reached",
        "Try again later, or use another way",
        "network",
    ),
    Reason.USE_CHIP: ReasonRow(
        "45",
        Weight.RETRY,
        MoneyMoved.NO,
        "请插卡交易",
        "请插入芯片，不要刷磁条",
        "Use the chip",
        "Insert the card instead of swiping",
        "card-declined",
    ),
    Reason.CHANNEL_UNAVAILABLE: ReasonRow(
        "91",
        Weight.FAULT,
        MoneyMoved.NO,
        "收款通道暂时不可用",
        "请稍后重试，或换付款方式",
        "The payment channel is down",
        "Try again later, or use another way",
        "network",
    ),
    Reason.CHANNEL_DECLINED: ReasonRow(
        "05",
        Weight.FINAL,
        MoneyMoved.NO,
        "收款通道拒绝了交易",
        "请顾客换一种付款方式",
        "The payment channel declined",
        "Ask the customer for another way to pay",
        "card-declined",
    ),
    Reason.OUTCOME_UNKNOWN: ReasonRow(
        "98",
        Weight.FAULT,
        MoneyMoved.UNKNOWN,
        "结果未知，系统正在确认",
        "请勿重复收款，结果会自动更新",
        "The outcome is not known yet; we are finding out",
        "Do not charge again; the result will appear here",
        "outcome-unknown",
    ),
    Reason.BUSY: ReasonRow(
        "96",
        Weight.FAULT,
        MoneyMoved.NO,
        "系统繁忙，未受理",
        "请稍候几秒再试",
        "The service is busy and did not take this",
        "Wait a few seconds and try again",
        "busy",
    ),
    Reason.STOPPING: ReasonRow(
        "96",
        Weight.FAULT,
        MoneyMoved.NO,
        "系统正在重启，未受理",
        "请稍候几秒再试",
        "The service is restarting and did not take this",
        "Wait a few seconds and try again",
        "busy",
    ),
    Reason.FAULT: ReasonRow(
        "96",
        Weight.FAULT,
        MoneyMoved.NO,
        "系统故障，未受理",
        "请重试；客服已收到通知",
        "Something broke and this was not taken",
        "Try again; support has been told",
        "fault",
    ),
    Reason.SESSION_EXPIRED: ReasonRow(
        "58",
        Weight.RETRY,
        MoneyMoved.NO,
        "登录已过期",
        "请重新登录",
        "The session has expired",
        "Sign in again",
        "sign-in-web",
    ),
    Reason.FORM_FORGED: ReasonRow(
        "58",
        Weight.RETRY,
        MoneyMoved.NO,
        "页面已失效",
        "请刷新页面再试",
        "This page is out of date",
        "Reload the page and try again",
        "sign-in-web",
    ),
    Reason.BATCH_HAS_UNKNOWN: ReasonRow(
        "12",
        Weight.RETRY,
        MoneyMoved.NO,
        "有未确认的交易，不能结算",
        "请等待冲正完成后再结算",
        "Some payments are not yet known",
        "Wait for the reversals, then settle",
        "settle",
    ),
    Reason.BATCH_WRONG: ReasonRow(
        "12",
        Weight.RETRY,
        MoneyMoved.NO,
        "批次号不符",
        "请重新签到后再试",
        "The batch number is wrong",
        "Sign in again, then try again",
        "settle",
    ),
    Reason.NOTE_MISSING: ReasonRow(
        "30",
        Weight.RETRY,
        MoneyMoved.NO,
        "没有写明原因",
        "请写明原因再提交，审计会记下它",
        "No reason was given",
        "Say why, then send it again; the audit trail keeps it",
        "console-changes",
    ),
    Reason.NETWORK_UNKNOWN: ReasonRow(
        "30",
        Weight.FINAL,
        MoneyMoved.NO,
        "没有这个卡网络",
        "请回到卡网络列表重新选择",
        "There is no such card network",
        "Go back to the list of card networks and choose again",
        "console-changes",
    ),
    Reason.LAST_NETWORK: ReasonRow(
        "30",
        Weight.FINAL,
        MoneyMoved.NO,
        "停止它，有的卡就没有网络可走；没有停止",
        "确实要停，请勾选确认后再提交；那些卡在恢复之前不能付款",
        "Without it some cards could pay nowhere; it was not drained",
        "If you mean it, tick the box and send again; until it is back they cannot pay",
        "console-changes",
    ),
    Reason.API_KEY_WRONG: ReasonRow(
        "63",
        Weight.FINAL,
        MoneyMoved.NO,
        "接口密钥无效",
        "请核对密钥，或请店主换一把新的",
        "The API key is missing or not valid",
        "Check the key, or ask the owner for a new one",
        "api",
    ),
    Reason.API_KEY_SCOPE: ReasonRow(
        "58",
        Weight.FINAL,
        MoneyMoved.NO,
        "此接口密钥没有这项权限",
        "请店主换一把有此权限的密钥",
        "This API key may not do this",
        "Ask the owner for a key that may",
        "api",
    ),
    Reason.API_TOO_FAST: ReasonRow(
        "96",
        Weight.FAULT,
        MoneyMoved.NO,
        "此接口密钥的调用太频繁，未受理",
        "请按 Retry-After 所说的秒数等一等，再原样重发",
        "This API key calls too often; this call was not taken",
        "Wait as many seconds as Retry-After says, then send the same again",
        "api",
    ),
    Reason.REQUEST_WRONG: ReasonRow(
        "30",
        Weight.RETRY,
        MoneyMoved.NO,
        "请求内容有误",
        "请改正所指的字段再发",
        "The request is not what the API expects",
        "Correct the named fields and send it again",
        "api",
    ),
    Reason.ADDRESS_UNKNOWN: ReasonRow(
        "40",
        Weight.FINAL,
        MoneyMoved.NO,
        "没有这个接口",
        "请对照接口说明核对地址和方法",
        "The API has nothing at this address",
        "Check address and method against the API's page",
        "api",
    ),
}
