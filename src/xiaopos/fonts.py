"""Where the fonts with Chinese characters are, for whatever draws pages: receipts, statements, screenshots.

What may live here: finding fonts. What may not: choosing sizes, or drawing.

Debian's Noto CJK is preferred where it is installed (it holds the bold weight too); else the pinned package
`noto-cjk-sans-otc`, which brings the same regular file along, is always there.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

SYSTEM_FONTS = Path("/usr/share/fonts/opentype/noto")
FONT_FILE = "NotoSansCJK-Regular.ttc"
FONT_PACKAGE = "noto_cjk_sans_otc"


def chinese_font_paths(system: Path = SYSTEM_FONTS, package: str = FONT_PACKAGE) -> list[Path]:
    """The folders to search for a font with Chinese characters, best first; empty when this machine has none."""
    folders = [system] if (system / FONT_FILE).is_file() else []
    spec = find_spec(package)
    if spec is not None and spec.origin is not None and (Path(spec.origin).parent / FONT_FILE).is_file():
        folders.append(Path(spec.origin).parent)
    return folders[:1]
