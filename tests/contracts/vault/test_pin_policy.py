"""Every vault: a PIN keeps its card number unless a deployment's written policy says otherwise."""

from __future__ import annotations

import pytest

from xiaopos.kernel.secret import Pan, Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, PinFormat, Vault

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
