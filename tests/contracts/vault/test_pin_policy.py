"""Every vault: a PIN keeps its card number unless a deployment's written policy says otherwise."""

from __future__ import annotations

import pytest

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, PinFormat, Vault, WrappedKey
from xiaopos.keys.hierarchy import PIN_FORMS
from xiaopos.keys.pin_rules import BOUND_TO_PAN, TRANSLATIONS, Rule

PAN = Pan("6225561620345170")
TO_NO_PAN = (PinFormat.ISO0, PinFormat.NO_PAN)


def test_a_policy_permits_exactly_what_it_says(vault: Vault) -> None:
    tpk = vault.generate(usage=KeyUsage.TPK, algorithm=KeyAlgorithm.TDES2)
    zpk = vault.generate(usage=KeyUsage.ZPK, algorithm=KeyAlgorithm.TDES2)
    block = vault.encrypt_pin(key=tpk, pin=Secret(b"123456"), pan=PAN, form=PinFormat.ISO0)

    def loosened(to_form: PinFormat) -> bytes:
        return vault.translate_pin(
            block=block, from_key=tpk, from_form=PinFormat.ISO0, to_key=zpk, to_form=to_form, pan=PAN
        )

    vault.permit(frozenset({TO_NO_PAN}))
    moved = loosened(PinFormat.NO_PAN)
    assert vault.verify_pin(block=moved, key=zpk, form=PinFormat.NO_PAN, pan=None, expected=Secret(b"123456"))
    with pytest.raises(KeyRefused):
        loosened(PinFormat.ISO1)
    vault.permit(frozenset())
    with pytest.raises(KeyRefused) as refused:
        loosened(PinFormat.NO_PAN)
    assert refused.value.fault is KeyFault.WRONG_FORM


@pytest.mark.parametrize(
    "pair",
    [
        (PinFormat.ISO0, PinFormat.ISO2),
        (PinFormat.ISO2, PinFormat.ISO2),
        (PinFormat.ISO0, PinFormat.ISO4),
        (PinFormat.NO_PAN, PinFormat.ISO0),
    ],
)
def test_a_policy_permits_nothing_beyond_the_standards_exceptions(
    vault: Vault, pair: tuple[PinFormat, PinFormat]
) -> None:
    with pytest.raises(KeyRefused, match="not for a policy to permit") as refused:
        vault.permit(frozenset({TO_NO_PAN, pair}))
    assert refused.value.fault is KeyFault.WRONG_FORM


def _keys(vault: Vault, usage: KeyUsage, form: PinFormat, *, sm4: bool) -> list[WrappedKey]:
    """A key of every algorithm that makes this form, and that this vault has."""
    makers = (each for each, forms in PIN_FORMS.items() if form in forms and (sm4 or each is not KeyAlgorithm.SM4))
    return [vault.generate(usage=usage, algorithm=each) for each in makers]


@pytest.mark.parametrize("from_form", [each for each in PinFormat if each is not PinFormat.ISO2])
def test_every_form_becomes_every_other_under_every_key_as_the_table_says(
    vault: Vault, offers_sm4: bool, from_form: PinFormat
) -> None:
    pin = Secret(b"4711")
    targets = [(form, key) for form in PinFormat for key in _keys(vault, KeyUsage.ZPK, form, sm4=offers_sm4)]
    vault.permit(frozenset())
    for tpk in _keys(vault, KeyUsage.TPK, from_form, sm4=offers_sm4):
        block = vault.encrypt_pin(key=tpk, pin=pin, pan=PAN, form=from_form)

        def moved(to_form: PinFormat, zpk: WrappedKey, block: bytes = block, tpk: WrappedKey = tpk) -> bytes:
            return vault.translate_pin(
                block=block, from_key=tpk, from_form=from_form, to_key=zpk, to_form=to_form, pan=PAN
            )

        for to_form, zpk in targets:
            loosens = TRANSLATIONS[from_form, to_form] is Rule.LOOSENS
            if loosens:
                with pytest.raises(KeyRefused, match="it would be loosened"):
                    moved(to_form, zpk)
                vault.permit(frozenset({(from_form, to_form)}))
            there = moved(to_form, zpk)
            vault.permit(frozenset())
            pan = PAN if to_form in BOUND_TO_PAN else None
            assert vault.verify_pin(block=there, key=zpk, form=to_form, pan=pan, expected=pin), (to_form, zpk)
