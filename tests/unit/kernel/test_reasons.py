"""The table of reasons: every reason has a row, and every cell can be read by the person it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from xiaopos.kernel.refusal import REASONS, MoneyMoved, Reason, Refused, Weight

HELP = Path(__file__).parents[3] / "src" / "xiaopos" / "web" / "pages" / "help" / "articles"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ARTICLES = sorted({row.article for row in REASONS.values()})


def test_every_reason_has_a_row_and_no_row_is_left_over() -> None:
    assert set(REASONS) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_no_cell_is_empty(reason: Reason) -> None:
    row = REASONS[reason]
    for cell in (row.title_zh, row.next_zh, row.title_en, row.next_en, row.article):
        assert cell.strip() == cell != ""


@pytest.mark.parametrize("reason", Reason)
def test_chinese_is_chinese_and_fits_a_terminals_screen(reason: Reason) -> None:
    for text in (REASONS[reason].title_zh, REASONS[reason].next_zh):
        assert CHINESE.search(text)
        assert len(text) <= 40


@pytest.mark.parametrize("reason", Reason)
def test_english_is_english_and_fits_a_line(reason: Reason) -> None:
    for text in (REASONS[reason].title_en, REASONS[reason].next_en):
        assert text.isascii()
        assert len(text) <= 80
        assert text[0].isupper()


@pytest.mark.parametrize("reason", Reason)
def test_an_answer_code_is_two_characters_and_never_success(reason: Reason) -> None:
    row = REASONS[reason]
    assert re.fullmatch(r"[0-9A-Z]{2}", row.response_code)
    assert row.response_code != "00"
    assert row.weight is not Weight.SUCCESS


def test_money_is_unknown_exactly_where_the_outcome_is_and_never_moved_by_a_refusal() -> None:
    unknown = {reason for reason, row in REASONS.items() if row.money_moved is MoneyMoved.UNKNOWN}
    assert unknown == {Reason.IN_PROGRESS, Reason.OUTCOME_UNKNOWN}
    assert not [reason for reason, row in REASONS.items() if row.money_moved is MoneyMoved.YES]


def test_a_terminal_can_tell_an_unknown_outcome_from_money_that_did_not_move() -> None:
    """A terminal hears the code alone: one that means both would let it believe that nothing was charged."""
    codes = {moved: {row.response_code for row in REASONS.values() if row.money_moved is moved} for moved in MoneyMoved}
    assert not codes[MoneyMoved.UNKNOWN] & codes[MoneyMoved.NO]


def test_while_money_is_unknown_nobody_is_told_to_charge_again() -> None:
    for reason in (Reason.IN_PROGRESS, Reason.OUTCOME_UNKNOWN):
        row = REASONS[reason]
        assert "重复收款" in row.next_zh
        assert "not charge again" in row.next_en
        assert row.weight is Weight.FAULT


def test_a_reasons_name_is_stable_lower_case_and_fits_its_column() -> None:
    assert all(re.fullmatch(r"[a-z_]{2,32}", reason.value) for reason in Reason)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("article", ARTICLES)
def test_every_article_exists_in_both_languages_and_is_short(article: str, language: str) -> None:
    text = (HELP / f"{article}.{language}.md").read_text(encoding="utf8")
    lines = [line for line in text.splitlines() if line]
    assert lines[0].startswith("# ")
    assert 4 <= len(lines) <= 10
    assert bool(CHINESE.search(text)) is (language == "zh")


def test_no_article_is_left_over() -> None:
    written = {path.name.split(".")[0] for path in HELP.glob("*.md")}
    assert written == set(ARTICLES)


def test_a_refusal_is_a_value() -> None:
    assert Refused(Reason.BUSY) == Refused(Reason.BUSY, "")
    assert Refused(Reason.BUSY, "a") != Refused(Reason.BUSY, "b")
