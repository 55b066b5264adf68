"""One address in one form, however it was typed.

What may live here: the form of Chinese addresses as text. What may not: names of regions (web), storage, hashing.

What is made equal: full-width letters and digits, spaces and marks, digits in Chinese, the many words for house, staircase, floor
and room, a leading name of the country. What stays: everything that tells two places apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")
_NUMBER = re.compile(r"[零〇一二三四五六七八九十]+(?=[号号幢栋楼座层室单弄])")
_HOUSE = re.compile(r"(?<=[0-9a-z])(?:号楼|幢|栋|座|号院|栋楼)")
_STAIRS = re.compile(r"(?<=[0-9a-z])单元")
_FLOOR = re.compile(r"(?<=[0-9])(?:层|楼|f)")
_ROOM = re.compile(r"(?<=[0-9a-z])(?:号铺|商铺|铺|室|号房|房|户)")
_STREET = re.compile(r"(?<=[0-9])号")
_LEADING = re.compile(r"^(?:中国|中华人民共和国)")
_REGION_KIND = re.compile(r"(?:特别行政区|自治区|自治州|自治县|新区|地区|[省市区县盟旗])$")
_LAST_WORD = re.compile(r"-+")


def plain_address(text: str, within: Sequence[str] = ()) -> str:
    """An address with its parts in one form; the empty text for one that says nothing.

    `within` are the names of the province, city and county that it lies in, in this order: some write them in front, some do not,
    some without what kind of region it is.

    >>> plain_address("北京市 柳巷８号１幢２单元３０１室") == plain_address("中国北京市柳巷八号1栋2单元301")
    True
    >>> plain_address("柳巷8号1栋301") == plain_address("柳巷8号1栋302")
    False
    >>> plain_address("江苏苏州市吴中区柳巷8号", ("江苏省", "苏州市", "吴中区")), plain_address("柳巷8号")
    ('柳巷8', '柳巷8')
    """
    found = unicodedata.normalize("NFKC", text).lower()
    found = "".join(letter for letter in found if letter.isalnum() or letter in "-#/")
    found = _LEADING.sub("", found.replace("#", "号").replace("/", "-"))
    for name in within:
        found = _without(found, name)
    found = _NUMBER.sub(lambda match: str(_number(match[0])), found)
    for pattern in (_HOUSE, _STAIRS, _FLOOR, _ROOM, _STREET):
        found = pattern.sub("-", found)
    return _LAST_WORD.sub("-", found).strip("-")


def _without(address: str, name: str) -> str:
    """An address without a region's name in front, whole or without what kind of region it is where that leaves a name."""
    short = _REGION_KIND.sub("", name)
    for written in (name, short if len(short) > 1 else name):
        if address.startswith(written):
            return address[len(written) :]
    return address


def _number(text: str) -> int:
    """A number below a hundred as it is said, or digit by digit.

    >>> _number("十二"), _number("三十"), _number("二〇八"), _number("八")
    (12, 30, 208, 8)
    """
    if "十" not in text:
        return int(text.translate(_DIGITS))
    tens, _, ones = text.partition("十")
    return int(tens.translate(_DIGITS) or "1") * 10 + int(ones.replace("十", "").translate(_DIGITS) or "0")
