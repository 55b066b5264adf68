"""Pictures that are the same to the eye, addresses that are the same in the street."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaopos.risk.rings.addresses import plain_address
from xiaopos.risk.rings.likeness import HEIGHT, WIDTH, apart, is_flat, likeness, parts

HASHES = st.integers(0, 2**64 - 1).map(lambda bits: f"{bits:016x}")


@given(st.binary(min_size=72, max_size=72), st.integers(1, 200))
def test_a_brighter_picture_is_the_same(grey: bytes, more: int) -> None:
    dimmed = bytes(value // 2 for value in grey)
    brighter = bytes(value + min(more, 127) for value in dimmed)
    assert likeness(brighter) == likeness(dimmed)


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="9 x 8"):
        likeness(bytes(WIDTH * HEIGHT - 1))


@given(HASHES, st.sets(st.integers(0, 63), max_size=3))
def test_near_pictures_share_a_part(mark: str, flipped: set[int]) -> None:
    other = f"{int(mark, 16) ^ sum(1 << place for place in flipped):016x}"
    assert apart(mark, other) == len(flipped)
    assert set(parts(mark)) & set(parts(other))


@pytest.mark.parametrize(
    ("mark", "flat"), [("0" * 16, True), ("f" * 16, True), ("0" * 14 + "7f", True), ("0" * 14 + "ff", False)]
)
def test_an_empty_sheet_is_known(mark: str, flat: bool) -> None:
    assert is_flat(mark) is flat


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京市 柳巷８号１幢２单元３０１室", "中国北京市柳巷8号1栋2单元301"),
        ("柳巷八号", "柳巷8号"),
        ("柳巷十二号3楼", "柳巷12号3F"),
        ("柳巷二十号楼", "柳巷20栋"),
        ("柳巷二〇八室", "柳巷208"),
        ("Willow Lane #8", "willow lane ＃8"),
        ("柳巷8号之一/301", "柳巷8号之一-301"),
        ("柳巷，8号。", "柳巷8号"),
    ],
)
def test_one_place_is_written_in_one_way(one: str, other: str) -> None:
    assert plain_address(one) == plain_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("柳巷8号1栋301", "柳巷8号1栋302"),
        ("柳巷8号", "柳巷18号"),
        ("柳巷8号11栋", "柳巷81号1栋"),
        ("梧桐路8号", "柳巷8号"),
        ("三号桥8号", "二号桥8号"),
    ],
)
def test_two_places_stay_two(one: str, other: str) -> None:
    assert plain_address(one) != plain_address(other)


@pytest.mark.parametrize(
    "text", ["上海市浦东新区柳巷8号", "浦东新区柳巷8号", "上海浦东柳巷 8 号", "上海市市辖区浦东新区柳巷8号", "柳巷八号"]
)
def test_regions_in_front_make_no_difference(text: str) -> None:
    assert plain_address(text, ("上海市", "市辖区", "浦东新区")) == "柳巷8"


def test_what_only_looks_like_a_region_stays() -> None:
    assert plain_address("区柳巷8号", ("区", "柳市")) == "柳巷8"
    assert plain_address("柳巷8号", ("柳市",)) == "柳巷8"


@pytest.mark.parametrize("text", ["", " ", "，。", "号"])
def test_nothing_stays_nothing(text: str) -> None:
    assert plain_address(text) in ("", "号")


@given(st.text(max_size=60))
def test_any_text_has_one_form_that_stays(text: str) -> None:
    once = plain_address(text)
    assert plain_address(once.replace("-", "")) == plain_address(once.replace("-", ""))
    assert not once.startswith("-")
