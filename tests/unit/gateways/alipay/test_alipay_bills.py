"""Bills as Alipay makes them, and what is none."""

from __future__ import annotations

import io
import zipfile

import pytest

from xiaopos.gateways.alipay import bills
from xiaopos.gateways.alipay.bills import COLUMNS, BillRow, read_bill

HEAD = "#支付宝业务明细查询\r\n#账号：[20880000000000010156]\r\n#--------业务明细列表--------\r\n"
NAMES = ",".join(COLUMNS)
SOLD = (
    "2026031422001400000000000001\t,0a\t,交易\t,收款,2026-03-14 09:30:00,2026-03-14 09:30:04,tea\t,\t,\t,\t,*梅(137****2600)\t,"
    "25.00,25.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,\t,-0.15,0.00,"
)
BACK = (
    '2026031422001400000000000001\t,0a\t,退款\t,"茶,绿",2026-03-14 09:30:00,2026-03-14 10:00:00,tea\t,\t,\t,\t,*梅\t,'
    "-5.00,-5.00,0.00,0.00,0.00,0.00,0.00,,0.00\t,0.00,0b\t,0.03,0.00,"
)
END = "#--------业务明细列表结束--------\r\n#交易合计：1笔，商家实收共25.00元\r\n"


def packed(text: str, name: str = "业务明细", encoding: str = "gbk") -> bytes:
    """A zip with the sums first, as the order of files means nothing."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("20880000000000010156_20260314_业务明细(汇总).csv", HEAD.encode("gbk"))
        archive.writestr(f"20880000000000010156_20260314_{name}.csv", text.encode(encoding))
    return raw.getvalue()


def test_a_bill_is_read_row_by_row() -> None:
    rows = read_bill(packed("\r\n".join([HEAD + NAMES, SOLD, BACK, END])))
    assert rows == [
        BillRow("2026031422001400000000000001", "0a", "交易", "2026-03-14 09:30:04", 2_500, 2_500, -15, ""),
        BillRow("2026031422001400000000000001", "0a", "退款", "2026-03-14 10:00:00", -500, -500, 3, "0b"),
    ]


def test_columns_are_found_by_name_and_an_empty_bill_has_no_rows() -> None:
    names = [bills.OUT_TRADE_NO, bills.FEE, bills.RECEIVED, bills.AMOUNT, bills.FINISHED, bills.TYPE, bills.TRADE_NO]
    few = read_bill(packed("\n".join([",".join(names), "0a,0.00,1,1.5,2026-03-14,交易,2026"])))
    assert few == [BillRow("2026", "0a", "交易", "2026-03-14", 150, 100, 0, "")]
    assert read_bill(packed(HEAD + NAMES + "\r\n" + END)) == []


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (b"", "no zip"),
        (b"PK\x03\x04 and nothing more", "no zip"),
        (packed(HEAD + NAMES, encoding="utf-8"), "no zip of text in GBK"),
        (packed(HEAD + NAMES, name="账务明细"), "holds no details"),
        (packed(HEAD), "no columns"),
        (packed("支付宝交易号,商户订单号\n1,2"), "has no column"),
        (packed(f"{NAMES}\n1,2"), "another number of columns"),
        (packed(f"{NAMES}\n{SOLD.replace('25.00', '25,00', 1)}"), "another number of columns"),
        (packed(f"{NAMES}\n{SOLD.replace('25.00', 'x', 1)}"), "amount"),
    ],
)
def test_what_is_no_bill_is_refused(raw: bytes, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        read_bill(raw)


def test_a_bill_that_would_be_too_long_is_not_unpacked() -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("业务明细.csv", b"0" * (bills.DETAIL_LENGTH_MAX + 1))
    assert len(raw.getvalue()) < bills.BILL_LENGTH_MAX
    with pytest.raises(ValueError, match="too long"):
        read_bill(raw.getvalue())
