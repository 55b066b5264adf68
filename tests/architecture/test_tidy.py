"""The house is tidy: every rule of support.tidy holds for every file, and every rule catches what it is for."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import tidy

ROOT = Path(__file__).resolve().parents[2]
HEAD = '"""Words. What may not live here: verbs."""\n'
ROOM = "src/xiaopos/kernel/words.py"

BROKEN = [
    (tidy.short_functions, ROOM, HEAD + "def f():\n" + "    x = 1\n" * 60),
    (tidy.short_functions, ROOM, HEAD + "class A:\n    async def f():\n" + "        x = 1\n" * 60),
    (tidy.short_files, ROOM, HEAD + "x = 1\n" * 500),
    (tidy.docstrings, ROOM, "x = 1\n"),
    (tidy.docstrings, ROOM, '"""Words."""\n'),
    (tidy.docstrings, "tests/test_words.py", "# words\n"),
    (tidy.telling_names, "src/xiaopos/kernel/utils.py", HEAD),
    (tidy.telling_names, "src/xiaopos/core/words.py", HEAD),
    (tidy.telling_names, "tests/word_helpers.py", HEAD),
    (tidy.telling_names, "src/xiaopos/web/templates/web/base.html", ""),
    (tidy.reasons, ROOM, "f()  # no" + "qa: BLE001\n"),
    (tidy.reasons, ROOM, "f()  # no" + "qa\n"),
    (tidy.reasons, ROOM, "f()  # type: " + "ignore[misc]\n"),
    (tidy.reasons, ROOM, "f()  # type: " + "ignore\n"),
    (tidy.no_leftovers, "README.md", "TO" + "DO: write\n"),
    (tidy.no_leftovers, ROOM, "break" + "point()\n"),
    (tidy.no_leftovers, ROOM, "if x:  # pragma: no" + " cover\n"),
    (tidy.no_mocks, "tests/test_words.py", "from unittest" + ".mock import patch\n"),
    (tidy.no_skips, "tests/test_words.py", "@pytest.mark" + ".skip\n"),
    (tidy.no_skips, "tests/test_words.py", "pytest" + ".skip('slow')\n"),
    (tidy.no_places, "README.md", "cd /wo" + "rk/main\n"),
    (tidy.no_places, "README.md", "https://files.python" + "hosted.org/x\n"),
    (tidy.no_places, "requirements/dev.txt", "x @ https" + "://example.com/x.whl\n"),
    (tidy.no_places, "requirements/runtime.in", "--ind" + "ex-url x\n"),
]


@pytest.mark.parametrize("rule", tidy.RULES, ids=lambda rule: rule.__name__)
def test_the_house_is_tidy(rule: tidy.Rule) -> None:
    found = tidy.complaints(ROOT, rule)

    assert not found, "\n".join(found)


def test_nothing_large_is_kept() -> None:
    assert tidy.too_large(ROOT) == []


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_each_rule_catches_what_it_is_for(rule: tidy.Rule, path: str, text: str) -> None:
    assert len(rule(path, text)) == 1


def test_each_rule_has_a_sample_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(tidy.RULES)


@pytest.mark.parametrize("rule", tidy.RULES, ids=lambda rule: rule.__name__)
def test_no_rule_complains_without_need(rule: tidy.Rule) -> None:
    fine = HEAD + "f()  # no" + "qa: BLE001 - the loop's edge\ng()  # type: " + "ignore[misc]  # bound in the loop\n"

    assert rule(ROOM, fine) == []


def test_exceptions_are_needed_and_explained() -> None:
    for name, reason in (tidy.LONG_FILES | tidy.LARGE_FILES).items():
        assert (ROOT / name).is_file(), f"{name} is gone"
        assert len(reason.split()) >= 4
    for name in tidy.LONG_FILES:
        assert len((ROOT / name).read_text(encoding="utf8").splitlines()) > tidy.FILE_LINES, f"{name} is short now"


def test_a_blob_is_seen_and_what_is_made_is_not(tmp_path: Path) -> None:
    for folder in ("docs", "var", ".cache", "x.egg-info"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "blob.bin").write_bytes(b"\xff" * (tidy.BLOB_BYTES + 1))

    assert tidy.too_large(tmp_path) == [f"docs/blob.bin: {tidy.BLOB_BYTES + 1} bytes"]
    assert tidy.complaints(tmp_path, tidy.no_places) == []
