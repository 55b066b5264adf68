"""Counters skip as the standards say, and a device's state survives, forgets what is past, and ends."""

from __future__ import annotations

import random
from math import comb

import pytest

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyFault, KeyRefused, dukpt_aes, dukpt_tdes
from xiaopos.keys.dukpt_device import DukptDevice
from xiaopos.keys.dukpt_ksn import DukptKind, Ksn, KsnStep, step

TDES = Ksn.from_text("FFFF9876543210E00000")
AES = Ksn.from_text("123456789012345600000000")
KEYS = {TDES: bytes.fromhex("6AC292FAA1315B4D858AB3A3D7D5933A"), AES: bytes.fromhex("1273671EA26AC29AFA4D1084127652A1")}


def near(ksn: Ksn, counter: int) -> DukptDevice:
    """A device that has come as far as `counter`, with the registers it would have: the zero bits below its lowest one,
    and every zero bit above that a later counter takes."""
    coming = Ksn(ksn.kind, ksn.device, counter)
    derive = dukpt_tdes.transaction_key if ksn.kind is DukptKind.TDES else dukpt_aes.transaction_key
    registers, at = {}, coming
    while True:
        lowest = at.counter & -at.counter
        registers[lowest.bit_length() - 1] = derive(KEYS[ksn], at)
        above = at.counter + lowest
        if above >> ksn.kind.counter_bits:
            return DukptDevice(coming, coming, registers)
        at = Ksn(ksn.kind, ksn.device, above)


def test_counters_of_tdes_reach_every_number_with_at_most_ten_ones() -> None:
    ksn, seen = TDES.following(), 0
    while ksn is not None:
        assert ksn.is_usable
        seen += 1
        ksn = ksn.following()
    assert seen == sum(comb(21, ones) for ones in range(1, 11))


def test_counters_of_aes_skip_what_has_more_than_sixteen_ones() -> None:
    def after(counter: int) -> int | None:
        following = Ksn(AES.kind, AES.device, counter).following()
        return None if following is None else following.counter

    assert after(0) == 1
    assert after(0x1FFFE) == 0x20000
    assert after(0x20000) == 0x20001
    assert after(0xFFFF0000) is None
    assert after(0xFFFE8000) == 0xFFFF0000


@pytest.mark.parametrize(("ksn", "far"), [(TDES, 0x1FF7F0), (TDES, 0x0FF7FE), (AES, 0xFFFE7F00), (AES, 0x1FFF0)])
def test_a_device_and_the_host_agree_far_along_and_over_skips(ksn: Ksn, far: int) -> None:
    start = Ksn(ksn.kind, ksn.device, far)
    while not start.is_usable:
        start = Ksn(ksn.kind, ksn.device, start.counter + 1)
    device = near(ksn, start.counter)
    derive = dukpt_tdes.transaction_key if ksn.kind is DukptKind.TDES else dukpt_aes.transaction_key
    expected: Ksn | None = start
    for _ in range(40):
        if expected is None:
            break
        taken = device.take()
        assert taken.ksn == expected
        assert taken.key.value == derive(KEYS[ksn], expected)
        device = DukptDevice.load(device.saved())
        expected = expected.following()


@pytest.mark.parametrize(("ksn", "last"), [(TDES, 0x1FF800), (AES, 0xFFFF0000)])
def test_a_device_ends_when_its_keys_are_used_up(ksn: Ksn, last: int) -> None:
    device = near(ksn, last)
    assert not device.is_used_up
    device.take()
    assert device.is_used_up
    assert repr(device) == f"DukptDevice({ksn.kind.name}, used up)"
    again = DukptDevice.load(device.saved())
    for each in (device, again):
        with pytest.raises(KeyRefused) as caught:
            each.take()
        assert caught.value.fault is KeyFault.WRONG_STATE


@pytest.mark.parametrize("ksn", [TDES, AES])
def test_what_is_saved_holds_no_key_of_the_past(ksn: Ksn) -> None:
    device = DukptDevice.begin(Secret(KEYS[ksn]), ksn)
    taken = [device.take() for _ in range(20)]
    saved = device.saved().value
    assert KEYS[ksn] not in saved
    assert not any(each.key.value in saved for each in taken)
    assert taken[0].key.value.hex() not in repr(device) + repr(taken[0])


def test_every_damage_to_a_saved_state_is_found() -> None:
    saved = DukptDevice.begin(Secret(KEYS[TDES]), TDES).saved().value
    rng = random.Random(7)
    damaged = [saved[:cut] for cut in range(len(saved))]
    for _ in range(200):
        place = rng.randrange(len(saved))
        damaged.append(saved[:place] + bytes((saved[place] ^ 1 << rng.randrange(8),)) + saved[place + 1 :])
    for each in damaged:
        with pytest.raises(KeyRefused) as caught:
            DukptDevice.load(Secret(each))
        assert caught.value.fault is KeyFault.BAD_BLOB


def test_a_key_of_another_kind_does_not_begin_a_device() -> None:
    with pytest.raises(KeyRefused) as caught:
        DukptDevice.begin(Secret(bytes(24)), TDES)
    assert caught.value.fault is KeyFault.WRONG_LENGTH
    assert DukptDevice.begin(Secret(bytes(24)), AES).take().ksn.counter == 1


def test_numbers_are_read_in_every_form_terminals_send() -> None:
    assert Ksn.of(TDES.raw) == TDES
    assert Ksn.from_text("9876543210e00000") == TDES
    assert Ksn.from_text("123456789012345600000000").kind is DukptKind.AES
    for text in ("", "9", "G" * 20, "1" * 21, "1" * 22, "1" * 23, "1" * 25, "FFFF9876543210E0000\n"):
        with pytest.raises(KeyRefused) as caught:
            Ksn.from_text(text)
        assert caught.value.fault is KeyFault.WRONG_LENGTH
    with pytest.raises(KeyRefused):
        Ksn.of(bytes(11))


def test_how_a_number_stands_to_the_last_one() -> None:
    fifth, ninth = (Ksn(TDES.kind, TDES.device, counter) for counter in (5, 9))
    assert step(None, fifth) is KsnStep.FORWARD
    assert step(fifth, ninth) is KsnStep.FORWARD
    assert step(ninth, ninth) is KsnStep.REPEATED
    assert step(ninth, fifth) is KsnStep.BACKWARD
    assert step(ninth, Ksn(TDES.kind, TDES.device + 1, 10)) is KsnStep.OTHER_DEVICE
    assert step(ninth, AES) is KsnStep.OTHER_DEVICE
