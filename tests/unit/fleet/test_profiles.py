"""Terminal profiles: a table that cannot contradict itself."""

from __future__ import annotations

import pytest

from xiaopos.fleet.profiles import PROFILES, KeyLayout, TerminalProfile
from xiaopos.keys import KeyAlgorithm, MacKind, PinFormat

ROWS = list(PROFILES.values())


def test_every_profile_is_found_by_its_own_name() -> None:
    assert all(PROFILES[name].name == name for name in PROFILES)


@pytest.mark.parametrize("profile", ROWS, ids=lambda profile: profile.name)
def test_a_profile_has_a_name_for_people_in_both_languages(profile: TerminalProfile) -> None:
    assert any("\u4e00" <= letter <= "\u9fff" for letter in profile.chinese)
    assert profile.english.isascii()


@pytest.mark.parametrize("profile", ROWS, ids=lambda profile: profile.name)
def test_a_profiles_mac_can_be_made_with_its_key(profile: TerminalProfile) -> None:
    allowed = {
        KeyAlgorithm.DES: {MacKind.UNIONPAY_ECB, MacKind.X9_9},
        KeyAlgorithm.TDES2: {MacKind.UNIONPAY_ECB, MacKind.X9_9, MacKind.X9_19},
    }
    assert profile.mac_kind in allowed[profile.mac_key]
    assert profile.pin_form in (PinFormat.ISO0, PinFormat.NO_PAN)


def test_a_key_layout_is_named_by_its_network_management_code() -> None:
    assert [KeyLayout(code) for code in ("001", "003", "004")] == list(KeyLayout)
