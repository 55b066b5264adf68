"""The tables between a key block's codes and our keys agree with each other and with the hierarchy."""

from __future__ import annotations

import itertools

import pytest

from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, WrappedKey
from xiaopos.keys.hierarchy import ALGORITHMS, BLOCK_CARRIED, CARRIES, MAC_KINDS, OPERATIONS, require_block_carrying
from xiaopos.keys.key_blocks_uses import KINDS_OF, OPERATIONS_OF, USAGES_OF, Limits, algorithm_of, codes_for
from xiaopos.keys.key_blocks_words import ALGORITHMS as LETTERS
from xiaopos.keys.key_blocks_words import MODES, USAGES

U, A = KeyUsage, KeyAlgorithm
TRAVELLING = sorted(set().union(*CARRIES.values()), key=lambda each: each.value)


def test_every_code_is_the_standards() -> None:
    assert set(USAGES_OF) <= set(USAGES)
    assert set(OPERATIONS_OF) <= set(MODES)
    assert set(KINDS_OF) <= set(USAGES_OF)


@pytest.mark.parametrize("usage", TRAVELLING)
def test_every_travelling_key_has_codes_that_bring_it_back_with_its_uses(usage: KeyUsage) -> None:
    for algorithm in ALGORITHMS[usage] - {A.SM4}:
        code, letter, mode = codes_for(usage, algorithm)
        assert letter in LETTERS
        limits = Limits.for_import(code, mode, "N", usage)
        assert any(limits.allows(operation) for operation in OPERATIONS[usage])
        assert algorithm_of(letter, algorithm.key_length) is algorithm
        if usage in (U.TAK, U.ZAK):
            assert limits.kinds(MAC_KINDS[algorithm])


def test_keys_without_codes_are_refused() -> None:
    for usage, algorithm, fault in (
        (U.SEAL, A.AES256, KeyFault.WRONG_USAGE),
        (U.TPK, A.SM4, KeyFault.WRONG_ALGORITHM),
    ):
        with pytest.raises(KeyRefused) as caught:
            codes_for(usage, algorithm)
        assert caught.value.fault is fault


@pytest.mark.parametrize("text", ["P0E", "P0ENN", "Q7EN", "P0QN", "P0EQ", "p0EN"])
def test_other_limits_are_none(text: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        Limits(text)
    assert caught.value.fault is KeyFault.BAD_BLOB


def test_a_wrapped_key_keeps_its_limits_in_its_text() -> None:
    key = WrappedKey(U.TPK, A.TDES2, "8D0A74B8", b"blob", "P0EN")
    assert key.text() == "x2.TPK.TDES2.8D0A74B8.YmxvYg==.P0EN"
    assert WrappedKey.from_text(key.text()) == key
    assert key.key_id != WrappedKey(U.TPK, A.TDES2, "8D0A74B8", b"blob").key_id
    for text in (
        "x1.TPK.TDES2.8D0A74B8.YmxvYg==.P0EN",
        "x2.TPK.TDES2.8D0A74B8.YmxvYg==",
        "x2.TPK.TDES2.8D0A74B8.YmxvYg==.",
        "x2.TPK.TDES2.8D0A74B8.YmxvYg==.P0",
    ):
        with pytest.raises(KeyRefused) as caught:
            WrappedKey.from_text(text)
        assert caught.value.fault is KeyFault.BAD_BLOB


@pytest.mark.parametrize(("kek", "usage"), list(itertools.product([U.ZMK, U.TMK, U.TAK], KeyUsage)))
def test_blocks_carry_by_the_same_purposes_as_ecb(kek: KeyUsage, usage: KeyUsage) -> None:
    if usage in CARRIES.get(kek, ()):
        require_block_carrying(kek, A.AES256, usage, A.AES256)
    else:
        with pytest.raises(KeyRefused) as caught:
            require_block_carrying(kek, A.AES256, usage, A.AES256)
        assert caught.value.fault is KeyFault.WRONG_USAGE


@pytest.mark.parametrize(("kek", "algorithm"), list(itertools.product(KeyAlgorithm, KeyAlgorithm)))
def test_a_block_carries_nothing_stronger_than_its_carrier(kek: KeyAlgorithm, algorithm: KeyAlgorithm) -> None:
    if algorithm in BLOCK_CARRIED.get(kek, ()):
        require_block_carrying(U.ZMK, kek, U.ZPK, algorithm)
        if kek.value.startswith("AES") and algorithm.value.startswith("AES"):
            assert algorithm.key_length <= kek.key_length
    else:
        with pytest.raises(KeyRefused) as caught:
            require_block_carrying(U.ZMK, kek, U.ZPK, algorithm)
        assert caught.value.fault is KeyFault.WRONG_ALGORITHM
