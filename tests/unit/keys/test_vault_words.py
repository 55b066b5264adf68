"""The words of the room: wrapped keys, refusals, sealed bytes."""

from __future__ import annotations

import base64
import dataclasses

import pytest

from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, WrappedKey, sealed_with

KEY = WrappedKey(KeyUsage.TAK, KeyAlgorithm.TDES2, "8D0A74B8", bytes(range(44)))


def test_a_wrapped_key_goes_to_text_and_back() -> None:
    for usage in KeyUsage:
        for algorithm in KeyAlgorithm:
            key = WrappedKey(usage, algorithm, "00FF00FF", b"\xfb\xff\xfe blob")
            assert WrappedKey.from_text(key.text()) == key
    assert KEY.text().startswith("x1.TAK.TDES2.8D0A74B8.")
    assert "\n" not in KEY.text()


def test_a_wrapped_key_shows_its_usage_and_check_value_only() -> None:
    assert repr(KEY) == str(KEY) == f"{KEY}" == "WrappedKey(TAK, 8D0A74B8)"


def test_a_wrapped_key_does_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        KEY.kcv = "00000000"  # type: ignore[misc]  # the assignment is what must fail


@pytest.mark.parametrize("kcv", ["", "8D0A74", "8d0a74b8", "8D0A74B8AA", "8D0A74BG", "8D0A74B8\n"])
def test_a_check_value_is_eight_upper_case_hex_digits(kcv: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        WrappedKey(KeyUsage.TAK, KeyAlgorithm.DES, kcv, b"")
    assert refused.value.fault is KeyFault.CHECK_VALUE


GOOD = base64.urlsafe_b64encode(b"blob").decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x1.TAK.TDES2.8D0A74B8",
        f"x2.TAK.TDES2.8D0A74B8.{GOOD}",
        f"x1.NOPE.TDES2.8D0A74B8.{GOOD}",
        f"x1.TAK.NOPE.8D0A74B8.{GOOD}",
        "x1.TAK.TDES2.8D0A74B8.a",
        "x1.TAK.TDES2.8D0A74B8.!!!!",
        "x1.TAK.TDES2.8D0A74B8.密钥",
        f"x1.TAK.TDES2.8D0A74B8.{GOOD}.more",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        WrappedKey.from_text(text)
    assert refused.value.fault is KeyFault.BAD_BLOB


def test_a_refusal_names_the_fault() -> None:
    refused = KeyRefused(KeyFault.WEAK_KEY, "this DES key is weak")
    assert str(refused) == "weak_key: this DES key is weak"
    assert refused.fault is KeyFault.WEAK_KEY


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(40), b"\x01\x00\x00\x00"])
def test_bytes_that_no_vault_sealed_name_no_key(sealed: bytes) -> None:
    with pytest.raises(KeyRefused) as refused:
        sealed_with(sealed)
    assert refused.value.fault is KeyFault.BAD_SEAL
