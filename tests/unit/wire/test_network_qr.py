"""What field 59 says of a QR payment, the profile of its values, and an order's number in a shop's code."""

from __future__ import annotations

import pytest

from xiaopos.wire.iso8583 import Malformed
from xiaopos.wire.iso8583.network_qr import SHIPPED, SHIPPED_ROWS, QrData, read_profile
from xiaopos.wire.qr.order_label import label_of, order_of

ORDER = "0192f0c1d2e370008000000000000000"


def text(**changes: str) -> str:
    rows = {name: row.value for name, row in SHIPPED_ROWS.items()} | changes
    return "".join(
        f'[[row]]\nname = "{name}"\nvalue = "{value}"\nsource = "a page"\nconfirmed = false\n'
        for name, value in rows.items()
    )


def test_the_fields_of_a_request_and_an_answer_come_back_as_they_were() -> None:
    data = QrData(
        ORDER, payer_code="6212345678901234567", refund="r" * 32, voucher="42" * 14, payer="梅*", original_code="00"
    )
    raw = data.field()
    assert raw.startswith(b"A30196212345678901234567B1032" + ORDER.encode())
    assert QrData.read(raw) == data
    assert QrData.read(raw + b"ZZ003new") == data
    assert "621234" not in repr(data)
    assert "梅" not in repr(data)


@pytest.mark.parametrize("raw", [b"", b"A3003123", b"B1", b"B1999x"])
def test_a_field_without_an_order_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        QrData.read(raw)


def test_a_code_that_is_too_long_is_refused() -> None:
    with pytest.raises(Malformed):
        QrData(ORDER, payer_code="6" * 129).field()


def test_every_row_of_the_profile_says_where_it_was_read() -> None:
    assert read_profile(text())[0] == SHIPPED
    assert all(row.source for row in SHIPPED_ROWS.values())
    assert not any(row.confirmed for row in SHIPPED_ROWS.values())


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        text(strange="00"),
        text(waits="009"),
        text(pay_processing="0"),
        text(pay_entry="32"),
        text().replace('"a page"', '""', 1),
        text().replace('value = "000000"', "value = 0", 1),
        '[[row]]\nvalue = "1"\n',
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        read_profile(wrong)


@pytest.mark.parametrize("order", [ORDER, "0" * 32, "f" * 32])
def test_an_orders_number_fits_a_shops_code(order: str) -> None:
    label = label_of(order)
    assert len(label) == 25
    assert order_of(label) == order


def test_what_is_no_orders_number_has_no_label_and_what_is_no_label_no_order() -> None:
    for strange in ("", "F" * 32, "0" * 31):
        with pytest.raises(Malformed):
            label_of(strange)
    assert [order_of(text) for text in ("", "a" * 25, "0" * 24, "Z" * 25)] == [None] * 4
