"""Which POS suits: the models, advice from eight answers in the address, the rules that two people change and try."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from support.desk_town import Town
from unit.web.apply.conftest import Applicant
from xiaopos.fleet.advice import Line, Mobility, NeedsFault, Place, Printing, Tongue, Way
from xiaopos.fleet.advice_rules import HOUSE_RULES, Point
from xiaopos.fleet.catalogue import CATALOGUE, Capability
from xiaopos.store.advice.models import AdviceRulesRow
from xiaopos.store.applications.models import ApplicationRow
from xiaopos.usecases.adjust_advice import AdviceFault
from xiaopos.web import advice_words

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u3400-\u9fff]+")
NEEDS = {
    "turnover": "3000000",
    "ways": ["payer_codes", "shop_codes"],
    "place": "counter",
    "mobility": "fixed",
    "lines": ["wifi", "mobile"],
    "printing": "none",
    "tongue": "zh",
    "budget": "60000",
}


def asks(language: str = "zh-hans", **changed: Any) -> tuple[int, str]:
    browser = Client()
    browser.cookies["xiaopos_language"] = language
    answer = browser.get(reverse("apply_advice"), NEEDS | changed)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (advice_words.WAYS, Way),
        (advice_words.PLACES, Place),
        (advice_words.MOBILITY, Mobility),
        (advice_words.LINES, Line),
        (advice_words.PRINTING, Printing),
        (advice_words.TONGUES, Tongue),
        (advice_words.NEEDS_FAULTS, NeedsFault),
        (advice_words.POINTS, Point),
        (advice_words.CAPABILITIES, Capability),
        (advice_words.ADVICE_FAULTS, AdviceFault),
    ],
)
def test_every_word_is_there(words: dict[Any, Any], kinds: Any) -> None:
    assert set(words) == set(kinds)


def test_every_model_is_shown_with_what_it_can_do(client: Client) -> None:
    page = client.get(reverse("apply_models")).content.decode()
    for model in CATALOGUE:
        assert model.key in page
    assert "¥199.00" in page
    assert "不能：" in page


def test_the_form_is_there_before_anybody_has_answered(client: Client) -> None:
    page = client.get(reverse("apply_advice")).content.decode()
    assert page.count("<fieldset") == 8
    assert "答八个问题" in page


def test_what_suits_is_ranked_with_reasons_for_and_against() -> None:
    status, page = asks()
    assert status == 200
    assert page.index("1. ") < page.index("好处")
    assert "在预算 ¥600.00 以内" in page
    assert "申请这一台" in page
    assert "这些不合适，为什么" in page
    assert 'name="budget" value="60000" checked' in page


def test_a_busy_shop_at_a_stall_is_told_otherwise() -> None:
    _, page = asks(
        place="stall",
        turnover="50000000",
        budget="300000",
        printing="needed",
        unsteady="yes",
        ways=["cards", "payer_codes"],
    )
    assert "有电池，不用插着电" in page
    assert "能打印小票" in page


def test_where_nothing_fits_it_says_what_would_have_to_give() -> None:
    status, page = asks(
        budget="30000", ways=["cards", "contactless", "payer_codes"], printing="needed", mobility="on_the_road"
    )
    assert status == 200
    assert "没有完全合适的机器" in page
    assert "超过预算" in page


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ways": []}, "ways"),
        ({"ways": ["barter"]}, "ways"),
        ({"lines": []}, "lines"),
        ({"budget": "0"}, "budget"),
        ({"budget": "much"}, "budget"),
        ({"budget": "9" * 20}, "budget"),
        ({"turnover": "-1"}, "turnover"),
        ({"turnover": ""}, "turnover"),
    ],
)
def test_what_is_missing_is_named(changed: dict[str, Any], field: str) -> None:
    status, page = asks(**changed)
    assert status == 422
    assert str(advice_words.NEEDS_FAULTS[NeedsFault(field)]) in page
    assert f'href="#{field}"' in page


def test_a_choice_that_there_is_none_of_is_taken_as_the_usual_and_no_script_comes_back() -> None:
    attack = "<script>alert(1)</script>"
    status, page = asks(place=attack, mobility=attack, printing=attack, tongue=attack, turnover="3000000")
    assert status == 200
    assert attack not in page


def test_the_pages_speak_english() -> None:
    _, page = asks("en", turnover="50000000", printing="wished", place="tables", mobility="in_shop", budget="300000")
    assert not set(CHINESE.findall(page)) - {"中文"}
    browser = Client()
    browser.cookies["xiaopos_language"] = "en"
    assert not set(CHINESE.findall(browser.get(reverse("apply_models")).content.decode())) - {"中文"}


@pytest.mark.usefixtures("keys")
def test_a_chosen_model_goes_with_the_application() -> None:
    lin = Applicant()
    page = lin.browser.get(reverse("apply_start"), {"model": "XP-Q1"}).content.decode()
    assert 'name="model" value="XP-Q1"' in page
    lin.begins(model="XP-Q1")
    assert lin.row.wished_model == "XP-Q1"
    lin.begins(model="<b>")
    assert ApplicationRow.objects.order_by("-opened_at")[0].wished_model == ""
    assert "<b>x" not in lin.browser.get(reverse("apply_start"), {"model": "<b>x"}).content.decode()


# -- the console -----------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(db: None) -> Town:
    town = Town()
    town.build()
    return town


def form(**changed: str) -> dict[str, str]:
    """The house's own rules as the page sends them, from tomorrow on."""
    sent = {f"weight_{point.value}": str(rule.weight) for point, rule in HOUSE_RULES.rules.items()}
    sent |= {f"must_{point.value}": "yes" for point, rule in HOUSE_RULES.rules.items() if rule.must}
    begins = timezone.localdate() + timedelta(days=1)
    return sent | {"busy": "100000", "days": "365", "from": begins.isoformat(), "reason": "more printers"} | changed


def enters(desk: Town, who: str = "he", **changed: str) -> str:
    answer = desk.browser(who).post(reverse("console_advice_enter"), form(**changed), follow=True)
    return str(answer.content.decode())


def answers(desk: Town, who: str, what: str = "approve", reason: str = "read it", **form: str) -> str:
    begins = (timezone.localdate() + timedelta(days=1)).isoformat()
    sent = {"from": begins, "answer": what, "reason": reason} | form
    return str(desk.browser(who).post(reverse("console_advice_answer"), sent, follow=True).content.decode())


def test_rules_are_entered_by_one_and_approved_by_another(desk: Town) -> None:
    assert "等另一个人复核" in enters(desk, weight_printer="90", must_printer="yes")
    page = desk.browser("gao").get(reverse("console_advice")).content.decode()
    assert "会改变的" in page
    assert "90" in page
    assert "要由另一个人来做" in answers(desk, "he")
    assert "请写明原因" in answers(desk, "gao", reason=" ")
    assert "到日子生效" in answers(desk, "gao")
    assert "以前的规则" in desk.browser("gao").get(reverse("console_advice")).content.decode()
    assert AdviceRulesRow.objects.get().approver == "gao"


def test_what_waits_may_be_dropped(desk: Town) -> None:
    enters(desk)
    assert "这一天已有规则" in enters(desk, "gao")
    assert "已撤下" in answers(desk, "he", "drop")
    sent = {"from": "2026-01-01", "answer": "drop", "reason": "x"}
    assert desk.browser("he").post(reverse("console_advice_answer"), sent).status_code == 404


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"reason": " "}, "请写明原因"),
        ({"weight_cards": "101"}, "分值要 0 到 100"),
        ({"weight_cards": "x"}, "分值要 0 到 100"),
        ({"must_cheap": "yes"}, "不行就不推荐"),
        ({"busy": "0"}, "忙店从多少起要大于 0"),
        ({"days": "9999"}, "认证天数要 0 到 3650"),
        ({"from": "2026-01-01"}, "最早从明天起生效"),
        ({"from": "someday"}, "最早从明天起生效"),
        ({f"weight_{point.value}": "0" for point in Point}, "至少要有一项有分"),
    ],
)
def test_what_is_wrong_with_rules_is_named_and_nothing_is_kept(desk: Town, changed: dict[str, str], told: str) -> None:
    answer = desk.browser("he").post(reverse("console_advice_enter"), form(**changed))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not AdviceRulesRow.objects.exists()


def test_rules_are_tried_beside_each_other_with_every_point(desk: Town) -> None:
    enters(desk, weight_printer="100", must_printer="yes")
    browser = desk.browser("he")
    page = browser.get(reverse("console_advice"), NEEDS | {"printing": "wished"}).content.decode()
    assert "现在的规则" in page
    assert "等复核的规则" in page
    assert page.count("怎么算的") == 2 * len(CATALOGUE)
    wrong = browser.get(reverse("console_advice"), NEEDS | {"ways": []}).content.decode()
    assert "请选一项" in wrong
    english = desk.browser("he", "en").get(reverse("console_advice"), NEEDS).content.decode()
    assert not set(CHINESE.findall(english)) - {"中文"}
