"""Catalogues are compiled to what Python's own gettext reads."""

from __future__ import annotations

import gettext
import os
from io import BytesIO
from pathlib import Path

import pytest

from devtools import messages

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
BODY = """
# a note
#: web/x.html:3
msgid "收款"
msgstr "Take money"

msgctxt "button"
msgid "退款"
msgstr ""
"Re"
"fund"
msgid "%(n)s 笔"
msgid_plural "%(n)s 笔们"
msgstr[0] "%(n)s payment"
msgstr[1] "%(n)s payments"

#, fuzzy
msgid "大概"
msgstr "maybe"

msgid "没有"
msgstr ""

#~ msgid "旧"
#~ msgstr "old"
"""


def compiled(text: str) -> gettext.GNUTranslations:
    """The catalogue as gettext sees it."""
    return gettext.GNUTranslations(BytesIO(messages.write_mo(messages.read_po(text))))


def test_texts_contexts_and_plurals_are_translated() -> None:
    catalogue = compiled(HEAD + BODY)

    assert catalogue.gettext("收款") == "Take money"
    assert catalogue.pgettext("button", "退款") == "Refund"
    assert [catalogue.ngettext("%(n)s 笔", "%(n)s 笔们", n) for n in (1, 2)] == ["%(n)s payment", "%(n)s payments"]


@pytest.mark.parametrize("text", ["大概", "没有", "旧"])
def test_what_is_fuzzy_empty_or_removed_is_not_translated(text: str) -> None:
    assert compiled(HEAD + BODY).gettext(text) == text


@pytest.mark.parametrize("line", ["msgd 'x'", "msgid x", 'nonsense "x"', '"before any keyword"', "msgid 5"])
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(messages.BadCatalogue, match=r"^web/django\.po:1: "):
        messages.read_po(line, "web/django.po")


def test_only_what_changed_is_compiled(tmp_path: Path) -> None:
    source = tmp_path / "locale" / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(HEAD + BODY, encoding="utf8")

    assert messages.compile_changed(tmp_path) == [source]
    assert messages.compile_changed(tmp_path) == []

    os.utime(source, (source.with_suffix(".mo").stat().st_mtime + 5,) * 2)
    assert messages.compile_changed(tmp_path) == [source]
