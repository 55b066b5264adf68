"""The check characters of numbers that merchants and people are known by in China.

What may live here: whether a number can be one. What may not: whether somebody bears it.
"""

from __future__ import annotations

import re
from datetime import date

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(f"[{_USCC_ALPHABET}]{{18}}")
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
_RESIDENT_CHECKS = "10X98765432"


def is_social_credit_code(text: str) -> bool:
    """Whether this can be a unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters without I, O, S, V, Z,
    the last of which makes the sum of all, weighted by powers of 3 modulo 31, a multiple of 31.

    >>> is_social_credit_code("91440300708461136T"), is_social_credit_code("914403001922038217")
    (True, False)
    """
    if _USCC.fullmatch(text) is None:
        return False
    weighted = sum(pow(3, place, 31) * _USCC_ALPHABET.index(mark) for place, mark in enumerate(text[:17]))
    return _USCC_ALPHABET.index(text[17]) == -weighted % 31


def is_resident_id(text: str) -> bool:
    """Whether this can be a resident's identity number (公民身份号码, GB 11643-1999): region 6, a birth date that exists, order
    3, and the check character of ISO 7064 MOD 11-2.

    >>> is_resident_id("11010519491231002X"), is_resident_id("11010519491331002X")
    (True, False)
    """
    if _RESIDENT.fullmatch(text) is None:
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    weighted = sum(pow(2, 17 - place, 11) * int(digit) for place, digit in enumerate(text[:17]))
    return text[17] == _RESIDENT_CHECKS[weighted % 11]
