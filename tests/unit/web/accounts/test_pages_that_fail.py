"""Pages that cannot be shown say so in words; monitors get their answers; roles see only what they may."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

from support.desk_town import Town
from unit.web.accounts.conftest import person
from xiaopos.web import asking, errors
from xiaopos.web.health import views as health

pytestmark = pytest.mark.django_db

PAGES = {
    "cashier": {"cashier", "manager", "owner"},
    "cashier_today": {"cashier", "manager", "owner"},
    "portal_today": {"manager", "owner"},
    "portal_payments": {"manager", "owner"},
    "portal_terminals": {"manager", "owner"},
    "portal_staff": {"manager", "owner"},
    "console_overview": {"support", "risk", "finance", "administrator"},
    "console_merchants": {"support", "risk", "finance", "administrator"},
    "console_terminals": {"support", "risk", "finance", "administrator"},
    "console_payments": {"support", "risk", "finance", "administrator"},
    "console_unresolved": {"support", "risk", "finance", "administrator"},
    "console_ledger": {"finance", "administrator"},
    "console_audit": {"administrator"},
}
ROLES = ("cashier", "manager", "owner", "support", "risk", "finance", "administrator")


@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_sees_not(role):
    Town().build()
    at_merchant = role in ("cashier", "manager", "owner")
    browser = Client()
    browser.force_login(person("somebody", role, "898110058120001" if at_merchant else ""))
    for name, allowed in PAGES.items():
        status = browser.get(reverse(name)).status_code
        assert (status != 403) == (role in allowed), f"{role} at {name}: {status}"


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_asked_to_sign_in(name):
    answer = Client().get(reverse(name))
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/sign-in/")


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


def test_a_lost_database_is_not_ready(monkeypatch):
    def lost(*_):
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "MigrationExecutor", lost)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"the database cannot be reached\n")


def test_missing_migrations_are_not_ready():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'store_keys'")
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"1 migrations are not applied\n")


@pytest.mark.parametrize("headers", [{"content_type": "application/json"}, {"HTTP_ACCEPT": "application/json"}])
def test_a_script_hears_that_the_session_is_over(headers):
    answer = Client().post(reverse("cashier_take"), data="{}", **({"content_type": "text/plain"} | headers))
    assert answer.status_code == 401
    assert answer.json()["reason"] == "session_expired"
    assert answer.json()["next"]
