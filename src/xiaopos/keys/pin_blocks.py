"""PIN blocks, as pure functions: ISO 9564 formats 0 to 4, the 银联 form without a PAN, and what SM4 terminals send.

What may live here: how a PIN becomes an encrypted block and comes back, every refusal on the way, translation.
What may not: which translations are allowed (`pin_rules`), keys and usages, a PIN that outlives the call. Used by vault
implementations only: a clear PIN exists in these functions and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from xiaopos.kernel.secret import Pan
from xiaopos.keys.des import BlockCipher
from xiaopos.keys.pin_rules import BOUND_TO_PAN, Permitted, require_translation
from xiaopos.keys.vault import KeyFault, KeyRefused, PinFormat

Entropy = Callable[[int], bytes]

_LETTERS = "ABCDEF"
_NIBBLES = "0123456789ABCDEF"
# The length nibble of a block, and the lengths it may name.
_LENGTHS = {f"{length:X}": length for length in range(4, 13)}


class _Shape(NamedTuple):
    """How a form looks in clear: its control nibble, what may fill it, and the block it needs (0: any)."""

    control: str
    fill: str
    block_size: int
    same_every_time: bool


_SHAPES = {
    PinFormat.ISO0: _Shape("0", "F", 8, True),
    PinFormat.ISO1: _Shape("1", _NIBBLES, 8, False),
    PinFormat.ISO2: _Shape("2", "F", 8, True),
    PinFormat.ISO3: _Shape("3", _LETTERS, 8, False),
    PinFormat.ISO4: _Shape("4", "A", 16, False),
    PinFormat.NO_PAN: _Shape("0", "F", 0, True),
    PinFormat.SM4_PAN: _Shape("0", "F", 16, True),
    PinFormat.SM4_PADDED: _Shape("0", "F", 16, True),
}
_WIDE = (PinFormat.NO_PAN, PinFormat.SM4_PAN)
_FOLDED = (PinFormat.ISO0, PinFormat.ISO3, PinFormat.SM4_PAN, PinFormat.SM4_PADDED)
_ISO_FIELD = 16


def pin_field(form: PinFormat, pin: str, nibbles: int, entropy: Entropy) -> str:
    """The PIN in its control, length and fill, before a card number is mixed in.

    ::

        control | L | p p p p p/fill ... fill                                        `nibbles` hex digits

    Refusal: BAD_BLOCK for a PIN that is not 4 to 12 digits.

    >>> pin_field(PinFormat.ISO2, "1234", 16, bytes)
    '241234FFFFFFFFFF'
    """
    length = len(pin)
    if not (4 <= length <= 12 and pin.isascii() and pin.isdigit()):
        raise KeyRefused(KeyFault.BAD_BLOCK, "a PIN is 4 to 12 digits")
    shape = _SHAPES[form]
    text = f"{shape.control}{length:X}{pin}"
    if len(shape.fill) == 1:
        return text.ljust(nibbles, shape.fill)
    drawn = entropy(nibbles - len(text))
    return text + "".join(shape.fill[byte % len(shape.fill)] for byte in drawn)


def pin_of_field(form: PinFormat, field: str) -> str:
    """The PIN of a field, every nibble checked.

    Refusal: BAD_BLOCK, in one text, for a control nibble that is not the form's, a length outside 4..12, a PIN nibble
    above 9 and a fill that is not the form's, so that the answer does not say which.

    >>> pin_of_field(PinFormat.ISO2, "29123456789FFFFF")
    '123456789'
    """
    shape = _SHAPES[form]
    length = _LENGTHS.get(field[1], 0)
    pin = field[2 : 2 + length]
    if field[0] != shape.control or not pin.isdigit() or field[2 + length :].strip(shape.fill):
        raise _undecodable()
    return pin


def short_pan_field(digits: str) -> int:
    """The card number in formats 0 and 3: `0 0 0 0 n1 ... n12`, the rightmost 12 digits without the check digit."""
    return int(digits[-13:-1], 16)


def whole_pan_field(digits: str) -> int:
    """The card number in format 4: `M n ... n 0 ... 0`, M its length - 12; a shorter one is filled to 12 in front.

    >>> f"{whole_pan_field('123456789'):032X}"
    '00001234567890000000000000000000'
    """
    return int(f"{max(len(digits) - 12, 0):X}{digits.rjust(12, '0')}".ljust(32, "0"), 16)


def encrypt_block(cipher: BlockCipher, form: PinFormat, pin: str, pan: Pan | None, entropy: Entropy) -> bytes:
    """The PIN as an encrypted block.

    ::

        ISO0         0 L p p p p p/F ... F          XOR  0 0 0 0 n1 ... n12      8 bytes, then E
        ISO1         1 L p p p p p/R ... R                                       8 bytes, then E; R random 0..F
        ISO3         3 L p p p p p/R ... R          XOR  0 0 0 0 n1 ... n12      8 bytes, then E; R random A..F
        ISO4         4 L p p p p p/A ... A | 8 random bytes                      16 bytes: E, XOR with
                     M n n n ... n 0 ... 0                                       the whole PAN, M = its length - 12; then E
        NO_PAN       0 L p p p p p/F ... F                                       one block of the cipher, then E
        SM4_PAN      0 L p p p p p/F ... F (32)     XOR  0 x 20 n1 ... n12       16 bytes, then E       (unconfirmed)
        SM4_PADDED   as ISO0 | 00 x 8                                            16 bytes, then E       (unconfirmed)

    Each letter is 4 bits; L is the length of the PIN, n1..n12 the rightmost 12 digits of the PAN without its check
    digit (ISO 9564-1:2017, 9.3 and 9.4). Refusals: BAD_BLOCK for a PIN that is not 4 to 12 digits; WRONG_FORM when the
    form needs a PAN and there is none, for a cipher whose block does not fit, and for ISO2, which stays in a card.

    >>> from xiaopos.keys.des import des_cipher
    >>> pik = des_cipher(bytes.fromhex("807A23AD32B36D457AE91FDF927570EA"))
    >>> encrypt_block(pik, PinFormat.ISO0, "123456", Pan("6225561620345170"), bytes).hex().upper()
    'A09B01CB96390D8F'
    >>> encrypt_block(pik, PinFormat.NO_PAN, "123456", None, bytes).hex().upper()
    '75EC7A5EFA8DBA63'
    """
    size = _fitting(cipher, form)
    field = pin_field(form, pin, size * 2 if form in _WIDE else _ISO_FIELD, entropy)
    digits = _needed(pan) if form in BOUND_TO_PAN else ""
    if form is PinFormat.ISO4:
        mixed = int.from_bytes(cipher.encrypt(bytes.fromhex(field) + entropy(8)), "big")
        return cipher.encrypt((mixed ^ whole_pan_field(digits)).to_bytes(16, "big"))
    clear = int(field, 16)
    if form in _FOLDED:
        clear ^= short_pan_field(digits)
    if form is PinFormat.SM4_PADDED:
        clear <<= 64
    return cipher.encrypt(clear.to_bytes(size, "big"))


def decrypt_block(cipher: BlockCipher, form: PinFormat, block: bytes, pan: Pan | None) -> str:
    """The PIN of an encrypted block: `encrypt_block` the other way round, with every nibble checked.

    Refusals: BAD_BLOCK for a length that is not the cipher's block and, in one text, for everything `pin_of_field`
    refuses; WRONG_FORM as `encrypt_block`.

    >>> from xiaopos.keys.des import des_cipher
    >>> pik = des_cipher(bytes.fromhex("807A23AD32B36D457AE91FDF927570EA"))
    >>> decrypt_block(pik, PinFormat.ISO0, bytes.fromhex("A09B01CB96390D8F"), Pan("6225561620345170"))
    '123456'
    """
    return _pin_of(_decrypted(cipher, form, block), cipher, form, pan)


def translate_block(
    source: BlockCipher,
    from_form: PinFormat,
    block: bytes,
    target: BlockCipher,
    to_form: PinFormat,
    pan: Pan | None,
    entropy: Entropy,
    permitted: Permitted = frozenset(),
) -> bytes:
    """The PIN of a block under another cipher, and in another form; the PAN stays, since there is only one to give.

    A block that keeps a form without random fill is checked and encrypted again as it is. Refusals: those of
    `pin_rules.require_translation` (WRONG_FORM), before anything is decrypted, and those of `decrypt_block`.

    >>> from xiaopos.keys.des import des_cipher
    >>> pik = des_cipher(bytes.fromhex("807A23AD32B36D457AE91FDF927570EA"))
    >>> no_pan, pan = bytes.fromhex("75EC7A5EFA8DBA63"), Pan("6225561620345170")
    >>> translate_block(pik, PinFormat.NO_PAN, no_pan, pik, PinFormat.ISO0, pan, bytes).hex().upper()
    'A09B01CB96390D8F'
    """
    require_translation(from_form, to_form, permitted)
    clear = _decrypted(source, from_form, block)
    pin = _pin_of(clear, source, from_form, pan)
    if from_form is to_form and _SHAPES[to_form].same_every_time and source.block_size == target.block_size:
        return target.encrypt(clear)
    return encrypt_block(target, to_form, pin, pan, entropy)


def _fitting(cipher: BlockCipher, form: PinFormat) -> int:
    if form is PinFormat.ISO2:
        raise KeyRefused(KeyFault.WRONG_FORM, "format 2 stays between a card and its reader")
    if _SHAPES[form].block_size not in (0, cipher.block_size):
        raise KeyRefused(KeyFault.WRONG_FORM, f"{form.value} blocks have {_SHAPES[form].block_size} bytes")
    return cipher.block_size


def _decrypted(cipher: BlockCipher, form: PinFormat, block: bytes) -> bytes:
    size = _fitting(cipher, form)
    if len(block) != size:
        raise KeyRefused(KeyFault.BAD_BLOCK, f"a PIN block under this key has {size} bytes, got {len(block)}")
    return cipher.decrypt(block)


def _pin_of(decrypted: bytes, cipher: BlockCipher, form: PinFormat, pan: Pan | None) -> str:
    clear, nibbles = int.from_bytes(decrypted, "big"), _ISO_FIELD
    digits = _needed(pan) if form in BOUND_TO_PAN else ""
    if form is PinFormat.ISO4:
        mixed = clear ^ whole_pan_field(digits)
        clear = int.from_bytes(cipher.decrypt(mixed.to_bytes(16, "big")), "big") >> 64
    elif form in _WIDE:
        nibbles = len(decrypted) * 2
    elif form is PinFormat.SM4_PADDED:
        clear, padding = divmod(clear, 1 << 64)
        if padding:
            raise _undecodable()
    if form in _FOLDED:
        clear ^= short_pan_field(digits)
    return pin_of_field(form, f"{clear:0{nibbles}X}")


def _undecodable() -> KeyRefused:
    return KeyRefused(KeyFault.BAD_BLOCK, "the PIN block does not decode")


def _needed(pan: Pan | None) -> str:
    if pan is None:
        raise KeyRefused(KeyFault.WRONG_FORM, "this PIN format needs the card number")
    return pan.digits
