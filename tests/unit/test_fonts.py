"""Chinese characters can be drawn on a machine that has no Chinese font of its own."""

from __future__ import annotations

from pathlib import Path

import typst

from xiaopos.fonts import FONT_FILE, chinese_font_paths

MARKUP = b'#set text(font: "Noto Sans CJK SC")\n\xe5\xb0\x8f\xe6\x9e\x97\xe8\x8c\xb6\xe9\x93\xba'
NOWHERE = Path("nowhere")


def test_the_systems_font_is_preferred(tmp_path: Path) -> None:
    (tmp_path / FONT_FILE).write_bytes(b"a font")

    assert chinese_font_paths(tmp_path) == [tmp_path]


def test_the_packages_font_is_there_without_the_systems() -> None:
    [folder] = chinese_font_paths(NOWHERE)
    compiler = typst.Compiler(MARKUP, font_paths=[folder], ignore_system_fonts=True)  # type: ignore[misc]  # its stub is generic beyond what mypy infers
    drawn, warnings = compiler.compile_with_warnings(format="pdf")

    assert not warnings
    assert isinstance(drawn, bytes)
    assert b"NotoSansCJK" in drawn


def test_without_any_font_nothing_is_found() -> None:
    assert chinese_font_paths(NOWHERE, "no_such_package") == []
    assert chinese_font_paths(NOWHERE, "xiaopos") == []
