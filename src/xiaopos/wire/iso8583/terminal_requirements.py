"""Which fields a UnionPay terminal's request and its answer carry, per transaction: must, may, or depending on the card.

What may live here: the rows. What may not: judging a message by them (requirements).

A row lists fields by number with a mark: `!` must be there, and no host can act without it; `M` must be there; `C:when` must
be there when a condition holds (its names are those of CONDITIONS) and may be else; `O` may be there. A `?` behind the mark
says that no source confirms it. The lists of numbers were seen in a host in service; the marks follow from what the fields
mean. Rows with `confirmed=False` are about transactions of which no list was seen. An acquirer's own document wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xiaopos.wire.iso8583.message import Message
from xiaopos.wire.iso8583.response_codes import SUCCESS_CODES


@dataclass(frozen=True, slots=True)
class Condition:
    """When a conditional field must be there: the words for people, and whether a message is such a one."""

    zh: str
    en: str
    holds: Callable[[Message], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of a transaction: `one_of` are groups of which the request needs one field each, `!` as for single fields."""

    names: tuple[str, ...]
    request: str
    answer: str
    one_of: tuple[tuple[int, ...], ...] = ()
    confirmed: bool = True


def _entered(*how: str) -> Callable[[Message], bool]:
    return lambda message: message.text(22)[:2] in how


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "keyed": Condition("卡号为手工输入时", "the card number was keyed in", _entered("01")),
        "stripe": Condition("刷磁条卡时", "the stripe was read", _entered("02")),
        "chip": Condition("读芯片卡时", "the chip was read", _entered("05", "07")),
        "pin": Condition("输入了密码时", "a PIN was entered", lambda message: message.text(22)[2:] == "1"),
        "a3": Condition(
            "付款码放在域59时",
            "the payment code travels in field 59",
            lambda message: message.text(22) == "032" and message.text(60)[:2] == "22",
        ),
        "5f01": Condition(
            "付款码放在域62时",
            "the payment code travels in field 62",
            lambda message: message.text(60)[:2] == "26",
        ),
        "approved": Condition(
            "交易成功时", "the transaction was approved", lambda message: message.text(39) in SUCCESS_CODES
        ),
    }
)

_WHO = "41! 42!"
_MONEY = f"3! 4! 11! {_WHO} 49! 60! 64!"
_CARD = "2C:keyed 14O 22M 23O 25M 26C:pin 32O 35C:stripe 36O 52C:pin 53C:pin 63O"
_SALE = f"{_MONEY} {_CARD} 55C:chip 57O 59O"
_FOLLOWING = f"{_MONEY} 2O 14O 22M 23O 25M 26C:pin 32O 35O 36O 37O 38O 52C:pin 53C:pin 55O 61O 63O"
_HOLD = f"{_SALE} 38O"
"""Fields of what follows a hold, which is named by its approval code."""

_TOLD = "3M? 11M 12M 13M 14O 25O 32O 39M 41M 42M 44O 49O 60O 63O 64C:approved"
_SALE_ANSWER = f"{_TOLD} 2O 4C:approved 15O 23O 37C:approved 38C:approved 53O 54O 55O 59O"
_CODE_ANSWER = _SALE_ANSWER.replace("38C:approved", "38O")
_REFUND_ANSWER = _SALE_ANSWER.replace(" 38C:approved", "").replace(" 54O", "")
_TAKEN = "12O 13O 39M 41M 42M 60M"
"""What an answer about the terminal itself carries."""

ROWS: tuple[Row, ...] = (
    Row(
        ("sign_in_des", "sign_in", "sign_in_track"),
        f"{_WHO} 11M 32O 60! 62O 63O",
        "11M 12C:approved 13C:approved 32O 37O 39M 41M 42M 60M 62C:approved",
    ),
    Row(
        ("sign_off", "points_sign_in", "echo", "initialise"),
        f"{_WHO} 11O 32O 60! 62O 63O",
        f"{_TAKEN} 11O 32O 37O 62O",
        confirmed=False,
    ),
    Row(("parameters",), f"{_WHO} 11O? 60!", f"{_TAKEN} 11O? 37O 62C:approved"),
    Row(
        ("status", "public_keys_query", "public_keys", "public_keys_end",
         "chip_parameters_query", "chip_parameters", "chip_parameters_end"),
        f"{_WHO} 11O? 37O 60! 62O",
        f"{_TAKEN} 11O? 62O",
    ),
    Row(
        ("parameters_end", "blacklist", "blacklist_end", "contactless_parameters", "contactless_parameters_end",
         "no_pin_bins", "no_pin_bins_end", "no_pin_black_bins", "no_pin_black_bins_end"),
        f"{_WHO} 11O 37O 60! 62O",
        f"{_TAKEN} 11O 37O 62O",
        confirmed=False,
    ),
    Row(
        ("signature",),
        f"{_WHO} 2O 3O 4O 11! 15O 37O 55O 60! 61O 62! 64!",
        f"{_TAKEN} 3O 11M 37O 62O 64C:approved",
        confirmed=False,
    ),
    Row(
        ("balance",),
        f"3! 4O? 11! {_WHO} 49! 60! 64! {_CARD.replace(' 63O', '')} 55C:chip 59O 62O",
        f"{_TOLD} 2O 4O? 23O 37O 53O 54C:approved 55O",
    ),
    Row(("sale",), f"{_SALE} 62O", _SALE_ANSWER),
    Row(
        ("code_sale",),
        f"{_MONEY} 22M 25M 53O 59C:a3 62C:5f01 63O?",
        _CODE_ANSWER,
    ),
    Row(("code_void",), f"{_MONEY} 22M 25M 37O 61O 63O?", _CODE_ANSWER, ((37, 61),)),
    Row(("void", "completion_void"), _FOLLOWING, _SALE_ANSWER, ((37, 61),)),
    Row(("refund",), _FOLLOWING, _REFUND_ANSWER, ((37, 61),)),
    Row(("pre_auth",), _SALE, _SALE_ANSWER),
    Row(
        ("pre_auth_void", "completion", "completion_advice"),
        f"{_FOLLOWING} 57O 59O",
        _SALE_ANSWER,
        ((38, 37, 61),),
    ),
    Row(
        ("reversal", "unserved_reversal"),
        f"{_MONEY} 2O 14O 22O 23O 25O 32O 38O 39M 44O? 53O 55O 61O 62O",
        f"{_TOLD} 2O 4O 15O 23O 37O 55O",
    ),
    Row(
        ("offline_sale", "adjustment"),
        f"{_SALE} 37O 38O 48O 58O 61O 62O",
        _CODE_ANSWER,
        confirmed=False,
    ),
    Row(
        ("tip",),
        f"{_FOLLOWING} 48! 57O 59O",
        _CODE_ANSWER,
        ((37, 61),),
        confirmed=False,
    ),
    Row(("cash_card_sale",), f"{_SALE} 58O 62O", _CODE_ANSWER, confirmed=False),
    Row(("cash_card_refund",), f"{_FOLLOWING} 58O 62O", _REFUND_ANSWER, confirmed=False),
    Row(
        ("instalment_sale", "moto_sale", "moto_hold", "same_day_sale"), f"{_SALE} 62O", _SALE_ANSWER, confirmed=False
    ),
    Row(
        ("instalment_void", "moto_void", "moto_completion_void"),
        f"{_FOLLOWING} 62O",
        _SALE_ANSWER,
        ((37, 61),),
        confirmed=False,
    ),
    Row(
        ("moto_hold_void", "moto_completion"),
        f"{_FOLLOWING} 57O 59O 62O",
        _SALE_ANSWER,
        ((38, 37, 61),),
        confirmed=False,
    ),
    Row(
        ("moto_other", "instalment_other", "identity_check"),
        f"{_FOLLOWING} 48O 57O 58O 59O 62O".replace(" 4!", " 4O").replace("49!", "49O"),
        _CODE_ANSWER,
        confirmed=False,
    ),
    Row(("moto_refund",), f"{_FOLLOWING} 62O", _REFUND_ANSWER, ((37, 61),), confirmed=False),
    Row(
        ("script_notice",),
        f"2O 3O? 4O 11! 22O 23O 25O? 32O 37O {_WHO} 49M 55! 60! 61M 64!",
        "2O 3O? 11M 12M 13M 15O 22O 23O 32O 38O 39M 41M 42M 49O 55O 60O 64C:approved",
        ((61, 37),),
    ),
    Row(
        ("settlement",),
        f"{_WHO} 11M 48! 49M 60! 63O",
        "11M 12M 13M 15O? 32O? 37O? 39M 41M 42M 48C:approved 49O 60M 63O",
    ),
    Row(
        ("batch_upload", "batch_upload_end", "batch_upload_end_unequal"),
        f"{_WHO} 11M 48! 60! 49O? 63O?",
        f"{_TAKEN} 11M 32O? 37O? 48O? 49O? 63O?",
    ),
    Row(
        ("batch_upload_chip", "batch_upload_chip_failed", "batch_upload_odd_205", "batch_upload_odd_206"),
        f"{_WHO} 2O 3O 4O 11! 14O 22O 23O 25O 48O 49O 55O 60! 62O 63O",
        f"{_TAKEN} 2O 3O 4O 11M 25O 32O 37O 49O",
        confirmed=False,
    ),
    Row(
        ("wallet_show", "wallet_scan", "wallet_query", "wallet_void", "order_query"),
        f"3! 4O 11! {_WHO} 22O 25O 37O 44O 49O 57O 59O 60! 61O 62O 63O 64!",
        f"{_TOLD} 4O 15O 37O 57O 59O 62O",
        confirmed=False,
    ),
)  # fmt: skip
