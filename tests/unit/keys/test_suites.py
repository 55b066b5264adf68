"""Suites: whole, consistent with the tables, and side by side in one vault."""

from __future__ import annotations

import pytest

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, PinFormat, SoftwareVault
from xiaopos.keys.hierarchy import ALGORITHMS, MAC_KINDS, PIN_FORMS
from xiaopos.keys.pin_rules import UNCONFIRMED
from xiaopos.keys.suites import SUITES, Suite, SuiteName, suite, suite_for, suite_named

PAN = Pan("6225561620345170")


def test_each_suite_keeps_to_the_tables() -> None:
    assert set(SUITES) == set(SuiteName)
    for name, row in SUITES.items():
        assert row.name is name
        assert row.carrier in ALGORITHMS[KeyUsage.TMK]
        assert row.mac_kind in MAC_KINDS[row.mac]
        assert row.pin_form in PIN_FORMS[row.pin]
        assert row.pin_form_without_pan is None or row.pin_form_without_pan in PIN_FORMS[row.pin]
        for usage, algorithm in {**row.working_keys(), **row.zone_keys()}.items():
            assert algorithm in ALGORITHMS[usage], (name, usage)
        assert bool(row.unconfirmed) == (row.pin_form in UNCONFIRMED)


def test_a_suite_without_track_encryption_has_no_track_key() -> None:
    assert KeyUsage.TDK not in suite(SuiteName.AES).working_keys()
    assert KeyUsage.TDK in suite(SuiteName.GM).working_keys()


@pytest.mark.parametrize("row", SUITES.values(), ids=lambda row: row.name.value)
def test_a_suites_keys_travel_under_its_carrier_and_aes_keys_in_blocks_only(row: Suite) -> None:
    in_blocks = row.name is SuiteName.AES
    assert row.travels_under(row.carrier) is not in_blocks
    assert row.travels_under(KeyAlgorithm.TDES3) is (row.carrier is KeyAlgorithm.TDES2)
    assert not row.travels_under(KeyAlgorithm.HMAC256)


def test_a_name_that_is_none_is_refused_with_those_that_are() -> None:
    with pytest.raises(KeyRefused, match="one of des_mac, tdes, gm, aes, not 'rot13'") as refused:
        suite_named("rot13")
    assert refused.value.fault is KeyFault.WRONG_ALGORITHM


def test_a_profile_finds_its_suite_by_its_mac_key_and_keeps_its_own_forms() -> None:
    found = suite_for(mac=KeyAlgorithm.SM4, mac_kind=MacKind.SM4_CMAC_8, pin_form=PinFormat.SM4_PADDED)
    assert (found.name, found.mac_kind, found.pin_form) == (
        SuiteName.GM,
        MacKind.SM4_CMAC_8,
        PinFormat.SM4_PADDED,
    )
    for row in SUITES.values():
        assert suite_for(mac=row.mac, mac_kind=row.mac_kind, pin_form=row.pin_form) == row


@pytest.mark.parametrize(
    ("mac", "kind", "form"),
    [
        (KeyAlgorithm.HMAC256, MacKind.HMAC_SHA256, PinFormat.ISO0),
        (KeyAlgorithm.DES, MacKind.X9_19, PinFormat.ISO0),
        (KeyAlgorithm.SM4, MacKind.UNIONPAY_ECB, PinFormat.ISO0),
    ],
)
def test_what_belongs_to_no_suite_is_refused(mac: KeyAlgorithm, kind: MacKind, form: PinFormat) -> None:
    with pytest.raises(KeyRefused, match="no suite has") as refused:
        suite_for(mac=mac, mac_kind=kind, pin_form=form)
    assert refused.value.fault is KeyFault.WRONG_ALGORITHM


@pytest.mark.parametrize("terminal", list(SuiteName))
@pytest.mark.parametrize("channel", list(SuiteName))
def test_a_terminal_of_any_suite_pays_through_a_channel_of_any(
    vault: SoftwareVault, terminal: SuiteName, channel: SuiteName
) -> None:
    spoken, beyond = suite(terminal), suite(channel)
    working = {
        usage: vault.generate(usage=usage, algorithm=algorithm) for usage, algorithm in spoken.working_keys().items()
    }
    zone = {usage: vault.generate(usage=usage, algorithm=algorithm) for usage, algorithm in beyond.zone_keys().items()}
    message = b"0200 a sale"
    mac = vault.mac(key=working[KeyUsage.TAK], data=message, kind=spoken.mac_kind)
    assert vault.verify_mac(key=working[KeyUsage.TAK], data=message, kind=spoken.mac_kind, mac=mac)
    block = vault.encrypt_pin(key=working[KeyUsage.TPK], pin=Secret(b"135790"), pan=PAN, form=spoken.pin_form)
    moved = vault.translate_pin(
        block=block,
        from_key=working[KeyUsage.TPK],
        from_form=spoken.pin_form,
        to_key=zone[KeyUsage.ZPK],
        to_form=beyond.pin_form,
        pan=PAN,
    )
    assert vault.verify_pin(
        block=moved, key=zone[KeyUsage.ZPK], form=beyond.pin_form, pan=PAN, expected=Secret(b"135790")
    )
    assert len(vault.mac(key=zone[KeyUsage.ZAK], data=message, kind=beyond.mac_kind)) == 8
