"""What the counter says aloud of a result: amounts as people read them out (中文金额读法).

What may live here: amounts and outcomes as speech. What may not: when something is said (the page's script).
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from xiaopos.kernel.money import Money
from xiaopos.web.words import in_english, money_text

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_HUNDREDTHS = 2
_GROUP = 10_000
_TWO = 2


def spoken_result(outcome: str, amount: Money) -> str:
    """The sentence for a result that is final, or nothing: what is not known yet is never said aloud.

    >>> spoken_result("unknown", Money(1250))
    ''
    """
    if outcome == "approved":
        return _("收款成功，%(amount)s") % {"amount": spoken_amount(amount)}
    if outcome in ("declined", "reversed"):
        return _("收款没有成功，%(amount)s") % {"amount": spoken_amount(amount)}
    return ""


def spoken_amount(amount: Money) -> str:
    """An amount of at least zero as it is read out: yuan, jiao and fen in Chinese; as it is written in English.

    Another currency than the yuan is read as it is written.

    >>> spoken_amount(Money(1250)), spoken_amount(Money(200)), spoken_amount(Money(10_005)), spoken_amount(Money(50))
    ('十二元五角', '两元', '一百元零五分', '五角')
    """
    if in_english() or amount.currency != "CNY":
        return money_text(amount)
    yuan, rest = divmod(amount.minor, 10**_HUNDREDTHS)
    jiao, fen = divmod(rest, 10)
    parts = [f"{_whole(yuan)}元" if yuan or not rest else ""]
    if jiao:
        parts.append(f"{_DIGITS[jiao]}角")
    if fen:
        parts.append(f"{'零' if yuan and not jiao else ''}{_DIGITS[fen]}分")
    return "".join(parts)


def _whole(number: int) -> str:
    """A whole number of at least zero, below ten thousand billions.

    >>> [_whole(number) for number in (0, 10, 19, 110, 1_005, 20_000, 10_010, 100_000_001, 2_000)]
    ['零', '十', '十九', '一百一十', '一千零五', '两万', '一万零一十', '一亿零一', '两千']
    """
    if number == _TWO:
        return "两"
    groups: list[tuple[int, int]] = []
    while number:
        number, low = divmod(number, _GROUP)
        groups.append((len(groups), low))
    said = ""
    skipped = False
    for place, group in reversed(groups):
        if not group:
            skipped = True
            continue
        if said and (skipped or group < _GROUP // 10):
            said += "零"
        said += ("两" if group == _TWO and place else _below_ten_thousand(group)) + _GROUPS[place]
        skipped = False
    said = said or "零"
    return said[1:] if said.startswith("一十") else said


def _below_ten_thousand(group: int) -> str:
    said = ""
    for place, digit in enumerate(reversed(f"{group:d}")):
        if digit == "0":
            if said and not said.startswith("零"):
                said = "零" + said
            continue
        word = "两" if digit == str(_TWO) and place == len(_PLACES) - 1 else _DIGITS[int(digit)]
        said = word + _PLACES[place] + said
    return said
