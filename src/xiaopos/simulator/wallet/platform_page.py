"""The plain page of a pretend wallet's platform, where somebody is given what the portal asks for.

What may live here: its frame and headers. What may not: what is asked and given (each wallet's platform), words of the product.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from string import Template

from aiohttp import web

PATH = "/platform"
_PAGE = Template((Path(__file__).parent / "static" / "platform.html").read_text("utf-8"))
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_FRAME = {
    "lang": ("zh-CN", "en"),
    "watermark": ("模拟 · 不是真钱", "Simulated · no real money"),
    "other": ("English", "中文"),
}

Words = Mapping[str, tuple[str, str]]
"""Texts by name, in Chinese and English: `title`, `what`, `button`, `given`, `wrong`, and the name of each thing given."""


def platform_page(
    request: web.Request,
    words: Words,
    *,
    fields: str = "",
    given: Mapping[str, str] | None = None,
    wrong: bool = False,
) -> web.Response:
    """The page with its form (`fields` is HTML in which `$name` stands for a text), and what was given, or what was wrong."""
    english = request.query.get("lang") == "en"
    said = {name: html.escape(row[english]) for name, row in {**_FRAME, **words}.items()}
    rows = "".join(
        f"<dt>{said[name]}</dt><dd><pre data-given={name!r}>{html.escape(value)}</pre></dd>"
        for name, value in (given or {}).items()
    )
    text = _PAGE.substitute(
        said,
        code="en" if english else "zh",
        other_code="zh" if english else "en",
        fields=Template(fields).substitute(said),
        shown=f"<h2>{said['given']}</h2><dl>{rows}</dl>" if given else "",
        refused=f'<p role="alert">{said["wrong"]}</p>' if wrong else "",
    )
    return web.Response(text=text, content_type="text/html", status=422 if wrong else 200, headers=_HEADERS)
