"""The operator's console: what it shows, to whom, and that every change leaves a reason behind."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from support.desk_town import CHIP_CARD, Town
from support.world import NOODLES, TEA
from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.ids import TerminalId
from xiaopos.payments.payment import Method
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.audit.trail import AuditEntry, append
from xiaopos.store.fleet.models import Terminal, TerminalStatusRow
from xiaopos.store.fleet.switchboard import TerminalRows
from xiaopos.store.ledger.models import LegRow
from xiaopos.store.merchants.models import MerchantTerms
from xiaopos.store.payments.models import DiscrepancyRow
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.switch_terminal import TerminalSwitch

CHINESE = re.compile(r"[\u3400-\u9fff]+")
PAYABLE = f"payable:{TEA}"
EVERYONE = ("gao", "sun", "he", "qian")
WHO_SEES = {
    ("console_overview", ()): EVERYONE,
    ("console_numbers", ()): EVERYONE,
    ("console_live", ()): EVERYONE,
    ("console_networks", ()): EVERYONE,
    ("console_live_now", ()): EVERYONE,
    ("console_merchants", ()): EVERYONE,
    ("console_merchant", (TEA,)): EVERYONE,
    ("console_terminal_register", (TEA,)): ("gao", "he"),
    ("console_terminals", ()): EVERYONE,
    ("console_lists", ("parameters",)): EVERYONE,
    ("console_lists", ("public_keys",)): EVERYONE,
    ("console_lists", ("blacklist",)): EVERYONE,
    ("console_terminal", ("10000001",)): EVERYONE,
    ("console_payments", ()): EVERYONE,
    ("console_unresolved", ()): EVERYONE,
    ("console_ledger", ()): ("gao", "qian"),
    ("console_ledger_csv", ()): ("gao", "qian"),
    ("console_account", (PAYABLE,)): ("gao", "qian"),
    ("console_account_csv", (PAYABLE,)): ("gao", "qian"),
    ("console_audit", ()): ("gao",),
    ("console_people", ()): ("gao",),
}


def text_of(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8-sig")


def seen(town: Town, name: str, *args: str, who: str = "gao", query: str = "", language: str = "zh-hans") -> str:
    response = town.browser(who, language).get(reverse(name, args=args) + query)
    assert response.status_code == 200
    return text_of(response)


def sent(town: Town, name: str, *args: str, who: str, **form: str):
    return town.browser(who).post(reverse(name, args=args), form, follow=True)


@pytest.mark.parametrize(("name", "args"), WHO_SEES)
def test_who_may_not_sees_not(town: Town, name: str, args: tuple[str, ...]):
    town.approved()
    address = reverse(name, args=args)
    assert town.browser().get(address).status_code == 302
    for who in (*EVERYONE, "lin", "zhou", "chen"):
        allowed = who in WHO_SEES[name, args]
        assert town.browser(who).get(address).status_code == (200 if allowed else 403), who


@pytest.mark.parametrize(("name", "args"), WHO_SEES)
def test_pages_are_english_for_english_readers(town: Town, name: str, args: tuple[str, ...]):
    town.approved(card=CHIP_CARD)
    page = seen(town, name, *args, language="en")
    own = page.partition("<main")[2].partition("</main>")[0] or page
    assert set(CHINESE.findall(own)) <= {"示例机具厂", "柳巷", "号"}


def test_the_overview_counts_what_today_was(town: Town):
    town.approved(100_00)
    town.approved(50_00, merchant_id=NOODLES)
    town.declined(20_00)
    town.unknown(at=timezone.now() - timedelta(minutes=2))
    page = seen(town, "console_overview")
    for said in ("¥150.00", "2 笔", "66.6 %", "3 笔中批准 2 笔", 'hx-trigger="every 5s"'):
        assert said in page
    assert '<span class="money large minus">1</span>' in page


def test_the_overview_of_an_empty_house(town: Town):
    page = seen(town, "console_numbers")
    assert "¥0.00" in page
    assert "没有超过一分钟未决的交易" in page


def test_merchants_are_found_by_number_and_name(town: Town):
    assert "陈记面馆" not in seen(town, "console_merchants", query="?q=小林")
    assert "陈记面馆" in seen(town, "console_merchants", query=f"?q={NOODLES}")
    assert "Chen&#x27;s Noodles" in seen(town, "console_merchants", query="?q=NOODLES", language="en")
    assert "没有找到商户" in seen(town, "console_merchants", query="?q=nobody")


def test_a_merchant_with_terms_shops_terminals_and_people(town: Town):
    page = seen(town, "console_merchant", TEA)
    for said in ("5812", "Asia/Shanghai", "标准", "0.38 %", "¥20.00", "柳巷 8 号", "10000001", "zhou", "qian / gao"):
        assert said in page
    assert "完成不超过 115 %，30 天内有效" in page
    MerchantTerms.objects.filter(merchant_id=TEA).update(tip_percent=15)
    assert "不超过 15 %" in seen(town, "console_merchant", TEA)
    assert "Up to 15 %" in seen(town, "console_merchant", TEA, language="en")
    assert town.browser("gao").get(reverse("console_merchant", args=["0"])).status_code == 404


def test_a_terminal_shows_check_values_and_no_key(town: Town):
    page = seen(town, "console_terminal", "10000001")
    assert "A1B2C3D4" in page
    assert Terminal.objects.get(terminal_id="10000001").tmk not in page
    assert "没有找到终端" in seen(town, "console_terminals", query="?q=zzz")
    assert "10000001" in seen(town, "console_terminals", query="?q=serial-8981")
    assert town.browser("gao").get(reverse("console_terminal", args=["0"])).status_code == 404


@pytest.mark.parametrize(
    ("profile", "chinese", "english", "unconfirmed"),
    [
        (
            "unionpay-3des-2012",
            "密码和磁道用3DES，报文鉴别用单DES",
            "3DES for PINs and tracks, single DES for MACs",
            False,
        ),
        ("unionpay-3des-mac-2012", "密码、磁道和报文鉴别都用3DES", "3DES for PINs, tracks and MACs", False),
        ("unionpay-sm4-draft", "国密SM4", "Chinese national algorithms (SM4)", True),
    ],
)
def test_a_terminal_says_which_algorithms_it_speaks(
    town: Town, profile: str, chinese: str, english: str, unconfirmed: bool
):
    Terminal.objects.filter(terminal_id="10000001").update(profile=profile)
    page = seen(town, "console_terminal", "10000001", who="sun")
    assert PROFILES[profile].chinese in page
    assert chinese in page
    assert ("规范未经确认" in page) is unconfirmed
    assert ("请为它换上 SM4 主密钥" in page) is unconfirmed, "its master key is 3DES"
    page = seen(town, "console_terminal", "10000001", who="sun", language="en")
    assert english in page
    assert ("Dialect not confirmed" in page) is unconfirmed
    assert ("Give it a master key of SM4." in page) is unconfirmed


def test_a_terminal_without_a_master_key_says_which_one_it_needs(town: Town):
    Terminal.objects.filter(terminal_id="10000001").update(profile="unionpay-sm4-draft", tmk="")
    page = seen(town, "console_terminal", "10000001", who="sun")
    assert "请在密钥页登记一把 TMK，名称填 10000001，算法选 SM4" in page
    assert "请为它换上" not in page
    Terminal.objects.filter(terminal_id="10000001").update(profile="from-long-ago-1999")
    assert "登记一把 TMK" not in seen(town, "console_terminal", "10000001", who="sun")


def test_a_terminal_of_a_dialect_that_is_no_more_is_shown_with_its_name(town: Town):
    Terminal.objects.filter(terminal_id="10000001").update(profile="from-long-ago-1999")
    assert "from-long-ago-1999" in seen(town, "console_terminal", "10000001")


def test_switching_a_terminal_needs_a_reason_and_leaves_one(town: Town):
    said = sent(town, "console_terminal_switch", "10000001", who="he", active="no", reason=" ").content.decode()
    assert "没有写明原因" in said
    assert Terminal.objects.get(terminal_id="10000001").active
    said = sent(
        town, "console_terminal_switch", "10000001", who="he", active="no", reason="在柜台被偷"
    ).content.decode()
    assert "终端已停用" in said
    assert not Terminal.objects.get(terminal_id="10000001").active
    row = AuditRow.objects.get(action="switch_terminal")
    assert (row.actor, row.role, row.object_id, row.merchant_id, row.reason, row.detail) == (
        "he", "risk", "10000001", TEA, "在柜台被偷", {"active": False},
    )  # fmt: skip
    said = sent(
        town, "console_terminal_switch", "10000001", who="gao", active="yes", reason="找回来了"
    ).content.decode()
    assert "终端已启用" in said
    sent(town, "console_terminal_switch", "10000001", who="gao", active="yes", reason="again")
    assert AuditRow.objects.filter(action="switch_terminal").count() == 2


def test_switching_an_unknown_terminal_is_refused(town: Town):
    response = town.browser("gao").post(reverse("console_terminal_switch", args=["0"]), {"reason": "x"})
    assert response.status_code == 302
    assert not AuditRow.objects.exists()


def test_somebody_else_switched_it_first(town: Town):
    wanted = TerminalSwitch(TerminalId("10000001"), True, Actor("gao", "administrator", "x"), timezone.now())
    assert TerminalRows().switch(wanted) is False
    assert not AuditRow.objects.exists()


@pytest.mark.parametrize("who", ["sun", "qian", "lin"])
def test_who_may_not_switch_sees_no_button_and_cannot(town: Town, who: str):
    response = sent(town, "console_terminal_switch", "10000001", who=who, active="no", reason="x")
    assert response.status_code == 403
    assert Terminal.objects.get(terminal_id="10000001").active
    if who != "lin":
        assert "停用终端" not in seen(town, "console_terminal", "10000001", who=who)


def test_changes_are_sent_never_fetched(town: Town):
    for name, args in (("console_terminal_switch", ["10000001"]), ("console_discrepancy_close", [])):
        assert town.browser("gao").get(reverse(name, args=args)).status_code == 405


def test_payments_of_all_merchants_or_of_one(town: Town):
    town.approved(11_00)
    town.approved(22_00, merchant_id=NOODLES, method=Method.SHOP_CODE)
    both = seen(town, "console_payments")
    assert "¥11.00" in both
    assert "¥22.00" in both
    assert "¥11.00" not in seen(town, "console_payments", query=f"?merchant={NOODLES}")
    assert "没有找到交易" in seen(town, "console_payments", query="?state=voided")


def test_a_payment_with_its_jobs_chip_data_and_discrepancies(town: Town):
    stuck = town.stuck(card=CHIP_CARD)
    page = seen(town, "console_payment", stuck.merchant_id, stuck.payment_id)
    for said in (
        "待人工核实",
        "冲正之后又收到批准",
        "A000000333010101",
        "no answer",
        "620000*********0018",
        "小林茶铺",
    ):
        assert said in page
    assert "never-shown" not in page
    assert "记账" in page
    assert "记账" not in seen(town, "console_payment", stuck.merchant_id, stuck.payment_id, who="sun")
    other = reverse("console_payment", args=[NOODLES, stuck.payment_id])
    assert town.browser("gao").get(other).status_code == 404
    assert town.browser("lin").get(other).status_code == 403


def test_related_payments_and_entries(town: Town):
    sale = town.approved()
    refund = town.refunded(sale, 10_00)
    page = seen(town, "console_payment", TEA, sale.payment_id, who="qian")
    assert refund.payment_id in page
    assert "手续费收入" in page


def test_what_is_unresolved_and_what_a_person_must_look_at(town: Town):
    long_ago = timezone.now() - timedelta(minutes=5)
    waiting, stuck = town.unknown(31_00, at=long_ago), town.stuck(minor=32_00, at=long_ago)
    town.unknown(33_00)
    page = seen(town, "console_unresolved", who="sun")
    for said in ("¥31.00", "¥32.00", "冲正之后又收到批准", "no answer", waiting.payment_id, stuck.payment_id):
        assert said in page
    assert "¥33.00" not in page
    assert "关闭差异" not in page


def test_an_empty_house_has_nothing_unresolved(town: Town):
    page = seen(town, "console_unresolved")
    for said in ("没有未决交易", "没有待查差异", "没有等待的任务"):
        assert said in page


def test_closing_a_discrepancy_needs_what_was_found(town: Town):
    stuck = town.stuck()
    form = {"merchant": stuck.merchant_id, "payment": stuck.payment_id, "kind": "late_approval"}
    assert "关闭差异" in seen(town, "console_unresolved", who="qian")
    said = sent(town, "console_discrepancy_close", who="qian", reason="", **form).content.decode()
    assert "没有写明原因" in said
    said = sent(town, "console_discrepancy_close", who="qian", reason="渠道已退款", **form).content.decode()
    assert "差异已关闭" in said
    row = DiscrepancyRow.objects.get()
    assert (row.closed_by, row.closed_at is not None) == ("qian", True)
    assert AuditRow.objects.get(action="close_discrepancy").reason == "渠道已退款"
    sent(town, "console_discrepancy_close", who="qian", reason="again", **form)
    assert AuditRow.objects.filter(action="close_discrepancy").count() == 1
    assert sent(town, "console_discrepancy_close", who="sun", reason="x", **form).status_code == 403


def test_the_trial_balance_is_zero_and_names_accounts(town: Town):
    town.refunded(town.approved(100_00), 30_00)
    town.voided(town.approved(50_00))
    page = seen(town, "console_ledger", who="qian")
    for said in ("借贷相等，差额为零", "应付商户 小林茶铺", "应收渠道 银联", "手续费收入", "差额 ¥0.00"):
        assert said in page
    rows = seen(town, "console_ledger_csv", who="qian").splitlines()
    assert rows[0] == "科目,名称,类别,币种,借,贷,余额"
    assert any(row.startswith("income:fees,手续费收入,收入,CNY") for row in rows)


def test_books_that_do_not_balance_are_told_loudly(town: Town):
    town.approved()
    LegRow.objects.create(
        merchant_id=TEA, payment_id="x", entry_kind="adjustment", leg_number=1, business_on=date(2026, 3, 14),
        account="expense:odd", account_kind="expense", side="D", currency="CNY", amount_minor=7, posted_at=timezone.now(),
    )  # fmt: skip
    page = seen(town, "console_ledger", who="qian")
    assert "借贷不等" in page
    assert "expense:odd" in page
    assert "差额 ¥0.07" in page


def test_an_empty_ledger(town: Town):
    assert "还没有记账" in seen(town, "console_ledger", who="qian")
    assert town.browser("qian").get(reverse("console_account", args=["payable:0"])).status_code == 404


def test_an_accounts_lines_are_paged_and_exported(town: Town):
    for _ in range(51):
        town.approved()
    first = seen(town, "console_account", PAYABLE, who="qian")
    assert 'rel="next"' in first
    assert "2 页" not in first
    assert 'rel="prev"' in seen(town, "console_account", PAYABLE, who="qian", query="?page=2")
    rows = seen(town, "console_account_csv", PAYABLE, who="qian").splitlines()
    assert len(rows) == 1 + 2 * 51
    assert rows[0].startswith("时间,营业日,分录")


def test_the_audit_trail_is_read_found_and_checked(town: Town):
    for number in range(52):
        append(AuditEntry("he", "risk", "switch_terminal", reason=f"because {number}"), at=timezone.now())
    append(AuditEntry("", "", "new_action"), at=timezone.now())
    page = seen(town, "console_audit")
    assert "because 51" in page
    assert "new_action" in page
    older = seen(town, "console_audit", query="?before=4")
    assert "because 2" in older
    assert "because 51" not in older
    assert "new_action" not in seen(town, "console_audit", query="?actor=he")
    assert "没有记录" in seen(town, "console_audit", query="?actor=nobody")
    assert "because 51" in seen(town, "console_audit", query="?before=x")
    assert "链是完整的" in seen(town, "console_audit", query="?verify=1")


def test_a_broken_chain_is_named(town: Town):
    append(AuditEntry("he", "risk", "switch_terminal"), at=timezone.now())
    forged = AuditRow.objects.get()
    forged.seq, forged.actor = 2, "somebody else"
    forged.save(force_insert=True)
    assert "链断在第 2 行" in seen(town, "console_audit", query="?verify=1")


def test_pages_ask_the_database_only_a_few_times(town: Town, django_assert_max_num_queries):
    for _ in range(10):
        town.stuck(at=timezone.now() - timedelta(minutes=5))
        town.approved(merchant_id=NOODLES)
    browser = town.browser("gao")
    for name, args in WHO_SEES:
        with django_assert_max_num_queries(9):
            text_of(browser.get(reverse(name, args=args)))


def test_a_terminal_is_asked_for_something_with_a_reason_and_what_came_of_it_is_shown(town: Town):
    page = text_of(sent(town, "console_terminal_ask", "10000001", who="sun", ask="sign_in", reason="钥匙换了"))
    assert "指令已下达，终端下一次联系主机时收到" in page
    assert "等终端完成" in page
    assert "钥匙换了" in page
    assert "没有写明原因" in text_of(
        sent(town, "console_terminal_ask", "10000001", who="sun", ask="status", reason=" ")
    )
    page = text_of(
        sent(town, "console_terminal_ask", "10000001", who="he", ask="sign_in", reason="不用了", withdraw="yes")
    )
    assert "指令已撤回" in page
    assert "等终端完成" not in page
    rows = AuditRow.objects.filter(action__in=("ask_terminal", "withdraw_ask")).order_by("seq")
    assert [(row.actor, row.action, row.reason) for row in rows] == [
        ("sun", "ask_terminal", "钥匙换了"),
        ("he", "withdraw_ask", "不用了"),
    ]


def test_nonsense_is_not_asked_of_a_terminal_and_a_stranger_sees_no_form(town: Town):
    address = reverse("console_terminal_ask", args=("10000001",))
    assert town.browser("sun").post(address, {"ask": "explode", "reason": "x"}).status_code == 404
    assert 'name="ask"' not in seen(town, "console_terminal", "10000001", who="qian")
    assert 'name="ask"' in seen(town, "console_terminal", "10000001", who="sun")


def test_what_a_terminal_told_of_itself_is_shown(town: Town):
    assert "终端还没有上送过状态" in seen(town, "console_terminal", "10000001")
    TerminalStatusRow.objects.create(
        terminal_id="10000001", told_at=timezone.now(), header="603210320001", content="battery 80"
    )
    page = seen(town, "console_terminal", "10000001")
    assert "603210320001" in page
    assert "battery 80" in page
