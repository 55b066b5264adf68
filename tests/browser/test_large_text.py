"""The cashier app with large text: one switch, kept on the device; larger, stronger, and fewer things on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from support.shop_floor import Floor, Phone, Till

pytestmark = pytest.mark.slow

HAND, FIVE_INCH = (360, 640), (720, 1280)
LEAST_TEXT_PX, LEAST_TARGET_PX, MOST_CHOICES = 22, 60, 6

SMALL_TEXT = """least => [...document.querySelectorAll("body *")]
  .filter(one => !one.closest("[role=note], .demo-side, script, .unseen, .skip") && one.checkVisibility())
  .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
  .filter(one => parseFloat(getComputedStyle(one).fontSize) < least)
  .map(one => `${one.outerHTML.slice(0, 80)} ${getComputedStyle(one).fontSize}`)"""

CHOICES = """() => [...document.querySelectorAll("button, a[href], summary, input, select")]
  .filter(one => !one.closest(".demo-side, .keys, .skip") && !one.matches("[aria-current], .skip") && one.checkVisibility())
  .map(one => one.textContent.trim() || one.id)"""


def choices(till: Till) -> list[str]:
    return list(till.page.evaluate(CHOICES))


def wrong(till: Till) -> list[str]:
    """What is too small, too wide or too faint."""
    faint = Axe().run(till.page, options={"runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]}})
    return [
        *till.page.evaluate(SMALL_TEXT, LEAST_TEXT_PX),
        *till.too_small(LEAST_TARGET_PX),
        *till.sideways(),
        *till.barriers(),
        *(node["html"][:120] for one in faint.response["violations"] for node in one["nodes"]),
    ]


@pytest.fixture
def large(floor: Floor, request: pytest.FixtureRequest) -> Iterator[Till]:
    """Zhou's counter on a small screen, after the switch was pressed. The pretend terminal beside it is left out."""
    wanted: tuple[tuple[int, int], str, Literal["light", "dark"]]
    wanted = getattr(request, "param", (HAND, "zh-hans", "light"))
    size, language, scheme = wanted
    till = floor.till(size=size, language=language)
    till.page.emulate_media(color_scheme=scheme)
    till.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => document.querySelector('.demo-side')?.remove());"
    )
    till.opens()
    till.page.click("[name=size]")
    expect(till.page.locator("body.senior")).to_be_visible()
    yield till
    till.page.context.close()
    assert till.wrong() == []


def test_the_switch_is_kept_on_the_device_and_turned_back(floor: Floor) -> None:
    till = floor.till(size=HAND)
    till.opens()
    before = len(choices(till))
    till.page.get_by_role("button", name="大字").click()
    assert len(choices(till)) < before
    till.opens("/cashier/today")
    expect(till.page.locator("body.senior")).to_be_visible()
    assert [cookie["value"] for cookie in till.page.context.cookies() if cookie.get("name") == "xiaopos_size"] == [
        "large"
    ]
    till.page.get_by_role("button", name="标准字").click()
    expect(till.page.locator("body.senior")).to_have_count(0)
    expect(till.page).to_have_url(f"{till.demo.told['web']}/cashier/today")
    till.page.context.close()


@pytest.mark.parametrize(
    "large",
    [
        (HAND, "zh-hans", "light"),
        (HAND, "zh-hans", "dark"),
        (HAND, "en", "light"),
        (FIVE_INCH, "zh-hans", "light"),
        (FIVE_INCH, "en", "dark"),
    ],
    indirect=True,
    ids=str,
)
def test_everything_is_large_strong_and_within_the_screen(large: Till, phone: Phone) -> None:
    assert wrong(large) == []
    large.keys(17_01)
    amount = large.page.locator("#amount").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert amount >= 48
    large.means("payer_code")
    assert wrong(large) == []
    large.wedge(phone.code())
    large.result("approved")
    assert wrong(large) == []
    detail = str(large.page.get_attribute("#detail", "href"))
    receipt = str(large.page.get_attribute("#receipt", "href"))
    for path in ("/cashier/today", "/cashier/close", detail):
        large.opens(path)
        assert wrong(large) == [], path
    large.opens(receipt)
    assert large.sideways() == []


@pytest.mark.parametrize("large", [(HAND, "zh-hans", "light"), (FIVE_INCH, "zh-hans", "light")], indirect=True, ids=str)
def test_there_are_at_most_six_choices_and_taking_money_needs_no_scrolling(large: Till, phone: Phone) -> None:
    assert len(choices(large)) <= MOST_CHOICES, choices(large)
    for means in ("payer_code", "shop_code", "card"):
        expect(large.page.locator(f"[data-means={means}]")).to_be_in_viewport(ratio=1)
    large.keys(17_02)
    large.means("shop_code")
    content = large.shown_code()
    expect(large.page.locator("#shown-code svg")).to_be_in_viewport(ratio=1)
    assert len(choices(large)) <= MOST_CHOICES, choices(large)
    phone.pays(content)
    large.result("approved", "收款成功")
    expect(large.page.locator("#next")).to_be_in_viewport(ratio=1)
    assert len(choices(large)) <= MOST_CHOICES, choices(large)


def test_what_was_put_away_is_found_under_more(large: Till) -> None:
    expect(large.page.locator("#voice")).to_be_hidden()
    large.page.locator("summary").click()
    large.page.check("#voice")
    assert large.page.evaluate("localStorage.getItem('xiaopos.voice')") == "on"
    large.page.get_by_role("button", name="English").click()
    expect(large.page.locator("html")).to_have_attribute("lang", "en")
    expect(large.page.locator("body.senior")).to_be_visible()
    large.page.locator("summary").click()
    expect(large.page.get_by_role("button", name="Sign out")).to_be_visible()
