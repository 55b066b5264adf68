"""CBC and CTR over any block cipher, also one whose key is in a hardware module (NIST SP 800-38A, ISO/IEC 10116).

What may live here: chaining whole blocks. What may not: padding, MACs (`macs`), keys.
"""

from __future__ import annotations

from xiaopos.keys.des import BlockCipher


def cbc_encrypt(cipher: BlockCipher, start: bytes, clear: bytes) -> bytes:
    """Each block XOR the one before it, enciphered; `start` is the IV. Refuses nothing: whole blocks in.

    >>> from xiaopos.keys.des import des_cipher
    >>> key = des_cipher(bytes.fromhex("0123456789ABCDEF"))
    >>> cbc_encrypt(key, bytes.fromhex("1234567890ABCDEF"), b"Now is the time ").hex()  # FIPS 81, table C1
    'e5c7cdde872bf27c43e934008c389c0f'
    """
    size = cipher.block_size
    out = []
    chained = start
    for at in range(0, len(clear), size):
        chained = cipher.encrypt(xor(clear[at : at + size], chained))
        out.append(chained)
    return b"".join(out)


def cbc_decrypt(cipher: BlockCipher, start: bytes, enciphered: bytes) -> bytes:
    """What `cbc_encrypt` enciphered (NIST SP 800-38A, 6.2). Refuses nothing: whole blocks in."""
    return xor(cipher.decrypt(enciphered), (start + enciphered)[: len(enciphered)])


def ctr(cipher: BlockCipher, start: bytes, data: bytes) -> bytes:
    """Data of any length XOR the enciphered counters from `start` on; its own inverse (NIST SP 800-38A, 6.5).

    `start` is a whole block and counted as one number, which begins again at 0. Refuses nothing.
    """
    size = cipher.block_size
    first, limit = int.from_bytes(start, "big"), 1 << size * 8
    counters = b"".join(((first + at) % limit).to_bytes(size, "big") for at in range(-(-len(data) // size)))
    return xor(data, cipher.encrypt(counters)[: len(data)])


def xor(left: bytes, right: bytes) -> bytes:
    """Two strings of one length, XOR."""
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")
