"""A vault in a hardware module, reached through PKCS#11: what production needs.

What may live here: opening a module and a token, preparing a token, the vault over them. What may not: rules
(`ruled_vault`), what objects look like (`pkcs11_engine`). Imported only where a module is used: the demo never loads it.

Clear values that touch this process's memory are listed in docs/keys.md; beside the token's PIN they are: a key while it is
combined from components, imported or exported (not one that is generated or used), a PIN and a track during one call.
"""

from __future__ import annotations

from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error, Session, SlotFlag

from xiaopos.kernel.secret import Secret
from xiaopos.keys.pkcs11_engine import BINDING, WRAPPING, unreachable
from xiaopos.keys.pkcs11_pairs import PairEngine
from xiaopos.keys.ruled_vault import RuledVault
from xiaopos.keys.vault import KeyFault, KeyRefused

NEEDED = (
    Mechanism.AES_KEY_GEN,
    Mechanism.AES_KEY_WRAP,
    Mechanism.AES_CMAC,
    Mechanism.AES_GCM,
    Mechanism.AES_ECB,
    Mechanism.AES_CBC,
    Mechanism.DES3_KEY_GEN,
    Mechanism.DES3_ECB,
    Mechanism.DES3_CBC,
    Mechanism.DES3_ECB_ENCRYPT_DATA,
    Mechanism.SHA256_HMAC,
)
"""What a token must be able to do. RSA pairs are asked for when they are: without them the others still serve."""

_FIXED: dict[Attribute, Any] = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
    Attribute.ENCRYPT: False,
    Attribute.DECRYPT: False,
    Attribute.VERIFY: False,
    Attribute.DERIVE: False,
}
_WRAPS = {**_FIXED, Attribute.SIGN: False, Attribute.WRAP: True, Attribute.UNWRAP: True}
_BINDS = {**_FIXED, Attribute.SIGN: True, Attribute.WRAP: False, Attribute.UNWRAP: False}


def open_token(module_path: str, token_label: str, pin: Secret, *, writes: bool = False) -> Session:
    """Log in to a token. Raises KeyRefused (OUT_OF_REACH) that says which of the three was wrong, or what is not offered."""
    try:
        library = pkcs11.lib(module_path)
    except (PKCS11Error, RuntimeError, OSError):
        raise KeyRefused(KeyFault.OUT_OF_REACH, f"no PKCS#11 module at {module_path}") from None
    try:
        token = library.get_token(token_label=token_label)
        offered = token.slot.get_mechanisms()
        missing = [each.name for each in NEEDED if each not in offered]
        session = None if missing else token.open(user_pin=pin.value.decode("utf-8"), rw=writes)
    except pkcs11.NoSuchToken:
        raise KeyRefused(KeyFault.OUT_OF_REACH, f"the module has no token labelled {token_label!r}") from None
    except pkcs11.PinIncorrect:
        raise KeyRefused(KeyFault.OUT_OF_REACH, f"the PIN of the token {token_label!r} is another one") from None
    except PKCS11Error as error:
        raise unreachable(error) from None
    if session is None:
        raise KeyRefused(KeyFault.NOT_OFFERED, f"the token {token_label!r} has no {', '.join(missing)}")
    return session


def prepare_token(session: Session) -> bool:
    """Make the two keys that stay in the token, once; False when they are there. The session must be able to write."""
    search = {Attribute.CLASS: ObjectClass.SECRET_KEY}
    try:
        labels = [key[Attribute.LABEL] for key in session.get_objects(search)]
        wanted = [(label, use) for label, use in ((WRAPPING, _WRAPS), (BINDING, _BINDS)) if label not in labels]
        for label, use in wanted:
            session.generate_key(KeyType.AES, 256, label=label, store=True, template=use)
    except PKCS11Error as error:
        raise unreachable(error) from None
    return bool(wanted)


class Pkcs11Vault(RuledVault):
    """The `Vault` of production: keys wrapped by a key that never leaves the token, used inside it.

    Up to `keep` recently used keys are session objects. Raises KeyRefused (OUT_OF_REACH) for a token that has not been
    prepared, ValueError for `keep` below 2.
    """

    def __init__(self, session: Session, *, keep: int = 4096) -> None:
        super().__init__(PairEngine(session), keep=keep)
        self._session = session

    def __repr__(self) -> str:
        return "Pkcs11Vault()"

    @property
    def is_hardware(self) -> bool:
        """Whether the module says that its slot is a device; SoftHSM2 is software and says so."""
        return SlotFlag.HW_SLOT in self._session.token.slot.flags

    def close(self) -> None:
        """Leave the token: every session object goes with it."""
        self.heed({})
        self._session.close()
