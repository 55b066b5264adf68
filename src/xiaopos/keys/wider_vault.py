"""The vault's role with key blocks and DUKPT, for those who need them.

What may live here: the wider protocol and its words. What may not: cryptography, rules (`work_blocks`, `work_dukpt`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys.dukpt_ksn import Ksn
from xiaopos.keys.key_blocks_header import Header
from xiaopos.keys.key_blocks_optional import ExtendedLength, OptionalBlock
from xiaopos.keys.key_blocks_words import BlockVersion
from xiaopos.keys.vault import KeyAlgorithm, KeyUsage, MacKind, PinFormat, Vault, WrappedKey


class ImportedBlock(NamedTuple):
    """A key that came in a key block, and what the block said of it."""

    key: WrappedKey
    header: Header
    extended: ExtendedLength | None
    """How extended lengths of optional blocks were read; None when there is none."""


@dataclass(frozen=True, slots=True)
class BlockTerms:
    """What a key block shall say besides what the key is. None: what follows from the key and its carrier.

    `version`: D under AES, B under DES. `mode`: X9.143's mode of use (a terminal's PIN key encrypts, `E`). `exportability`:
    whether the receiver may pass it on. `checks`: add check values of the key (KC) and its carrier (KP). `optional`: more
    optional blocks (`key_blocks_values`).
    """

    version: BlockVersion | None = None
    mode: str | None = None
    exportability: str = "N"
    key_version: str = "00"
    checks: bool = False
    optional: tuple[OptionalBlock, ...] = ()
    even_deprecated: bool = False
    extended: ExtendedLength = ExtendedLength.DIGITS


PLAIN_TERMS = BlockTerms()


@dataclass(frozen=True, slots=True)
class DukptKey:
    """One transaction's key: what it comes from (a BDK; or, on the device, its IK) and which transaction it is.

    `working` is the algorithm of the working keys under AES DUKPT; TDES DUKPT has TDES2.
    """

    base: WrappedKey
    ksn: Ksn
    working: KeyAlgorithm = KeyAlgorithm.AES128


class DukptWay(Enum):
    """Which way a message goes: each has a working key of its own."""

    REQUEST = "request"
    """From the device."""
    RESPONSE = "response"
    """To the device."""
    BOTH = "both"
    """One key for both, where a profile says so."""


class WiderVault(Vault, Protocol):
    """A `Vault` that takes and gives key blocks and knows DUKPT devices.

    Clear values in process memory, with either vault: the two binding keys of a key block and the key inside it; a DUKPT
    initial key and all below it. With a hardware module a TDES base derivation key too, since its variant is computed
    outside; an AES one stays in the module.
    """

    def export_block(self, *, kek: WrappedKey, key: WrappedKey, terms: BlockTerms = PLAIN_TERMS) -> str:
        """`key` in a key block under `kek` (ANSI X9.143:2021).

        WRONG_USAGE: not carried so, or its own block forbids it to leave, or more is asked for than it was given.
        WRONG_ALGORITHM: a key stronger than its carrier, one without a code, version A without being asked for by name.
        """
        ...

    def import_block(
        self, *, kek: WrappedKey, block: str, usage: KeyUsage, extended: ExtendedLength | None = None
    ) -> ImportedBlock:
        """The key of a key block as a `usage`; it keeps the block's mode of use and exportability as its limits.

        BAD_BLOCK: malformed, altered, or under another key (`KeyBlockRefused` names the place). WRONG_USAGE: a block of
        other keys, or a component. WRONG_ALGORITHM, CHECK_VALUE (KC and KP are compared), WEAK_KEY.
        """
        ...

    def dukpt_initial(self, *, base: WrappedKey, ksn: Ksn) -> WrappedKey:
        """The initial key of a device, from the BDK, kept as an IK. NOT_OFFERED for TDES by a token: it would alter it."""
        ...

    def dukpt_export_initial(
        self, *, base: WrappedKey, ksn: Ksn, kek: WrappedKey, terms: BlockTerms = PLAIN_TERMS
    ) -> str:
        """The initial key of a device in a key block that names it (KS or IK), from the BDK and kept nowhere."""
        ...

    def dukpt_export_next(self, *, at: DukptKey, base: WrappedKey, ksn: Ksn, terms: BlockTerms = PLAIN_TERMS) -> str:
        """The next initial key of a device that works already, in a key block under its update key (AES only).

        X9.24-3:2017, 6.5.3: a key of counter FFFFFFFF, of the algorithm `at.working`; `at` names the device, its counter does
        not matter. WRONG_USAGE for the initial key that the device has, WRONG_ALGORITHM for TDES and for an update key
        weaker than the new key.
        """
        ...

    def dukpt_import_next(self, *, at: DukptKey, block: str) -> ImportedBlock:
        """The device's side: its next initial key; which number goes with it is the header's block IK. See `import_block`."""
        ...

    def dukpt_encrypt_pin(self, *, at: DukptKey, pin: Secret, pan: Pan | None, form: PinFormat) -> bytes:
        """The device's side of a PIN, where its initial key is in this vault."""
        ...

    def dukpt_translate_pin(
        self,
        *,
        block: bytes,
        at: DukptKey,
        from_form: PinFormat,
        to_key: WrappedKey,
        to_form: PinFormat,
        pan: Pan | None,
    ) -> bytes:
        """A device's PIN under a zone's key. BAD_BLOCK for no PIN and for a counter no device uses; see `translate_pin`."""
        ...

    def dukpt_mac(self, *, at: DukptKey, data: bytes, kind: MacKind, way: DukptWay) -> bytes:
        """The MAC of one transaction's message."""
        ...

    def dukpt_verify_mac(self, *, at: DukptKey, data: bytes, kind: MacKind, way: DukptWay, mac: bytes) -> bool:
        """Whether `mac` is the whole MAC; compared in constant time."""
        ...

    def dukpt_encrypt(self, *, at: DukptKey, data: Secret, way: DukptWay, iv: bytes | None = None) -> bytes:
        """One transaction's data under CBC: whole blocks, zero IV unless given. WRONG_LENGTH."""
        ...

    def dukpt_decrypt(self, *, at: DukptKey, data: bytes, way: DukptWay, iv: bytes | None = None) -> Secret:
        """What `dukpt_encrypt` gave; nothing tells whether it is genuine: check a MAC first."""
        ...
