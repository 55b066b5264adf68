"""Codes drawn for a page.

What may live here: making the picture. What may not: what stands in a code.
"""

from __future__ import annotations

import io

import segno


def code_svg(content: str) -> str:
    """The code as SVG without styles of its own, for a page with a strict policy."""
    out = io.BytesIO()
    segno.make(content, error="m").save(out, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True)
    return out.getvalue().decode("utf8")
