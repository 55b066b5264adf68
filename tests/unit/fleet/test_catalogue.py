"""The catalogue of models: what a row must say, and which version stands on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from xiaopos.fleet.catalogue import (
    CATALOGUE,
    Capability,
    CatalogueBroken,
    model_of,
    read_catalogue,
    standing,
)

DAY = date(2026, 6, 1)
ROW = """
[[model]]
key = "XP-T1"
version = 1
valid_from = 2026-01-01
zh = "试"
en = "Trial"
year = 2026
capabilities = ["chip", "qr", "4g"]
screen = 30
languages = ["zh"]
profiles = ["unionpay-3des-2012"]
certificate = "T-1"
certificate_until = 2029-01-01
price = 100
"""


def test_the_rows_that_come_with_the_house_are_invented_and_differ() -> None:
    assert len(CATALOGUE) == len({model.key for model in CATALOGUE}) == 6
    assert all(model.key.startswith("XP-") and model.certificate.startswith("DEMO-") for model in CATALOGUE)


def test_a_row_is_read_whole() -> None:
    (model,) = read_catalogue(ROW)
    assert model.capabilities == {Capability.CHIP, Capability.QR, Capability.MOBILE_4G}
    assert (model.screen, model.price_minor, model.certificate_until) == (30, 100, date(2029, 1, 1))
    assert model.scans
    assert model.takes_pins


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('key = "XP-T1"', "key = 7", "row 1: key is no str"),
        ('key = "XP-T1"', f'key = "{"x" * 33}"', "1 to 32"),
        ("version = 1", "version = 0", "versions begin with 1"),
        ('"chip", ', '"chips", ', "a capability that nobody knows"),
        ('["unionpay-3des-2012"]', '["morse"]', "the host does not serve"),
        ('["unionpay-3des-2012"]', "[]", "no interface"),
        ('languages = ["zh"]', "languages = []", "no language"),
        ("screen = 30", "screen = 300", "no such screen"),
        ('certificate = "T-1"', 'certificate = ""', "no certificate"),
        ("price = 100", "price = 0", "costs nothing"),
        ("price = 100", "price = true", "price is no int"),
        ("price = 100", "price = 100\ncolour = 3", "a column that nobody knows"),
        ("price = 100", "price 100", "no TOML"),
    ],
)
def test_what_is_no_model(before: str, after: str, says: str) -> None:
    with pytest.raises(CatalogueBroken, match=says):
        read_catalogue(ROW.replace(before, after))


def test_a_model_has_each_version_once() -> None:
    with pytest.raises(CatalogueBroken, match="row 2: XP-T1 has this version already"):
        read_catalogue(ROW + ROW)


def test_the_newest_version_whose_day_has_come_stands() -> None:
    (first,) = read_catalogue(ROW)
    second = replace(first, version=2, valid_from=DAY, price_minor=90)
    other = replace(first, key="XP-A0", valid_from=DAY + timedelta(days=1))
    rows = (second, first, other)
    assert standing(rows, DAY - timedelta(days=1)) == (first,)
    assert standing(rows, DAY) == (second,)
    assert standing(rows, DAY + timedelta(days=1)) == (other, second)
    assert model_of("XP-T1", DAY, rows) is second
    assert model_of("XP-ZZ", DAY) is None


def test_a_scanner_without_a_place_for_codes_scans_nothing() -> None:
    (model,) = read_catalogue(ROW)
    assert not replace(model, capabilities=frozenset({Capability.CHIP})).scans
    assert not replace(model, profiles=("unionpay-des-2012",)).takes_pins
