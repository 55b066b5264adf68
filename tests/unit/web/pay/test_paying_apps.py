"""Which app opened the page, and what is ever offered as a link."""

from __future__ import annotations

import pytest

from unit.web.pay.conftest import ALIPAY, BROWSER, WECHAT
from xiaopos.web.pages.pay.apps import APPS, app_of, read_apps

ALL = ("sandbox", "alipay", "wechat", "unionpay")


@pytest.mark.parametrize(
    ("agent", "offered", "wallet"),
    [
        (ALIPAY, ALL, "alipay"),
        (WECHAT, ALL, "wechat"),
        ("Mozilla/5.0 Mobile UnionPay/1.0 CloudPay", ALL, "unionpay"),
        (BROWSER, ALL, "sandbox"),
        (BROWSER, ("alipay",), None),
        ("", ("alipay",), None),
        (WECHAT, ("alipay",), "wechat"),
    ],
)
def test_an_app_is_known_by_its_browser(agent: str, offered: tuple[str, ...], wallet: str | None) -> None:
    app = app_of(agent, offered)
    assert (app.wallet if app else None) == wallet


@pytest.mark.parametrize(
    ("wallet", "code", "opens"),
    [
        ("alipay", "https://qr.alipay.com/bax0123", True),
        ("alipay", "https://qr.alipay.com.evil.example/bax", False),
        ("alipay", "http://qr.alipay.com/bax", False),
        ("alipay", "javascript:alert(1)", False),
        ("alipay", "https://qr.alipay.com/a b", False),
        ("alipay", "https://qr.alipay.com/\n", False),
        ("wechat", "weixin://wxpay/bizpayurl?pr=1", False),
        ("unionpay", "https://qr.95516.com/00010000/1", True),
        ("unionpay", "00020101021215", False),
        ("sandbox", "xiaopos-sandbox:pay/1", False),
    ],
)
def test_only_a_wallets_own_addresses_are_links(wallet: str, code: str, *, opens: bool) -> None:
    app = next(one for one in APPS if one.wallet == wallet)
    assert app.link(code) == (code if opens else "")


def test_every_row_says_where_it_was_read() -> None:
    assert all(app.source for app in APPS)
    assert [app.wallet for app in APPS if not app.confirmed] == ["unionpay"]
    with pytest.raises(KeyError):
        read_apps("[[app]]\nwallet = 'x'")
