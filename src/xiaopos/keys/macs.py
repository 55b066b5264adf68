"""Message authentication codes, as pure functions of a cipher and the bytes of a message.

What may live here: 银联 ECB, X9.9, X9.19, and the paddings they need.
What may not: keys and their usages (`vault`), which bytes of a message are covered (`wire`), comparing (the vault does, in
constant time). CMAC and HMAC come whole from libraries and need no code here.
"""

from __future__ import annotations

from typing import NamedTuple

from xiaopos.keys.des import BlockCipher, des_cipher
from xiaopos.keys.vault import KeyFault, KeyRefused


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


def unionpay_ecb(cipher: BlockCipher, data: bytes) -> bytes:
    """The 银联 terminal MAC: 8 printable upper-case hex characters, which is how F64 carries it.

    ::

        data, zero-padded     | B1 | B2 | ... | Bn |           8 bytes each (SM4: 16)
        R  = B1 ^ B2 ^ ... ^ Bn                                fold
        H  = hex(R)           |  Ha  |  Hb  |                  twice a block of ASCII
        T  = E(Ha) ; T = T ^ Hb ; T = E(T)
        MAC = the first 8 characters of hex(T)

    E is DES under an 8-byte MAK and 3DES under a 16-byte one. The fold means that swapping two blocks, or flipping the
    same bit in two, keeps the MAC: it goes under TLS and beside strict field checks, never alone. The SM4 form has the
    same shape and is unconfirmed. Refuses nothing: any bytes have a MAC.

    >>> mak = des_cipher(bytes.fromhex("C24A8FB57AA20123"))
    >>> unionpay_ecb(mak, bytes.fromhex("4D08F434464FE7BF"))
    b'8A9E91B8'
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
    return cipher.encrypt(mixed.to_bytes(size, "big"))[:4].hex().upper().encode("ascii")


def x9_9(cipher: BlockCipher, data: bytes) -> bytes:
    """ANSI X9.9, ISO/IEC 9797-1 algorithm 1 with padding method 1: the last block of a CBC chain, 8 bytes.

    ::

        | B1 | B2 | ... | Bn |     zero-padded, zero IV
          E -> ^E -> ...  ^E -> MAC

    >>> x9_9(des_cipher(b"\\xAA" * 8 + b"\\xBB" * 8), b"hello world").hex().upper()
    '68D9038F23360DF3'
    """
    return cipher.cbc_last(pad_zero(data, cipher.block_size))


class RetailKey(NamedTuple):
    """A two-part key as algorithm 3 uses it: the left half alone (single DES), and both halves (3DES)."""

    left: BlockCipher
    whole: BlockCipher


def retail_key(key: bytes) -> RetailKey:
    """The two ciphers of a 16-byte key. Raises KeyRefused (WRONG_LENGTH)."""
    if len(key) != 16:
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"a retail MAC key has 16 bytes, got {len(key)}")
    return RetailKey(des_cipher(key[:8]), des_cipher(key))


def retail_mac(key: RetailKey, padded: bytes) -> bytes:
    """ISO/IEC 9797-1 algorithm 3 over whole blocks: CBC with the left key, then D(right) and E(left) on the last one."""
    last = padded[-8:]
    if len(padded) == 8:
        return key.whole.encrypt(last)
    chained = int.from_bytes(key.left.cbc_last(padded[:-8]), "big") ^ int.from_bytes(last, "big")
    return key.whole.encrypt(chained.to_bytes(8, "big"))


def x9_19(key: RetailKey, data: bytes) -> bytes:
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
