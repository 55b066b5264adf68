"""Being invited and joining: the link is good once, nothing is set before the end, and recovery codes open the door once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from support.desk_town import Town
from unit.web.accounts.conftest import PASSWORD, SECRET, person
from xiaopos import person_command
from xiaopos.merchants.totp import code_at, step_at
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.people import book
from xiaopos.store.people.models import InvitationRow, RecoveryCodeRow, User
from xiaopos.usecases.look_after_people import PersonFault
from xiaopos.web.accounts.joining import LONGEST_PASSWORD, mark_of
from xiaopos.web.accounts.sealing import open_second_factor
from xiaopos.web.people_views import FAULT_WORDS

pytestmark = pytest.mark.django_db

TEA = "898110058120001"
NEW = "oolong, roasted twice"
LINK = re.compile(r"http://testserver(/join/[\w-]+/)")


@pytest.fixture(autouse=True)
def town(db):
    Town().build()


def signed_in(who):
    browser = Client()
    browser.force_login(who)
    return browser


def invited(browser, where="/portal/staff/invite/", **changed):
    form = {"username": "tao", "name_zh": "陶", "name_en": "Tao", "role": "cashier", "reason": "新来的", **changed}
    return browser.post(where, form, follow=True)


def link_in(answer):
    found = LINK.search(answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


def owner():
    return person("lin.owner", "owner", TEA)


def test_an_owner_invites_a_cashier_who_joins_with_a_password_alone():
    answer = invited(signed_in(owner()))
    assert answer.headers["Cache-Control"] == "no-store"
    link = link_in(answer)
    assert not InvitationRow.objects.filter(mark__contains=link.split("/")[2]).exists(), "the secret itself is not kept"
    browser = Client()
    arrived = browser.get(link)
    assert arrived.headers["Location"] == "/join/"
    assert "陶" in browser.get("/join/").content.decode()
    assert browser.post("/join/", {"password": NEW, "again": NEW}).headers["Location"] == "/join/"
    assert User.objects.get(username="tao").password == book.UNUSABLE, "nothing is set before the last step"
    done = browser.post("/join/", {"without": "yes"})
    assert done.headers["Location"] == "/cashier/"
    joined = User.objects.get(username="tao")
    assert check_password(NEW, joined.password)
    assert (joined.merchant_id, joined.second_factor) == (TEA, "")
    assert browser.get(reverse("cashier_today")).status_code == 200
    assert Client().get(link).status_code == 410
    assert Client().post("/sign-in/", {"username": "tao", "password": NEW}).headers["Location"] == "/cashier/"
    told = list(AuditRow.objects.order_by("seq").values_list("action", "actor", "object_id"))
    assert ("invite_person", "lin.owner", "tao") in told
    assert ("join", "tao", "tao") in told


def joins(link, role_start, **more):
    browser = Client()
    browser.get(link)
    browser.post("/join/", {"password": NEW, "again": NEW, **more})
    page = browser.get("/join/").content.decode()
    assert "<svg" in page
    assert 'name="without"' not in page
    sealed = browser.session["joining"]["factor"]
    username = InvitationRow.objects.get(mark=browser.session["joining"]["mark"]).person.username
    secret = open_second_factor(sealed, username)
    wrong = browser.post("/join/", {"code": "000000" if code_at(secret, step_at(timezone.now())) != "000000" else "1"})
    assert wrong.status_code == 422
    done = browser.post("/join/", {"code": code_at(secret, step_at(timezone.now()))})
    assert done.status_code == 200
    assert role_start in done.content.decode()
    return browser, re.findall(r"<code>([a-z2-7]{5}-[a-z2-7]{5})</code>", done.content.decode())


def test_a_manager_joins_with_authenticator_approval_code_and_recovery_codes():
    link = link_in(invited(signed_in(owner()), role="manager"))
    browser, codes = joins(link, "/portal/", approval="246810")
    assert len(set(codes)) == 8
    assert browser.get("/portal/").status_code == 200
    joined = User.objects.get(username="tao")
    assert check_password("246810", joined.approval_code)
    assert not set(codes) & set(RecoveryCodeRow.objects.values_list("mark", flat=True))

    for attempt, code in enumerate((codes[0], codes[0], codes[1].upper().replace("-", " "))):
        again = Client()
        again.post("/sign-in/", {"username": "tao", "password": NEW})
        answer = again.post("/sign-in/code/", {"code": code})
        assert answer.status_code == (422 if attempt == 1 else 302), "a recovery code works once"
    assert AuditRow.objects.filter(action="recovery_code_used", detail__left=6).exists()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"password": "short", "again": "short"}, "10"),
        ({"password": "1234567890123", "again": "1234567890123"}, "数字"),
        ({"password": "password123", "again": "password123"}, "常"),
        ({"password": "tao-tao-tao-tao", "again": "tao-tao-tao"}, "不一样"),
        ({"password": "x" * (LONGEST_PASSWORD + 1), "again": "x" * (LONGEST_PASSWORD + 1)}, "太长"),
        ({"password": NEW, "again": NEW, "approval": "123456"}, "授权码"),
        ({"password": NEW, "again": NEW}, "授权码"),
    ],
)
def test_what_is_too_easy_is_refused_in_words(form, words):
    link = link_in(invited(signed_in(owner()), role="manager"))
    browser = Client()
    browser.get(link)
    answer = browser.post("/join/", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "password" not in browser.session["joining"]


def test_a_link_ends_when_it_is_replaced_when_it_is_old_and_when_the_account_is_switched_off():
    lin = signed_in(owner())
    first = link_in(invited(lin))
    second = link_in(lin.post("/portal/staff/tao/renew/", {"reason": "丢了"}, follow=True))
    assert Client().get(first).status_code == 410
    started = Client()
    assert started.get(second).status_code == 302
    InvitationRow.objects.filter(mark=mark_of(second.split("/")[2])).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert started.get("/join/").status_code == 410
    third = link_in(lin.post("/portal/staff/tao/renew/", {"reason": "又丢了"}, follow=True))
    lin.post("/portal/staff/tao/switch/", {"reason": "走了", "active": "no"})
    assert Client().get(third).status_code == 410
    assert Client().get("/join/").status_code == 410
    assert Client().get("/join/nonsense/").status_code == 410


def test_two_who_use_one_link_at_once_do_not_both_join():
    link = link_in(invited(signed_in(owner())))
    one, other = Client(), Client()
    for browser in (one, other):
        browser.get(link)
        browser.post("/join/", {"password": NEW, "again": NEW})
    assert one.post("/join/", {"without": "yes"}).status_code == 302
    assert other.post("/join/", {"without": "yes"}).status_code == 410


def test_switching_somebody_off_ends_the_pages_that_are_open():
    zhou = person("zhou2", "cashier", TEA, second_factor=False)
    open_page, lin = signed_in(zhou), signed_in(owner())
    assert open_page.get(reverse("cashier_today")).status_code == 200
    said = lin.post("/portal/staff/zhou2/switch/", {"reason": "离职", "active": "no"}, follow=True).content.decode()
    assert "已停用" in said
    assert open_page.get(reverse("cashier_today")).status_code == 302
    lin.post("/portal/staff/zhou2/switch/", {"reason": "回来了", "active": "yes"})
    assert User.objects.get(username="zhou2").active


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"reason": ""}, PersonFault.NO_REASON),
        ({"role": "administrator"}, PersonFault.NOT_YOURS),
        ({"role": "king"}, PersonFault.NOT_YOURS),
        ({"username": "T"}, PersonFault.NAME_WRONG),
        ({"username": "lin.owner"}, PersonFault.NAME_TAKEN),
        ({"name_en": ""}, PersonFault.CALLED_NOTHING),
    ],
)
def test_refusals_are_said_in_words_and_nobody_is_made(changed, fault):
    lin = signed_in(owner())
    before = User.objects.count()
    page = invited(lin, **changed).content.decode()
    assert str(FAULT_WORDS[fault]) in page
    assert User.objects.count() == before
    assert (
        str(FAULT_WORDS[PersonFault.ONESELF])
        in lin.post("/portal/staff/lin.owner/renew/", {"reason": "x"}, follow=True).content.decode()
    )
    assert set(FAULT_WORDS) == set(PersonFault)


def test_an_administrator_invites_an_owner_and_looks_after_the_house():
    gao = signed_in(person("gao.2", "administrator"))
    page = gao.get("/console/people/").content.decode()
    assert "邀请新人" in page
    link = link_in(invited(gao, "/console/people/invite/", role="owner", merchant=TEA))
    _, codes = joins(link, "/portal/", approval="975310")
    assert codes
    assert link_in(gao.post("/console/people/tao/renew/", {"reason": "丢了手机"}, follow=True))
    gao.post("/console/people/tao/switch/", {"reason": "停", "active": "no"})
    assert not User.objects.get(username="tao").active
    unknown = invited(gao, "/console/people/invite/", username="tao2", role="owner", merchant="1").content.decode()
    assert str(FAULT_WORDS[PersonFault.MERCHANT_UNKNOWN]) in unknown


def test_the_first_administrator_is_invited_at_the_server(capsys, monkeypatch, deployment_told):
    words = ["--role", "administrator", "--name-zh", "高", "--name-en", "Gao", "--reason", "第一位"]
    assert person_command.run(["invite", "gao.first", *words]) == 0
    link = capsys.readouterr().out.strip()
    path = link.removeprefix("http://127.0.0.1:8000")
    joins(path, "/console/")
    assert person_command.run(["invite", "gao.first", *words]) == 2
    assert "is taken" in capsys.readouterr().err
    assert person_command.run(["renew", "gao.first", "--reason", "手机丢了"]) == 0
    assert "/join/" in capsys.readouterr().out
    assert person_command.run(["renew", "nobody", "--reason", "x"]) == 2
    assert "nobody has this user name" in capsys.readouterr().err
    assert AuditRow.objects.filter(action="invite_person", actor__endswith="@server").exists()
    assert set(person_command._WHY) == set(PersonFault)


def test_before_the_tables_are_made_it_is_said_at_the_server(capsys, deployment_told):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE invitation RENAME TO invitation_away")
    assert person_command.run(["renew", "gao", "--reason", "手机丢了"]) == 2
    assert "nothing was kept; xiaopos keys prepare makes its tables" in capsys.readouterr().err


@pytest.fixture
def deployment_told(monkeypatch):
    from devtools.settings_for_tests import VARIABLES

    monkeypatch.setattr(person_command, "configure_logging", lambda: None)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


def test_a_second_factor_that_cannot_be_read_leaves_the_recovery_codes():
    lin = person("lin3", "manager", TEA)
    User.objects.filter(pk=lin.pk).update(second_factor="unreadable")
    from xiaopos.web.accounts.sealing import recovery_mark

    RecoveryCodeRow.objects.create(person=lin, mark=recovery_mark("abcde-fghij", "lin3"))
    browser = Client()
    browser.post("/sign-in/", {"username": "lin3", "password": PASSWORD})
    assert browser.post("/sign-in/code/", {"code": code_at(SECRET, step_at(timezone.now()))}).status_code == 422
    assert browser.post("/sign-in/code/", {"code": "ABCDE FGHIJ"}).status_code == 302
