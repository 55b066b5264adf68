"""Algorithm suites: which algorithms a channel or a terminal speaks, chosen as one word, never piece by piece.

What may live here: the suites as a frozen table, the keys each needs, which of them no public source confirms.
What may not: keys, computing, who uses which suite (a terminal's profile, a channel's configuration).

A terminal on 国密 algorithms and one on 3DES stand beside each other in one vault: the suite of each says with which kinds
its messages are authenticated and its PINs sent, and a PIN is translated from the one's form to the other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from xiaopos.keys.hierarchy import CARRIED_ALGORITHMS, MAC_KINDS, PIN_FORMS
from xiaopos.keys.signatures import Signing
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, PinFormat

_A, _U = KeyAlgorithm, KeyUsage


class Digest(Enum):
    """How bytes without a key are hashed."""

    SHA256 = "sha256"
    SM3 = "sm3"


class SuiteName(Enum):
    """What a profile or a channel's configuration writes."""

    DES_MAC = "des_mac"
    """3DES for PINs and tracks, single DES for MACs: what most 银联 terminals speak today."""
    TDES = "tdes"
    """3DES for everything."""
    GM = "gm"
    """国密: SM4, SM3, SM2."""
    AES = "aes"
    """AES-128 with ISO format 4 and CMAC."""


@dataclass(frozen=True, slots=True)
class Suite:
    """One row: everything that is chosen when a suite is chosen."""

    name: SuiteName
    carrier: KeyAlgorithm
    """The master keys, under which the others travel."""
    pin: KeyAlgorithm
    pin_form: PinFormat
    pin_form_without_pan: PinFormat | None
    """What is sent when the card number may not be mixed in; None where the suite always binds."""
    mac: KeyAlgorithm
    mac_kind: MacKind
    track: KeyAlgorithm | None
    """None where tracks do not travel encrypted by this rule."""
    digest: Digest
    signing: Signing
    unconfirmed: str
    """What of it no public standard confirms; empty when all of it is published."""

    def working_keys(self) -> Mapping[KeyUsage, KeyAlgorithm]:
        """The keys a terminal gets at sign-in, and their algorithms.

        >>> {usage.value: algorithm.value for usage, algorithm in suite(SuiteName.DES_MAC).working_keys().items()}
        {'TPK': 'TDES2', 'TAK': 'DES', 'TDK': 'TDES2'}
        """
        keys = {_U.TPK: self.pin, _U.TAK: self.mac}
        return keys if self.track is None else {**keys, _U.TDK: self.track}

    @property
    def pin_block_bytes(self) -> int:
        """How long a PIN block is: one block of the cipher.

        >>> suite(SuiteName.TDES).pin_block_bytes, suite(SuiteName.GM).pin_block_bytes
        (8, 16)
        """
        return 8 if self.pin is _A.TDES2 else 16

    def travels_under(self, master: KeyAlgorithm) -> bool:
        """Whether all its keys may be sent in plain ECB under a master key of this algorithm.

        >>> suite(SuiteName.TDES).travels_under(KeyAlgorithm.TDES3), suite(SuiteName.GM).travels_under(KeyAlgorithm.TDES3)
        (True, False)
        """
        return {*self.working_keys().values(), *self.zone_keys().values()} <= CARRIED_ALGORITHMS.get(
            master, frozenset()
        )

    def zone_keys(self) -> Mapping[KeyUsage, KeyAlgorithm]:
        """The keys a channel shares with its network, and their algorithms."""
        return {_U.ZPK: self.pin, _U.ZAK: self.mac}


_GM_UNCONFIRMED = (
    "the PIN form with a PAN and the terminal MAC are known from third parties' examples; tracks from shape only"
)
_NO_PAN, _ISO0 = PinFormat.NO_PAN, PinFormat.ISO0
_ECB, _RSA = MacKind.UNIONPAY_ECB, Signing.RSA_SHA256

SUITES: Mapping[SuiteName, Suite] = {
    row.name: row
    for row in (
        Suite(SuiteName.DES_MAC, _A.TDES2, _A.TDES2, _ISO0, _NO_PAN, _A.DES, _ECB, _A.TDES2, Digest.SHA256, _RSA, ""),
        Suite(SuiteName.TDES, _A.TDES2, _A.TDES2, _ISO0, _NO_PAN, _A.TDES2, _ECB, _A.TDES2, Digest.SHA256, _RSA, ""),
        Suite(
            SuiteName.GM,
            _A.SM4,
            _A.SM4,
            PinFormat.SM4_PAN,
            _NO_PAN,
            _A.SM4,
            _ECB,
            _A.SM4,
            Digest.SM3,
            Signing.SM2_SM3,
            _GM_UNCONFIRMED,
        ),
        Suite(
            SuiteName.AES,
            _A.AES128,
            _A.AES128,
            PinFormat.ISO4,
            None,
            _A.AES128,
            MacKind.AES_CMAC_8,
            None,
            Digest.SHA256,
            Signing.ECDSA_P256_SHA256,
            "",
        ),
    )
}
"""The suites by name."""


def suite(name: SuiteName) -> Suite:
    """The suite of this name."""
    return SUITES[name]


def suite_named(text: str) -> Suite:
    """The suite a profile names. Refusal: WRONG_ALGORITHM for a name that is none, listing those that are.

    >>> suite_named("gm").pin_form.value
    'sm4_pan'
    """
    try:
        return SUITES[SuiteName(text)]
    except ValueError:
        names = ", ".join(each.value for each in SuiteName)
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a suite is one of {names}, not {text!r}") from None


def suite_for(*, mac: KeyAlgorithm, mac_kind: MacKind, pin_form: PinFormat) -> Suite:
    """The suite that a terminal's profile describes: its MAC key's algorithm finds the row, kind and PIN form are its own.

    Refusal: WRONG_ALGORITHM when no suite has such a MAC key, or one whose keys do not serve this kind and form.

    >>> suite_for(mac=KeyAlgorithm.TDES2, mac_kind=MacKind.X9_19, pin_form=PinFormat.ISO0).name
    <SuiteName.TDES: 'tdes'>
    """
    row = next((row for row in SUITES.values() if row.mac is mac), None)
    if row is None or mac_kind not in MAC_KINDS[row.mac] or pin_form not in PIN_FORMS[row.pin]:
        raise KeyRefused(
            KeyFault.WRONG_ALGORITHM,
            f"no suite has a {mac.value} MAC key, {mac_kind.value} MACs and {pin_form.value} PIN blocks",
        )
    return replace(row, mac_kind=mac_kind, pin_form=pin_form)


NETWORK_SUITES: Mapping[str, Suite] = {
    "tdes": suite_for(mac=_A.TDES2, mac_kind=MacKind.X9_19, pin_form=_ISO0),
    "gm": suite(SuiteName.GM),
}
"""What a channel to a card network may be configured to: its keys, MACs and PIN blocks."""

NETWORK_SUITE = NETWORK_SUITES["tdes"]
