"""Every vault: cards by their versions, checked, answered and sent commands; no card key comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from xiaopos.kernel.secret import Pan
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, SoftwareVault, Vault, WrappedKey
from xiaopos.keys.cryptogram_versions import VERSIONS, Scheme, read_issuer_data

Load = Callable[..., WrappedKey]

PAN = Pan("1234567890123456")
MASTER = {
    KeyUsage.IMK_AC: "0123456789ABCDEFFEDCBA9876543210",
    KeyUsage.IMK_SMI: "FEDCBA98765432100123456789ABCDEF",
    KeyUsage.IMK_SMC: "89ABCDEF0123456776543210FEDCBA98",
}


def _tags(**values: str) -> dict[str, bytes]:
    return {name.removeprefix("t"): bytes.fromhex(value) for name, value in values.items()}


# pyemv's own known answers for Visa CVN 10 and Mastercard CVN 16, which a hardware module checked.
VISA = _tags(
    t9F02="000000004000",
    t9F03="000000000000",
    t9F1A="0124",
    t95="8000048000",
    t5F2A="0124",
    t9A="191105",
    t9C="01",
    t9F37="52BF4585",
    t82="1800",
    t9F36="001C",
    t9F26="29CCA15AE665FA2E",
)
MASTERCARD = VISA | _tags(t9F26="24CCF3DEE3158C70")


@pytest.fixture
def keys(load: Load) -> dict[KeyUsage, WrappedKey]:
    return {usage: load(usage, KeyAlgorithm.TDES2, clear) for usage, clear in MASTER.items()}


def test_a_visa_card_is_checked_and_answered(vault: Vault, keys: dict[KeyUsage, WrappedKey]) -> None:
    found = read_issuer_data(Scheme.VISA, bytes.fromhex("06010A03A06010"))
    asked: dict[str, Any] = {"key": keys[KeyUsage.IMK_AC], "pan": PAN, "psn": "00", "issuer_data": found}
    assert vault.card_cryptogram(**asked, tags=VISA) == VISA["9F26"]
    assert vault.verify_card(**asked, tags=VISA)
    assert not vault.verify_card(**asked, tags=VISA | _tags(t9F02="000000004001"))
    assert not vault.verify_card(**asked, tags={tag: value for tag, value in VISA.items() if tag != "9F26"})
    answered = vault.answer_card(**asked, tags=VISA, verdict=b"00")
    assert answered.hex().upper() == "28993816AFAE4AEB" + "3030"


def test_a_visa_card_is_unblocked(vault: Vault, keys: dict[KeyUsage, WrappedKey]) -> None:
    def command() -> bytes:
        return vault.script_command(
            integrity=keys[KeyUsage.IMK_SMI],
            pan=PAN,
            psn="00",
            version=VERSIONS[Scheme.VISA, 0x0A],
            header=bytes.fromhex("8418000008"),
            data=b"",
            tags=VISA,
        )

    if isinstance(vault, SoftwareVault):
        assert command().hex().upper() == "8418000008" + "DB56BA60087CEFD3"
    else:
        # A token makes no variant of a key, which is how Visa's script keys come to be.
        with pytest.raises(KeyRefused) as refused:
            command()
        assert refused.value.fault is KeyFault.NOT_OFFERED


def test_a_mastercards_pin_is_changed(vault: Vault, keys: dict[KeyUsage, WrappedKey]) -> None:
    command = vault.script_command(
        integrity=keys[KeyUsage.IMK_SMI],
        secrecy=keys[KeyUsage.IMK_SMC],
        pan=PAN,
        psn="00",
        version=VERSIONS[Scheme.MASTERCARD, 0x10],
        header=bytes.fromhex("8424000210"),
        data=bytes.fromhex("249999FFFFFFFFFF"),
        tags=MASTERCARD,
    )
    assert command.hex().upper() == "842400021000859B8FE53F316DEB4B64C36BF88E39"


def test_a_unionpay_card_is_checked_and_answered(vault: Vault, load: Load, vector: Callable[[str], Any]) -> None:
    known = vector("pboc_cvn01")["vectors"][1]
    key = load(KeyUsage.IMK_AC, KeyAlgorithm.TDES2, known["imk"])
    found = read_issuer_data(Scheme.UNIONPAY, bytes.fromhex(known["iad"]))
    tags = {tag: bytes.fromhex(value) for tag, value in known["data"].items()}
    tags["9F26"] = bytes.fromhex(known["arqc"])
    asked: dict[str, Any] = {"key": key, "pan": Pan(known["pan"]), "psn": known["psn"], "issuer_data": found}
    assert vault.verify_card(**asked, tags=tags)
    answered = vault.answer_card(**asked, tags=tags, verdict=bytes.fromhex(known["arc"]))
    assert answered.hex().upper() == known["arpc"] + known["arc"]


def test_an_issuers_keys_do_not_stand_in_for_each_other(vault: Vault, keys: dict[KeyUsage, WrappedKey]) -> None:
    found = read_issuer_data(Scheme.VISA, bytes.fromhex("06010A03A06010"))
    with pytest.raises(KeyRefused) as refused:
        vault.verify_card(key=keys[KeyUsage.IMK_SMI], pan=PAN, psn="00", issuer_data=found, tags=VISA)
    assert refused.value.fault is KeyFault.WRONG_USAGE
    for integrity, secrecy in [
        (KeyUsage.IMK_SMC, None),
        (KeyUsage.IMK_AC, None),
        (KeyUsage.IMK_SMI, KeyUsage.IMK_SMI),
    ]:
        with pytest.raises(KeyRefused, match="does not stand in") as refused:
            vault.script_command(
                integrity=keys[integrity],
                secrecy=None if secrecy is None else keys[secrecy],
                pan=PAN,
                psn="00",
                version=found.version,
                header=bytes(5),
                data=b"1",
                tags=VISA,
            )
        assert refused.value.fault is KeyFault.WRONG_USAGE
