"""Key blocks in a vault: which key leaves or comes in, under which, as what.

What may live here: the two operations with their permissions. What may not: the form (`key_blocks*`).
"""

from __future__ import annotations

import hmac

from xiaopos.kernel.secret import Secret
from xiaopos.keys.engines import OpenKey
from xiaopos.keys.hierarchy import Operation, require_algorithm, require_block_carrying
from xiaopos.keys.key_blocks import unwrap, wrap
from xiaopos.keys.key_blocks_header import Header
from xiaopos.keys.key_blocks_optional import ExtendedLength, OptionalBlock
from xiaopos.keys.key_blocks_uses import Limits, algorithm_of, codes_for
from xiaopos.keys.key_blocks_values import CheckKind, CheckValue, HashKind, decoded, hash_block
from xiaopos.keys.key_blocks_words import BlockVersion
from xiaopos.keys.macs import cmac
from xiaopos.keys.shelf import Shelf
from xiaopos.keys.software_engine import SoftwareKey
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, WrappedKey
from xiaopos.keys.wider_vault import PLAIN_TERMS, BlockTerms, ImportedBlock

_CHECK_BYTES = {CheckKind.LEGACY: 3, CheckKind.CMAC: 5}


class BlockWork(Shelf):
    """The part of a vault that takes and gives key blocks."""

    def export_block(self, *, kek: WrappedKey, key: WrappedKey, terms: BlockTerms = PLAIN_TERMS) -> str:
        """See `WiderVault`."""
        carrier = self._block_carrier(kek, key.usage, key.algorithm)
        self._require_carried(key, in_block=True)
        header = header_for(kek, key.usage, key.algorithm, terms, Limits(key.limits) if key.limits else None)
        return self._blocked(carrier, header, key.algorithm, self._reveal(key), terms)

    def import_block(
        self, *, kek: WrappedKey, block: str, usage: KeyUsage, extended: ExtendedLength | None = None
    ) -> ImportedBlock:
        """See `WiderVault`."""
        return self._unblocked(self._ready(kek, Operation.CARRY).open, kek, block, usage, extended)

    def _unblocked(
        self, carrier: OpenKey, kek: WrappedKey, block: str, usage: KeyUsage, extended: ExtendedLength | None
    ) -> ImportedBlock:
        opened = unwrap(carrier, block, extended=extended)
        header, clear = opened.header, opened.key.value
        if header.component is not None:
            raise KeyRefused(KeyFault.WRONG_USAGE, "this key block holds a component and not a key")
        limits = Limits.for_import(header.usage, header.mode, header.exportability, usage)
        algorithm = algorithm_of(header.algorithm, len(clear))
        require_algorithm(usage, algorithm)
        require_block_carrying(kek.usage, kek.algorithm, usage, algorithm)
        _require_hash(header, algorithm)
        _require_check(header.block("KP"), carrier)
        fresh = self._engine.load(algorithm, clear)
        _require_check(header.block("KC"), fresh.opened)
        return ImportedBlock(self._keep(fresh, usage, limits=limits.text), header, opened.extended)

    def _block_carrier(self, kek: WrappedKey, usage: KeyUsage, algorithm: KeyAlgorithm) -> OpenKey:
        carrier = self._ready(kek, Operation.CARRY).open
        require_block_carrying(kek.usage, kek.algorithm, usage, algorithm)
        return carrier

    def _blocked(
        self, carrier: OpenKey, header: Header, algorithm: KeyAlgorithm, clear: bytes, terms: BlockTerms
    ) -> str:
        if terms.checks:
            check = _check(SoftwareKey(algorithm, clear))
            header = header.with_block(check.block("KC")).with_block(_check(carrier).block("KP"))
        deprecated, extended = terms.even_deprecated, terms.extended
        entropy = self._engine.entropy
        return wrap(carrier, header, Secret(clear), entropy, even_deprecated=deprecated, extended=extended)


def header_for(
    kek: WrappedKey, usage: KeyUsage, algorithm: KeyAlgorithm, terms: BlockTerms, given: Limits | None
) -> Header:
    """The header of a key that leaves: what its own block gave it (`given`) bounds what is asked for."""
    code, letter, mode = codes_for(usage, algorithm)
    if given is not None:
        code, mode = given.usage, terms.mode or given.mode
        given.require_within(mode, terms.exportability)
    else:
        mode = terms.mode or mode
    Limits.for_import(code, mode, terms.exportability, usage)
    carrier_is_aes = kek.algorithm.value.startswith("AES")
    version = terms.version or (BlockVersion.D if carrier_is_aes else BlockVersion.B)
    header = Header(version, code, letter, mode, terms.key_version, terms.exportability, blocks=terms.optional)
    return header.with_block(hash_block(HashKind.SHA256)) if algorithm is KeyAlgorithm.HMAC256 else header


def _require_hash(header: Header, algorithm: KeyAlgorithm) -> None:
    if algorithm is not KeyAlgorithm.HMAC256:
        return
    block = header.block("HM")
    if block is None or decoded(block) is not HashKind.SHA256:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, "an HMAC key comes with the optional block HM, and for SHA-256")


def _check(key: OpenKey) -> CheckValue:
    """AES keys show their CMAC, DES keys their zeros (ANSI X9.24-1:2017, annex A); HMAC keys the HMAC of nothing."""
    if key.algorithm is KeyAlgorithm.HMAC256:
        return CheckValue(CheckKind.CMAC, key.hmac(b"")[: _CHECK_BYTES[CheckKind.CMAC]])
    is_aes = key.algorithm.value.startswith("AES")
    return _computed(key, CheckKind.CMAC if is_aes else CheckKind.LEGACY)


def _computed(key: OpenKey, kind: CheckKind) -> CheckValue:
    zeros = bytes(key.whole.block_size)
    whole = cmac(key.whole, zeros) if kind is CheckKind.CMAC else key.whole.encrypt(zeros)
    return CheckValue(kind, whole[: _CHECK_BYTES[kind]])


def _require_check(block: OptionalBlock | None, key: OpenKey) -> None:
    """Raises KeyRefused (CHECK_VALUE) when a check value in the header is of another key."""
    if block is None:
        return
    said = decoded(block)
    assert isinstance(said, CheckValue)
    found = _check(key) if key.algorithm is KeyAlgorithm.HMAC256 else _computed(key, said.kind)
    if not hmac.compare_digest(found.value[: len(said.value)], said.value):
        raise KeyRefused(KeyFault.CHECK_VALUE, f"the check value in block {block.id} does not fit")
