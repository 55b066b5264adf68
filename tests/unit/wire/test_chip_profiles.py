"""What field 55 must, may and should not carry."""

from __future__ import annotations

from support.chip_samples import CHIP, WHOLE_CHIP
from xiaopos.wire.emv.dictionary import TAGS
from xiaopos.wire.emv.field55 import CHIP_PROFILES, PROFILES_OF, check_against_message, profile_of, words_of
from xiaopos.wire.emv.tlv import Tlv, parse
from xiaopos.wire.iso8583.meaning import TRANSACTIONS

WHOLE = parse(WHOLE_CHIP)


def test_every_tag_that_a_profile_lists_is_in_the_dictionary() -> None:
    for profile in CHIP_PROFILES.values():
        assert profile.listed <= TAGS.keys()
        assert not profile.must & (profile.conditional | profile.optional)


def test_profiles_belong_to_transactions_that_exist() -> None:
    assert PROFILES_OF.keys() <= {row.name for row in TRANSACTIONS}
    for request, answer in PROFILES_OF.values():
        assert request in CHIP_PROFILES
        assert answer is None or answer in CHIP_PROFILES
    assert profile_of("sale") is CHIP_PROFILES["request"]
    assert profile_of("sale", answer=True) is CHIP_PROFILES["answer"]
    assert profile_of("script_notice") is CHIP_PROFILES["script result"]
    assert profile_of("reversal", answer=True) is None
    assert profile_of("void") is None


def test_a_profile_says_what_is_missing_and_what_it_does_not_list() -> None:
    profile = CHIP_PROFILES["request"]
    objects = parse(CHIP)
    assert "9F37" in profile.missing(objects)
    assert "9F26" not in profile.missing(objects)
    assert profile.unlisted([*objects, Tlv("C0", b"")]) == ["C0"]
    assert CHIP_PROFILES["answer"].missing([]) == []


def test_a_whole_request_has_no_findings() -> None:
    assert CHIP_PROFILES["request"].check(WHOLE) == []


def test_findings_are_sentences_the_grave_ones_first() -> None:
    profile = CHIP_PROFILES["reversal"]
    found = profile.check([Tlv("C0", b""), Tlv("95", b"\x00"), Tlv("95", bytes(5)), Tlv("9F10", bytes(250))])
    assert words_of(found) == [
        (
            "9F36 应用交易计数器: 缺少必备标签",
            "9F36 application transaction counter: a tag that must be there is missing",
        ),
        ("共 266 字节,最多 255", "266 bytes, at most 255"),
        ("C0 未列入的标签", "C0 a tag that this message does not list"),
        ("95 终端验证结果: 重复 2 次", "95 terminal verification results: comes 2 times"),
        ("95 终端验证结果: 长度 1,应为 5 字节", "95 terminal verification results: 1 bytes, the standard says 5"),
        (
            "9F10 发卡行应用数据: 长度 250,应为 0-32 字节",
            "9F10 issuer application data: 250 bytes, the standard says 0-32",
        ),
    ]
    assert [row.grave for row in profile.check([Tlv("9F36", b"\x00")])] == [True]
    assert CHIP_PROFILES["answer"].check([Tlv("71", b""), Tlv("71", b""), Tlv("91", bytes(10))]) == []


def test_the_chips_amount_and_currency_agree_with_the_message() -> None:
    assert check_against_message(WHOLE, amount_minor=1234, currency="156") == []
    assert check_against_message([], amount_minor=1, currency="156") == []
    assert [row.tag for row in check_against_message(WHOLE, amount_minor=1235, currency="344")] == ["9F02", "5F2A"]
    assert [row.tag for row in check_against_message([Tlv("9F02", b"\x01")], amount_minor=1, currency="156")] == [
        "9F02"
    ]
