"""Message authentication codes, as pure functions of a cipher and the bytes of a message.

What may live here: 银联 ECB, X9.9, X9.19, ISO/IEC 9797-1 algorithms 1, 3 and 5 with their paddings, ISO/IEC 9797-2 HMAC.
What may not: keys and their usages (`vault`), which bytes of a message are covered (`wire`), comparing (the vault does, in
constant time).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

from xiaopos.keys.des import BlockCipher, des_cipher
from xiaopos.keys.vault import KeyFault, KeyRefused

_SHORTEST = 4


def pad_zero(data: bytes, block_size: int) -> bytes:
    """ISO/IEC 9797-1 padding method 1: zeros up to a whole block; nothing becomes one block.

    >>> pad_zero(b"abc", 8), pad_zero(b"", 8) == bytes(8), pad_zero(b"12345678", 8)
    (b'abc\\x00\\x00\\x00\\x00\\x00', True, b'12345678')
    """
    missing = -len(data) % block_size if data else block_size
    return data + bytes(missing) if missing else data


def pad_80(data: bytes, block_size: int) -> bytes:
    """ISO/IEC 9797-1 padding method 2: always one 80 byte, then zeros up to a whole block.

    >>> pad_80(b"abc", 8).hex(), len(pad_80(b"12345678", 8))
    ('6162638000000000', 16)
    """
    return data + b"\x80" + bytes(-(len(data) + 1) % block_size)


def pad_length(data: bytes, block_size: int) -> bytes:
    """ISO/IEC 9797-1 padding method 3: zeros behind as in method 1, and in front one block with the length in bits.

    >>> pad_length(b"abc", 8).hex(), pad_length(b"", 8) == bytes(16)
    ('00000000000000186162630000000000', True)
    """
    return (len(data) * 8).to_bytes(block_size, "big") + pad_zero(data, block_size)


class Padding(Enum):
    """The paddings of ISO/IEC 9797-1:2011, 6.3. Method 4 belongs to algorithm 5, which pads by itself."""

    ZERO = 1
    """`data | 00 ... 00`: any two messages that differ in trailing zeros have one MAC. X9.9, X9.19, CVN 10."""
    ONE_ZERO = 2
    """`data | 80 | 00 ... 00`: EMV."""
    LENGTH = 3
    """`length in bits | data | 00 ... 00`."""


_PADDED: dict[Padding, Callable[[bytes, int], bytes]] = {
    Padding.ZERO: pad_zero,
    Padding.ONE_ZERO: pad_80,
    Padding.LENGTH: pad_length,
}


def truncated(mac: bytes, length: int) -> bytes:
    """The leftmost `length` bytes of a MAC (ISO/IEC 9797-1:2011, 6.5).

    Refusal: WRONG_LENGTH for fewer than 4 bytes, which can be guessed, or more than the MAC has.

    >>> truncated(bytes.fromhex("3DDE5C5511661CBF"), 4).hex().upper()
    '3DDE5C55'
    """
    if not _SHORTEST <= length <= len(mac):
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"this MAC has {_SHORTEST} to {len(mac)} bytes, not {length}")
    return mac[:length]


def unionpay_ecb(cipher: BlockCipher, data: bytes) -> bytes:
    """The 银联 terminal MAC: 8 printable upper-case hex characters, which is how F64 carries it.

    ::

        data, zero-padded     | B1 | B2 | ... | Bn |           8 bytes each (SM4: 16)
        R  = B1 ^ B2 ^ ... ^ Bn                                fold
        H  = hex(R)           |  Ha  |  Hb  |                  twice a block of ASCII
        T  = E(Ha) ; T = T ^ Hb ; T = E(T)
        MAC = the first 8 characters of hex(T)

    E is DES under an 8-byte MAK ("single"), 3DES under a 16-byte one ("double") and SM4 under an SM4 key. The fold means
    that swapping two blocks, or flipping the same bit in two, keeps the MAC: it goes under TLS and beside strict field
    checks, never alone. The SM4 form has the same shape and is unconfirmed. Refuses nothing: any bytes have a MAC.

    >>> mak = des_cipher(bytes.fromhex("C24A8FB57AA20123"))
    >>> unionpay_ecb(mak, bytes.fromhex("4D08F434464FE7BF"))
    b'8A9E91B8'
    """
    return unionpay_ecb_block(cipher, data)[:4].hex().upper().encode("ascii")


def unionpay_ecb_block(cipher: BlockCipher, data: bytes) -> bytes:
    """The last block T of `unionpay_ecb`, whole: some SM4 hosts take its first 8 bytes as they are.

    >>> unionpay_ecb_block(des_cipher(bytes.fromhex("C24A8FB57AA20123")), bytes.fromhex("4D08F434464FE7BF")).hex().upper()
    '8A9E91B88D839AC5'
    """
    size = cipher.block_size
    bits = size * 8
    blocks = -(-len(data) // size)
    folded = int.from_bytes(data, "big") << (blocks * size - len(data)) * 8
    while blocks > 1:
        blocks = (blocks + 1) // 2
        shift = blocks * bits
        folded = (folded >> shift) ^ (folded & ((1 << shift) - 1))
    expanded = b"%0*X" % (size * 2, folded)
    first = cipher.encrypt(expanded[:size])
    mixed = int.from_bytes(first, "big") ^ int.from_bytes(expanded[size:], "big")
    return cipher.encrypt(mixed.to_bytes(size, "big"))


def x9_9(cipher: BlockCipher, data: bytes) -> bytes:
    """ANSI X9.9, ISO/IEC 9797-1 algorithm 1 with padding method 1: the last block of a CBC chain, 8 bytes.

    ::

        | B1 | B2 | ... | Bn |     zero-padded, zero IV
          E -> ^E -> ...  ^E -> MAC

    >>> x9_9(des_cipher(b"\\xAA" * 8 + b"\\xBB" * 8), b"hello world").hex().upper()
    '68D9038F23360DF3'
    """
    return cipher.cbc_last(pad_zero(data, cipher.block_size))


class TwoPartKey(Protocol):
    """What algorithm 3 asks of a key."""

    @property
    def left(self) -> BlockCipher:
        """Single DES under the first half."""
        ...

    @property
    def whole(self) -> BlockCipher:
        """3DES under both halves."""
        ...


class RetailKey(NamedTuple):
    """A two-part key as algorithm 3 uses it: the left half alone (single DES), and both halves (3DES)."""

    left: BlockCipher
    whole: BlockCipher


def retail_key(key: bytes) -> RetailKey:
    """The two ciphers of a 16-byte key. Raises KeyRefused (WRONG_LENGTH)."""
    if len(key) != 16:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"a retail MAC key has 16 bytes, got {len(key)}")
    return RetailKey(des_cipher(key[:8]), des_cipher(key))


def retail_mac(key: TwoPartKey, padded: bytes) -> bytes:
    """ISO/IEC 9797-1 algorithm 3 over whole blocks: CBC with the left key, then D(right) and E(left) on the last one."""
    last = padded[-8:]
    if len(padded) == 8:
        return key.whole.encrypt(last)
    chained = int.from_bytes(key.left.cbc_last(padded[:-8]), "big") ^ int.from_bytes(last, "big")
    return key.whole.encrypt(chained.to_bytes(8, "big"))


def x9_19(key: TwoPartKey, data: bytes) -> bytes:
    """ANSI X9.19 retail MAC, ISO/IEC 9797-1 algorithm 3 with padding method 1, 8 bytes.

    ::

        | B1 | B2 | ... | Bn |       zero-padded, zero IV
         E(l) ^E(l) ...  ^E(l) -> D(r) -> E(l) -> MAC      (the last three are one 3DES step)

    >>> x9_19(retail_key(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")), b"hello world").hex().upper()
    'F016D5B2651AE40A'
    >>> x9_19(retail_key(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")), b"Now is the time for it").hex().upper()[:8]
    '2E2B1428'
    """
    return retail_mac(key, pad_zero(data, 8))


def algorithm_1(cipher: BlockCipher, data: bytes, padding: Padding) -> bytes:
    """ISO/IEC 9797-1:2011, 7.2, MAC algorithm 1 with any padding: a CBC chain's last block. X9.9 is this with zeros.

    ::

        | B1 | B2 | ... | Bn |     padded, zero IV
          E -> ^E -> ...  ^E -> MAC

    Only safe where every message has one length, or with padding method 3. Refuses nothing.

    >>> algorithm_1(des_cipher(b"\\xAA" * 8 + b"\\xBB" * 8), b"hello world", Padding.LENGTH).hex().upper()
    'CDACA53E2DAA5412'
    """
    return cipher.cbc_last(_PADDED[padding](data, cipher.block_size))


def algorithm_3(key: TwoPartKey, data: bytes, padding: Padding) -> bytes:
    """ISO/IEC 9797-1:2011, 7.4, MAC algorithm 3 (the retail MAC) with any padding. X9.19 is this with zeros.

    ::

        | B1 | B2 | ... | Bn |       padded, zero IV
         E(l) ^E(l) ...  ^E(l) -> D(r) -> E(l) -> MAC

    Refuses nothing.

    >>> key = retail_key(bytes.fromhex("3E736BF8D37664348A04E3ABE00DEFC1"))
    >>> algorithm_3(key, bytes.fromhex("0123456789ABCDEF0123456789ABCDEF"), Padding.ONE_ZERO).hex().upper()
    '4B46013359B7A58B'
    """
    return retail_mac(key, _PADDED[padding](data, 8))


_POLYNOMIALS = {8: 0x1B, 16: 0x87}


def cmac(cipher: BlockCipher, data: bytes) -> bytes:
    """CMAC: NIST SP 800-38B, ISO/IEC 9797-1:2011 MAC algorithm 5, RFC 4493 for AES; one block of the cipher.

    ::

        L = E(00 ... 00);  K1 = L * x;  K2 = K1 * x                   in GF(2^64) or GF(2^128)
        | B1 | ... | Bn ^ K1 |                  when the data fill their last block
        | B1 | ... | Bn 80 00 ... ^ K2 |        when they do not
          E -> ...  ^E -> MAC

    Serves AES, SM4, and DES in its three forms. Refuses nothing: any bytes have a MAC.

    >>> key = des_cipher(bytes.fromhex("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123"))
    >>> cmac(key, b"").hex().upper()
    '7DB0D37DF936C550'
    """
    size = cipher.block_size
    subkey = _doubled(int.from_bytes(cipher.encrypt(bytes(size)), "big"), size)
    padded = data
    if not data or len(data) % size:
        subkey = _doubled(subkey, size)
        padded = pad_80(data, size)
    last = int.from_bytes(padded[-size:], "big") ^ subkey
    return cipher.cbc_last(padded[:-size] + last.to_bytes(size, "big"))


def _doubled(value: int, size: int) -> int:
    shifted = value << 1
    return shifted ^ (1 << size * 8 | _POLYNOMIALS[size]) if shifted >> size * 8 else shifted


class KeyedHash:
    """HMAC with its key absorbed once: RFC 2104, FIPS 198-1, ISO/IEC 9797-2 MAC algorithm 2.

    The context is copied for each message, so that one object serves many. SM3 in place of SHA-256 is GB/T 15852.2.

    >>> KeyedHash(b"Jefe", SHA256())(b"what do ya want for nothing?").hex()[:32]
    '5bdcc146bf60754e6a042426089575c7'
    """

    __slots__ = ("_absorbed",)

    def __init__(self, key: bytes, algorithm: HashAlgorithm) -> None:
        self._absorbed = HMAC(key, algorithm)

    def __call__(self, data: bytes) -> bytes:
        keyed = self._absorbed.copy()
        keyed.update(data)
        return keyed.finalize()


def hmac_sha256(key: bytes) -> KeyedHash:
    """HMAC-SHA-256 under a key of any length: 32 bytes."""
    return KeyedHash(key, SHA256())


def hmac_sm3(key: bytes) -> KeyedHash:
    """HMAC-SM3 under a key of any length: 32 bytes.

    >>> hmac_sm3(bytes(32))(b"").hex()[:16]
    '0d23f72ba15e9c18'
    """
    return KeyedHash(key, SM3())
