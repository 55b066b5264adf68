"""PIN blocks, as pure functions: ISO 9564 formats 0, 3 and 4, and the 银联 form without a PAN.

What may live here: how a PIN becomes an encrypted block and comes back, and every refusal on the way.
What may not: keys and usages, a PIN that outlives the call. Used by vault implementations only: a clear PIN exists in
these functions and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable

from xiaopos.kernel.secret import Pan
from xiaopos.keys.des import BlockCipher
from xiaopos.keys.vault import KeyFault, KeyRefused, PinFormat

Entropy = Callable[[int], bytes]

_LETTERS = "ABCDEF"
# The length nibble of a block, and the lengths it may name.
_LENGTHS = {f"{length:X}": length for length in range(4, 13)}

BOUND_TO_PAN = (PinFormat.ISO0, PinFormat.ISO3, PinFormat.ISO4)
_SAME_EVERY_TIME = (PinFormat.ISO0, PinFormat.NO_PAN)


def encrypt_block(cipher: BlockCipher, form: PinFormat, pin: str, pan: Pan | None, entropy: Entropy) -> bytes:
    """The PIN as an encrypted block.

    ::

        ISO0     0 L p p p p p/F ... F          XOR  0 0 0 0 n1 ... n12      8 bytes, then E
        ISO3     3 L p p p p p/R ... R          XOR  0 0 0 0 n1 ... n12      8 bytes, then E; R random A..F
        NO_PAN   0 L p p p p p/F ... F                                       one block of the cipher, then E
        ISO4     4 L p p p p p/A ... A | 8 random bytes                      16 bytes: E, XOR with
                 M n n n ... n 0 ... 0                                       the whole PAN, M = its length - 12; then E

    Each letter is 4 bits; L is the length of the PIN, n1..n12 the rightmost 12 digits of the PAN without its check
    digit (ISO 9564-1:2017, 9.3 and 9.4). Refusals: BAD_BLOCK for a PIN that is not 4 to 12 digits; WRONG_FORM when the
    form needs a PAN and there is none.

    >>> from xiaopos.keys.des import des_cipher
    >>> pik = des_cipher(bytes.fromhex("807A23AD32B36D457AE91FDF927570EA"))
    >>> encrypt_block(pik, PinFormat.ISO0, "123456", Pan("6225561620345170"), bytes).hex().upper()
    'A09B01CB96390D8F'
    >>> encrypt_block(pik, PinFormat.NO_PAN, "123456", None, bytes).hex().upper()
    '75EC7A5EFA8DBA63'
    """
    length = len(pin)
    if not (4 <= length <= 12 and pin.isascii() and pin.isdigit()):
        raise KeyRefused(KeyFault.BAD_BLOCK, "a PIN is 4 to 12 digits")
    if form is PinFormat.ISO4:
        field = f"4{length:X}{pin}".ljust(16, "A") + entropy(8).hex()
        mixed = int.from_bytes(cipher.encrypt(bytes.fromhex(field)), "big") ^ _whole_pan(pan)
        return cipher.encrypt(mixed.to_bytes(16, "big"))
    size = cipher.block_size
    if form is PinFormat.NO_PAN:
        return cipher.encrypt(bytes.fromhex(f"0{length:X}{pin}".ljust(size * 2, "F")))
    if form is PinFormat.ISO0:
        field = f"0{length:X}{pin}".ljust(16, "F")
    else:
        fill = "".join(_LETTERS[byte % 6] for byte in entropy(14 - length))
        field = f"3{length:X}{pin}{fill}"
    return cipher.encrypt((int(field, 16) ^ _short_pan(pan)).to_bytes(8, "big"))


def decrypt_block(cipher: BlockCipher, form: PinFormat, block: bytes, pan: Pan | None) -> str:
    """The PIN of an encrypted block: `encrypt_block` the other way round, with every nibble checked.

    Refusals: BAD_BLOCK for a length that is not the cipher's block, a control nibble that is not the form's, a PIN length
    outside 4..12, a PIN nibble above 9 or a fill that is not the form's (one text for all, so that the answer does not
    say which); WRONG_FORM when the form needs a PAN and there is none.

    >>> from xiaopos.keys.des import des_cipher
    >>> pik = des_cipher(bytes.fromhex("807A23AD32B36D457AE91FDF927570EA"))
    >>> decrypt_block(pik, PinFormat.ISO0, bytes.fromhex("A09B01CB96390D8F"), Pan("6225561620345170"))
    '123456'
    """
    return _pin_of(_decrypted(cipher, block), cipher, form, pan)


def translate_block(
    source: BlockCipher,
    from_form: PinFormat,
    block: bytes,
    target: BlockCipher,
    to_form: PinFormat,
    pan: Pan | None,
    entropy: Entropy,
) -> bytes:
    """The PIN of a block under another cipher, and in another form; the PAN stays (ISO 9564-1, translation rules).

    A block that keeps a form without random fill is checked and encrypted again as it is. Refusals: those of
    `decrypt_block`, and WRONG_FORM when a PIN that is bound to a PAN would be loosened from it.

    >>> from xiaopos.keys.des import des_cipher
    >>> pik = des_cipher(bytes.fromhex("807A23AD32B36D457AE91FDF927570EA"))
    >>> no_pan, pan = bytes.fromhex("75EC7A5EFA8DBA63"), Pan("6225561620345170")
    >>> translate_block(pik, PinFormat.NO_PAN, no_pan, pik, PinFormat.ISO0, pan, bytes).hex().upper()
    'A09B01CB96390D8F'
    """
    if from_form in BOUND_TO_PAN and to_form not in BOUND_TO_PAN:
        raise KeyRefused(KeyFault.WRONG_FORM, "a PIN bound to a card number stays bound to it")
    clear = _decrypted(source, block)
    pin = _pin_of(clear, source, from_form, pan)
    if from_form is to_form and to_form in _SAME_EVERY_TIME and source.block_size == target.block_size:
        return target.encrypt(clear)
    return encrypt_block(target, to_form, pin, pan, entropy)


def _decrypted(cipher: BlockCipher, block: bytes) -> bytes:
    if len(block) != cipher.block_size:
        raise KeyRefused(
            KeyFault.BAD_BLOCK, f"a PIN block under this key has {cipher.block_size} bytes, got {len(block)}"
        )
    return cipher.decrypt(block)


def _pin_of(decrypted: bytes, cipher: BlockCipher, form: PinFormat, pan: Pan | None) -> str:
    clear = int.from_bytes(decrypted, "big")
    control, fill, digits = "0", "F", len(decrypted) * 2
    if form is PinFormat.ISO0:
        clear ^= _short_pan(pan)
    elif form is PinFormat.ISO3:
        clear ^= _short_pan(pan)
        control, fill = "3", _LETTERS
    elif form is PinFormat.ISO4:
        clear = int.from_bytes(cipher.decrypt((clear ^ _whole_pan(pan)).to_bytes(16, "big")), "big") >> 64
        control, fill, digits = "4", "A", 16
    text = f"{clear:0{digits}X}"
    length = _LENGTHS.get(text[1], 0)
    pin = text[2 : 2 + length]
    if text[0] != control or not pin.isdigit() or text[2 + length :].strip(fill):
        raise KeyRefused(KeyFault.BAD_BLOCK, "the PIN block does not decode")
    return pin


def _short_pan(pan: Pan | None) -> int:
    return int(_needed(pan).digits[-13:-1], 16)


def _whole_pan(pan: Pan | None) -> int:
    digits = _needed(pan).digits
    return int(f"{len(digits) - 12:X}{digits}".ljust(32, "0"), 16)


def _needed(pan: Pan | None) -> Pan:
    if pan is None:
        raise KeyRefused(KeyFault.WRONG_FORM, "this PIN format needs the card number")
    return pan
