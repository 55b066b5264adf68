"""Amounts in yuan as people read them out (中文金额读法), in Chinese and in English.

What may live here: amounts as words. What may not: sentences about payments, formatting for the eye (pages do that).
"""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_HUNDRED = 100
_GROUP = 10_000
_TWO = 2

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
    "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))


def yuan_in_chinese(fen: int) -> str:
    """At least zero fen as they are read out: yuan, jiao and fen.

    >>> yuan_in_chinese(1250), yuan_in_chinese(200), yuan_in_chinese(10_005), yuan_in_chinese(50)
    ('十二元五角', '两元', '一百元零五分', '五角')
    """
    yuan, rest = divmod(fen, _HUNDRED)
    jiao, last = divmod(rest, 10)
    parts = [f"{_whole(yuan)}元" if yuan or not rest else ""]
    if jiao:
        parts.append(f"{_DIGITS[jiao]}角")
    if last:
        parts.append(f"{'零' if yuan and not jiao else ''}{_DIGITS[last]}分")
    return "".join(parts)


def yuan_in_english(fen: int) -> str:
    """At least zero fen in English words; neither yuan nor fen has a plural.

    >>> yuan_in_english(1250), yuan_in_english(10_005), yuan_in_english(50), yuan_in_english(0)
    ('twelve yuan and fifty fen', 'one hundred yuan and five fen', 'fifty fen', 'zero yuan')
    """
    yuan, rest = divmod(fen, _HUNDRED)
    parts = [f"{_english(yuan)} yuan"] if yuan or not rest else []
    if rest:
        parts.append(f"{_english(rest)} fen")
    return " and ".join(parts)


def _english(number: int) -> str:
    """A whole number of at least zero.

    >>> [_english(number) for number in (0, 21, 110, 1_005, 20_000, 1_000_500)]
    ['zero', 'twenty-one', 'one hundred and ten', 'one thousand and five', 'twenty thousand', 'one million five hundred']
    """
    said: list[str] = []
    rest = number
    for worth, name in _SCALES:
        count, rest = divmod(rest, worth)
        if count:
            said.append(f"{_below_thousand(count)} {name}")
    if said and 0 < rest < _HUNDRED:
        said.append("and")
    if rest or not said:
        said.append(_below_thousand(rest))
    return " ".join(said)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, _HUNDRED)
    tens, ones = divmod(rest, 10)
    low = _SMALL[rest] if rest < len(_SMALL) else _TENS[tens - _TWO] + (f"-{_SMALL[ones]}" if ones else "")
    if not hundreds:
        return low
    return f"{_SMALL[hundreds]} hundred" + (f" and {low}" if rest else "")


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
