"""Card numbers print masked; secrets do not print."""

from __future__ import annotations

import pytest

from xiaopos.kernel.secret import Pan, Secret, luhn_ok, mask_pan

CANARY = "6225561620345170"


def test_a_card_number_prints_masked_however_it_is_printed() -> None:
    pan = Pan(CANARY)
    printed = [str(pan), repr(pan), f"{pan}", f"{pan!r}", f"{pan:>20}", str([pan]), "%s" % pan]  # noqa: UP031 - this way too
    assert not any(CANARY in text for text in printed)
    assert str(pan) == "622556******5170"
    assert repr(pan) == "Pan(622556******5170)"


def test_only_digits_and_bin_give_more_away() -> None:
    assert Pan(CANARY).digits == CANARY
    assert Pan(CANARY).bin == "622556"
    assert Pan(CANARY) == Pan(CANARY)


@pytest.mark.parametrize(
    "digits", ["", "1" * 11, "1" * 20, "62255616203451 70", "622556162034517X", "６２２５５６１６２０３４５１７０"]
)
def test_a_wrong_card_number_is_refused_without_being_repeated(digits: str) -> None:
    with pytest.raises(ValueError, match="12 to 19 digits") as caught:
        Pan(digits)
    assert not digits or digits not in str(caught.value)


def test_masking_keeps_six_and_four() -> None:
    assert mask_pan("1" * 12) == "111111**1111"
    assert mask_pan("1" * 19) == "111111*********1111"


def test_the_check_digit_of_a_real_number_fits_and_another_does_not() -> None:
    assert luhn_ok("4111111111111111")
    assert luhn_ok("79927398713")
    assert not luhn_ok("4111111111111112")


def test_a_secret_tells_its_length_and_nothing_else() -> None:
    secret = Secret(b"990000000000000001")
    assert str(secret) == repr(secret) == f"{secret}" == "Secret(18 bytes)"
    assert secret.value == b"990000000000000001"
