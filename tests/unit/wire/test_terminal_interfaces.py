"""Interfaces of terminals: data that cannot contradict itself, shipped or handed over by an acquirer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from xiaopos.wire.iso8583.framing import Header
from xiaopos.wire.iso8583.terminal_interfaces import INTERFACES, KEY_LAYOUTS, BadInterface, interface, read_interfaces

PLAIN = interface("unionpay-3des", "2012")
ROWS = list(INTERFACES.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_a_shipped_interface_is_found_by_name_and_version(row: Any) -> None:
    assert interface(row.name, row.version) is row
    assert any("\u4e00" <= letter <= "\u9fff" for letter in row.zh)
    assert row.en.isascii()
    assert Header.parse(bytes.fromhex(row.header)).encode().hex() == row.header
    assert row.confirmed == (row.key not in ("private-wallet-2017", "unionpay-sm4-draft"))


def test_key_layouts_are_those_of_field_62() -> None:
    sizes = {code: sum(size + 4 for _, size in slots) for code, slots in KEY_LAYOUTS.items()}
    assert sizes == {"001": 24, "003": 40, "004": 60}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", ""),
        ("zh", ""),
        ("header", "60"),
        ("sign_in_code", "005"),
        ("mac_kind", "cmac"),
        ("mac_key", "SM2"),
        ("pin_key", "DES"),
        ("pin_form", "iso4"),
        ("pin_form", "sm4_pan"),
        ("pin_cipher", "0"),
        ("tracks_encrypted", True),
        ("payer_code", "wx"),
        ("field_60_digits", 15),
        ("charset", "utf-8"),
        ("licence", "31"),
        ("downloads", "none-such"),
        ("unconfirmed", ("colour",)),
    ],
)
def test_what_contradicts_itself_is_refused_by_its_column(column: str, value: object) -> None:
    change: dict[str, Any] = {column: value}
    with pytest.raises(BadInterface, match=column):
        replace(PLAIN, **change)


def test_a_long_mac_key_does_not_fit_single_length_keys() -> None:
    with pytest.raises(BadInterface, match="mac_key"):
        replace(interface("unionpay-des", "2012"), mac_key="TDES2")


def _text(**change: object) -> str:
    row = {
        "name": "own", "version": "1", "zh": "自有", "en": "own", "header": "603100000000", "sign_in_code": "003",
        "mac_kind": "x9_19", "mac_key": "TDES2", "pin_key": "TDES2", "pin_form": "no_pan", "pin_cipher": "6",
        "tracks_encrypted": False, "payer_code": "", "field_60_digits": 14, "charset": "gbk", "licence": "1234",
    } | change  # fmt: skip
    words = {True: "true", False: "false"}
    lines = [
        f"{key} = {words[value] if isinstance(value, bool) else repr(value)}"
        for key, value in row.items()
        if value != ()
    ]
    return "[[interface]]\n" + "\n".join(lines) + "\n"


def test_an_acquirers_own_file_is_read() -> None:
    found = read_interfaces(_text() + _text(version="2", unconfirmed=["header"]))
    assert list(found) == ["own-1", "own-2"]
    assert found["own-2"].unconfirmed == ("header",)
    assert found["own-1"].confirmed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[interface", "no TOML"),
        ("a = 1", "no .*interface"),
        ("interface = [1]", "no .*interface"),
        (_text() + _text(), "twice"),
        (_text(colour="red"), "unknown columns .*colour"),
        (_text(licence=()), "missing columns .*licence"),
        (_text(field_60_digits="14"), "another type"),
        (_text(tracks_encrypted=1), "another type"),
        (_text(header="x"), "header"),
    ],
)
def test_a_file_that_describes_no_interface_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadInterface, match=words):
        read_interfaces(text)


def test_an_interface_nobody_ships_is_not_found() -> None:
    with pytest.raises(BadInterface, match="no interface unionpay-3des 1999"):
        interface("unionpay-3des", "1999")
