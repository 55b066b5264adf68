"""Pages that cannot be shown say so in words; monitors get their answers; roles see only what they may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from support import agent_town
from unit.web.accounts.conftest import person
from xiaopos.deployment import Mode
from xiaopos.kernel.secret import Secret
from xiaopos.web import asking, errors
from xiaopos.web.health import views as health

pytestmark = pytest.mark.django_db

SHOP = frozenset({"cashier", "manager", "owner"})
MANAGERS = frozenset({"manager", "owner"})
CONSOLE = frozenset({"support", "risk", "finance", "administrator"})
LEDGER = frozenset({"finance", "administrator"})
KEYS_SEEN = frozenset({"risk", "finance", "administrator"})
KEYS_CHANGED = frozenset({"risk", "administrator"})
STOCK_KEPT = frozenset({"support", "administrator"})
AGENTS_KEPT = frozenset({"risk", "administrator"})
ROLES = ("cashier", "manager", "owner", "support", "risk", "finance", "administrator", "agent", "promoter")
SOME_ID = "0198f000000070008000000000000001"

PAGES = {
    "agent_badge": frozenset({"promoter"}),
    "agent_badge_renew": frozenset({"promoter"}),
    "agent_badge_answer": frozenset({"promoter"}),
    "console_agents": AGENTS_KEPT,
    "console_agent": AGENTS_KEPT,
    "console_agent_move": AGENTS_KEPT,
    "console_agent_filing": AGENTS_KEPT,
    "console_agent_invite": frozenset({"administrator"}),
    "console_promoter_enter": AGENTS_KEPT,
    "console_promoter_move": AGENTS_KEPT,
    "console_badge": AGENTS_KEPT,
    "console_badge_report": AGENTS_KEPT,
    "console_badge_reports": AGENTS_KEPT,
    "agent_home": frozenset({"agent", "promoter"}),
    "cashier": SHOP,
    "cashier_camera": SHOP,
    "cashier_terminal": SHOP,
    "cashier_take": SHOP,
    "cashier_state": SHOP,
    "cashier_cancel": SHOP,
    "cashier_voucher": SHOP,
    "cashier_today": SHOP,
    "cashier_payment": SHOP,
    "cashier_undo": SHOP,
    "cashier_receipt": SHOP,
    "cashier_close": SHOP,
    "cashier_code": SHOP,
    "cashier_code_shown": SHOP,
    "cashier_code_state": SHOP,
    "portal_today": MANAGERS,
    "portal_payments": MANAGERS,
    "portal_payments_csv": MANAGERS,
    "portal_payment": MANAGERS,
    "portal_receipt": MANAGERS,
    "portal_receipt_pdf": MANAGERS,
    "portal_receipt_send": MANAGERS,
    "portal_terminals": MANAGERS,
    "portal_codes": MANAGERS,
    "portal_code": MANAGERS,
    "portal_code_poster": MANAGERS,
    "portal_code_make": frozenset({"owner"}),
    "portal_code_order": frozenset({"owner"}),
    "portal_code_lock": frozenset({"owner"}),
    "portal_code_rotate": frozenset({"owner"}),
    "portal_code_retire": frozenset({"owner"}),
    "portal_api_keys": frozenset({"owner"}),
    "portal_api_key_make": frozenset({"owner"}),
    "portal_api_key_revoke": frozenset({"owner"}),
    "portal_speakers": frozenset({"owner"}),
    "portal_speaker_pair": frozenset({"owner"}),
    "portal_speaker_remove": frozenset({"owner"}),
    "portal_webhooks": frozenset({"owner"}),
    "portal_webhook_add": frozenset({"owner"}),
    "portal_webhook": frozenset({"owner"}),
    "portal_webhook_edit": frozenset({"owner"}),
    "portal_webhook_move": frozenset({"owner"}),
    "portal_webhook_renew": frozenset({"owner"}),
    "portal_webhook_test": frozenset({"owner"}),
    "portal_webhook_delivery": frozenset({"owner"}),
    "portal_webhook_again": frozenset({"owner"}),
    "portal_wallets": frozenset({"owner"}),
    "portal_wallet_enter": frozenset({"owner"}),
    "portal_wallet_pair": frozenset({"owner"}),
    "portal_wallet_contract": frozenset({"owner"}),
    "portal_wallet_probe": frozenset({"owner"}),
    "portal_wallet_tried": frozenset({"owner"}),
    "portal_wallet_pay": frozenset({"owner"}),
    "portal_wallet_back": frozenset({"owner"}),
    "portal_wallet_change": frozenset({"owner"}),
    "portal_staff": MANAGERS,
    "console_overview": CONSOLE,
    "console_numbers": CONSOLE,
    "console_live": CONSOLE,
    "console_networks": CONSOLE,
    "console_network_switch": frozenset({"risk", "administrator"}),
    "console_live_now": CONSOLE,
    "console_merchants": CONSOLE,
    "console_merchant": CONSOLE,
    "console_stock": STOCK_KEPT,
    "console_stock_receive": STOCK_KEPT,
    "console_device": STOCK_KEPT,
    "console_device_move": STOCK_KEPT,
    "console_orders": STOCK_KEPT,
    "console_order_enter": STOCK_KEPT,
    "console_order": STOCK_KEPT,
    "console_order_move": STOCK_KEPT,
    "console_order_pack": STOCK_KEPT,
    "console_order_send": STOCK_KEPT,
    "console_parcel_news": STOCK_KEPT,
    "console_binding_ask": STOCK_KEPT,
    "console_binding_answer": AGENTS_KEPT,
    "console_binding_suspend": AGENTS_KEPT,
    "console_binding_report": AGENTS_KEPT,
    "console_papers": AGENTS_KEPT,
    "console_bindings": CONSOLE,
    "console_binding": CONSOLE,
    "portal_activate": MANAGERS,
    "portal_learn": MANAGERS,
    "portal_activate_now": MANAGERS,
    "portal_prove": MANAGERS,
    "console_data": AGENTS_KEPT,
    "console_data_copy": AGENTS_KEPT,
    "console_merchant_end": frozenset({"administrator"}),
    "console_advice": AGENTS_KEPT,
    "console_advice_enter": AGENTS_KEPT,
    "console_advice_answer": AGENTS_KEPT,
    "console_screening": AGENTS_KEPT,
    "console_screening_import": AGENTS_KEPT,
    "console_screening_end": AGENTS_KEPT,
    "console_screening_look": AGENTS_KEPT,
    "console_applications": frozenset({"risk", "administrator"}),
    "console_application": frozenset({"risk", "administrator"}),
    "console_application_look": frozenset({"risk", "administrator"}),
    "console_application_move": frozenset({"risk", "administrator"}),
    "console_application_return": frozenset({"risk", "administrator"}),
    "console_terms_enter": frozenset({"finance", "administrator"}),
    "console_terms_answer": frozenset({"finance", "administrator"}),
    "console_terminals": CONSOLE,
    "console_terminal": CONSOLE,
    "console_terminal_register": frozenset({"risk", "administrator"}),
    "console_terminal_profile": frozenset({"risk", "administrator"}),
    "console_terminal_ask": frozenset({"support", "risk", "administrator"}),
    "console_terminal_switch": frozenset({"risk", "administrator"}),
    "console_payments": CONSOLE,
    "console_payment": CONSOLE,
    "console_unresolved": CONSOLE,
    "console_discrepancy_close": LEDGER,
    "console_ledger": LEDGER,
    "console_ledger_csv": LEDGER,
    "console_account": LEDGER,
    "console_account_csv": LEDGER,
    "console_audit": frozenset({"administrator"}),
    "console_lists": CONSOLE,
    "console_list_enter": frozenset({"risk", "administrator"}),
    "console_list_answer": frozenset({"risk", "administrator"}),
    "console_signature": frozenset({"risk", "finance", "administrator"}),
    "console_people": frozenset({"administrator"}),
    "console_person_invite": frozenset({"administrator"}),
    "console_person_renew": frozenset({"administrator"}),
    "console_person_switch": frozenset({"administrator"}),
    "portal_staff_invite": frozenset({"owner"}),
    "portal_staff_renew": frozenset({"owner"}),
    "portal_staff_switch": frozenset({"owner"}),
    "console_reading": frozenset({"support", "risk", "administrator"}),
    "console_keys": KEYS_SEEN,
    "console_key": KEYS_SEEN,
    "console_key_plan": KEYS_CHANGED,
    "console_key_ask": KEYS_CHANGED,
    "console_key_answer": KEYS_CHANGED,
}
"""Every page behind a permission, and the roles that may see it."""

ARGUMENTS = {
    "payment_id": SOME_ID,
    "application_id": SOME_ID,
    "merchant_id": "898110058120009",
    "terminal_id": "99999999",
    "network": "elsewhere",
    "account": "no_such_account",
    "batch_number": 1,
    "stan": 1,
    "key_id": SOME_ID,
    "verb": "void",
    "username": "nobody.here",
    "kind": "none",
    "wallet": "cash",
    "contract_id": SOME_ID,
    "endpoint_id": SOME_ID,
    "speaker_id": SOME_ID,
    "agent_id": SOME_ID,
    "promoter_id": SOME_ID,
    "badge_id": SOME_ID,
    "report_id": SOME_ID,
    "order_id": SOME_ID,
    "parcel_id": SOME_ID,
    "serial": "XP-NOBODY",
    "prefix": "xp_0123456789",
    "number": 1,
    "token": "0" * 26,
    "size": "a4",
}


def address(name):
    """The page's address, about things that do not exist where it is about a thing."""
    asked = get_resolver().reverse_dict.getlist(name)[0][0][0][1]
    return reverse(name, kwargs={argument: ARGUMENTS[argument] for argument in asked})


def test_the_table_names_every_page():
    areas = ("agent", "cashier", "portal", "console")
    assert {name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith(areas)} == set(
        PAGES
    )


@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_sees_not(role):
    town = agent_town.build()
    browser = Client(raise_request_exception=False)  # no house is open here: what asks it fails, but is not forbidden
    placed = {"agent_id": town.agent_id if role in ("agent", "promoter") else ""}
    placed |= {"promoter_id": town.promoter_id if role == "promoter" else ""}
    browser.force_login(person("somebody", role, "898110058120001" if role in SHOP else "", **placed))
    for name, allowed in PAGES.items():
        got = browser.get(address(name)).status_code
        if role in allowed:
            assert got != 403, f"{role} at {name}"
        else:
            told = {got, browser.post(address(name)).status_code}
            assert 403 in told, f"{role} at {name}: {told}"
            assert told <= {403, 405}, f"{role} at {name}: {told}"


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_asked_to_sign_in(name):
    answers = [Client().get(address(name)), Client().post(address(name))]
    led_to = {answer.headers["Location"].partition("?")[0] for answer in answers if answer.status_code != 405}
    assert led_to == {"/sign-in/"}


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [
        (errors.bad_request, 400, "请求看不懂"),
        (errors.not_allowed, 403, "无权查看"),
        (errors.not_found, 404, "找不到这一页"),
        (errors.form_forged, 403, "页面已失效"),
    ],
)
def test_every_failure_has_words(view, status, words):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    request.resolver_match = None
    request.session = SessionStore()
    answer = view(request)
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_fault_is_told_without_asking_anything():
    answer = errors.fault(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "出了故障" in answer.content.decode()


def test_monitors_are_answered(monkeypatch):
    browser = Client()
    assert browser.get("/healthz").content == b"ok\n"
    assert b"# HELP" in browser.get("/metrics").content
    monkeypatch.setattr(asking, "_players", [])
    assert browser.get("/readyz").status_code in (200, 503)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("token", ["", "a-token-of-monitors"])
@pytest.mark.parametrize("shown", ["", "Bearer a-token-of-monitors", "Bearer another-of-somebody", "Bearer é"])
def test_only_the_monitor_reads_how_much_is_paid_here(settings, mode, token, shown):
    given = Secret(token.encode()) if token else None
    settings.DEPLOYMENT = replace(settings.DEPLOYMENT, mode=mode, metrics_token=given)
    answer = Client().get("/metrics", headers={"Authorization": shown} if shown else {})
    allowed = shown == f"Bearer {token}" if token else mode is Mode.DEMO
    assert answer.status_code == (200 if allowed else 401)
    assert (b"# HELP" in answer.content) == allowed
    assert allowed or b"XIAOPOS_METRICS_TOKEN" in answer.content


def test_a_lost_database_is_not_ready(monkeypatch):
    def lost(*_):
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "MigrationExecutor", lost)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"the database cannot be reached\n")


def test_missing_migrations_are_not_ready():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'store_keys'")
        missing = cursor.rowcount
    answer = Client().get("/readyz")
    assert missing >= 1
    assert (answer.status_code, answer.content) == (503, b"%d migrations are not applied\n" % missing)


@pytest.mark.parametrize("headers", [{"content_type": "application/json"}, {"HTTP_ACCEPT": "application/json"}])
def test_a_script_hears_that_the_session_is_over(headers):
    answer = Client().post(reverse("cashier_take"), data="{}", **({"content_type": "text/plain"} | headers))
    assert answer.status_code == 401
    assert answer.json()["reason"] == "session_expired"
    assert answer.json()["next"]


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in_and_back():
    asked = {"HX-Request": "true", "HX-Current-URL": "http://testserver/console/audit"}
    answer = Client().get(reverse("console_overview"), headers=asked)
    assert answer.headers["HX-Redirect"] == "/sign-in/?next=%2Fconsole%2Faudit"


def test_a_session_that_has_ended_is_said_to_have():
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "gone"
    assert browser.get(reverse("cashier")).headers["Location"] == "/sign-in/?expired&next=%2Fcashier%2F"
    assert "登录已过期" in browser.get("/sign-in/?expired&next=%2Fcashier%2F").content.decode()


def test_a_form_sent_after_the_session_ended_is_not_sent_again():
    assert Client().post(reverse("cashier_take"), {"amount": "1"}).headers["Location"] == "/sign-in/"
