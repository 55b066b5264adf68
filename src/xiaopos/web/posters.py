"""A shop's code as a poster to print, A4 or A6.

What may live here: what the poster says, as data, and making the file. What may not: who may print which code (the views).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
import typst
from django.conf import settings
from django.utils.translation import override

from xiaopos.kernel.money import Money
from xiaopos.store.merchants.queries import MerchantFacts
from xiaopos.web.receipts import NoChineseFont
from xiaopos.web.words import channel_words, money_text

SIZES = ("a4", "a6")
_MARKUP = Path(__file__).with_name("poster.typ")
_ANY = (
    ("扫码，输入金额，按“付款”", "Scan, enter the amount, press pay"),
    ("付款前请核对店名和金额", "Check the shop's name and the amount before you pay"),
)
_LOCKED = (
    ("扫码，核对金额，按“付款”", "Scan, check the amount, press pay"),
    ("付款前请核对店名", "Check the shop's name before you pay"),
)
_SIMULATED = ("模拟环境，不动真钱", "Simulated: no real money")


@dataclass(frozen=True, slots=True)
class Poster:
    """What a poster is made of. `address` stands in the code; `amount` is the only one it takes, None for any."""

    merchant: MerchantFacts
    label: str
    address: str
    amount: Money | None
    wallets: Sequence[str]
    size: str = "a4"


def poster_pdf(poster: Poster) -> bytes:
    """The PDF file. Raises NoChineseFont when this machine has no font for it."""
    folders = settings.CHINESE_FONT_FOLDERS
    if not folders:
        raise NoChineseFont
    told = {"poster": markup_data(poster)}
    return bytes(typst.compile(_MARKUP, font_paths=folders, ignore_system_fonts=True, format="pdf", sys_inputs=told))


def markup_data(poster: Poster) -> str:
    """What the markup prints, as JSON: data, never markup."""
    with override("zh-hans"):
        chinese = " · ".join(channel_words(name) for name in poster.wallets)
    with override("en"):
        english = " · ".join(channel_words(name) for name in poster.wallets)
    merchant = poster.merchant
    return json.dumps(
        {
            "size": poster.size,
            "name": merchant.name,
            "name_en": merchant.name_en,
            "label": poster.label,
            "code": drawn(poster.address),
            "amount": money_text(poster.amount) if poster.amount else "",
            "lines": _LOCKED if poster.amount else _ANY,
            "wallets_zh": chinese,
            "wallets_en": english,
            "mark": _SIMULATED if settings.DEPLOYMENT.is_demo else None,
        },
        ensure_ascii=False,
    )


def drawn(address: str) -> str:
    """The code as SVG text, with room for damage: a poster hangs where it gets dirty."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(out, kind="svg", xmldecl=False, border=2, scale=4)
    return out.getvalue().decode("utf8")
