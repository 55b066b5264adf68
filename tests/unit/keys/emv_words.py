"""What pyemv's names mean in our words, so that its own known answers judge us."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xiaopos.kernel.secret import Pan
from xiaopos.keys import CardPadding
from xiaopos.keys.card_keys import (
    MasterKeyOption,
    SessionKind,
    SoftwareCardKey,
    card_key,
    diversified,
    session_key,
    tree_session_key,
    visa_script_key,
)
from xiaopos.keys.cryptogram_versions import VERSIONS, CryptogramVersion, IssuerData, Scheme, ScriptPadding
from xiaopos.keys.cryptograms import answer, application_cryptogram, arpc_1, arpc_2, arqc
from xiaopos.keys.macs import Padding, algorithm_3
from xiaopos.keys.scripts import command_mac, encrypted_data, script_key, visa_pin_block


def _format_2(pin: str) -> bytes:
    return bytes.fromhex(f"2{len(pin):X}{pin}".ljust(16, "F"))


def _check_digits(key: SoftwareCardKey, count: int = 2) -> str:
    return key.whole.encrypt(bytes(8)).hex().upper()[: count * 2]


def _tags(named: dict[str, bytes]) -> dict[str, bytes]:
    return {name.removeprefix("tag_").upper(): value for name, value in named.items()}


class Version:
    """A card of one version, asked as pyemv asks."""

    def __init__(self, version: CryptogramVersion, clear: dict[str, SoftwareCardKey], clear_ac: bytes) -> None:
        self._version = version
        self.icc_mk_ac, self.icc_mk_smi, self.icc_mk_smc = clear["ac"], clear["smi"], clear["smc"]
        self._clear_ac = clear_ac

    def generate_ac(self, **named: bytes) -> bytes:
        found = IssuerData(
            self._version, 0, named.pop("cvr", b""), named.pop("counters", b""), named.get("tag_9f10", b"")
        )
        return application_cryptogram(self.icc_mk_ac, found, _tags(named))

    def generate_arpc(self, **named: bytes) -> bytes:
        verdict = named.pop("arpc_rc", b"") or named.pop("csu", b"")
        more = named.pop("proprietary_auth_data", b"")
        whole = answer(self.icc_mk_ac, IssuerData(self._version, 0, b"", b"", b""), _tags(named), verdict, more)
        return whole[: -len(verdict + more)]

    def generate_command_mac(self, header: bytes, **named: bytes) -> bytes:
        tags = _tags(named)
        return command_mac(script_key(self.icc_mk_smi, self._version, tags), self._version, header, b"", tags)

    def generate_pin_change_command(self, pin: str, **named: Any) -> bytes:
        current = named.pop("current_pin", None)
        tags = _tags(named)
        visa = self._version.script_padding is ScriptPadding.VISA
        by_key = visa and (self._version.number != 0x22 or current is not None)
        block = visa_pin_block(self._clear_ac[4:8], pin, current) if by_key else _format_2(pin)
        header = bytes((0x84, 0x24, 0, 2 if current is None else 1, 0x18 if visa else 0x10))
        secret = script_key(self.icc_mk_smc, self._version, tags)
        data = encrypted_data(secret.whole, self._version.script_padding, block)
        key = script_key(self.icc_mk_smi, self._version, tags)
        return header + data + command_mac(key, self._version, header, data, tags)

    def _derive_sk_ac_none(self) -> SoftwareCardKey:
        return self.icc_mk_ac

    _derive_sk_arpc_none = _derive_sk_ac_none

    def _derive_sk_ac_common(self, atc: bytes) -> SoftwareCardKey:
        return session_key(self.icc_mk_ac, SessionKind.COMMON, atc, b"")

    def _derive_sk_ac_mastercard(self, atc: bytes, unpredictable: bytes) -> SoftwareCardKey:
        return session_key(self.icc_mk_ac, SessionKind.MASTERCARD, atc, unpredictable)

    def _derive_sk_sm_visa(self, key: SoftwareCardKey, atc: bytes) -> SoftwareCardKey:
        return visa_script_key(key, atc)

    def _derive_sk_sm_common(self, key: SoftwareCardKey, cryptogram: bytes) -> SoftwareCardKey:
        return key.derive(diversified(cryptogram))


def _card(key: SoftwareCardKey | bytes, pan: str, psn: str | None, option: MasterKeyOption) -> SoftwareCardKey:
    issuer = key if isinstance(key, SoftwareCardKey) else SoftwareCardKey(key)
    return card_key(issuer, Pan(pan), psn or "00", option)


def _version(scheme: Scheme, number: int) -> Callable[..., Version]:
    def made(*, iss_mk_ac: bytes, iss_mk_smi: bytes, iss_mk_smc: bytes, pan: str, psn: str) -> Version:
        version = VERSIONS[scheme, number]
        option = version.master_key
        keys = {"ac": iss_mk_ac, "smi": iss_mk_smi, "smc": iss_mk_smc}
        cards = {name: _card(key, pan, psn, option) for name, key in keys.items()}
        return Version(version, cards, cards["ac"]._key)

    return made


def _generate_ac(key: SoftwareCardKey, data: bytes, padding: str = "") -> bytes:
    return arqc(key, data, CardPadding.ZERO if padding.endswith("VISA") else CardPadding.EMV)


def _encrypted(key: SoftwareCardKey, data: bytes, kind: str) -> bytes:
    return encrypted_data(key.whole, ScriptPadding[kind.rsplit(".", 1)[1]], data)


def meanings() -> dict[str, Callable[..., Any]]:
    """pyemv's functions by name."""
    return {
        "bytes.fromhex": bytes.fromhex,
        "key_check_digits": _check_digits,
        "tools.key_check_digits": lambda key, count: _check_digits(
            key if isinstance(key, SoftwareCardKey) else SoftwareCardKey(key), count
        ),
        "kd.derive_icc_mk_a": lambda key, pan, psn=None: _card(key, pan, psn, MasterKeyOption.A),
        "kd.derive_icc_mk_b": lambda key, pan, psn=None: _card(key, pan, psn, MasterKeyOption.B),
        "kd.derive_common_sk": lambda key, value: key.derive(diversified(value)),
        "kd.derive_visa_sm_sk": visa_script_key,
        "kd.derive_emv2000_tree_sk": lambda key, atc, height, branches, start: tree_session_key(
            key, atc, height=height, branches=branches, start=start
        ),
        "ac.generate_ac": _generate_ac,
        "ac.generate_arpc_1": arpc_1,
        "ac.generate_arpc_2": lambda key, cryptogram, status, more=b"": arpc_2(key, cryptogram, status, more or b""),
        "sm.generate_command_mac": lambda key, command: algorithm_3(key, command, Padding.ONE_ZERO),
        "sm.encrypt_command_data": _encrypted,
        "sm.format_iso9564_2_pin_block": _format_2,
        "sm.format_vis_pin_block": lambda key, pin, current=None: visa_pin_block(key._key[4:8], pin, current),
        "cvn.VisaCVN10": _version(Scheme.VISA, 0x0A),
        "cvn.VisaCVN18": _version(Scheme.VISA, 0x12),
        "cvn.VisaCVN22": _version(Scheme.VISA, 0x22),
        "cvn.InteracCVN133": _version(Scheme.INTERAC, 0x85),
        "cvn.MasterCardCVN16": _version(Scheme.MASTERCARD, 0x10),
        "cvn.MasterCardCVN17": _version(Scheme.MASTERCARD, 0x11),
        "cvn.MasterCardCVN20": _version(Scheme.MASTERCARD, 0x14),
        "cvn.MasterCardCVN21": _version(Scheme.MASTERCARD, 0x15),
    }
