"""The issuer's side of EMV: known answers, and pyemv as judge on random cards."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from pyemv import ac, kd
from pyemv import cvn as judges

from unit.keys.emv_words import meanings
from unit.keys.steps import play
from xiaopos.kernel.secret import Pan
from xiaopos.keys import CardPadding, KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, SoftwareVault, WrappedKey
from xiaopos.keys.card_keys import (
    MasterKeyOption,
    SessionKind,
    SoftwareCardKey,
    card_key,
    diversified,
    master_key_data,
    session_key,
    tree_session_key,
    visa_script_key,
)
from xiaopos.keys.cryptogram_versions import COVERED_TAGS, VERSIONS, Scheme, covered_data, read_issuer_data
from xiaopos.keys.cryptograms import answer, application_cryptogram, arpc_1, arpc_2, arqc
from xiaopos.keys.scripts import command_mac, encrypted_data, script_key, visa_pin_block

Vector = Callable[[str], Any]
Load = Callable[..., WrappedKey]

# The judge still takes short 3DES keys from the old place; ours does not.
JUDGED = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


def _same(key: SoftwareCardKey, clear: str) -> bool:
    """Whether two keys are one, parity aside."""
    return key.whole.encrypt(bytes(8)) == SoftwareCardKey(bytes.fromhex(clear)).whole.encrypt(bytes(8))


def test_known_answers(vector: Vector) -> None:
    emv, visa, by_session, by_atc = vector("emv_arqc_arpc")["vectors"]
    icc = card_key(SoftwareCardKey(bytes.fromhex(emv["iss_mk"])), Pan(emv["pan"]), emv["psn"], MasterKeyOption.A)
    assert _same(icc, emv["icc_mk"])
    sk = icc.derive(diversified(bytes.fromhex(emv["r"])))
    assert _same(sk, emv["sk"])
    assert arqc(sk, bytes.fromhex(emv["data"]), CardPadding.EMV).hex().upper() == emv["arqc"]
    assert arqc(sk, bytes.fromhex(visa["data"]), CardPadding.ZERO).hex().upper() == visa["arqc"]
    for row, key in ((emv, icc), (visa, icc), (by_session, sk)):
        assert arpc_1(key, bytes.fromhex(row["arqc"]), bytes.fromhex(row["arc"])).hex().upper() == row["arpc1"]
    assert _same(session_key(icc, SessionKind.COMMON, bytes.fromhex(by_atc["atc"]), b""), by_atc["sk"])


@pytest.mark.parametrize(
    ("file", "held"),
    [("test_ac_hsm", 30), ("test_kd_hsm", 94), ("test_sm_hsm", 168), ("test_cvn_hsm", 420)],
)
def test_pyemvs_own_known_answers(vector: Vector, file: str, held: int) -> None:
    cases = vector("emv_arqc_arpc_script_pyemv")["files"][f"tests/{file}.py"]
    assert sum(play(case, meanings()) for case in cases) == held


def _bytes(tags: dict[str, str]) -> dict[str, bytes]:
    return {tag: bytes.fromhex(value) for tag, value in tags.items()}


def test_unionpay_cvn_01_worked_by_third_parties(vector: Vector) -> None:
    by_card, whole, keys = vector("pboc_cvn01")["vectors"]
    card = SoftwareCardKey(bytes.fromhex(by_card["icc_mk"]))
    assert _same(session_key(card, SessionKind.UNIONPAY, bytes.fromhex(by_card["atc"]), b""), by_card["sk"])
    found = read_issuer_data(Scheme.UNIONPAY, bytes.fromhex(by_card["iad"]))
    assert application_cryptogram(card, found, _bytes(by_card["data"])).hex().upper() == by_card["arqc"]
    issuer = SoftwareCardKey(bytes.fromhex(whole["imk"]))
    found = read_issuer_data(Scheme.UNIONPAY, bytes.fromhex(whole["iad"]))
    card = card_key(issuer, Pan(whole["pan"]), whole["psn"], found.version.master_key)
    tags = _bytes(whole["data"]) | {"9F26": bytes.fromhex(whole["arqc"])}
    assert application_cryptogram(card, found, tags) == tags["9F26"]
    assert answer(card, found, tags, bytes.fromhex(whole["arc"])).hex().upper() == whole["arpc"] + whole["arc"]
    issuer = SoftwareCardKey(bytes.fromhex(keys["imk"]))
    card = card_key(issuer, Pan(keys["pan"]), keys["psn"], MasterKeyOption.A)
    assert _same(card, keys["icc_mk"])
    assert _same(session_key(card, SessionKind.UNIONPAY, bytes.fromhex(keys["atc"]), b""), keys["sk"])


# -- pyemv as judge on random cards --------------------------------------------------------------------------------


@JUDGED
def test_pyemv_agrees_on_random_cards(vault: SoftwareVault, load: Load, rng: random.Random) -> None:
    for round_number in range(100):
        imk = rng.randbytes(16)
        key = load(KeyUsage.IMK_AC, KeyAlgorithm.TDES2, imk)
        pan = "".join(rng.choices("0123456789", k=rng.randint(12, 16)))
        psn = f"{rng.randint(0, 99):02d}"
        atc, data, arc = rng.randbytes(2), rng.randbytes(rng.randint(1, 80)), rng.randbytes(2)
        padding, theirs = rng.choice([(CardPadding.EMV, ac.PaddingType.EMV), (CardPadding.ZERO, ac.PaddingType.VISA)])
        sk = kd.derive_common_sk(kd.derive_icc_mk_a(imk, pan, psn), atc + bytes(6))
        expected = ac.generate_ac(sk, data, theirs)
        ours = vault.arqc(key=key, pan=Pan(pan), psn=psn, atc=atc, data=data, padding=padding)
        assert ours == expected, round_number
        assert vault.verify_arqc(key=key, pan=Pan(pan), psn=psn, atc=atc, data=data, arqc=expected, padding=padding)
        assert not vault.verify_arqc(
            key=key, pan=Pan(pan), psn=psn, atc=atc, data=data + b"\x01", arqc=expected, padding=padding
        )
        answered = vault.arpc(key=key, pan=Pan(pan), psn=psn, atc=atc, arqc=ours, arc=arc)
        assert answered == ac.generate_arpc_1(sk, ours, arc)


@JUDGED
def test_pyemv_agrees_on_every_derivation(rng: random.Random) -> None:
    for _ in range(100):
        key = rng.randbytes(16)
        pan, psn = "".join(rng.choices("0123456789", k=rng.randint(12, 19))), f"{rng.randint(0, 99):02d}"
        atc, value = rng.randbytes(2), rng.randbytes(8)
        ours = SoftwareCardKey(key)
        assert _same(card_key(ours, Pan(pan), psn, MasterKeyOption.A), kd.derive_icc_mk_a(key, pan, psn).hex())
        assert _same(card_key(ours, Pan(pan), psn, MasterKeyOption.B), kd.derive_icc_mk_b(key, pan, psn).hex())
        assert _same(ours.derive(diversified(value)), kd.derive_common_sk(key, value).hex())
        assert _same(visa_script_key(ours, atc), kd.derive_visa_sm_sk(key, atc).hex())
        height, branches = rng.choice([(8, 4), (16, 2)])
        tree = tree_session_key(key, atc, height=height, branches=branches, start=value * 2)
        assert tree == kd.derive_emv2000_tree_sk(key, atc, height, branches, value * 2)


JUDGES: dict[tuple[Scheme, int], Any] = {
    (Scheme.VISA, 0x0A): judges.VisaCVN10,
    (Scheme.VISA, 0x12): judges.VisaCVN18,
    (Scheme.VISA, 0x22): judges.VisaCVN22,
    (Scheme.MASTERCARD, 0x10): judges.MasterCardCVN16,
    (Scheme.MASTERCARD, 0x11): judges.MasterCardCVN17,
    (Scheme.MASTERCARD, 0x14): judges.MasterCardCVN20,
    (Scheme.MASTERCARD, 0x15): judges.MasterCardCVN21,
}


def _random_iad(scheme: Scheme, number: int, rng: random.Random) -> bytes:
    if scheme is Scheme.MASTERCARD:
        return bytes((rng.randrange(256), number)) + rng.randbytes(16)
    if number == 0x22:
        return bytes((0x1F, number, rng.randrange(256))) + rng.randbytes(29)
    return bytes((6, rng.randrange(256), number, 3)) + rng.randbytes(3)


@JUDGED
@pytest.mark.parametrize(("scheme", "number"), list(JUDGES))
def test_pyemv_agrees_on_every_version_found_in_9f10(scheme: Scheme, number: int, rng: random.Random) -> None:
    for _ in range(20):
        imk, pan = rng.randbytes(16), "".join(rng.choices("0123456789", k=rng.randint(13, 19)))
        found = read_issuer_data(scheme, _random_iad(scheme, number, rng))
        assert found.version.number == number
        tags = {tag: rng.randbytes(length) for tag, length in COVERED_TAGS.items()} | {"9F26": rng.randbytes(8)}
        card = card_key(SoftwareCardKey(imk), Pan(pan), "01", found.version.master_key)
        judge = JUDGES[scheme, number](imk, imk, imk, pan, "01")
        named = {f"tag_{tag.lower()}": value for tag, value in tags.items() if tag != "9F26"}
        if number in (0x12, 0x22):
            named["tag_9f10"] = found.whole
        else:
            named["cvr"] = found.results
        if found.counters and number in (0x11, 0x15):
            named["counters"] = found.counters
        assert application_cryptogram(card, found, tags) == judge.generate_ac(**named)
        asked = {"tag_9f26": tags["9F26"]}
        if found.version.arpc_session is not SessionKind.NONE:
            asked["tag_9f36"] = tags["9F36"]
        if found.version.arpc_method == 1:
            assert answer(card, found, tags, b"\x30\x30") == judge.generate_arpc(**asked, arpc_rc=b"\x30\x30") + b"00"
        else:
            more = rng.randbytes(rng.randint(0, 8))
            judged = judge.generate_arpc(**asked, csu=b"\x01\x02\x03\x04", proprietary_auth_data=more)
            assert answer(card, found, tags, b"\x01\x02\x03\x04", more) == judged + b"\x01\x02\x03\x04" + more


# -- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("psn", ["", "1", "001", "1a", "１２"])
def test_a_sequence_number_is_two_digits(psn: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        master_key_data(Pan("9901234567890123"), psn, MasterKeyOption.A)
    assert refused.value.fault is KeyFault.BAD_BLOCK


KEY = SoftwareCardKey(bytes(range(16)))
CVN_10 = VERSIONS[Scheme.VISA, 0x0A]
CVN_18 = VERSIONS[Scheme.VISA, 0x12]
UNIONPAY_IAD = bytes.fromhex("07000103A0400201")
TAGS = {tag: bytes(length) for tag, length in COVERED_TAGS.items()} | {"9F26": bytes(8)}


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda: SoftwareCardKey(bytes(24)), "a card key has 16 bytes"),
        (lambda: diversified(bytes(7)), "a diversifier has 8 bytes"),
        (lambda: session_key(KEY, SessionKind.COMMON, b"\x01", b""), "an ATC has 2 bytes"),
        (lambda: session_key(KEY, SessionKind.MASTERCARD, bytes(2), b""), "an unpredictable number has 4 bytes"),
        (lambda: visa_script_key(KEY, b""), "an ATC has 2 bytes"),
        (lambda: tree_session_key(bytes(8), bytes(2)), "a card key has 16 bytes"),
        (lambda: tree_session_key(bytes(16), bytes(2), start=b""), "a start value has 16 bytes"),
        (lambda: tree_session_key(bytes(16), bytes(1)), "an ATC has 2 bytes"),
        (lambda: tree_session_key(bytes(16), bytes(2), height=7), "fewer leaves"),
        (lambda: arpc_1(KEY, bytes(7), b"00"), "a cryptogram has 8 bytes"),
        (lambda: arpc_1(KEY, bytes(8), b"000"), "an answer code has 2 bytes"),
        (lambda: arpc_2(KEY, bytes(7), bytes(4)), "a cryptogram has 8 bytes"),
        (lambda: arpc_2(KEY, bytes(8), bytes(3)), "a card status update has 4 bytes"),
        (lambda: arpc_2(KEY, bytes(8), bytes(4), bytes(9)), "proprietary data has 0 to 8 bytes"),
        (lambda: read_issuer_data(Scheme.VISA, bytes.fromhex("06010A03A020")), "has 7 bytes or more"),
        (lambda: read_issuer_data(Scheme.MASTERCARD, b""), "has 18 bytes or more"),
        (lambda: covered_data(read_issuer_data(Scheme.UNIONPAY, UNIONPAY_IAD), TAGS | {"9C": b""}), "tag 9C has 1"),
        (
            lambda: answer(KEY, read_issuer_data(Scheme.UNIONPAY, UNIONPAY_IAD), TAGS, b"00", b"1"),
            "proprietary data with method 1 has 0 bytes",
        ),
        (lambda: answer(KEY, read_issuer_data(Scheme.UNIONPAY, UNIONPAY_IAD), {}, b"00"), "an ATC has 2 bytes"),
        (lambda: script_key(KEY, CVN_10, {}), "an ATC has 2 bytes"),
        (lambda: script_key(KEY, VERSIONS[Scheme.VISA, 0x22], {}), "a diversifier has 8 bytes"),
        (lambda: command_mac(KEY, CVN_10, bytes(4), b"", TAGS), "a command's header has 5 bytes"),
        (lambda: command_mac(KEY, CVN_10, bytes(5), b"", {"9F36": bytes(2)}), "a cryptogram has 8 bytes"),
        (lambda: command_mac(KEY, CVN_10, bytes(5), b"", {"9F26": bytes(8)}), "an ATC has 2 bytes"),
        (lambda: command_mac(KEY, CVN_10, bytes(5), b"", TAGS, 3), "this MAC has 4 to 8 bytes"),
        (lambda: encrypted_data(KEY.whole, CVN_18.script_padding, b""), "secret data has 1 to 255 bytes"),
        (lambda: encrypted_data(KEY.whole, CVN_18.script_padding, bytes(256)), "secret data has 1 to 255 bytes"),
        (lambda: visa_pin_block(bytes(3), "1234"), "the key's part has 4 bytes"),
    ],
)
def test_lengths_are_checked(ask: Callable[[], object], text: str) -> None:
    with pytest.raises(KeyRefused, match=text) as refused:
        ask()
    assert refused.value.fault is KeyFault.WRONG_LENGTH


@pytest.mark.parametrize(
    ("pin", "current"), [("123", None), ("1234567890123", None), ("１２３４", None), ("1234", "12x4")]
)
def test_a_pin_change_takes_pins_only(pin: str, current: str | None) -> None:
    with pytest.raises(KeyRefused) as refused:
        visa_pin_block(bytes(4), pin, current)
    assert refused.value.fault is KeyFault.BAD_BLOCK
    assert pin not in str(refused.value)


@pytest.mark.parametrize(
    ("scheme", "data", "fault"),
    [
        (Scheme.VISA, "06010C03A02000", KeyFault.WRONG_ALGORITHM),
        (Scheme.VISA, "1F43010000000000", KeyFault.WRONG_ALGORITHM),
        (Scheme.UNIONPAY, "07000103A0400204", KeyFault.WRONG_ALGORITHM),
        (Scheme.INTERAC, "85" * 32, KeyFault.WRONG_FORM),
    ],
)
def test_a_card_we_cannot_answer_is_named(scheme: Scheme, data: str, fault: KeyFault) -> None:
    with pytest.raises(KeyRefused) as refused:
        read_issuer_data(scheme, bytes.fromhex(data))
    assert refused.value.fault is fault


def test_the_versions_table_holds_each_scheme_and_number_once() -> None:
    assert len(VERSIONS) == 9
    assert all(row.confirmed_by for row in VERSIONS.values())


def test_a_card_key_does_not_print_itself() -> None:
    assert repr(KEY) == "SoftwareCardKey(16 bytes)"


def test_lengths_are_checked_in_the_vault(vault: SoftwareVault) -> None:
    key = vault.generate(usage=KeyUsage.IMK_AC, algorithm=KeyAlgorithm.TDES2)
    pan = Pan("9901234567890123")
    with pytest.raises(KeyRefused, match="an ATC has 2 bytes"):
        vault.arqc(key=key, pan=pan, psn="01", atc=b"\x01", data=b"")
    with pytest.raises(KeyRefused, match="a cryptogram has 8 bytes"):
        vault.arpc(key=key, pan=pan, psn="01", atc=b"\x00\x01", arqc=bytes(7), arc=b"00")
