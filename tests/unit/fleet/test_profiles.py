"""Terminal profiles: a table that cannot contradict itself."""

from __future__ import annotations

import pytest

from xiaopos.fleet.profiles import PROFILES, SUITE_WORDS, KeyLayout, TerminalProfile
from xiaopos.keys import KeyAlgorithm, KeyUsage
from xiaopos.keys.suites import SuiteName
from xiaopos.wire.iso8583.terminal_interfaces import INTERFACES

ROWS = list(PROFILES.values())


def test_every_profile_is_found_by_its_own_name() -> None:
    assert all(PROFILES[name].name == name for name in PROFILES)


@pytest.mark.parametrize("profile", ROWS, ids=lambda profile: profile.name)
def test_a_profile_has_a_name_for_people_in_both_languages(profile: TerminalProfile) -> None:
    assert any("\u4e00" <= letter <= "\u9fff" for letter in profile.chinese)
    assert profile.english.isascii()


@pytest.mark.parametrize("profile", ROWS, ids=lambda profile: profile.name)
def test_a_profiles_suite_is_its_rows(profile: TerminalProfile) -> None:
    row = INTERFACES[profile.name]
    assert (profile.suite.mac.value, profile.suite.pin.value) == (
        row.mac_key,
        row.pin_key if profile.takes_pins else "TDES2",
    )
    assert (profile.suite.mac_kind.value, profile.suite.pin_form.value) == (row.mac_kind, row.pin_form)
    assert profile.confirmed is (profile.suite.name is not SuiteName.GM)


def test_every_suite_has_a_name_for_people_in_both_languages() -> None:
    assert set(SUITE_WORDS) == set(SuiteName)
    assert all(english.isascii() for _, english in SUITE_WORDS.values())


def test_a_terminal_gets_the_keys_of_its_suite_that_its_layout_has_room_for() -> None:
    assert PROFILES["unionpay-3des-2012"].working_keys() == {
        KeyUsage.TPK: KeyAlgorithm.TDES2,
        KeyUsage.TAK: KeyAlgorithm.DES,
    }
    assert PROFILES["unionpay-3des-track-2012"].working_keys()[KeyUsage.TDK] is KeyAlgorithm.TDES2
    assert set(PROFILES["unionpay-sm4-draft"].working_keys().values()) == {KeyAlgorithm.SM4}


def test_single_length_keys_take_no_pin() -> None:
    assert PROFILES["unionpay-des-2012"].working_keys() == {KeyUsage.TAK: KeyAlgorithm.DES}
    assert [row.name for row in ROWS if not row.takes_pins] == ["unionpay-des-2012"]


def test_a_key_layout_is_named_by_its_network_management_code() -> None:
    assert [KeyLayout(code) for code in ("001", "003", "004")] == list(KeyLayout)
