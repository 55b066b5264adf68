"""Key blocks give the standards' own samples and those of other makers, and refuse whatever was altered."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from psec import tr31

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused
from xiaopos.keys.key_blocks import unwrap, wrap
from xiaopos.keys.key_blocks_binding import binding_keys, derived, seal
from xiaopos.keys.key_blocks_header import Header, read
from xiaopos.keys.key_blocks_optional import ExtendedLength, OptionalBlock
from xiaopos.keys.key_blocks_words import BlockVersion, KeyBlockRefused
from xiaopos.keys.software_engine import SoftwareKey

DES = {8: KeyAlgorithm.DES, 16: KeyAlgorithm.TDES2, 24: KeyAlgorithm.TDES3}
AES = {16: KeyAlgorithm.AES128, 24: KeyAlgorithm.AES192, 32: KeyAlgorithm.AES256}
MISPRINTED = ("ANSI X9.143:2021, 8.3.2.1", "ANSI X9.143:2021, 8.3.2.2")
"""Samples whose header gives another length than they have."""


def protection(key: bytes | str, version: BlockVersion | str) -> SoftwareKey:
    raw = bytes.fromhex(key) if isinstance(key, str) else key
    code = version if isinstance(version, str) else version.value.code
    return SoftwareKey((AES if code in "DE" else DES)[len(raw)], raw)


@pytest.fixture
def known(vector: Callable[[str], Any]) -> dict[str, Any]:
    return dict(vector("key_blocks"))


def test_every_sample_of_the_standards_opens(known: dict[str, Any]) -> None:
    opened = 0
    for row in known["blocks"]:
        if row["source"] in MISPRINTED:
            continue
        block = unwrap(protection(row["kbpk"], row["block"][0]), row["block"])
        assert block.key.value.hex().upper() == row["key"], row["source"]
        large = row["source"] in ("ANSI X9.143:2021, 8.5", "ANSI X9.143:2021, 8.6")
        assert block.extended is (ExtendedLength.DIGITS if large else None)
        opened += 1
    assert opened == 18


def test_samples_with_a_misprinted_length_are_refused_by_name_of_the_place(known: dict[str, Any]) -> None:
    for row in known["blocks"]:
        if row["source"] in MISPRINTED:
            with pytest.raises(KeyBlockRefused) as caught:
                unwrap(protection(row["kbpk"], row["block"][0]), row["block"])
            assert caught.value.position == 1


def test_every_third_partys_block_opens(known: dict[str, Any]) -> None:
    for row in known["third_party"]:
        block = unwrap(protection(row["kbpk"], row["kb"][0]), row["kb"])
        assert block.key.value.hex().upper() == row["key"]


def test_headers_of_a_payshield_are_read_without_their_protection_key(known: dict[str, Any]) -> None:
    for row in known["payshield_headers"]:
        header = read(row["block"]).header
        said = {block.id: block.value for block in header.blocks}
        assert said == {
            name: prefix + row[field]
            for name, prefix, field in (("KS", "", "ksn"), ("KC", "00", "kcv"), ("KP", "00", "kcv_kbpk"))
            if field in row
        }


def test_blocks_are_as_long_as_another_makers(known: dict[str, Any], rng: random.Random) -> None:
    compared = 0
    for row in known["lengths"]:
        longest = {"T": 24, "D": 24, "A": 32}[row["algorithm"]]
        masked = row["masked_key_len"]
        if masked not in (None, longest) and masked > row["key_len"]:
            continue  # a length between the key's and the longest: ours hides all or nothing
        version = BlockVersion[row["version_id"]]
        header = Header(version, "P0", row["algorithm"], "E")
        hide = masked in (None, longest)
        kbpk = protection(rng.randbytes(16), version)
        text = wrap(
            kbpk, header, Secret(rng.randbytes(row["key_len"])), rng.randbytes, hide_length=hide, even_deprecated=True
        )
        assert len(text) == row["kb_len"], row
        compared += 1
    assert compared > 40


def test_what_another_maker_refuses_is_refused(known: dict[str, Any]) -> None:
    for text in known["refused_headers"]:
        for whole in (text, f"{text[0]}{len(text):04}{text[5:]}"):
            with pytest.raises(KeyBlockRefused):
                read(whole)
    kinds = {(aes, length): kind for aes, table in ((False, DES), (True, AES)) for length, kind in table.items()}
    for length, text in known["refused_blocks"]:
        # A protection key of an impossible length is refused where it is made, a right one of the wrong kind by `unwrap`.
        with pytest.raises(KeyRefused):
            unwrap(SoftwareKey(kinds.get((text[0] in "DE", length), KeyAlgorithm.AES256), b"E" * length), text)


def test_the_two_keys_under_a_protection_key_are_the_printed_ones(known: dict[str, Any]) -> None:
    for row in known["binding_keys"]:
        kbpk, is_aes = row["kbpk"], len(row["kbpk"]) == 64
        key = protection(kbpk, "D" if is_aes else "B")
        uses = {"kbek_derive": 0, "kbak_derive": 1}
        if is_aes and row["kbek_derive"].startswith("3A3D93E5"):  # ISO 20038:2017, B.2 is a version E block
            uses["kbek_derive"] = 2
        for name, use in uses.items():
            if name in row:
                assert derived(key, use).hex().upper() == row[name]
        keys = binding_keys(key, BlockVersion.D if is_aes else BlockVersion.A)
        if "kbek_variant" in row:
            encrypting, chained = (
                SoftwareKey(KeyAlgorithm.TDES2, bytes.fromhex(row[name])).whole
                for name in ("kbek_variant", "kbak_variant")
            )
            assert keys.encrypting.encrypt(bytes(8)) == encrypting.encrypt(bytes(8))
            assert keys.mac(bytes(16)) == chained.cbc_last(bytes(16))[:4]


@pytest.mark.parametrize("version", list(BlockVersion))
@pytest.mark.parametrize("hide_length", [True, False])
def test_every_version_length_and_shape_opens_again(
    version: BlockVersion, rng: random.Random, *, hide_length: bool
) -> None:
    for kbpk_length in (16, 24, 32) if version.is_aes else (16, 24):
        kbpk = protection(rng.randbytes(kbpk_length), version)
        for algorithm, lengths in (("T", (8, 16, 24)), ("A", (16, 24, 32)), ("H", (1, 20, 64)), ("R", (600,))):
            for length in lengths:
                key = Secret(rng.randbytes(length))
                blocks = tuple(OptionalBlock(f"T{place}", "x" * rng.randrange(30)) for place in range(rng.randrange(4)))
                header = Header(version, "D0", algorithm, "B", exportability="E", blocks=blocks)
                text = wrap(kbpk, header, key, rng.randbytes, hide_length=hide_length, even_deprecated=True)
                assert len(text) == int(text[1:5])
                opened = unwrap(kbpk, text)
                assert (opened.key.value, opened.header) == (key.value, header)


def test_padding_hides_which_length_a_key_has(rng: random.Random) -> None:
    kbpk = protection(bytes(range(32)), "D")
    for algorithm, lengths in (("T", (8, 16, 24)), ("A", (16, 24, 32))):
        header = Header(BlockVersion.D, "P0", algorithm, "E")
        hidden = {len(wrap(kbpk, header, Secret(rng.randbytes(each)), rng.randbytes)) for each in lengths}
        assert len(hidden) == 1


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.parametrize("version", "ABCD")
def test_an_independent_library_and_ours_open_each_others_blocks(version: str, rng: random.Random) -> None:
    for _ in range(25):
        raw = rng.randbytes(rng.choice((16, 24, 32) if version == "D" else (16, 24)))
        algorithm = rng.choice("TA")
        key = rng.randbytes(rng.choice((8, 16, 24) if algorithm == "T" else (16, 24, 32)))
        usage, mode, export = rng.choice(("P0", "K0", "M3", "B1")), rng.choice("ENBX"), rng.choice("ENS")
        values = {f"L{place}": "v" * rng.randrange(300) for place in range(rng.randrange(4))}
        theirs = tr31.Header(version, usage, algorithm, mode, "00", export)
        for name, value in values.items():
            theirs.blocks[name] = value
        made = tr31.wrap(raw, str(theirs), key)
        opened = unwrap(protection(raw, version), made)
        assert opened.key.value == key
        assert {each.id: each.value for each in opened.header.blocks} == values
        assert opened.extended is (ExtendedLength.BYTES if any(len(each) > 251 for each in values.values()) else None)
        ours = wrap(
            protection(raw, version), opened.header, Secret(key), rng.randbytes, even_deprecated=True,
            extended=ExtendedLength.BYTES, hide_length=rng.random() < 0.5,
        )  # fmt: skip
        read_by_them, key_by_them = tr31.unwrap(raw, ours)
        assert key_by_them == key
        assert (read_by_them.key_usage, read_by_them.mode_of_use, read_by_them.exportability) == (usage, mode, export)


@pytest.mark.parametrize("version", list(BlockVersion))
def test_every_change_of_a_single_character_is_refused(version: BlockVersion, rng: random.Random) -> None:
    kbpk = protection(rng.randbytes(16), version)
    header = Header(version, "P0", "T", "E", blocks=(OptionalBlock("KS", "00604B120F9292800000"),))
    key = rng.randbytes(16)
    text = wrap(kbpk, header, Secret(key), rng.randbytes, even_deprecated=True)
    for place in range(len(text)):
        for other in "0A9FXb~é\n":
            changed = text[:place] + other + text[place + 1 :]
            if changed == text:
                continue
            with pytest.raises(KeyRefused) as caught:
                unwrap(kbpk, changed)
            assert key.hex().upper()[:8] not in str(caught.value)


@pytest.mark.parametrize("version", list(BlockVersion))
def test_truncations_and_mutations_meet_one_refusal(version: BlockVersion, rng: random.Random) -> None:
    kbpk = protection(rng.randbytes(16), version)
    blocks = (OptionalBlock("CT", "00" + "M" * 300), OptionalBlock("LB", "label"))
    text = wrap(
        kbpk, Header(version, "S0", "R", "S", blocks=blocks), Secret(bytes(40)), rng.randbytes, even_deprecated=True
    )
    for cut in range(len(text)):
        with pytest.raises(KeyBlockRefused):
            unwrap(kbpk, text[:cut])
        honest = f"{text[0]}{cut:04}{text[5:]}"[:cut]
        with pytest.raises(KeyRefused):
            unwrap(kbpk, honest)
    letters = "0123456789ABCDEFGZab ~é"
    for _ in range(3000):
        changed = list(text)
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(changed))
            what = rng.random()
            if what < 0.6:
                changed[place] = rng.choice(letters)
            elif what < 0.8:
                del changed[place]
            else:
                changed.insert(place, rng.choice(letters))
        whole = "".join(changed)
        if rng.random() < 0.5:
            whole = f"{whole[:1]}{len(whole):04}{whole[5:]}"
        if whole != text:
            with pytest.raises(KeyRefused):
                unwrap(kbpk, whole)


def test_another_protection_key_does_not_open_it(rng: random.Random) -> None:
    header = Header(BlockVersion.B, "P0", "T", "E")
    text = wrap(protection(rng.randbytes(16), "B"), header, Secret(rng.randbytes(16)), rng.randbytes)
    with pytest.raises(KeyBlockRefused) as caught:
        unwrap(protection(rng.randbytes(16), "B"), text)
    assert caught.value.position == len(text) - 16
    assert caught.value.fault is KeyFault.BAD_BLOCK


def test_a_right_mac_over_a_wrong_key_length_is_refused_all_the_same(rng: random.Random) -> None:
    kbpk = protection(rng.randbytes(32), "D")
    honest = wrap(kbpk, Header(BlockVersion.D, "D0", "H", "B"), Secret(rng.randbytes(20)), rng.randbytes)
    # The same field under another algorithm code: HMAC keys have any length, AES keys have not.
    sealed = read(honest)
    for algorithm, field in (
        ("A", b"\x00\xa0" + bytes(30)),
        ("H", b"\x00\xa1" + bytes(30)),
        ("H", b"\x01\x00" + bytes(30)),
        ("H", bytes(32)),
    ):
        header = honest[:7] + algorithm + honest[8:16]
        cipher, mac = seal(binding_keys(kbpk, BlockVersion.D), BlockVersion.D, header.encode(), field)
        with pytest.raises(KeyBlockRefused) as caught:
            unwrap(kbpk, header + (cipher + mac).hex().upper())
        assert caught.value.position == len(sealed.header_text)


def test_what_is_not_written(rng: random.Random) -> None:
    des, aes = protection(rng.randbytes(16), "B"), protection(rng.randbytes(16), "D")

    def asked(kbpk: SoftwareKey, version: BlockVersion, algorithm: str = "T", length: int = 16) -> KeyFault:
        with pytest.raises(KeyRefused) as caught:
            wrap(kbpk, Header(version, "P0", algorithm, "E"), Secret(bytes(length)), rng.randbytes)
        return caught.value.fault

    assert asked(des, BlockVersion.A) is KeyFault.WRONG_ALGORITHM
    assert asked(aes, BlockVersion.B) is KeyFault.WRONG_ALGORITHM
    assert asked(des, BlockVersion.D) is KeyFault.WRONG_ALGORITHM
    assert asked(protection(bytes(8), "B"), BlockVersion.B) is KeyFault.WRONG_ALGORITHM
    assert asked(des, BlockVersion.B, "T", 15) is KeyFault.WRONG_LENGTH
    assert asked(des, BlockVersion.B, "A", 8) is KeyFault.WRONG_LENGTH
    assert asked(des, BlockVersion.B, "H", 0) is KeyFault.WRONG_LENGTH
    assert asked(des, BlockVersion.B, "H", 8192) is KeyFault.WRONG_LENGTH
    assert asked(des, BlockVersion.B, "H", 5000) is KeyFault.BAD_BLOCK
