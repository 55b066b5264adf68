"""Private keys in a vault: made there, signing there, opening there what was encrypted to them.

What may live here: those operations with their permissions. What may not: the algorithms (`sm2`, `rsa_pairs`, `ed25519`),
checking signatures, which needs no vault (`signatures.verify_signature`).

Clear values: an RSA pair is the engine's: a hardware module generates it and signs with it inside. While an SM2 pair is made,
and from its first use until the vault lets go of it, its private key is in this process's memory; a module refuses
(NOT_OFFERED). The same is true of an Ed25519 pair, which a module keeps as a secret: modules do not wrap Edwards keys.
"""

from __future__ import annotations

from xiaopos.kernel.secret import Secret
from xiaopos.keys import sm2
from xiaopos.keys.ed25519 import SEED, SeedKey
from xiaopos.keys.engines import Engine
from xiaopos.keys.hierarchy import Operation, require_algorithm
from xiaopos.keys.rsa_pairs import algorithm_of, pkcs8, read_private
from xiaopos.keys.shelf import Shelf, key_binding
from xiaopos.keys.vault import RSA_SIZES, KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, WrappedKey

_KEPT = 64


class SignatureWork(Shelf):
    """The part of `Vault` that knows private keys. Up to 64 stay ready."""

    def __init__(self, engine: Engine, *, keep: int = 8192) -> None:
        super().__init__(engine, keep=keep)
        # A pair costs a millisecond to make ready. Its permission is asked of the shelf each time.
        self._pairs: dict[bytes, sm2.PrivateKey] = {}
        self._seeds: dict[bytes, SeedKey] = {}

    def generate_pair(self, *, algorithm: KeyAlgorithm = KeyAlgorithm.SM2) -> WrappedKey:
        """See `Vault`. RSA pairs come from the system's randomness, or the module's."""
        require_algorithm(KeyUsage.SIGN, algorithm)
        if algorithm is KeyAlgorithm.ED25519:
            return self._keep_seed(self._engine.entropy(SEED))
        if algorithm is not KeyAlgorithm.SM2:
            return self._keep(self._engine.generate(algorithm), KeyUsage.SIGN)
        return self._keep_pair(sm2.PrivateKey.generate(self._engine.entropy))

    def import_pair(self, *, private: Secret, algorithm: KeyAlgorithm | None = KeyAlgorithm.SM2) -> WrappedKey:
        """See `Vault`."""
        if algorithm is KeyAlgorithm.SM2:
            return self._keep_pair(sm2.PrivateKey(private.value, self._engine.entropy))
        if algorithm is KeyAlgorithm.ED25519:
            return self._keep_seed(private.value)
        pair = read_private(private.value)
        found = algorithm_of(pair)
        if algorithm not in (None, found):
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"this is a {found.value} key, not the kind that was asked for")
        return self._keep(self._engine.load(found, pkcs8(pair)), KeyUsage.SIGN)

    def public_key(self, *, key: WrappedKey) -> bytes:
        """See `Vault`."""
        if key.algorithm in RSA_SIZES:
            return self._ready(key, Operation.SIGN).open.public()
        if key.algorithm is KeyAlgorithm.ED25519:
            return self._seed(key).public
        return self._private(key).public.to_bytes()

    def sign(self, *, key: WrappedKey, data: bytes, signer: bytes = sm2.DEFAULT_ID) -> bytes:
        """See `Vault`."""
        if key.algorithm in RSA_SIZES:
            return self._ready(key, Operation.SIGN).open.sign(data)
        if key.algorithm is KeyAlgorithm.ED25519:
            return self._seed(key).sign(data)
        return self._private(key).sign(data, self._engine.entropy, signer=signer).der()

    def decrypt(self, *, key: WrappedKey, cipher: bytes) -> Secret:
        """See `Vault`."""
        if key.algorithm is not KeyAlgorithm.SM2 and key.usage is KeyUsage.SIGN:
            self._ready(key, Operation.SIGN)
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {key.algorithm.value} pair signs, it does not decrypt")
        return Secret(self._private(key).decrypt_der(cipher, self._engine.entropy))

    def _keep_pair(self, private: sm2.PrivateKey) -> WrappedKey:
        usage, algorithm = KeyUsage.SIGN, KeyAlgorithm.SM2
        kcv = sm2.sm3(private.public.to_bytes())[:4].hex().upper()
        fresh = self._engine.load(algorithm, private.secret())
        return WrappedKey(usage, algorithm, kcv, fresh.wrap(key_binding(usage, algorithm, kcv)))

    def _keep_seed(self, seed: bytes) -> WrappedKey:
        usage, algorithm = KeyUsage.SIGN, KeyAlgorithm.ED25519
        kcv = SeedKey(seed).check_value
        fresh = self._engine.load(algorithm, seed)
        return WrappedKey(usage, algorithm, kcv, fresh.wrap(key_binding(usage, algorithm, kcv)))

    def _seed(self, key: WrappedKey) -> SeedKey:
        self._ready(key, Operation.SIGN)
        found = self._seeds.get(key.blob)
        if found is None:
            if len(self._seeds) >= _KEPT:
                self._seeds.clear()
            found = self._seeds[key.blob] = SeedKey(self._reveal(key))
        return found

    def _private(self, key: WrappedKey) -> sm2.PrivateKey:
        self._ready(key, Operation.SIGN)
        pairs = self._pairs
        found = pairs.get(key.blob)
        if found is None:
            if len(pairs) >= _KEPT:
                pairs.clear()
            found = pairs[key.blob] = sm2.PrivateKey(self._reveal(key), self._engine.entropy)
        return found
