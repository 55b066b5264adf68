"""The help centre: anybody reads it, in both languages, and every refusal leads to its article."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from xiaopos.kernel.refusal import REASONS, Reason, Refused
from xiaopos.web.pages.cashier.telling import told_refusal
from xiaopos.web.pages.help.reading import NAMES, article, articles

pytestmark = pytest.mark.django_db


def read(address: str, language: str = "zh-hans") -> str:
    """A page as nobody in particular sees it."""
    browser = Client()
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(("language", "short"), [("zh-hans", "zh"), ("en", "en")])
def test_every_article_is_listed_and_shown_whole(language: str, short: str) -> None:
    listed = read(reverse("help"), language)
    for name in NAMES:
        assert reverse("help_article", args=[name]) in listed
        page = read(reverse("help_article", args=[name]), language)
        known = article(name, short)
        assert known.title in page
        assert known.steps
        for line in (*known.said, *known.steps):
            assert line.replace("'", "&#x27;").replace('"', "&quot;") in page


def test_what_happened_finds_its_article() -> None:
    assert [one.name for one in articles("zh", "系统繁忙")] == ["busy"]
    assert {one.name for one in articles("en", "NOT charge again")} <= set(NAMES)
    assert articles("zh") == articles("zh", "  ")
    page = read(reverse("help") + "?q=系统繁忙")
    assert reverse("help_article", args=["busy"]) in page
    assert reverse("help_article", args=["roles"]) not in page
    nothing = read(reverse("help") + "?q=<script>")
    assert "没有找到" in nothing
    assert "<script>" not in nothing


def test_there_is_no_article_of_another_name() -> None:
    assert Client().get("/help/no-such-thing/").status_code == 404
    assert Client().get("/help/..%2Fbusy/").status_code == 404


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_at_the_counter_leads_to_its_article(reason: Reason) -> None:
    told = told_refusal(Refused(reason))
    assert told["help"] == reverse("help_article", args=[REASONS[reason].article])
    assert told["title"] in read(told["help"])
