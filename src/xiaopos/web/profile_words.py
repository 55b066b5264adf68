"""What a terminal's profile means, and what was wrong with a registration, in words for the operator.

What may live here: words. What may not: rules (fleet, usecases).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xiaopos.fleet.fitness import Misfit
from xiaopos.fleet.profiles import SUITE_WORDS, KeyLayout, TerminalProfile
from xiaopos.keys import MacKind, PinFormat
from xiaopos.usecases.register_terminal import NotRegistered, RegisterFault
from xiaopos.web.words import in_english

LAYOUT_WORDS = {
    KeyLayout.SINGLE: _("签到 001：单倍长密钥，只有 MAC 密钥可用，不收密码"),
    KeyLayout.DOUBLE: _("签到 003：PIN 密钥和 MAC 密钥"),
    KeyLayout.DOUBLE_WITH_TRACK: _("签到 004：PIN 密钥、MAC 密钥和磁道密钥"),
}
PIN_WORDS = {
    PinFormat.ISO0: _("带主账号（ISO 格式 0）"),
    PinFormat.NO_PAN: _("不带主账号"),
    PinFormat.SM4_PAN: _("带主账号，SM4"),
    PinFormat.SM4_PADDED: _("带主账号补零，SM4"),
}
MISFIT_WORDS = {
    Misfit.CODES_NOT_SERVED: _("这个型号会扫付款码，但这种接入方式不收付款码：顾客的付款码会被拒绝"),
    Misfit.NO_NATIONAL_KEYS: _("这种接入方式用国密 SM4，型号资料没有写明它支持国密：可能签到不成功"),
    Misfit.NO_PINS: _("单倍长密钥护不住密码，这种接入方式不收密码：要输密码的卡会被拒绝，扫码和免密卡照常"),
    Misfit.NOT_CONFIRMED: _("这种接入方式的规范没有见到原文，只凭记录；先在一台上试通再用"),
}
FAULT_WORDS = {
    RegisterFault.NO_REASON: _("请写明原因，它会记入审计"),
    RegisterFault.SHOP_UNKNOWN: _("这个商户没有这家门店，请重新选择"),
    RegisterFault.MODEL_UNKNOWN: _("没有这个型号，请重新选择"),
    RegisterFault.PROFILE_UNKNOWN: _("没有这种接入方式，请重新选择"),
    RegisterFault.NUMBER_WRONG: _("终端编号是八位数字或大写字母；留空由系统编号"),
    RegisterFault.NUMBER_TAKEN: _("这个终端编号已经登记过，请换一个或留空"),
    RegisterFault.SERIAL_WRONG: _("序列号是 3 到 40 位字母、数字或 . / _ -，请照机身标签填写"),
    RegisterFault.SERIAL_TAKEN: _("这个序列号已经登记过：核对机身标签，或先查那台终端"),
    RegisterFault.UNFIT: _("型号和接入方式不合适，请看下面的说明"),
    RegisterFault.TERMINAL_UNKNOWN: _("没有这台终端"),
    RegisterFault.UNCHANGED: _("它已经是这种接入方式，没有改动"),
    RegisterFault.OVERTAKEN: _("刚才有人做了同样的改动，请刷新后核对"),
}


def profile_facts(profile: TerminalProfile) -> list[tuple[str, str]]:
    """What a profile decides, each with its name: keys, algorithms, MAC, PIN block, customers' codes, requests in the header."""
    code = profile.payer_code
    asks = profile.downloads.asks
    return [
        (str(_("签到与密钥")), str(LAYOUT_WORDS[profile.key_layout])),
        (str(_("算法")), SUITE_WORDS[profile.suite.name][in_english()]),
        (str(_("报文鉴别")), mac_words(profile.suite.mac_kind)),
        (str(_("密码格式")), pin_words(profile.suite.pin_form)),
        (str(_("付款码")), str(_("在 %(field)s 域")) % {"field": code.field} if code else str(_("不收"))),
        (str(_("报文头的处理要求")), str(_("支持 %(count)s 种远程指令")) % {"count": len(asks)}),
    ]


def mac_words(kind: MacKind) -> str:
    """How a MAC is made, by its name in the standards."""
    names = {MacKind.UNIONPAY_ECB: _("银联 ECB 算法"), MacKind.UNIONPAY_ECB_BYTES: _("银联 ECB 算法（按字节）")}
    return str(names.get(kind, kind.value.upper().replace("_", " ")))


def pin_words(form: PinFormat) -> str:
    """How a PIN becomes a block."""
    return str(PIN_WORDS.get(form, form.value.upper()))


def not_registered_words(refused: NotRegistered) -> tuple[str, list[str]]:
    """Why nothing was registered, and what does not fit."""
    return str(FAULT_WORDS[refused.fault]), [str(MISFIT_WORDS[each]) for each in refused.unfit]
