"""Names made alike: writings of one name, what is not seen, how alike two names are and which keys they share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaopos.risk.screening.likeness import SAME, SAME_READING, SAME_SOUND, alike, keys_of
from xiaopos.risk.screening.spelling import LONGEST, plain, spell, spell_code, split_syllables

NAMES = st.text("张章偉伟陈陳美李明 abcdefghijZHANGwei·-", max_size=14)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ＺＨＡＮＧ\u200b Wěi", "zhang wei"),
        ("張偉", "张伟"),
        ("José", "jose"),
        ("Lǚ Bu", "lv bu"),
        ("Müller", "muller"),
        ("林\u202e晓\ufeff", "林晓"),
        ("A" * 500, "a" * LONGEST),
    ],
)
def test_a_name_is_taken_as_it_is_seen(text: str, seen: str) -> None:
    assert plain(text) == seen


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("张伟", "張偉", SAME),
        ("张伟", "ZHANG Wei", SAME_READING),
        ("张伟", "Wei Zhang", SAME_READING),
        ("张伟", "Zhangwei", SAME_READING),
        ("ZHANG, Wei", "wei zhang", SAME),
        ("张伟", "章玮", SAME_SOUND),
        ("张伟", "Chang Wei", 800),
        ("单田芳", "Shan Tianfang", SAME_READING),
        ("欧阳娜娜", "OUYANG Nana", SAME_READING),
        ("吕布", "Lyu Bu", SAME_READING),
        ("买买提·阿布都拉", "买买提阿布都拉", SAME),
        ("José", "JOSE", SAME),
    ],
)
def test_writings_of_one_name_are_alike_and_find_each_other(one: str, other: str, least: int) -> None:
    assert alike(spell(one), spell(other)) >= least
    assert keys_of(spell(one)) & keys_of(spell(other))


@pytest.mark.parametrize(
    ("one", "other", "most"),
    [
        ("张伟", "李娜", 0),
        ("张伟", "李伟", 500),
        ("张伟", "", 0),
        ("张伟", "张伟1", SAME_READING),
        ("陈美", "Smith", 500),
    ],
)
def test_other_names_are_not(one: str, other: str, most: int) -> None:
    assert alike(spell(one), spell(other)) <= most


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("小林茶铺有限公司", "小林茶铺有限责任公司"),
        ("小林茶铺集团股份有限公司", "小林茶鋪"),
        ("Little Lin Tea Co., Ltd.", "LITTLE LIN TEA LIMITED"),
    ],
)
def test_a_companys_legal_form_does_not_count(one: str, other: str) -> None:
    assert alike(spell(one, company=True), spell(other, company=True)) == SAME


def test_a_name_that_is_only_a_form_stays() -> None:
    assert spell("有限公司", company=True).han == "有限公司"
    assert not spell("Co., Ltd.", company=True).says_something


def test_long_names_find_each_other_by_how_they_begin_or_end() -> None:
    one, other = spell("柳巷商务服务部", company=True), spell("柳巷商务服务中心", company=True)
    assert keys_of(one) & keys_of(other)
    assert 700 <= alike(one, other) < 800


@given(NAMES, NAMES)
def test_likeness_has_no_sides_and_a_name_is_like_itself(one: str, other: str) -> None:
    mine, theirs = spell(one), spell(other)
    assert alike(mine, theirs) == alike(theirs, mine)
    assert 0 <= alike(mine, theirs) <= SAME
    assert alike(mine, mine) == (SAME if mine.says_something else 0)


@given(st.text(max_size=400))
def test_any_text_costs_little(text: str) -> None:
    for company in (False, True):
        spelled = spell(text, company=company)
        assert len(spelled.readings) <= 16
        assert len(keys_of(spelled)) <= 40
        assert all(len(key) <= 48 for key in keys_of(spelled))


def test_words_are_split_in_every_way_that_they_may_be_read() -> None:
    assert {("xian",), ("xi", "an")} <= set(split_syllables("xian"))
    assert split_syllables("smith") == (("smith",),)
    assert split_syllables("nyu") == (("nv",),)
    assert split_syllables("a" * 30) == (("a" * 30,),)


def test_numbers_are_compared_by_letters_and_digits() -> None:
    assert (
        spell_code(" 310101 19900307-123X ")
        == spell_code("３１０１０１１９９００３０７１２３x")
        == "31010119900307123x"
    )
