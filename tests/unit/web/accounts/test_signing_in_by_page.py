"""Signing in: two steps, lock-out, words for every way it can fail, rows in the audit trail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from unit.web.accounts.conftest import PASSWORD, SECRET
from xiaopos.merchants.totp import code_at, step_at
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.people.models import User
from xiaopos.web.accounts.sealing import Unsealable, open_second_factor, seal_second_factor
from xiaopos.web.context import SIZE_COOKIE

pytestmark = pytest.mark.django_db


def sign_in(browser, username, password=PASSWORD, **more):
    return browser.post("/sign-in/", {"username": username, "password": password, **more})


def code_now(offset=0):
    return code_at(SECRET, step_at(timezone.now()) + offset)


def actions():
    return list(AuditRow.objects.order_by("seq").values_list("action", flat=True))


def test_a_cashier_without_a_second_factor_starts_at_the_till(browser):
    answer = sign_in(browser, "zhou")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cashier/")
    assert actions() == ["sign_in"]
    assert browser.get("/").headers["Location"] == "/cashier/"
    assert browser.get("/sign-in/").headers["Location"] == "/cashier/"


@pytest.mark.parametrize(("username", "start"), [("lin", "/portal/"), ("gao", "/console/")])
def test_others_need_their_code(browser, username, start):
    answer = sign_in(browser, username)
    assert answer.headers["Location"] == "/sign-in/code/"
    assert browser.get("/").headers["Location"] == "/sign-in/", "the password alone signs nobody in"
    done = browser.post("/sign-in/code/", {"code": code_now()})
    assert (done.status_code, done.headers["Location"]) == (302, start)


def test_a_code_works_once(browser, people):
    sign_in(browser, "gao")
    code = code_now()
    assert browser.post("/sign-in/code/", {"code": code}).status_code == 302
    browser.post("/sign-out/")
    sign_in(browser, "gao")
    assert browser.post("/sign-in/code/", {"code": code}).status_code == 422


def test_the_demos_own_people_are_shown_their_code_and_nobody_else(browser):
    sign_in(browser, "lin")
    assert code_now() in browser.get("/sign-in/code/").content.decode()
    sign_in(browser, "gao")
    assert code_now() not in browser.get("/sign-in/code/").content.decode()


@pytest.mark.parametrize("username", ["lin", "nobody", "n" * 60, "\0lin\0x"])
def test_a_wrong_password_and_a_wrong_name_look_alike(browser, username):
    answer = sign_in(browser, username, "wrong")
    assert answer.status_code == 422
    assert "用户名或密码不对" in answer.content.decode()
    assert actions() == ["sign_in_failed"]


def test_five_wrong_passwords_lock_the_person_out_and_say_until_when(browser):
    for _ in range(4):
        assert sign_in(browser, "lin", "wrong").status_code == 422
    locked = sign_in(browser, "lin", "wrong")
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) <= 15 * 60
    assert sign_in(browser, "lin").status_code == 429, "now the right password is refused unseen as well"
    assert "sign_in_locked" in actions()


def test_the_pause_is_told_in_english_too(browser):
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    said = [sign_in(browser, "lin", "wrong") for _ in range(5)][-1].content.decode()
    assert "Minutes left: about 15. If it was not you" in said
    assert not re.search("[\u4e00-\u9fff]", said.replace("中文", "")), "nothing stays Chinese"


def test_a_name_written_differently_is_counted_as_the_same_person(browser):
    spellings = ["lin", " lin", "lin ", "\0lin", "l\0in"]
    assert [sign_in(browser, name, "wrong").status_code for name in spellings] == [422, 422, 422, 422, 429]


def test_one_address_may_not_try_everybody(browser):
    answers = [sign_in(browser, f"guess{number}", "wrong").status_code for number in range(21)]
    assert answers == [422] * 19 + [429] * 2
    assert sign_in(browser, "zhou").status_code == 429
    elsewhere = browser.post("/sign-in/", {"username": "zhou", "password": PASSWORD}, REMOTE_ADDR="10.9.8.7")
    assert elsewhere.status_code == 302, "another address is not held up"


def test_the_pause_ends(browser, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    for _ in range(5):
        sign_in(browser, "zhou", "wrong")
    time_machine.shift(timedelta(minutes=15))
    assert sign_in(browser, "zhou").status_code == 302


def test_wrong_codes_lock_too_and_forget_the_password_step(browser):
    sign_in(browser, "gao")
    answers = [browser.post("/sign-in/code/", {"code": "000000"}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    assert browser.get("/sign-in/code/").headers["Location"] == "/sign-in/?expired"


def test_the_first_step_is_forgotten_after_five_minutes(browser, time_machine):
    time_machine.move_to(timezone.now())
    sign_in(browser, "gao")
    time_machine.shift(timedelta(minutes=5, seconds=1))
    answer = browser.get("/sign-in/code/")
    assert answer.headers["Location"] == "/sign-in/?expired"
    assert "登录已过期" in browser.get("/sign-in/?expired").content.decode()


def test_a_role_that_needs_a_second_factor_does_not_get_in_without(browser, people):
    User.objects.filter(username="gao").update(second_factor="")
    answer = sign_in(browser, "gao")
    assert answer.status_code == 403
    assert browser.get("/").headers["Location"] == "/sign-in/"


def test_a_second_factor_sealed_for_another_is_no_second_factor(browser, people):
    User.objects.filter(username="gao").update(second_factor=seal_second_factor(SECRET, "lin"), is_demo=True)
    sign_in(browser, "gao")
    assert browser.get("/sign-in/code/").status_code == 200
    assert browser.post("/sign-in/code/", {"code": code_now()}).status_code == 422
    assert "second_factor_unreadable" in actions()


@pytest.mark.parametrize("sealed", ["", "!!", "AAAA"])
def test_what_cannot_be_opened_says_so(sealed):
    with pytest.raises(Unsealable):
        open_second_factor(sealed, "gao")


def test_a_switched_off_account_does_not_get_in(browser, people):
    User.objects.filter(username="zhou").update(active=False)
    assert sign_in(browser, "zhou").status_code == 422


@pytest.mark.parametrize(
    ("wanted", "led_to"), [("/cashier/today", "/cashier/today"), ("https://elsewhere/", "/cashier/")]
)
def test_only_our_own_addresses_are_gone_on_to(browser, wanted, led_to):
    assert sign_in(browser, "zhou", next=wanted).headers["Location"] == led_to


def test_the_wanted_page_survives_the_second_step(browser):
    answer = sign_in(browser, "gao", next="/console/audit")
    assert answer.headers["Location"] == "/sign-in/code/?next=%2Fconsole%2Faudit"
    done = browser.post("/sign-in/code/", {"code": code_now(), "next": "/console/audit"})
    assert done.headers["Location"] == "/console/audit"


def test_signing_out_forgets_the_person(browser):
    sign_in(browser, "zhou")
    assert browser.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert browser.get("/").headers["Location"] == "/sign-in/"
    assert actions() == ["sign_in", "sign_out"]
    browser.post("/sign-out/")
    assert actions() == ["sign_in", "sign_out"], "nobody was signed in"


def test_the_language_is_kept_in_a_cookie_and_with_the_person(browser, people):
    sign_in(browser, "zhou")
    answer = browser.post("/language/", {"language": "en", "next": "/cashier/"})
    assert answer.headers["Location"] == "/cashier/"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert User.objects.get(username="zhou").language == "en"
    browser.post("/sign-out/")
    assert sign_in(browser, "zhou").cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_a_language_that_nobody_speaks_is_not_kept(browser):
    answer = browser.post("/language/", {"language": "tlh"})
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


def test_the_size_of_the_text_is_kept_in_a_cookie_of_the_device(browser, people):
    sign_in(browser, "zhou")
    answer = browser.post("/size/", {"size": "large", "next": "/cashier/"})
    assert answer.headers["Location"] == "/cashier/"
    kept = answer.cookies[SIZE_COOKIE]
    assert (kept.value, kept["httponly"], kept["samesite"]) == ("large", True, "Lax")
    browser.post("/sign-out/")
    assert 'class="terminal senior"' in browser.get("/sign-in/").content.decode()
    assert browser.post("/size/", {"size": "normal"}).headers["Location"] == "/"
    assert 'class="terminal"' in browser.get("/sign-in/").content.decode()


def test_a_size_that_there_is_not_and_a_foreign_address_are_not_taken(browser):
    answer = browser.post("/size/", {"size": "huge", "next": "https://elsewhere.example/"})
    assert SIZE_COOKIE not in answer.cookies
    assert answer.headers["Location"] == "/"
    assert browser.get("/size/").status_code == 405


def test_a_form_without_our_token_is_refused_in_words(people):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/sign-in/", {"username": "zhou", "password": PASSWORD})
    assert answer.status_code == 403
    assert "页面已失效" in answer.content.decode()
