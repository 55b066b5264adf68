"""A vault in this process's memory: for the demo, tests and the pretend devices; production mode refuses it.

What may live here: the software implementation of `Vault` and nothing that others import besides it.
What may not: a clear key, PIN or cipher context that leaves an object of this module.

Clear values that touch this process's memory: the master key for the vault's life; a working key while it is wrapped,
unwrapped or exported; its cipher context while it is among the recently used; a PIN and a track during one call.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import cryptograms, macs, pin_blocks, tracks
from xiaopos.keys.card_keys import SoftwareCardKey
from xiaopos.keys.des import block_cipher, is_weak, odd_parity
from xiaopos.keys.hierarchy import (
    MAC_KINDS,
    OPERATIONS,
    PIN_FORMS,
    Operation,
    require_algorithm,
    require_carrying,
)
from xiaopos.keys.vault import (
    SEAL_HEAD,
    CardPadding,
    ExportedKey,
    KeyAlgorithm,
    KeyFault,
    KeyRefused,
    KeyUsage,
    MacKind,
    PinFormat,
    WrappedKey,
    seal_head,
    sealed_with,
)

_DES_FAMILY = (KeyAlgorithm.DES, KeyAlgorithm.TDES2, KeyAlgorithm.TDES3)
_AES = (KeyAlgorithm.AES128, KeyAlgorithm.AES256)
_NONCE = 12
_TAG = 16


def check_value(algorithm: KeyAlgorithm, key: bytes) -> bytes:
    """The first 4 bytes of the check value.

    DES and SM4: eight (sixteen) zero bytes encrypted. AES: the CMAC of sixteen zero bytes (ANSI X9.24-1:2017 annex A).
    HMAC256: the HMAC of nothing.

    >>> check_value(KeyAlgorithm.DES, bytes.fromhex("5BB5C72CD00B7338")).hex().upper()
    'AB7153CA'
    """
    if algorithm is KeyAlgorithm.HMAC256:
        return hmac.digest(key, b"", "sha256")[:4]
    if algorithm in _AES:
        cmac = CMAC(AES(key))
        cmac.update(bytes(16))
        return cmac.finalize()[:4]
    cipher = block_cipher(algorithm, key)
    return cipher.encrypt(bytes(cipher.block_size))[:4]


class _OpenKey:
    """A key made ready: its permissions looked up and its contexts kept. Only what its algorithm and usage need is there."""

    __slots__ = ("cipher", "cmac", "forms", "gcm", "hmac", "kinds", "operations", "retail", "wrapped")

    def __init__(self, wrapped: WrappedKey, key: bytes) -> None:
        algorithm = wrapped.algorithm
        self.wrapped = wrapped
        self.operations = OPERATIONS[wrapped.usage]
        self.kinds = MAC_KINDS[algorithm] if Operation.MAC in self.operations else ()
        self.forms = PIN_FORMS[algorithm]
        if algorithm is KeyAlgorithm.HMAC256:
            self.hmac = hmac.new(key, digestmod=hashlib.sha256)
        elif Operation.SEAL in self.operations:
            self.gcm = AESGCM(key)
        else:
            self.cipher = block_cipher(algorithm, key)
        if MacKind.X9_19 in self.kinds:
            self.retail = macs.retail_key(key)
        if MacKind.AES_CMAC in self.kinds:
            self.cmac = CMAC(AES(key))


class SoftwareVault:
    """The `Vault` of development: keys wrapped by AES-256-GCM under a master key handed in.

    A blob is `nonce 12 | cipher text | tag 16`, with usage, algorithm and check value as associated data, so that a key
    cannot be renamed to another purpose. `entropy(n)` gives n random bytes. Up to `keep` recently used keys stay ready.
    Raises KeyRefused (WRONG_LENGTH) for a master key that is not 32 bytes, ValueError for `keep` below 2.
    """

    def __init__(self, master_key: Secret, entropy: Callable[[int], bytes], *, keep: int = 8192) -> None:
        if len(master_key.value) != 32:
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"a master key has 32 bytes, got {len(master_key.value)}")
        if keep < 2:
            raise ValueError(f"a vault keeps at least 2 keys ready, got {keep}")
        self._master = AESGCM(master_key.value)
        self._entropy = entropy
        self._half = keep // 2
        # Two generations instead of a linked list: a hit costs one look-up, needs no lock, and the older half of the
        # keys falls out together when the newer half is full.
        self._young: dict[bytes, _OpenKey] = {}
        self._old: dict[bytes, _OpenKey] = {}

    def __repr__(self) -> str:
        return "SoftwareVault(not certified)"

    @property
    def is_certified(self) -> bool:
        """Never: clear keys touch this process's memory."""
        return False

    # -- keys in and out ---------------------------------------------------------------------------------------------

    def generate(self, *, usage: KeyUsage, algorithm: KeyAlgorithm) -> WrappedKey:
        """See `Vault`. DES keys get odd parity; a weak draw (or a broken source) is refused: WEAK_KEY."""
        require_algorithm(usage, algorithm)
        key = self._entropy(algorithm.key_length)
        return self._wrap(odd_parity(key) if algorithm in _DES_FAMILY else key, usage, algorithm)

    def combine(self, *, components: Sequence[Secret], usage: KeyUsage, algorithm: KeyAlgorithm) -> WrappedKey:
        """See `Vault`."""
        require_algorithm(usage, algorithm)
        if len(components) not in (2, 3):
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"a key has 2 or 3 components, got {len(components)}")
        mixed = 0
        for component in components:
            if len(component.value) != algorithm.key_length:
                raise KeyRefused(
                    KeyFault.WRONG_LENGTH,
                    f"a component of a {algorithm.value} key has {algorithm.key_length} bytes, got {len(component.value)}",
                )
            mixed ^= int.from_bytes(component.value, "big")
        return self._wrap(mixed.to_bytes(algorithm.key_length, "big"), usage, algorithm)

    def import_under(
        self, *, kek: WrappedKey, cipher: bytes, check: bytes, usage: KeyUsage, algorithm: KeyAlgorithm
    ) -> WrappedKey:
        """See `Vault`."""
        require_algorithm(usage, algorithm)
        carrier = self._ready(kek, Operation.CARRY)
        require_carrying(kek.usage, kek.algorithm, usage, algorithm)
        if len(cipher) != algorithm.key_length:
            raise KeyRefused(
                KeyFault.WRONG_LENGTH,
                f"a {algorithm.value} key comes in {algorithm.key_length} bytes, got {len(cipher)}",
            )
        if len(check) not in (3, 4):
            raise KeyRefused(KeyFault.WRONG_LENGTH, f"a check value has 3 or 4 bytes, got {len(check)}")
        key = carrier.cipher.decrypt(cipher)
        if not hmac.compare_digest(check_value(algorithm, key)[: len(check)], check):
            raise KeyRefused(KeyFault.CHECK_VALUE, f"the check value does not fit this {usage.value}")
        return self._wrap(key, usage, algorithm)

    def export_under(self, *, kek: WrappedKey, key: WrappedKey) -> ExportedKey:
        """See `Vault`."""
        carrier = self._ready(kek, Operation.CARRY)
        require_carrying(kek.usage, kek.algorithm, key.usage, key.algorithm)
        return ExportedKey(carrier.cipher.encrypt(self._unwrap(key)), bytes.fromhex(key.kcv))

    # -- messages ----------------------------------------------------------------------------------------------------

    def mac(self, *, key: WrappedKey, data: bytes, kind: MacKind) -> bytes:
        """See `Vault`."""
        ready = self._ready(key, Operation.MAC)
        if kind not in ready.kinds:
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {key.algorithm.value} key does not make {kind.value}")
        if kind is MacKind.UNIONPAY_ECB:
            return macs.unionpay_ecb(ready.cipher, data)
        if kind is MacKind.X9_19:
            return macs.x9_19(ready.retail, data)
        if kind is MacKind.X9_9:
            return macs.x9_9(ready.cipher, data)
        if kind is MacKind.HMAC_SHA256:
            keyed = ready.hmac.copy()
            keyed.update(data)
            return keyed.digest()
        cmac = ready.cmac.copy()
        cmac.update(data)
        whole = cmac.finalize()
        return whole if kind is MacKind.AES_CMAC else whole[:8]

    def verify_mac(self, *, key: WrappedKey, data: bytes, kind: MacKind, mac: bytes) -> bool:
        """See `Vault`."""
        return hmac.compare_digest(self.mac(key=key, data=data, kind=kind), mac)

    # -- PINs --------------------------------------------------------------------------------------------------------

    def encrypt_pin(self, *, key: WrappedKey, pin: Secret, pan: Pan | None, form: PinFormat) -> bytes:
        """See `Vault`."""
        ready = self._ready_for_pin(key, Operation.PIN_ENCRYPT, form)
        return pin_blocks.encrypt_block(ready.cipher, form, pin.value.decode("latin-1"), pan, self._entropy)

    def translate_pin(
        self,
        *,
        block: bytes,
        from_key: WrappedKey,
        from_form: PinFormat,
        to_key: WrappedKey,
        to_form: PinFormat,
        pan: Pan | None,
    ) -> bytes:
        """See `Vault`."""
        source = self._ready_for_pin(from_key, Operation.PIN_FROM, from_form)
        target = self._ready_for_pin(to_key, Operation.PIN_TO, to_form)
        return pin_blocks.translate_block(source.cipher, from_form, block, target.cipher, to_form, pan, self._entropy)

    def verify_pin(self, *, block: bytes, key: WrappedKey, form: PinFormat, pan: Pan | None, expected: Secret) -> bool:
        """See `Vault`."""
        ready = self._ready_for_pin(key, Operation.PIN_VERIFY, form)
        pin = pin_blocks.decrypt_block(ready.cipher, form, block, pan)
        return hmac.compare_digest(pin.encode("ascii"), expected.value)

    def _ready_for_pin(self, key: WrappedKey, operation: Operation, form: PinFormat) -> _OpenKey:
        ready = self._ready(key, operation)
        if form not in ready.forms:
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {key.algorithm.value} key does not make {form.value} blocks")
        return ready

    # -- tracks ------------------------------------------------------------------------------------------------------

    def encrypt_track(self, *, key: WrappedKey, track: Secret) -> Secret:
        """See `Vault`."""
        ready = self._ready(key, Operation.TRACK_ENCRYPT)
        return Secret(tracks.encrypt_track(ready.cipher, track.value.decode("latin-1")).encode("ascii"))

    def decrypt_track(self, *, key: WrappedKey, track: Secret) -> Secret:
        """See `Vault`."""
        ready = self._ready(key, Operation.TRACK_DECRYPT)
        return Secret(tracks.decrypt_track(ready.cipher, track.value.decode("latin-1")).encode("ascii"))

    # -- our own database --------------------------------------------------------------------------------------------

    def seal(self, *, key: WrappedKey, plaintext: bytes, aad: bytes) -> bytes:
        """See `Vault`. Layout: `01 | key id 4 | nonce 12 | cipher text | tag 16`; the head is authenticated too."""
        ready = self._ready(key, Operation.SEAL)
        head = seal_head(key)
        nonce = self._entropy(_NONCE)
        return head + nonce + ready.gcm.encrypt(nonce, plaintext, head + aad)

    def open(self, *, key: WrappedKey, sealed: bytes, aad: bytes) -> bytes:
        """See `Vault`."""
        ready = self._ready(key, Operation.OPEN)
        if sealed_with(sealed) != key.kcv:
            raise KeyRefused(KeyFault.BAD_SEAL, f"sealed with {sealed_with(sealed)}, not with {key.kcv}")
        if len(sealed) < SEAL_HEAD + _NONCE + _TAG:
            raise KeyRefused(KeyFault.BAD_SEAL, "the sealed bytes are cut short")
        body = SEAL_HEAD + _NONCE
        try:
            return ready.gcm.decrypt(sealed[SEAL_HEAD:body], sealed[body:], sealed[:SEAL_HEAD] + aad)
        except InvalidTag:
            raise KeyRefused(KeyFault.BAD_SEAL, "the sealed bytes or what they belong to were altered") from None

    def token(self, *, key: WrappedKey, data: bytes) -> str:
        """See `Vault`."""
        keyed = self._ready(key, Operation.TOKEN).hmac.copy()
        keyed.update(data)
        return keyed.hexdigest()[:32]

    # -- the issuer --------------------------------------------------------------------------------------------------

    def arqc(
        self, *, key: WrappedKey, pan: Pan, psn: str, atc: bytes, data: bytes, padding: CardPadding = CardPadding.EMV
    ) -> bytes:
        """See `Vault`."""
        return cryptograms.arqc(self._card_key(key, pan, psn, atc), data, padding)

    def verify_arqc(
        self,
        *,
        key: WrappedKey,
        pan: Pan,
        psn: str,
        atc: bytes,
        data: bytes,
        arqc: bytes,
        padding: CardPadding = CardPadding.EMV,
    ) -> bool:
        """See `Vault`."""
        made = self.arqc(key=key, pan=pan, psn=psn, atc=atc, data=data, padding=padding)
        return hmac.compare_digest(made, arqc)

    def arpc(self, *, key: WrappedKey, pan: Pan, psn: str, atc: bytes, arqc: bytes, arc: bytes) -> bytes:
        """See `Vault`."""
        return cryptograms.arpc_1(self._card_key(key, pan, psn, atc), arqc, arc)

    def _card_key(self, key: WrappedKey, pan: Pan, psn: str, atc: bytes) -> SoftwareCardKey:
        return cryptograms.card_session_key(self._ready(key, Operation.CRYPTOGRAM).cipher, pan, psn, atc)

    # -- wrapping ----------------------------------------------------------------------------------------------------

    def _wrap(self, key: bytes, usage: KeyUsage, algorithm: KeyAlgorithm) -> WrappedKey:
        if is_weak(key) if algorithm in _DES_FAMILY else key.count(key[0]) == len(key):
            raise KeyRefused(KeyFault.WEAK_KEY, f"this {algorithm.value} key is weak")
        kcv = check_value(algorithm, key).hex().upper()
        nonce = self._entropy(_NONCE)
        sealed = self._master.encrypt(nonce, key, _binding(usage, algorithm, kcv))
        return WrappedKey(usage, algorithm, kcv, nonce + sealed)

    def _unwrap(self, wrapped: WrappedKey) -> bytes:
        blob = wrapped.blob
        if len(blob) != _NONCE + wrapped.algorithm.key_length + _TAG:
            raise KeyRefused(KeyFault.BAD_BLOB, f"{wrapped!r} has the wrong length")
        try:
            return self._master.decrypt(
                blob[:_NONCE], blob[_NONCE:], _binding(wrapped.usage, wrapped.algorithm, wrapped.kcv)
            )
        except InvalidTag:
            raise KeyRefused(KeyFault.BAD_BLOB, f"{wrapped!r} was not wrapped by this vault, or was altered") from None

    def _ready(self, wrapped: WrappedKey, operation: Operation) -> _OpenKey:
        """The key's kept contexts, if its usage allows the operation."""
        ready = self._young.get(wrapped.blob)
        if ready is None or (ready.wrapped is not wrapped and ready.wrapped != wrapped):
            ready = self._fetch(wrapped)
        if operation not in ready.operations:
            raise KeyRefused(KeyFault.WRONG_USAGE, f"a {wrapped.usage.value} does not {operation.value}")
        return ready

    def _fetch(self, wrapped: WrappedKey) -> _OpenKey:
        ready = self._old.get(wrapped.blob)
        if ready is None or ready.wrapped != wrapped:
            ready = _OpenKey(wrapped, self._unwrap(wrapped))
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[wrapped.blob] = ready
        return ready


def _binding(usage: KeyUsage, algorithm: KeyAlgorithm, kcv: str) -> bytes:
    return f"xiaopos key 1|{usage.value}|{algorithm.value}|{kcv}".encode("ascii")
