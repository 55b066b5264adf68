"""DUKPT in a vault: a device's PINs, MACs and data, each under its transaction's own key.

What may live here: the operations with their permissions. What may not: deriving (`dukpt_*`), which serial number a
device may use next (`dukpt_ksn.step`: the caller keeps the last one).
"""

from __future__ import annotations

import hmac

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import dukpt_aes, dukpt_tdes, pin_blocks
from xiaopos.keys.chaining import cbc_decrypt, cbc_encrypt
from xiaopos.keys.des import BlockCipher
from xiaopos.keys.dukpt_aes import AesDerived, AesUse
from xiaopos.keys.dukpt_ksn import DukptKind, Ksn
from xiaopos.keys.dukpt_tdes import TdesUse
from xiaopos.keys.engines import OpenKey
from xiaopos.keys.hierarchy import Operation, require_block_carrying
from xiaopos.keys.key_blocks_values import initial_key_block
from xiaopos.keys.shelf import ReadyKey
from xiaopos.keys.software_engine import SoftwareKey
from xiaopos.keys.states import KeyState
from xiaopos.keys.vault import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, PinFormat, WrappedKey
from xiaopos.keys.wider_vault import PLAIN_TERMS, BlockTerms, DukptKey, DukptWay, ImportedBlock
from xiaopos.keys.work_blocks import BlockWork, header_for
from xiaopos.keys.work_macs import made
from xiaopos.keys.work_pins import PinWork

_A = KeyAlgorithm
_USES: dict[tuple[KeyUsage, DukptWay], tuple[TdesUse, AesUse]] = {
    (KeyUsage.TPK, DukptWay.REQUEST): (TdesUse.PIN, AesUse.PIN),
    (KeyUsage.TAK, DukptWay.REQUEST): (TdesUse.MAC_REQUEST, AesUse.MAC_GENERATE),
    (KeyUsage.TAK, DukptWay.RESPONSE): (TdesUse.MAC_RESPONSE, AesUse.MAC_VERIFY),
    (KeyUsage.TAK, DukptWay.BOTH): (TdesUse.MAC_REQUEST, AesUse.MAC_BOTH),
    (KeyUsage.TDK, DukptWay.REQUEST): (TdesUse.DATA_REQUEST, AesUse.DATA_ENCRYPT),
    (KeyUsage.TDK, DukptWay.RESPONSE): (TdesUse.DATA_RESPONSE, AesUse.DATA_DECRYPT),
    (KeyUsage.TDK, DukptWay.BOTH): (TdesUse.DATA_REQUEST, AesUse.DATA_BOTH),
}
"""AES names its uses as the device sees them: what it generates or encrypts goes out."""

_SESSION_KCV = "00000000"


class DukptWork(PinWork, BlockWork):
    """The part of a vault that knows DUKPT devices."""

    def dukpt_initial(self, *, base: WrappedKey, ksn: Ksn) -> WrappedKey:
        """See `WiderVault`."""
        kept = self._keep(self._engine.load(base.algorithm, self._begotten(base, ksn)), KeyUsage.IK)
        self._require_exact(kept)
        return kept

    def dukpt_export_initial(
        self, *, base: WrappedKey, ksn: Ksn, kek: WrappedKey, terms: BlockTerms = PLAIN_TERMS
    ) -> str:
        """See `WiderVault`."""
        carrier = self._block_carrier(kek, KeyUsage.IK, base.algorithm)
        header = header_for(kek, KeyUsage.IK, base.algorithm, terms, None).with_block(initial_key_block(ksn))
        return self._blocked(carrier, header, base.algorithm, self._begotten(base, ksn), terms)

    def dukpt_export_next(self, *, at: DukptKey, base: WrappedKey, ksn: Ksn, terms: BlockTerms = PLAIN_TERMS) -> str:
        """See `WiderVault`."""
        if (base, ksn.device) == (at.base, at.ksn.device):
            raise KeyRefused(
                KeyFault.WRONG_USAGE, "this is the initial key that the device has: give it another number"
            )
        carrier = self._carrier(at)
        require_block_carrying(carrier.wrapped.usage, carrier.wrapped.algorithm, KeyUsage.IK, base.algorithm)
        header = header_for(carrier.wrapped, KeyUsage.IK, base.algorithm, terms, None)
        clear = self._begotten(base, ksn)
        return self._blocked(carrier.open, header.with_block(initial_key_block(ksn)), base.algorithm, clear, terms)

    def dukpt_import_next(self, *, at: DukptKey, block: str) -> ImportedBlock:
        """See `WiderVault`."""
        carrier = self._carrier(at)
        came = self._unblocked(carrier.open, carrier.wrapped, block, KeyUsage.IK, None)
        self._require_exact(came.key)
        return came

    def dukpt_encrypt_pin(self, *, at: DukptKey, pin: Secret, pan: Pan | None, form: PinFormat) -> bytes:
        """See `WiderVault`."""
        cipher = self._working_for_pin(at, form)
        return pin_blocks.encrypt_block(cipher, form, pin.value.decode("latin-1"), pan, self._engine.entropy)

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
        """See `WiderVault`."""
        target = self._ready_for_pin(to_key, Operation.PIN_TO, to_form).whole
        source = self._working_for_pin(at, from_form)
        entropy, permitted = self._engine.entropy, self._permitted
        return pin_blocks.translate_block(source, from_form, block, target, to_form, pan, entropy, permitted)

    def dukpt_mac(self, *, at: DukptKey, data: bytes, kind: MacKind, way: DukptWay) -> bytes:
        """See `WiderVault`."""
        return made(self._working(at, KeyUsage.TAK, way), data, kind)

    def dukpt_verify_mac(self, *, at: DukptKey, data: bytes, kind: MacKind, way: DukptWay, mac: bytes) -> bool:
        """See `WiderVault`."""
        return hmac.compare_digest(self.dukpt_mac(at=at, data=data, kind=kind, way=way), mac)

    def dukpt_encrypt(self, *, at: DukptKey, data: Secret, way: DukptWay, iv: bytes | None = None) -> bytes:
        """See `WiderVault`."""
        cipher = self._working(at, KeyUsage.TDK, way).open.whole
        return cbc_encrypt(cipher, _start(cipher, iv), _whole_blocks(cipher, data.value))

    def dukpt_decrypt(self, *, at: DukptKey, data: bytes, way: DukptWay, iv: bytes | None = None) -> Secret:
        """See `WiderVault`."""
        cipher = self._working(at, KeyUsage.TDK, way).open.whole
        return Secret(cbc_decrypt(cipher, _start(cipher, iv), _whole_blocks(cipher, data)))

    def _working_for_pin(self, at: DukptKey, form: PinFormat) -> BlockCipher:
        session = self._working(at, KeyUsage.TPK, DukptWay.REQUEST)
        if form not in session.forms:
            algorithm = session.wrapped.algorithm.value
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {algorithm} working key does not make {form.value} blocks")
        return session.open.whole

    def _carrier(self, at: DukptKey) -> ReadyKey:
        """The key that carries a device's next initial key, with the permissions of a terminal's master key."""
        if at.ksn.kind is DukptKind.TDES:
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, "TDES DUKPT has no key that carries another")
        clear = dukpt_aes.update_key(self._initial(at.base, at.ksn), at.ksn, _derived(at.working))
        return _session(KeyUsage.TMK, at.working, clear)

    def _working(self, at: DukptKey, usage: KeyUsage, way: DukptWay) -> ReadyKey:
        """A transaction's working key, with the permissions of a terminal's key of that usage."""
        at.ksn.require_usable()
        for_tdes, for_aes = _USES[usage, way]
        initial = self._initial(at.base, at.ksn)
        if at.ksn.kind is DukptKind.TDES:
            algorithm = _A.TDES2
            clear = dukpt_tdes.working_key(dukpt_tdes.transaction_key(initial, at.ksn), for_tdes)
        else:
            algorithm = at.working
            transaction = dukpt_aes.transaction_key(initial, at.ksn)
            clear = dukpt_aes.working_key(transaction, at.ksn, for_aes, _derived(algorithm))
        return _session(usage, algorithm, clear)

    def _begotten(self, base: WrappedKey, ksn: Ksn) -> bytes:
        if base.usage is not KeyUsage.BDK:
            raise KeyRefused(KeyFault.WRONG_USAGE, f"a {base.usage.value} does not beget initial keys")
        return self._initial(base, ksn)

    def _require_exact(self, initial: WrappedKey) -> None:
        """A TDES initial key is used bit by bit, and modules set the parity bits of DES keys. NOT_OFFERED by those."""
        opened = self._ready(initial, Operation.DERIVE).open
        if initial.algorithm is _A.TDES2 and not isinstance(opened, SoftwareKey):
            raise KeyRefused(
                KeyFault.NOT_OFFERED, "the token sets the parity of DES keys: it keeps no TDES initial key; export it"
            )

    def _initial(self, base: WrappedKey, ksn: Ksn) -> bytes:
        """The device's initial key, from the BDK, or as it is when `base` is the initial key itself."""
        opened = self._ready(base, Operation.DERIVE).open
        if (ksn.kind is DukptKind.TDES) != (base.algorithm is _A.TDES2):
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {base.algorithm.value} key is not of {ksn.kind.name} DUKPT")
        if base.usage is KeyUsage.IK:
            self._require_exact(base)
            return self._reveal(base)
        if ksn.kind is DukptKind.AES:
            return dukpt_aes.initial_key(opened.whole, base.algorithm, ksn)
        return dukpt_tdes.initial_key(self._with_variants(base, opened), ksn)

    def _with_variants(self, base: WrappedKey, opened: OpenKey) -> OpenKey:
        """The key itself, or a copy in this process where a module makes no variants."""
        if isinstance(opened, SoftwareKey):
            return opened
        return SoftwareKey(base.algorithm, self._reveal(base))


def _session(usage: KeyUsage, algorithm: KeyAlgorithm, clear: bytes) -> ReadyKey:
    return ReadyKey(WrappedKey(usage, algorithm, _SESSION_KCV, b""), SoftwareKey(algorithm, clear), KeyState.ACTIVE)


def _derived(algorithm: KeyAlgorithm) -> AesDerived:
    if algorithm.value not in AesDerived.__members__:
        raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"AES DUKPT derives no {algorithm.value} keys")
    return AesDerived[algorithm.value]


def _start(cipher: BlockCipher, iv: bytes | None) -> bytes:
    if iv is not None and len(iv) != cipher.block_size:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"an IV has {cipher.block_size} bytes, got {len(iv)}")
    return bytes(cipher.block_size) if iv is None else iv


def _whole_blocks(cipher: BlockCipher, data: bytes) -> bytes:
    if not data or len(data) % cipher.block_size:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"data fill whole blocks of {cipher.block_size} bytes")
    return data
