"""The address that an authenticator app reads, judged by the standard library's own reader."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, unquote, urlsplit

from xiaopos.merchants.totp import SECRET_LENGTH, enrolment_address

SECRET = bytes(range(SECRET_LENGTH))


def test_an_app_reads_back_what_was_meant() -> None:
    parts = urlsplit(enrolment_address(SECRET, "lin & 林/cashier", "小POS #1"))
    query = parse_qs(parts.query, strict_parsing=True)

    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/小POS #1:lin & 林/cashier"
    assert query == {
        "secret": [base64.b32encode(SECRET).decode().rstrip("=")],
        "issuer": ["小POS #1"],
        "digits": ["6"],
        "period": ["30"],
    }


def test_plain_names_stay_readable() -> None:
    assert enrolment_address(SECRET, "lin", "xiaopos").startswith("otpauth://totp/xiaopos:lin?secret=")
