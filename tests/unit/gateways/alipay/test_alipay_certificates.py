"""The numbers of certificates; that known clients make the same ones is judged with the pretend Alipay."""

from __future__ import annotations

import pytest

from xiaopos.gateways.alipay.certificates import number_of, root_number_of


@pytest.mark.parametrize("pem", ["", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_has_no_number(pem: str) -> None:
    with pytest.raises(ValueError, match="no certificate"):
        number_of(pem)
    with pytest.raises(ValueError, match="no root certificate signed with RSA"):
        root_number_of(pem)
