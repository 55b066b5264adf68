"""The device's secure chip at work: MACs on messages, PIN blocks, tracks, working keys, sealed card numbers.

What may live here: the few places where the terminal uses its vault. What may not: states, memory, words for people.
"""

from __future__ import annotations

from dataclasses import dataclass

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, MacKind, PinFormat, Vault, WrappedKey
from xiaopos.keys.suites import Suite
from xiaopos.terminal.profile import Profile
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.deriving import PIN_BLOCK
from xiaopos.wire.iso8583.framing import MAC_BYTES, mac_input
from xiaopos.wire.iso8583.terminal_interfaces import KEY_LAYOUTS
from xiaopos.wire.iso8583.unionpay_terminal import LONG_PIN_SPEC, SPEC

CODEC = Codec(SPEC)
CHECK_BYTES = 4
_LONG_PINS = Codec(LONG_PIN_SPEC)
_PIN_BYTES = 8
_WITH_PAN, _WITHOUT_PAN = "2", "1"


@dataclass(frozen=True, slots=True)
class WorkingKeys:
    """The keys of one sign-in. No PIN key: this terminal cannot take PINs. No track key: tracks travel as they are."""

    tpk: WrappedKey | None
    tak: WrappedKey
    tdk: WrappedKey | None


def _imported(
    vault: Vault, tmk: WrappedKey, usage: KeyUsage, cipher: bytes, check: bytes, suite: Suite
) -> WrappedKey | None:
    """One working key. A second half of zeros means a single-length key (domain A10, 003: the MAK)."""
    if suite.carrier is not KeyAlgorithm.TDES2:
        algorithm = suite.working_keys()[usage]
        return vault.import_under(kek=tmk, cipher=cipher, check=check, usage=usage, algorithm=algorithm)
    algorithm = KeyAlgorithm.TDES2
    if len(cipher) == 8 or (usage is KeyUsage.TAK and not any(cipher[8:])):
        cipher, algorithm = cipher[:8], KeyAlgorithm.DES
    if usage is KeyUsage.TPK and algorithm is KeyAlgorithm.DES:
        return None  # Single DES never protects a PIN: such a terminal takes cards without one.
    return vault.import_under(kek=tmk, cipher=cipher, check=check, usage=usage, algorithm=algorithm)


def working_keys(vault: Vault, tmk: WrappedKey, field_62: bytes, sign_in_code: str, suite: Suite) -> WorkingKeys:
    """The working keys that a sign-in answer carries, each with its check value compared (domain A10).

    Raises KeyRefused when the length does not fit the layout or a check value does not fit its key.
    """
    layout = KEY_LAYOUTS[sign_in_code]
    if len(field_62) != sum(size + CHECK_BYTES for _, size in layout):
        raise KeyRefused(KeyFault.WRONG_LENGTH, f"the keys of sign-in {sign_in_code} have another length")
    keys: dict[str, WrappedKey | None] = {}
    offset = 0
    for name, size in layout:
        cipher, check = field_62[offset : offset + size], field_62[offset + size : offset + size + CHECK_BYTES]
        keys[name] = _imported(vault, tmk, KeyUsage(name), cipher, check, suite)
        offset += size + CHECK_BYTES
    tak = keys["TAK"]
    assert tak is not None
    return WorkingKeys(keys["TPK"], tak, keys.get("TDK"))


def encoded(message: Message) -> bytes:
    """The message's bytes from its type on, whichever length its PIN block has."""
    return (_LONG_PINS if len(message.raw(PIN_BLOCK)) > _PIN_BYTES else CODEC).encode(message)


def with_mac(vault: Vault, tak: WrappedKey, message: Message, kind: MacKind) -> bytes:
    """The message's bytes from its type on, field 64 computed over all that stands before it (domain A14)."""
    message.fields[64] = bytes(MAC_BYTES)
    unsigned = encoded(message)[:-MAC_BYTES]
    return unsigned + vault.mac(key=tak, data=unsigned, kind=kind)


def mac_fits(vault: Vault, tak: WrappedKey, body: bytes, kind: MacKind) -> bool:
    """Whether the message carries the right MAC over everything before it. Raises Malformed when it carries none."""
    return vault.verify_mac(key=tak, data=mac_input(body), kind=kind, mac=body[-MAC_BYTES:])


def add_pin(vault: Vault, tpk: WrappedKey, profile: Profile, message: Message, *, pin: Secret, pan: Pan) -> None:
    """Fields 26, 52 and 53 of a message with a PIN. Raises KeyRefused for a PIN that is not 4 to 12 digits."""
    form = profile.suite.pin_form
    message.fields[26] = "12"
    message.fields[PIN_BLOCK] = vault.encrypt_pin(key=tpk, pin=pin, pan=pan, form=form)
    mixed = _WITHOUT_PAN if form is PinFormat.NO_PAN else _WITH_PAN
    message.fields[53] = f"{mixed}{profile.pin_cipher}" + "0" * 14


def add_track(vault: Vault, tdk: WrappedKey | None, message: Message, track: Secret) -> None:
    """Field 35, encrypted when this sign-in gave a track key (field 53, third position)."""
    if tdk is None:
        message.fields[35] = track.value.decode("ascii")
        return
    hidden = vault.encrypt_track(key=tdk, track=track).value.decode("ascii")
    message.fields[35] = hidden.replace("D", "=")
    control = message.text(53) or "06" + "0" * 14
    message.fields[53] = control[:2] + "1" + control[3:]


def seal_pan(vault: Vault, key: WrappedKey, pan: Pan, terminal_id: str) -> str:
    """A card number for the device's own memory, as hex."""
    return vault.seal(key=key, plaintext=pan.digits.encode("ascii"), aad=terminal_id.encode("ascii")).hex()


def open_pan(vault: Vault, key: WrappedKey, sealed: str, terminal_id: str) -> Pan:
    """What `seal_pan` sealed. Raises KeyRefused when this device did not seal it."""
    plain = vault.open(key=key, sealed=bytes.fromhex(sealed), aad=terminal_id.encode("ascii"))
    return Pan(plain.decode("ascii"))


def seal_picture(vault: Vault, key: WrappedKey, picture: Secret, terminal_id: str) -> str:
    """A customer's signature for the device's own memory, as hex."""
    return vault.seal(key=key, plaintext=picture.value, aad=_signature_of(terminal_id)).hex()


def open_picture(vault: Vault, key: WrappedKey, sealed: str, terminal_id: str) -> bytes:
    """What `seal_picture` sealed. Raises KeyRefused when this device did not seal it."""
    return vault.open(key=key, sealed=bytes.fromhex(sealed), aad=_signature_of(terminal_id))


def _signature_of(terminal_id: str) -> bytes:
    return f"signature:{terminal_id}".encode("ascii")
