"""The owner's page of codes: make, lock, rotate, retire, print; and orders made by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import typst
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from support.desk_town import TERMINALS, Town
from support.world import NOODLES, TEA, World
from xiaopos.kernel.ids import PaymentId
from xiaopos.kernel.money import Money
from xiaopos.merchants.shop_codes import StandingCode, Tried
from xiaopos.payments.payment import Method
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.merchants.models import Merchant
from xiaopos.store.merchants.queries import merchant_facts
from xiaopos.store.shop_codes.book import CodeRows, begin_try, codes_of, find_code, find_order
from xiaopos.store.shop_codes.models import ShopCodeRow, ShopOrderRow
from xiaopos.usecases.actors import Actor
from xiaopos.web import asking, posters
from xiaopos.web.asking import StillUnderWay, Verb

OWNER = Actor("chen", "owner", "")


class OneHouse:
    """Asking, at once, of a house of pretend twins."""

    def __init__(self) -> None:
        self.world = World()

    def ask(self, verb: Verb, *, wait_s: float):  # type: ignore[no-untyped-def, type-arg] # a twin of a generic role
        """See Asking."""
        assert wait_s
        try:
            next(verb(self.world.house).__await__())
        except StopIteration as stop:
            return stop.value
        raise StillUnderWay

    def missing(self) -> str:
        """See Asking."""
        return ""


@pytest.fixture(autouse=True)
def house() -> Iterator[None]:
    """Somebody to ask which wallets there are."""
    before = asking._players[:]
    asking.install(OneHouse())
    yield
    asking._players[:] = before


def made(town: Town, **form: str) -> StandingCode:
    sent = {"terminal": TERMINALS[NOODLES], "label": "门口", "amount": "", **form}
    answer = town.browser("chen").post(reverse("portal_code_make"), sent)
    assert answer.status_code == 302
    return codes_of(NOODLES)[0]


def test_chen_makes_a_code_and_sees_it(town: Town) -> None:
    assert "还没有收款码" in town.browser("chen").get(reverse("portal_codes")).content.decode()
    code = made(town, label="  门口  左边 ")
    assert (code.label, code.locked, code.made_by) == ("门口 左边", None, "chen")
    page = town.browser("chen").get(reverse("portal_codes")).content.decode()
    assert f"/pay/{code.token}" in page
    assert "顾客输入金额" in page
    shown = town.browser("chen").get(reverse("portal_code", args=[code.token])).content.decode()
    assert "<svg" in shown
    assert AuditRow.objects.filter(action="make_shop_code", object_id=code.token, actor="chen").exists()


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"terminal": TERMINALS[TEA]}, "请选一台自己的终端"),
        ({"terminal": ""}, "请选一台自己的终端"),
        ({"label": "长" * 21}, "名称最多 20 个字"),
        ({"label": "a\x07b"}, "名称最多 20 个字"),
        ({"amount": "一百"}, "金额看不懂"),
    ],
)
def test_a_draft_that_is_wrong_is_told_and_makes_nothing(town: Town, form: dict[str, str], told: str) -> None:
    sent = {"terminal": TERMINALS[NOODLES], "label": "门口", "amount": "", **form}
    answer = town.browser("chen").post(reverse("portal_code_make"), sent, follow=True)
    assert told in answer.content.decode()
    assert ShopCodeRow.objects.count() == 0


def test_a_code_is_locked_and_opened_again(town: Town) -> None:
    code = made(town)
    lock = reverse("portal_code_lock", args=[code.token])
    town.browser("chen").post(lock, {"amount": "8.5"})
    locked = find_code(code.token)
    assert locked is not None
    assert locked.locked == Money(8_50)
    assert "8.50" in town.browser("chen").get(reverse("portal_codes")).content.decode()
    wrong = town.browser("chen").post(lock, {"amount": "x"}, follow=True)
    assert "金额看不懂" in wrong.content.decode()
    town.browser("chen").post(lock, {"amount": ""})
    opened = find_code(code.token)
    assert opened is not None
    assert opened.locked is None


def test_a_rotated_code_leaves_the_old_one_worthless(town: Town) -> None:
    code = made(town, amount="12")
    town.browser("chen").post(reverse("portal_code_rotate", args=[code.token]))
    (new,) = codes_of(NOODLES)
    assert new.token != code.token
    assert (new.label, new.locked) == (code.label, Money(12_00))
    assert find_code(code.token) is None
    for name in ("portal_code_rotate", "portal_code_retire", "portal_code_lock"):
        again = town.browser("chen").post(reverse(name, args=[code.token]), {"amount": "1"}, follow=True)
        assert "已经换过或停用" in again.content.decode()
    town.browser("chen").post(reverse("portal_code_retire", args=[new.token]))
    assert codes_of(NOODLES) == ()


def test_whoever_was_first_wins(town: Town) -> None:
    code, book, now = made(town), CodeRows(), timezone.now()
    assert book.retire(code, OWNER, now)
    assert not book.retire(code, OWNER, now)
    assert not book.lock(code, None, OWNER, now)
    assert not book.rotate(code, code, OWNER)


def test_anothers_code_is_nobodys(town: Town) -> None:
    code = made(town)
    for name, extra in (("portal_code", ()), ("portal_code_poster", ("a4",))):
        assert town.browser("lin").get(reverse(name, args=[code.token, *extra])).status_code == 404
        assert town.browser("lin").get(reverse(name, args=["no-token", *extra])).status_code == 404
    assert town.browser("lin").post(reverse("portal_code_retire", args=[code.token])).status_code == 403
    assert CodeRows().of(TEA, code.token) is None


def test_a_manager_sees_the_codes_and_changes_none(town: Town) -> None:
    page = town.browser("lin").get(reverse("portal_codes")).content.decode()
    assert "新的收款码" not in page


def test_an_order_made_by_hand_is_shown_and_printed(town: Town) -> None:
    chen = town.browser("chen")
    for amount in ("", "x"):
        wrong = chen.post(reverse("portal_code_order"), {"terminal": TERMINALS[NOODLES], "amount": amount}, follow=True)
        assert "金额看不懂" in wrong.content.decode()
    answer = chen.post(reverse("portal_code_order"), {"terminal": TERMINALS[NOODLES], "amount": "36"})
    row = ShopOrderRow.objects.get()
    assert answer["Location"] == reverse("portal_code", args=[row.token])
    page = chen.get(answer["Location"]).content.decode()
    assert "36.00" in page
    assert "等待付款" in page
    file = chen.get(reverse("portal_code_poster", args=[row.token, "a6"]))
    assert file.content.startswith(b"%PDF")
    assert file["Content-Disposition"].startswith('inline; filename="order-')
    assert "等待付款" in chen.get(reverse("portal_codes")).content.decode()


def test_what_was_paid_twice_is_shown(town: Town) -> None:
    chen = town.browser("chen")
    chen.post(reverse("portal_code_order"), {"terminal": TERMINALS[NOODLES], "amount": "25"})
    token = ShopOrderRow.objects.get().token
    sales = [
        town.approved(merchant_id=NOODLES, method=Method.SHOP_CODE, channel=name) for name in ("alipay", "sandbox")
    ]
    for number, sale in enumerate(sales):
        order = find_order(token)
        assert order is not None
        back = PaymentId(f"{number:032x}")
        assert begin_try(order, Tried(PaymentId(sale.payment_id), back, sale.channel, timezone.now()))
    assert "正在自动退回" in chen.get(reverse("portal_codes")).content.decode()
    ShopOrderRow.objects.update(kept_payment_id=sales[0].payment_id)
    town.refunded(sales[1], 25_00)
    page = chen.get(reverse("portal_codes")).content.decode()
    assert "已付" in page
    assert "重复付款，已自动退回" in page
    assert reverse("portal_payment", args=[sales[1].payment_id]) in page


@pytest.mark.parametrize("size", ["a4", "a6"])
def test_a_poster_is_a_file_that_nobody_keeps(town: Town, size: str) -> None:
    code = made(town, amount="8")
    file = town.browser("chen").get(reverse("portal_code_poster", args=[code.token, size]))
    assert file["Content-Type"] == "application/pdf"
    assert "no-store" in file["Cache-Control"]
    assert file.content.startswith(b"%PDF")
    assert town.browser("chen").get(reverse("portal_code_poster", args=[code.token, "a3"])).status_code == 404


def test_a_name_that_looks_like_markup_is_only_a_name(town: Town, settings) -> None:  # type: ignore[no-untyped-def] # the fixture has no type
    Merchant.objects.filter(merchant_id=NOODLES).update(name='#panic("x") $ "\\')
    merchant = merchant_facts(NOODLES)
    assert merchant is not None
    poster = posters.Poster(merchant, "一楼", "https://pos.example.com/pay/1", None, ("alipay", "unionpay"))
    told = json.loads(posters.markup_data(poster))
    assert told["name"] == '#panic("x") $ "\\'
    assert (told["wallets_zh"], told["wallets_en"]) == ("支付宝 · 银联", "Alipay · UnionPay")
    assert any("输入金额" in chinese and "amount" in english for chinese, english in told["lines"])
    assert told["mark"][0] == "模拟环境，不动真钱"
    assert posters.poster_pdf(poster).startswith(b"%PDF")
    settings.CHINESE_FONT_FOLDERS = []
    code = made(town)
    answer = town.browser("chen").get(reverse("portal_code_poster", args=[code.token, "a4"]))
    assert answer.status_code == 503
    assert "Noto Sans CJK" in answer.content.decode()


@pytest.mark.parametrize("size", posters.SIZES)
def test_the_longest_names_fit_one_page(town: Town, size: str) -> None:
    Merchant.objects.filter(merchant_id=NOODLES).update(name="面" * 40, name_en="Noodles " * 8)
    merchant = merchant_facts(NOODLES)
    assert merchant is not None
    amount = Money(999_999_999_99)
    poster = posters.Poster(merchant, "名" * 20, "https://pos.example.com/pay/1", amount, ("alipay", "unionpay"), size)
    told = {"poster": posters.markup_data(poster)}
    fonts = settings.CHINESE_FONT_FOLDERS
    pages = typst.compile(posters._MARKUP, font_paths=fonts, ignore_system_fonts=True, format="svg", sys_inputs=told)
    assert not isinstance(pages, list)


def test_the_address_in_a_code_is_the_one_that_customers_reach(town: Town, settings) -> None:  # type: ignore[no-untyped-def] # as above
    code = made(town)
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, public_url="https://pos.example.com")
    page = town.browser("chen").get(reverse("portal_code", args=[code.token])).content.decode()
    assert f"https://pos.example.com/pay/{code.token}" in page
