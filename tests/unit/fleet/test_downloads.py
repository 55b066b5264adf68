"""What terminals are given to download: which rows stand, which are fit, and the demo's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from xiaopos.fleet.asks import ASK_WORDS, TerminalAsk, belongs_to
from xiaopos.fleet.downloads import DownloadKind, DownloadRow, fault_of, key_of_entry, standing
from xiaopos.fleet.profiles import PROFILES
from xiaopos.simulator import chip_lists
from xiaopos.wire.iso8583.meaning import TRANSACTIONS

SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)
PLAIN, MIXED = "unionpay-3des-2012", "unionpay-3des-mac-2012"


def parameter(key: str, content: str, valid_from: date = SPRING, profile: str = "") -> DownloadRow:
    return DownloadRow(DownloadKind.PARAMETERS, key, profile, valid_from, content)


def contents(rows: list[DownloadRow], on: date, profile: str = PLAIN) -> list[str]:
    return [row.content for row in standing(rows, profile, on)]


def test_the_newest_row_of_a_key_stands_from_its_day_on() -> None:
    rows = [parameter("12", "30", SUMMER), parameter("12", "60"), parameter("23", "3")]
    assert contents(rows, date(2026, 2, 1)) == []
    assert contents(rows, SPRING) == ["60", "3"]
    assert contents(rows, SUMMER) == ["30", "3"]


def test_a_profiles_own_row_stands_before_a_newer_one_for_all() -> None:
    rows = [parameter("12", "90", SPRING, MIXED), parameter("12", "30", SUMMER)]
    assert contents(rows, AUTUMN, MIXED) == ["90"]
    assert contents(rows, AUTUMN, PLAIN) == ["30"]


def test_an_entry_without_content_is_withdrawn() -> None:
    rows = [parameter("12", "60"), parameter("12", "", SUMMER)]
    assert contents(rows, SPRING) == ["60"]
    assert contents(rows, SUMMER) == []


def key_row(content: str, key: str = "A0000003330A") -> DownloadRow:
    return DownloadRow(DownloadKind.PUBLIC_KEYS, key, "", SPRING, content)


KEY = chip_lists.PUBLIC_KEYS["A0000003330A"]


def test_everything_that_the_demo_gives_is_fit_and_every_public_keys_checksum_is_right() -> None:
    lists = {
        DownloadKind.PUBLIC_KEYS: chip_lists.PUBLIC_KEYS,
        DownloadKind.CHIP_PARAMETERS: chip_lists.CHIP_PARAMETERS,
        DownloadKind.PARAMETERS: chip_lists.PARAMETERS,
        DownloadKind.BLACKLIST: {begins: begins for begins in chip_lists.BLACKLIST},
    }
    assert set(lists) == set(DownloadKind)
    for kind, entries in lists.items():
        for key, content in entries.items():
            assert fault_of(DownloadRow(kind, key, "", SPRING, content)) == ""
    assert key_of_entry(bytes.fromhex(KEY), DownloadKind.PUBLIC_KEYS) == "A0000003330A"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (key_row(KEY.replace("C88BE6", "C88BE7")), "checksum"),
        (key_row(KEY[: KEY.index("DF0314")]), "checksum"),
        (key_row(KEY, "A0000003330B"), "own"),
        (key_row("9F0605A0000003339F22010ADF0508" + "32" * 8 + "DF040103"), "lacks tag DF02"),
        (key_row("9F0605A0000003339F22010ADF040103"), "lacks tag DF05"),
        (key_row("9F0605A000000333"), "9F22"),
        (key_row("9F06"), "field 62"),
        (key_row("no hex"), "hex"),
        (parameter("99", "1"), "parameter"),
        (parameter("12", "1234"), "12"),
        (DownloadRow(DownloadKind.BLACKLIST, "62000099", "", SPRING, "62000098"), "own key"),
        (DownloadRow(DownloadKind.BLACKLIST, "62000", "", SPRING, "62000"), "6 to 12 digits"),
        (DownloadRow(DownloadKind.BLACKLIST, "62000x", "", SPRING, "62000x"), "6 to 12 digits"),
    ],
)
def test_what_is_unfit_is_told_in_words(row: DownloadRow, why: str) -> None:
    assert why in fault_of(row)


def test_a_key_of_another_algorithm_is_taken_and_a_withdrawal_always_is() -> None:
    assert fault_of(key_row(KEY.replace("DF070101", "DF070111").replace("C88BE6", "000000"))) == ""
    assert fault_of(replace(key_row(KEY), content="")) == ""


def test_every_ask_has_words_and_a_digit_in_every_profile() -> None:
    assert set(ASK_WORDS) == set(TerminalAsk)
    for profile in PROFILES.values():
        assert set(profile.downloads.asks) == {ask.value for ask in TerminalAsk}
    assert [ask.urgency for ask in TerminalAsk] == list(range(len(TerminalAsk)))


def test_messages_belong_to_what_they_comply_with() -> None:
    names = [row.name for row in TRANSACTIONS]
    families = {ask: [name for name in names if belongs_to(name, ask)] for ask in TerminalAsk}
    assert families == {
        TerminalAsk.SIGN_IN: ["sign_in_des", "sign_in", "sign_in_track"],
        TerminalAsk.PUBLIC_KEYS: ["public_keys_query", "public_keys", "public_keys_end"],
        TerminalAsk.CHIP_PARAMETERS: ["chip_parameters_query", "chip_parameters", "chip_parameters_end"],
        TerminalAsk.PARAMETERS: ["parameters", "parameters_end"],
        TerminalAsk.BLACKLIST: ["blacklist", "blacklist_end"],
        TerminalAsk.STATUS: ["status"],
    }
