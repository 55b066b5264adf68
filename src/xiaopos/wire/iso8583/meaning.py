"""Which transaction a terminal's message belongs to: names, and what the terminal does when no answer comes.

What may live here: the table of transactions and finding a message's row. What may not: carrying a transaction out, showing a
message (describing).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import Enum

from xiaopos.wire.iso8583.message import Message


class Afterwards(Enum):
    """What the terminal does when no answer comes: nothing, a reversal, the same message again, or a query first."""

    NOTHING = "nothing"
    REVERSE = "reverse"
    RESEND = "resend"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One row: a message is of this kind when what is given here agrees with its type, fields 3 and 25, 60.1 and 60.3.

    `mti` is the request's; `entry` the first two digits of field 22; empty parts agree with anything. `conditions` are the
    values of field 25 that the row takes, "" for a message without the field, None for any: only what moves no money, or is
    refused, takes any. `mac` says whether requests carry one.
    """

    name: str
    zh: str
    en: str
    mti: str
    processing: str = ""
    kind: str = ""
    network: str = ""
    conditions: frozenset[str] | None = None
    mac: bool = False
    afterwards: Afterwards = Afterwards.NOTHING
    entry: str = ""

    def takes(self, condition: str) -> bool:
        """Whether a message with this in field 25 may be of this kind."""
        return self.conditions is None or condition in self.conditions


_REVERSE, _RESEND, _QUERY = Afterwards.REVERSE, Afterwards.RESEND, Afterwards.QUERY

_NORMAL = frozenset({"", "00"})
_HOLD = frozenset({"", "06"})
_CODE = _NORMAL | {"99"}
"""99 is what the regional dialect sends beside its 60.1 26; that its voids send it too is from memory."""
_MOTO = frozenset({"08", "18"})
"""Mail or telephone: 08 what takes or gives back money, 18 what holds it. A row names either, for none is served."""
_INSTALMENT = frozenset({"64"})
_TAKEN_BACK = _NORMAL | _HOLD | _CODE
"""A reversal repeats its original's field 25: these are what can have been taken."""
_ASKING = ("0100", "0200", "0220")


def _managing(name: str, zh: str, en: str, mti: str, network: str) -> Transaction:
    return Transaction(name, zh, en, mti, kind="00", network=network)


def _money(
    name: str,
    zh: str,
    en: str,
    shape: str,
    conditions: frozenset[str] | None,
    afterwards: Afterwards = Afterwards.NOTHING,
    entry: str = "",
) -> Transaction:
    """`shape` is the message type, then field 3, then 60.1; those left out agree with anything."""
    mti, processing, kind = (*shape.split(), "", "")[:3]
    return Transaction(name, zh, en, mti, processing, kind, "", conditions, True, afterwards, entry)


TRANSACTIONS: tuple[Transaction, ...] = (
    _managing("sign_in_des", "签到(单倍长密钥)", "sign in, single-length keys", "0800", "001"),
    _managing("sign_in", "签到(双倍长密钥)", "sign in, double-length keys", "0800", "003"),
    _managing("sign_in_track", "签到(含磁道密钥)", "sign in, with a track key", "0800", "004"),
    _managing("sign_off", "签退", "sign off", "0820", "002"),
    _managing("points_sign_in", "收银员积分签到", "cashier's points sign-in", "0820", "401"),
    _managing("echo", "回响测试", "echo test", "0820", "301"),
    _managing("initialise", "POS初始化", "first initialisation", "0800", "101"),
    _managing("parameters", "参数下载", "parameter download", "0800", "360"),
    _managing("parameters_end", "参数下载结束", "end of parameter download", "0800", "361"),
    _managing("status", "状态上送", "status upload", "0820", "362"),
    _managing("public_keys_query", "IC卡公钥查询", "public keys query", "0820", "372"),
    _managing("public_keys", "IC卡公钥下载", "public key download", "0800", "370"),
    _managing("public_keys_end", "IC卡公钥下载结束", "end of public key download", "0800", "371"),
    _managing("chip_parameters_query", "IC卡参数查询", "chip parameters query", "0820", "382"),
    _managing("chip_parameters", "IC卡参数下载", "chip parameter download", "0800", "380"),
    _managing("chip_parameters_end", "IC卡参数下载结束", "end of chip parameter download", "0800", "381"),
    _managing("blacklist", "黑名单下载", "blacklist download", "0800", "390"),
    _managing("blacklist_end", "黑名单下载结束", "end of blacklist download", "0800", "391"),
    _managing("contactless_parameters", "非接参数下载", "contactless parameter download", "0800", "394"),
    _managing("contactless_parameters_end", "非接参数下载结束", "end of contactless parameter download", "0800", "395"),
    _managing("no_pin_bins", "免密BIN表下载", "no-PIN BIN list download", "0800", "396"),
    _managing("no_pin_bins_end", "免密BIN表下载结束", "end of no-PIN BIN list download", "0800", "397"),
    _managing("no_pin_black_bins", "免密BIN黑名单下载", "no-PIN BIN blacklist download", "0800", "398"),
    _managing("no_pin_black_bins_end", "免密BIN黑名单下载结束", "end of no-PIN BIN blacklist download", "0800", "399"),
    Transaction("signature", "电子签名上送", "electronic signature upload", "0820", kind="07", mac=True),
    _money("balance", "余额查询", "balance enquiry", "0200 310000 01", _NORMAL),
    _money("order_query", "订单查询", "order query", "0200 311000 01", _NORMAL),
    _money("code_sale", "扫码消费", "payment code sale", "0200 000000 22", _NORMAL, _QUERY, "03"),
    _money("code_sale", "扫码消费", "payment code sale", "0200 000000 26", _CODE, _QUERY),
    _money("code_void", "扫码消费撤销", "payment code void", "0200 200000 23", _CODE, _QUERY, "03"),
    _money("sale", "消费", "sale", "0200 000000 22", _NORMAL, _REVERSE),
    _money("void", "消费撤销", "void", "0200 200000 23", _NORMAL, _REVERSE),
    _money("refund", "退货", "refund", "0220 200000 25", _NORMAL),
    _money("pre_auth", "预授权", "pre-authorisation", "0100 030000 10", _HOLD, _REVERSE),
    _money("pre_auth_void", "预授权撤销", "pre-authorisation void", "0100 200000 11", _HOLD, _REVERSE),
    _money("completion", "预授权完成(请求)", "completion", "0200 000000 20", _HOLD, _REVERSE),
    _money("completion_advice", "预授权完成(通知)", "completion advice", "0220 000000 24", _HOLD, _RESEND),
    _money("completion_void", "预授权完成撤销", "completion void", "0200 200000 21", _HOLD, _REVERSE),
    _money("reversal", "冲正", "reversal", "0400", _TAKEN_BACK, _RESEND),
    _money("offline_sale", "离线结算", "offline sale", "0220 000000 30", _NORMAL, _RESEND),
    _money("adjustment", "结算调整", "adjustment", "0220 000000 32", _NORMAL, _RESEND),
    _money("tip", "小费", "tip", "0220 000000 34", _NORMAL, _RESEND),
    _money("cash_card_sale", "电子现金脱机消费", "electronic cash sale", "0200 000000 36", _NORMAL),
    _money("cash_card_refund", "电子现金脱机退货", "electronic cash refund", "0220 200000 27", _NORMAL),
    _money("same_day_sale", "T+0消费", "sale with same-day settlement", "0200 280000 22", _NORMAL, _REVERSE),
    _money("identity_check", "身份验证", "identity check", "0200 330000 50", _NORMAL),
    _money("wallet_show", "钱包主扫", "wallet, shop shows the code", "0200 710000 60", _NORMAL, _QUERY),
    _money("wallet_scan", "钱包被扫", "wallet, shop scans the code", "0200 700000 60", _NORMAL, _QUERY),
    _money("wallet_query", "钱包查询", "wallet query", "0200 730000 60", _NORMAL),
    _money("wallet_void", "钱包撤销", "wallet void", "0200 720000 60", _NORMAL, _QUERY),
    _money("moto_sale", "订购消费", "mail or telephone sale", "0200 000000 22", _MOTO, _REVERSE),
    _money("moto_void", "订购消费撤销", "mail or telephone void", "0200 200000 23", _MOTO, _REVERSE),
    _money("moto_refund", "订购退货", "mail or telephone refund", "0220 200000 25", _MOTO),
    _money("moto_hold", "订购预授权", "mail or telephone pre-authorisation", "0100 030000 10", _MOTO, _REVERSE),
    _money("moto_hold_void", "订购预授权撤销", "void of one by mail or telephone", "0100 200000 11", _MOTO, _REVERSE),
    _money("moto_completion", "订购预授权完成", "mail or telephone completion", "0200 000000 20", _MOTO, _REVERSE),
    _money("moto_completion", "订购预授权完成", "mail or telephone completion", "0220 000000 24", _MOTO, _RESEND),
    _money("moto_completion_void", "订购完成撤销", "void of such a completion", "0200 200000 21", _MOTO, _REVERSE),
    *(_money("moto_other", "其他订购交易", "other mail or telephone order", mti, _MOTO) for mti in _ASKING),
    _money("instalment_sale", "分期消费", "instalment sale", "0200 000000 22", _INSTALMENT, _REVERSE),
    _money("instalment_void", "分期消费撤销", "instalment void", "0200 200000 23", _INSTALMENT, _REVERSE),
    *(_money("instalment_other", "其他分期交易", "other instalment", mti, _INSTALMENT) for mti in _ASKING),
    _money("unserved_reversal", "未受理交易的冲正", "reversal of what is not served", "0400", None, _RESEND),
    Transaction(
        "script_notice", "脚本处理结果通知", "script result notice", "0620", "", "00", "951", None, True, _RESEND
    ),
    _managing("settlement", "批结算", "batch settlement", "0500", "201"),
    _managing("batch_upload", "批上送", "batch upload", "0320", "201"),
    _managing("batch_upload_end", "批上送结束", "end of batch upload", "0320", "202"),
    _managing("batch_upload_end_unequal", "批上送结束", "end of batch upload", "0320", "207"),
    _managing("batch_upload_chip", "IC卡明细上送", "batch upload, chip detail", "0320", "203"),
    _managing("batch_upload_chip_failed", "IC卡失败明细上送", "batch upload, failed chip detail", "0320", "204"),
    _managing("batch_upload_odd_205", "IC卡异常明细上送", "batch upload, chip anomaly", "0320", "205"),
    _managing("batch_upload_odd_206", "IC卡异常明细上送", "batch upload, chip anomaly", "0320", "206"),
)
"""What terminals send, the more exact rows before the more general ones. From public implementations of the interface.

Field 25 tells families apart that agree in everything else (a plain sale, one by mail, one in instalments): a message whose
field 25 no row takes is none of these, whatever the rest of it says.
"""

_BY_MTI: dict[str, list[Transaction]] = {}
for _row in TRANSACTIONS:
    _BY_MTI.setdefault(_row.mti, []).append(_row)


def transaction_of(message: Message) -> Transaction | None:
    """The transaction that a request (or its answer) belongs to, or None when the table has none such."""
    text, private = message.text, message.text(60)
    return _transaction(message.mti, text(3), text(25), private[:2], private[8:11], text(22)[:2])


def but_for_condition(message: Message) -> Transaction | None:
    """What a message without a row would be if field 25 said nothing; None when something else keeps it from being one."""
    if transaction_of(message) is not None or not message.text(25):
        return None
    return transaction_of(Message(message.mti, {bit: value for bit, value in message.fields.items() if bit != 25}))


@functools.lru_cache(maxsize=4096)
def _transaction(mti: str, processing: str, condition: str, kind: str, network: str, entry: str) -> Transaction | None:
    if len(mti) == 4 and mti[2] in "13":
        mti = f"{mti[:2]}{int(mti[2]) - 1}{mti[3]}"
    for row in _BY_MTI.get(mti, ()):
        if (
            row.processing in ("", processing)
            and row.kind in ("", kind)
            and row.network in ("", network)
            and row.takes(condition)
            and row.entry in ("", entry)
        ):
            return row
    return None
