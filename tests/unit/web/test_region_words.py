"""Names of regions: whole as an address begins, steps from a province down, and digits for what no list knows."""

from __future__ import annotations

from xiaopos.web.region_words import is_region, region_name, region_names, within


def test_a_region_is_called_with_those_it_lies_in() -> None:
    assert region_names(("31", "3205", "320506")) == ["上海市", "江苏省 苏州市", "江苏省 苏州市 吴中区"]
    assert region_name("3101") == "上海市"  # what fills the second step of a municipality has no name of its own
    assert [region_name(digits) for digits in ("3299", "9999")] == ["江苏省 3299", "9999"]
    assert [is_region(digits) for digits in ("31", "320506", "99", "")] == [True, True, False, False]


def test_one_goes_down_step_by_step() -> None:
    provinces = within()
    assert len(provinces) == 34
    assert provinces[0] == ("11", "北京市")
    assert ("3205", "苏州市") in within("32")
    assert ("320506", "吴中区") in within("3205")
    assert ("310101", "黄浦区") in within("31")  # a municipality has no cities
    assert within("320506") == []
