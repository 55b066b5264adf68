"""PINs in a vault: made into blocks, moved from key to key, compared; a clear PIN never comes out.

What may live here: the three operations with their permissions. What may not: the forms (`pin_blocks`).
"""

from __future__ import annotations

import hmac

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import pin_blocks
from xiaopos.keys.engines import OpenKey
from xiaopos.keys.hierarchy import Operation
from xiaopos.keys.pin_rules import TRANSLATIONS, Permitted, Rule
from xiaopos.keys.shelf import Shelf
from xiaopos.keys.vault import KeyFault, KeyRefused, PinFormat, WrappedKey


class PinWork(Shelf):
    """The part of `Vault` that knows PINs."""

    _permitted: Permitted = frozenset()

    def permit(self, translations: Permitted) -> None:
        """Allow these loosening translations from now on, and no others: the deployment's written policy.

        Refusal: WRONG_FORM for a pair that is allowed anyway, or that no policy may permit.
        """
        for pair in translations:
            if TRANSLATIONS[pair] is not Rule.LOOSENS:
                names = " to ".join(form.value for form in pair)
                raise KeyRefused(KeyFault.WRONG_FORM, f"{names} is not for a policy to permit")
        self._permitted = translations

    def encrypt_pin(self, *, key: WrappedKey, pin: Secret, pan: Pan | None, form: PinFormat) -> bytes:
        """See `Vault`."""
        opened = self._ready_for_pin(key, Operation.PIN_ENCRYPT, form)
        return pin_blocks.encrypt_block(opened.whole, form, pin.value.decode("latin-1"), pan, self._engine.entropy)

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
        source = self._ready_for_pin(from_key, Operation.PIN_FROM, from_form).whole
        target = self._ready_for_pin(to_key, Operation.PIN_TO, to_form).whole
        entropy, permitted = self._engine.entropy, self._permitted
        return pin_blocks.translate_block(source, from_form, block, target, to_form, pan, entropy, permitted)

    def verify_pin(self, *, block: bytes, key: WrappedKey, form: PinFormat, pan: Pan | None, expected: Secret) -> bool:
        """See `Vault`."""
        opened = self._ready_for_pin(key, Operation.PIN_VERIFY, form)
        pin = pin_blocks.decrypt_block(opened.whole, form, block, pan)
        return hmac.compare_digest(pin.encode("ascii"), expected.value)

    def _ready_for_pin(self, key: WrappedKey, operation: Operation, form: PinFormat) -> OpenKey:
        ready = self._ready(key, operation)
        if form not in ready.forms:
            raise KeyRefused(KeyFault.WRONG_ALGORITHM, f"a {key.algorithm.value} key does not make {form.value} blocks")
        return ready.open
