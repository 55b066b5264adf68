"""Reading WeChat Pay's bills."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from xiaopos.gateways.wechat_pay.bills import (
    FUND_COLUMNS,
    TRADE_COLUMNS,
    TRADE_SUMS,
    FundRow,
    NotFetched,
    TradeRow,
    read_funds,
    read_trades,
    unpacked,
)

NAMES, SUMS = ",".join(TRADE_COLUMNS), ",".join(TRADE_SUMS)
ROW = (
    "`2021-01-28 17:07:11,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000925202101284997714292,`S20210128170702357723,"
    "`openid,`NATIVE,`SUCCESS,`OTHERS,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,`,`,`tea, hot,`,`0.00006,`0.60%,`0.01,`0.00,`"
)
READ = TradeRow("2021-01-28 17:07:11", "4200000925202101284997714292", "S20210128170702357723", "SUCCESS", 1, 6, "")
LAST = "`1,`0.01,`0.00,`0.00,`0.00006,`0.01,`0.00"


def bill(*lines: str, encoding: str = "utf-8-sig") -> bytes:
    """A bill of lines."""
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gbk"])
def test_a_bill_is_read_in_either_character_set(encoding: str) -> None:
    assert read_trades(bill(NAMES, ROW, SUMS, LAST, encoding=encoding)) == [READ]
    assert read_trades(bill(NAMES, SUMS, LAST, encoding=encoding)) == []


def test_columns_are_found_by_name_and_values_may_have_no_back_quote() -> None:
    names = "商户订单号,交易时间,微信订单号,交易状态,手续费,订单金额"
    row = TradeRow("2021-01-28", "42", "S1", "SUCCESS", 120, 600, "")
    assert read_trades(bill(names, "S1,2021-01-28,42,SUCCESS,0.006,1.20", SUMS, LAST)) == [row]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\xff",
        b'{"code":"RESOURCE_NOT_EXISTS"}',
        bill(NAMES, ROW),
        bill(NAMES, ROW + ",`", SUMS, LAST),
        bill(NAMES, ROW.replace("`0.01", "`a lot"), SUMS, LAST),
        bill(NAMES, ROW.replace("`0.01", "`0.001"), SUMS, LAST),
        bill(NAMES, ROW.replace("`0.01", "`0.000001"), SUMS, LAST),
    ],
)
def test_what_is_no_bill_or_is_cut_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="bill"):
        read_trades(raw)


def test_a_bill_of_funds_is_read() -> None:
    names = ",".join(FUND_COLUMNS).replace("（", "(").replace("）", ")")
    sums = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
    row = "`2018-02-01 04:21:23,`5000,`1900,`退款,`退款,`支出,`0.02,`0.17,`system,`缺货,`REF42"
    read = read_funds(bill(names, row, sums, "`1,`0,`0.00,`1,`0.02"))
    assert read == [FundRow("2018-02-01 04:21:23", "5000", "1900", "退款", -2, 17, "REF42")]
    with pytest.raises(ValueError, match="neither in nor out"):
        read_funds(bill(names, row.replace("支出", "转出"), sums))
    assert read_funds(bill(names, row.replace("`0.17", "`-0.17"), sums))[0].balance_minor == -17


def test_a_bill_is_unpacked_and_held_against_its_hash() -> None:
    raw = bill(NAMES, ROW, SUMS, LAST)
    digest = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
    packed = gzip.compress(raw)
    assert unpacked(raw, digest) == unpacked(packed, digest.upper()) == raw
    for broken, said in ((raw[:-1], digest), (packed[:-9], digest), (packed[:20] + b"x" * 40, digest), (raw, "钱")):
        assert isinstance(unpacked(broken, said), NotFetched)


def test_a_bill_that_would_unpack_to_too_much_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xiaopos.gateways.wechat_pay.bills.UNPACKED_LENGTH_MAX", 1_000)
    bomb = b"0" * 1_001
    assert isinstance(unpacked(gzip.compress(bomb), hashlib.sha1(bomb, usedforsecurity=False).hexdigest()), NotFetched)
