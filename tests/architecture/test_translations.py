"""Nothing a person reads is without English: source texts are Chinese, every one has a translation in some catalogue.

Extraction by Django's own template reader and Python's own parser, so that no gettext program is needed here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.utils.translation.template import templatize

import xiaopos

HOUSE = Path(xiaopos.__file__).parent
WEB = HOUSE / "web"
CHINESE = re.compile(r"[\u3400-\u9fff]+")
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
NOT_TEXT = re.compile(
    r"\{%\s*comment\b.*?\{%\s*endcomment\s*%\}"
    r"|\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}"
    r"|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->",
    re.DOTALL,
)
JAVASCRIPT_COMMENT = re.compile(r"/\*.*?\*/|(?<![:'\"])//[^\n]*", re.DOTALL)
PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
CONTEXT_FIRST = {"pgettext": 1, "npgettext": 1}
OWN_NAMES = {"中文", "简体中文"}
"""What a language calls itself stays as it is."""


class Text(NamedTuple):
    """A source text, and where it stands."""

    msgid: str
    where: str


def _named(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def texts_of_template(source: str, where: str) -> Iterator[Text]:
    """Every text that a template asks to have translated."""
    for function, arguments in TEMPLATE_CALL.findall(templatize(source)):
        literals = [ast.literal_eval(literal) for literal in re.findall(LITERAL, arguments)]
        for msgid in literals[CONTEXT_FIRST.get(function, 0) :]:
            yield Text(msgid, where)


def texts_of_python(source: str, where: str) -> Iterator[Text]:
    """Every text that a module asks to have translated."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        function = name.removesuffix("_lazy")
        if function not in ("_", "gettext", "ngettext", "pgettext", "npgettext"):
            continue
        places = node.args[CONTEXT_FIRST.get(function, 0) :]
        places = places[: 2 if "ngettext" in function or "npgettext" in function else 1]
        for place in places:
            assert isinstance(place, ast.Constant), f"{where}:{node.lineno}: only a plain text can be translated"
            yield Text(str(place.value), f"{where}:{node.lineno}")


def read_catalogue(source: str) -> dict[str, str]:
    """A .po file as source text -> translation; fuzzy and removed entries do not count."""
    catalogue: dict[str, str] = {}
    for entry in re.split(r"\n\s*\n", source):
        lines = [line for line in entry.splitlines() if line and not line.startswith("#")]
        if re.search(r"^#,.*\bfuzzy\b", entry, re.MULTILINE):
            continue
        parts: dict[str, str] = {}
        key = ""
        for line in lines:
            keyword, quote, rest = line.partition('"')
            key = keyword.strip() or key
            parts[key] = parts.get(key, "") + ast.literal_eval(quote + rest)
        for source_key, target_key in (("msgid", "msgstr"), ("msgid", "msgstr[0]"), ("msgid_plural", "msgstr[1]")):
            if parts.get(source_key) and parts.get(target_key):
                catalogue[parts[source_key]] = parts[target_key]
    return catalogue


def catalogue() -> dict[str, str]:
    """Every English text of the house."""
    whole: dict[str, str] = {}
    for path in sorted(WEB.glob("locale/**/en/LC_MESSAGES/django.po")):
        whole |= read_catalogue(path.read_text(encoding="utf8"))
    return whole


def all_texts() -> list[Text]:
    """Every source text of templates and of the modules that show something."""
    texts: list[Text] = []
    for path in sorted(WEB.rglob("*.html")):
        texts += texts_of_template(path.read_text(encoding="utf8"), _named(path))
    for path in sorted([*WEB.rglob("*.py"), HOUSE / "settings.py"]):
        texts += texts_of_python(path.read_text(encoding="utf8"), _named(path))
    return texts


def bare_chinese(source: str, not_text: re.Pattern[str]) -> list[str]:
    """Chinese that nobody asked to have translated."""
    return [found for found in CHINESE.findall(not_text.sub(" ", source)) if found not in OWN_NAMES]


def test_every_text_has_english() -> None:
    english = catalogue()
    missing = [f"{text.where}: {text.msgid}" for text in all_texts() if text.msgid and text.msgid not in english]

    assert not missing, "without English:\n" + "\n".join(missing)


def test_english_keeps_the_places_and_holds_no_chinese() -> None:
    wrong = [
        f"{msgid!r} -> {msgstr!r}"
        for msgid, msgstr in catalogue().items()
        if (CHINESE.search(msgstr) and msgstr not in OWN_NAMES) or _places(msgid) != _places(msgstr)
    ]

    assert not wrong, "\n".join(wrong)


def _places(text: str) -> set[str]:
    return {named or braced for named, braced in PLACE.findall(text)}


def test_no_page_and_no_script_says_chinese_past_the_catalogue() -> None:
    bare = []
    for pattern, not_text in (("*.html", NOT_TEXT), ("*.js", JAVASCRIPT_COMMENT)):
        for path in sorted(WEB.rglob(pattern)):
            bare += [f"{_named(path)}: {text}" for text in bare_chinese(path.read_text(encoding="utf8"), not_text)]

    assert not bare, "not translated:\n" + "\n".join(bare)


TEMPLATE = """{# 注释 #}<p title="{% trans '金额' %}">{{ _("你好") }}</p>{% pgettext %}
{% blocktrans trimmed %}
  共 {{ n }} 笔
{% endblocktrans %}{% trans "退" context "退款" %}{% blocktranslate count n=x %}一{% plural %}多{% endblocktranslate %}"""


def test_templates_are_read_whole() -> None:
    source = TEMPLATE.replace("{% pgettext %}", "")

    assert {text.msgid for text in texts_of_template(source, "a")} == {"金额", "你好", "共 %(n)s 笔", "退", "一", "多"}
    assert bare_chinese(source, NOT_TEXT) == []
    assert bare_chinese("<p>收款</p>{% trans '退' %}", NOT_TEXT) == ["收款"]
    assert bare_chinese("say('收款') // 注释\nlet at = 'http://退'", JAVASCRIPT_COMMENT) == ["收款", "退"]


def test_modules_are_read_whole() -> None:
    source = "_('金额')\ngettext_lazy('退')\npgettext('状态', '好')\nngettext('一', '多', count)\nprint('不')\n"

    assert [text.msgid for text in texts_of_python(source, "a")] == ["金额", "退", "好", "一", "多"]


def test_a_text_that_is_put_together_is_refused() -> None:
    with pytest.raises(AssertionError, match="a:1: only a plain text"):
        list(texts_of_python("_(f'共 {n} 笔')", "a"))


def test_fuzzy_and_empty_translations_do_not_count() -> None:
    source = (
        'msgid ""\nmsgstr "Language: en\\n"\n\nmsgid "一"\nmsgstr ""\n"one "\n"thing"\n\n#, fuzzy\nmsgid "二"\nmsgstr "two"\n\n'
        'msgid "三"\nmsgstr ""\n\n#~ msgid "四"\n#~ msgstr "four"\n\n'
        'msgid "笔"\nmsgid_plural "多笔"\nmsgstr[0] "a payment"\nmsgstr[1] "payments"\n'
    )

    assert read_catalogue(source) == {"一": "one thing", "笔": "a payment", "多笔": "payments"}
