"""The vault's role: what may be asked of the place where keys live, and the words in which it is asked.

What may live here: the `Vault` protocol, the names of usages, algorithms, MAC kinds and PIN formats, the wrapped form in
which a key is stored, and the one refusal of this room.
What may not: cryptography. No value of this module holds a clear key; a clear key exists only inside a vault.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys.channel_keys import ChannelKeys

if TYPE_CHECKING:  # the states and the cards' versions obey the tables, which obey the words
    from xiaopos.keys.cryptogram_versions import CryptogramVersion, IssuerData
    from xiaopos.keys.pin_rules import Permitted
    from xiaopos.keys.shelf import KeyUse
    from xiaopos.keys.states import KeyState


class KeyUsage(Enum):
    """What a key is for. A key serves its usage and nothing else; `hierarchy` holds the table."""

    ZMK = "ZMK"
    """Zone or transport master key 区域主/传输密钥: carries other keys between two sites."""
    TMK = "TMK"
    """Terminal master key 终端主密钥: carries a terminal's working keys."""
    TPK = "TPK"
    """Terminal PIN key PIK: from the PIN pad to the host."""
    TAK = "TAK"
    """Terminal MAC key MAK: messages between terminal and host."""
    TDK = "TDK"
    """Terminal track key 磁道密钥."""
    ZPK = "ZPK"
    """Zone PIN key: from the host to the card network and on to the issuer."""
    ZAK = "ZAK"
    """Zone MAC key: messages between host and card network."""
    IMK_AC = "IMK_AC"
    """Issuer master key for application cryptograms (EMV)."""
    IMK_SMI = "IMK_SMI"
    """Issuer master key for the integrity of scripts."""
    IMK_SMC = "IMK_SMC"
    """Issuer master key for the secrecy of scripts."""
    BDK = "BDK"
    """Base derivation key (DUKPT): begets a key for each terminal and each transaction."""
    IK = "IK"
    """Initial key (DUKPT): what a terminal is loaded with."""
    SIGN = "SIGN"
    """Private key that signs for a channel, and opens what was encrypted to it."""
    AEAD = "AEAD"
    """Key shared with a channel, under which it seals what it sends us (微信支付's APIv3 key)."""
    COMPONENT = "COMPONENT"
    """One custodian's part of a key that is still being put together; it serves nothing else."""
    SEAL = "SEAL"
    """Field-level encryption of what our own database keeps."""
    TOKEN = "TOKEN"
    """Keyed hashes by which our own database finds what it may not hold in clear."""


class KeyAlgorithm(Enum):
    """A cipher and its key length."""

    DES = "DES"
    TDES2 = "TDES2"
    TDES3 = "TDES3"
    AES128 = "AES128"
    AES192 = "AES192"
    AES256 = "AES256"
    SM4 = "SM4"
    HMAC256 = "HMAC256"
    SM2 = "SM2"
    RSA2048 = "RSA2048"
    RSA3072 = "RSA3072"
    RSA4096 = "RSA4096"
    ED25519 = "ED25519"

    @property
    def key_length(self) -> int:
        """Bytes in a clear key; in the modulus of an RSA key."""
        return _KEY_LENGTHS[self]


_KEY_LENGTHS = {
    KeyAlgorithm.DES: 8,
    KeyAlgorithm.TDES2: 16,
    KeyAlgorithm.TDES3: 24,
    KeyAlgorithm.AES128: 16,
    KeyAlgorithm.AES192: 24,
    KeyAlgorithm.AES256: 32,
    KeyAlgorithm.SM4: 16,
    KeyAlgorithm.HMAC256: 32,
    KeyAlgorithm.SM2: 32,
    KeyAlgorithm.RSA2048: 256,
    KeyAlgorithm.RSA3072: 384,
    KeyAlgorithm.RSA4096: 512,
    KeyAlgorithm.ED25519: 32,
}

RSA_SIZES = {KeyAlgorithm.RSA2048: 2048, KeyAlgorithm.RSA3072: 3072, KeyAlgorithm.RSA4096: 4096}
"""The sizes of RSA keys, in bits."""


class MacKind(Enum):
    """How a message is authenticated; `macs` draws each."""

    UNIONPAY_ECB = "unionpay_ecb"
    """银联 ECB: 8 printable hex characters. Key DES, TDES2, or SM4 (the SM4 form is unconfirmed)."""
    UNIONPAY_ECB_BYTES = "unionpay_ecb_bytes"
    """The same with the first 8 bytes as they are, as some SM4 hosts take it (unconfirmed). Key SM4."""
    X9_9 = "x9_9"
    """CBC, zero padding: 8 bytes. Key DES, or TDES2/TDES3 (ISO/IEC 9797-1 algorithm 1)."""
    X9_19 = "x9_19"
    """Retail MAC, ISO/IEC 9797-1 algorithm 3, zero padding: 8 bytes. Key TDES2."""
    ALG1_PAD2 = "alg1_pad2"
    """ISO/IEC 9797-1 algorithm 1 with padding 2: 8 bytes. Key DES, TDES2, TDES3."""
    ALG1_PAD3 = "alg1_pad3"
    """The same with padding 3."""
    ALG3_PAD2 = "alg3_pad2"
    """ISO/IEC 9797-1 algorithm 3 with padding 2: 8 bytes. Key TDES2."""
    ALG3_PAD3 = "alg3_pad3"
    """The same with padding 3."""
    DES_CMAC = "des_cmac"
    """NIST SP 800-38B: 8 bytes. Key DES, TDES2, TDES3."""
    SM4_CMAC = "sm4_cmac"
    """CMAC with SM4 (GB/T 15852.1): 16 bytes. Key SM4."""
    SM4_CMAC_8 = "sm4_cmac_8"
    """The leftmost 8 bytes of an SM4-CMAC."""
    AES_CMAC = "aes_cmac"
    """NIST SP 800-38B: 16 bytes. Key AES."""
    AES_CMAC_8 = "aes_cmac_8"
    """The leftmost 8 bytes of an AES-CMAC, as an 8-byte message field carries it."""
    HMAC_SHA256 = "hmac_sha256"
    """RFC 2104 with SHA-256: 32 bytes. Key HMAC256."""
    HMAC_SM3 = "hmac_sm3"
    """The same with SM3 (GB/T 15852.2): 32 bytes. Key HMAC256. The PKCS#11 vault does not offer it."""


class PinFormat(Enum):
    """How a PIN becomes a block; `pin_blocks` draws each."""

    ISO0 = "iso0"
    """ISO 9564 format 0: bound to the PAN, 8 bytes. 银联 with PAN, F53 position 1 = 2."""
    ISO1 = "iso1"
    """ISO 9564 format 1: no PAN, random fill, 8 bytes."""
    ISO2 = "iso2"
    """ISO 9564 format 2: between a card and its reader only; no vault encrypts or translates it."""
    ISO3 = "iso3"
    """ISO 9564 format 3: as format 0 with random fill."""
    ISO4 = "iso4"
    """ISO 9564 format 4: bound to the PAN, 16 bytes, AES."""
    NO_PAN = "no_pan"
    """银联 without PAN, F53 position 1 = 1: 8 bytes, or 16 under SM4 (unconfirmed)."""
    SM4_PAN = "sm4_pan"
    """Bound to the PAN over 16 bytes under SM4 (unconfirmed)."""
    SM4_PADDED = "sm4_padded"
    """Format 0 and eight zero bytes under SM4 (unconfirmed)."""


class KeyFault(Enum):
    """What was wrong when a vault refused."""

    WRONG_USAGE = "wrong_usage"
    WRONG_ALGORITHM = "wrong_algorithm"
    WRONG_FORM = "wrong_form"
    WRONG_LENGTH = "wrong_length"
    CHECK_VALUE = "check_value"
    WEAK_KEY = "weak_key"
    BAD_BLOCK = "bad_block"
    BAD_BLOB = "bad_blob"
    BAD_SEAL = "bad_seal"
    LOCKED = "locked"
    """A private key under a password."""
    NOT_PRIVATE = "not_private"
    """A public key or a certificate, given as a private key."""
    NOT_PUBLIC = "not_public"
    """A private key, given as a public key."""
    WRONG_STATE = "wrong_state"
    """The key is retired, compromised or destroyed."""
    OUT_OF_REACH = "out_of_reach"
    """The hardware module behind this vault did not answer, or is not prepared."""
    NOT_OFFERED = "not_offered"
    """The hardware module behind this vault cannot do it."""


class KeyRefused(Exception):
    """A vault does not do what was asked. The text names what was wrong and never holds a key, a PIN or a block."""

    def __init__(self, fault: KeyFault, text: str) -> None:
        super().__init__(f"{fault.value}: {text}")
        self.fault = fault


_KCV = re.compile(r"[0-9A-F]{8}")
_LIMITS = re.compile(r"(?:[0-9A-Z]{4})?")
_TEXT_MARK, _LIMITED_MARK = "x1", "x2"


@dataclass(frozen=True, slots=True, repr=False)
class WrappedKey:
    """A key as the world outside a vault may hold it: opaque, bound to its usage and algorithm.

    `kcv` is the check value, 4 bytes as 8 upper-case hex digits; people compare it, it does not reveal the key.
    `blob` opens only in the vault (or another vault with the same master key) that made it. `limits` is what the key
    block that the key came in allows of its use (`key_blocks_uses.Limits`); empty for keys that came in none.
    """

    usage: KeyUsage
    algorithm: KeyAlgorithm
    kcv: str
    blob: bytes
    limits: str = ""

    def __post_init__(self) -> None:
        if _KCV.fullmatch(self.kcv) is None:
            raise KeyRefused(KeyFault.CHECK_VALUE, "a check value is 8 upper-case hex digits")
        if _LIMITS.fullmatch(self.limits) is None:
            raise KeyRefused(KeyFault.BAD_BLOB, "a key's limits are four codes of a key block")

    def __repr__(self) -> str:
        return f"WrappedKey({self.usage.value}, {self.kcv})"

    @property
    def key_id(self) -> str:
        """What the inventory of keys knows this key by: 32 hex digits made of all its parts."""
        return hashlib.sha256(self.text().encode("ascii")).hexdigest()[:32]

    def text(self) -> str:
        """One line for a database column: `x1.usage.algorithm.kcv.blob`, the blob in URL-safe base64.

        With limits: `x2.usage.algorithm.kcv.blob.limits`.
        """
        blob = base64.urlsafe_b64encode(self.blob).decode("ascii")
        parts = (self.usage.value, self.algorithm.value, self.kcv, blob)
        return ".".join((_LIMITED_MARK, *parts, self.limits) if self.limits else (_TEXT_MARK, *parts))

    @classmethod
    def from_text(cls, text: str) -> WrappedKey:
        """What `text` wrote. Raises KeyRefused (BAD_BLOB) for anything else."""
        parts = text.split(".")
        if (len(parts), parts[0]) not in ((5, _TEXT_MARK), (6, _LIMITED_MARK)) or parts[-1] == "":
            raise KeyRefused(KeyFault.BAD_BLOB, "a wrapped key's text has five parts after x1, or six after x2")
        try:
            usage, algorithm = KeyUsage(parts[1]), KeyAlgorithm(parts[2])
            blob = base64.b64decode(parts[4].encode("ascii"), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise KeyRefused(KeyFault.BAD_BLOB, "a wrapped key's text cannot be read") from None
        return cls(usage, algorithm, parts[3], blob, parts[5] if len(parts) == 6 else "")


class ExportedKey(NamedTuple):
    """A key under another key, as it travels: the cipher text and the first 4 bytes of its check value."""

    cipher: bytes
    check4: bytes


class CardPadding(Enum):
    """How the data under an application cryptogram is padded to 8-byte blocks."""

    EMV = "emv"
    """80 then zeros (ISO/IEC 9797-1 method 2): EMV, CVN 18."""
    ZERO = "zero"
    """Zeros (method 1): older profiles."""


class Vault(ChannelKeys, Protocol):
    """The place where clear keys and PINs live, and out of which they never come.

    Every method raises KeyRefused: for a key whose usage does not allow the operation (WRONG_USAGE), an algorithm
    that cannot do it (WRONG_ALGORITHM), a blob that this vault did not make (BAD_BLOB), and what it names itself.
    A vault may be used from several threads.
    """

    @property
    def is_certified(self) -> bool:
        """Whether keys live in certified hardware. Production mode refuses to start without."""
        ...

    def heed(self, states: Mapping[str, KeyState]) -> None:
        """From now on obey these states of keys, by `WrappedKey.key_id`; a key that is not named is active.

        Every operation then raises KeyRefused (WRONG_STATE) where `states.serves` says no.
        """
        ...

    def take_uses(self) -> Sequence[KeyUse]:
        """How often each key was used for each operation since this was last asked. One thread asks."""
        ...

    def generate(self, *, usage: KeyUsage, algorithm: KeyAlgorithm) -> WrappedKey:
        """A new random key."""
        ...

    def combine(
        self, *, components: Sequence[Secret], usage: KeyUsage, algorithm: KeyAlgorithm, check: bytes | None = None
    ) -> WrappedKey:
        """The XOR of two or three components, each held by another custodian. WRONG_LENGTH, WEAK_KEY.

        `check` is the check value that the sender wrote on the whole, 3 or 4 bytes: CHECK_VALUE if it is another one.
        """
        ...

    def take_component(self, *, component: Secret, algorithm: KeyAlgorithm) -> WrappedKey:
        """One custodian's part, kept until the others have come; its check value is for that custodian alone.

        WRONG_LENGTH, and WEAK_KEY for a part that would leave the key to the others (all zeros).
        """
        ...

    def combine_taken(
        self, *, components: Sequence[WrappedKey], usage: KeyUsage, algorithm: KeyAlgorithm, check: bytes | None = None
    ) -> WrappedKey:
        """The same as `combine`, of two or three parts that were taken one by one."""
        ...

    def import_under(
        self, *, kek: WrappedKey, cipher: bytes, check: bytes, usage: KeyUsage, algorithm: KeyAlgorithm
    ) -> WrappedKey:
        """A key that came ECB-encrypted under `kek` with 3 or 4 bytes of check value. CHECK_VALUE, WEAK_KEY."""
        ...

    def export_under(self, *, kek: WrappedKey, key: WrappedKey) -> ExportedKey:
        """A key ECB-encrypted under `kek`, as 银联 sign-in (F62) carries it."""
        ...

    def mac(self, *, key: WrappedKey, data: bytes, kind: MacKind) -> bytes:
        """The MAC of `data`, in the length that `kind` gives."""
        ...

    def verify_mac(self, *, key: WrappedKey, data: bytes, kind: MacKind, mac: bytes) -> bool:
        """Whether `mac` is the whole MAC of `data`; compared in constant time."""
        ...

    def encrypt_pin(self, *, key: WrappedKey, pin: Secret, pan: Pan | None, form: PinFormat) -> bytes:
        """The PIN pad's side: `pin` holds 4 to 12 ASCII digits. WRONG_FORM when the form needs a PAN, BAD_BLOCK for no PIN."""
        ...

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
        """The same PIN under another key. BAD_BLOCK when it does not decode; WRONG_FORM for a loss of the PAN's binding."""
        ...

    def permit(self, translations: Permitted) -> None:
        """Allow these loosening translations (`pin_rules`) from now on and no others: a deployment's written policy.

        WRONG_FORM for a pair that is allowed anyway, or that no policy may permit.
        """
        ...

    def verify_pin(self, *, block: bytes, key: WrappedKey, form: PinFormat, pan: Pan | None, expected: Secret) -> bool:
        """The issuer's side: whether the block holds the expected PIN. BAD_BLOCK when it does not decode."""
        ...

    def encrypt_track(self, *, key: WrappedKey, track: Secret) -> Secret:
        """The terminal's side: track 2 or 3 as ASCII digits with `=` or `D`; the answer is ASCII hex. BAD_BLOCK."""
        ...

    def decrypt_track(self, *, key: WrappedKey, track: Secret) -> Secret:
        """The host's side; the separator comes back as `D`. BAD_BLOCK when what comes out is no track."""
        ...

    def seal(self, *, key: WrappedKey, plaintext: bytes, aad: bytes) -> bytes:
        """`plaintext` encrypted and authenticated together with `aad` (AES-256-GCM); the key's id is inside."""
        ...

    def open(self, *, key: WrappedKey, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed. BAD_SEAL for another key, another `aad` or altered bytes."""
        ...

    def token(self, *, key: WrappedKey, data: bytes) -> str:
        """A keyed hash for look-ups: the first 16 bytes of HMAC-SHA-256 as 32 lower-case hex digits."""
        ...

    def arqc(
        self, *, key: WrappedKey, pan: Pan, psn: str, atc: bytes, data: bytes, padding: CardPadding = CardPadding.EMV
    ) -> bytes:
        """The application cryptogram a card of this issuer makes over `data`: option A, common session key, 8 bytes."""
        ...

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
        """Whether `arqc` is the card's cryptogram; compared in constant time."""
        ...

    def arpc(self, *, key: WrappedKey, pan: Pan, psn: str, atc: bytes, arqc: bytes, arc: bytes) -> bytes:
        """The issuer's answer to a cryptogram, method 1 under the session key; `arc` is the 2-byte answer code."""
        ...

    def card_cryptogram(
        self, *, key: WrappedKey, pan: Pan, psn: str, issuer_data: IssuerData, tags: Mapping[str, bytes]
    ) -> bytes:
        """What a card signs over these tags, by the version its 9F10 names (`cryptogram_versions.read_issuer_data`)."""
        ...

    def verify_card(
        self, *, key: WrappedKey, pan: Pan, psn: str, issuer_data: IssuerData, tags: Mapping[str, bytes]
    ) -> bool:
        """Whether tag 9F26 is the card's cryptogram over the other tags; compared in constant time."""
        ...

    def answer_card(
        self,
        *,
        key: WrappedKey,
        pan: Pan,
        psn: str,
        issuer_data: IssuerData,
        tags: Mapping[str, bytes],
        verdict: bytes,
        proprietary: bytes = b"",
    ) -> bytes:
        """Tag 91 for such a card: method 1 with a 2-byte answer code, method 2 with a 4-byte card status update."""
        ...

    def script_command(
        self,
        *,
        integrity: WrappedKey,
        secrecy: WrappedKey | None = None,
        pan: Pan,
        psn: str,
        version: CryptogramVersion,
        header: bytes,
        data: bytes,
        tags: Mapping[str, bytes],
    ) -> bytes:
        """A command for tags 71 and 72, `header | data | MAC (8)`; the data are encrypted when a secrecy key is given.

        `integrity` is an IMK_SMI, `secrecy` an IMK_SMC; `tags` holds 9F26 and 9F36. The header's Lc is the caller's.
        """
        ...


_SEAL_VERSION = 1
SEAL_HEAD = 5


def seal_head(key: WrappedKey) -> bytes:
    """The first bytes of what a key seals: version 1, then the 4 bytes of the key's check value as its id."""
    return bytes((_SEAL_VERSION,)) + bytes.fromhex(key.kcv)


def sealed_with(sealed: bytes) -> str:
    """The check value of the key that sealed these bytes, so that the right key can be fetched. BAD_SEAL if none.

    >>> sealed_with(bytes.fromhex("01DEADBEEF") + bytes(28))
    'DEADBEEF'
    """
    if len(sealed) < SEAL_HEAD or sealed[0] != _SEAL_VERSION:
        raise KeyRefused(KeyFault.BAD_SEAL, "these bytes were not sealed by a vault")
    return sealed[1:SEAL_HEAD].hex().upper()
