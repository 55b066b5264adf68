"""The counter when something is missing or hangs: the network, the terminal, the session, an answer, a camera, a voice."""

from __future__ import annotations

import json

import pytest
import segno
from playwright.sync_api import Page, Route, expect

from support.demo import Demo
from support.shop_floor import NARROW, Floor, Phone, Till

NOT_TAKEN = "Failed to load resource"

pytestmark = pytest.mark.slow

EARS = """
  window.heard = [];
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { tones.push(this.frequency.value); return start.call(this, at); };
  speechSynthesis.speak = (said) => window.heard.push(said.text);
  localStorage.setItem("xiaopos.voice", "on");
"""

EYES = """
  window.BarcodeDetector = class { async detect() { return window.inSight ? [{ rawValue: window.inSight }] : []; } };
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    setInterval(() => canvas.getContext("2d").fillRect(0, 0, 9, 9), 50); // a camera that sees nothing shows no picture
    return canvas.captureStream(10);
  };
"""


PICTURES = """
  delete window.BarcodeDetector;
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
    const brush = canvas.getContext("2d");
    setInterval(() => {
      brush.fillStyle = "#ccb";
      brush.fillRect(0, 0, 640, 480);
      brush.fillStyle = "#112";
      (window.inSight ?? []).forEach((row, y) => row.forEach((dark, x) => dark && brush.fillRect(150 + 9 * x, 60 + 9 * y, 9, 9)));
    }, 50);
    return canvas.captureStream(10);
  };
"""


def kept(page: Page) -> list[dict[str, object]]:
    """What the browser keeps of payments whose outcome it does not know."""
    texts = page.evaluate(
        "() => Object.keys(localStorage).filter(one => one.startsWith('xiaopos.payment.')).map(one => localStorage[one])"
    )
    return [json.loads(text) for text in texts]


def test_only_the_number_the_amount_and_the_way_are_kept_before_sending(till: Till, phone: Phone) -> None:
    till.allowed.append(NOT_TAKEN)
    code = phone.code()
    seen: list[list[dict[str, object]]] = []

    def look(route: Route) -> None:
        seen.append(kept(till.page))
        route.continue_()

    till.page.route("**/cashier/payments", look)
    till.keys(16_01)
    till.wedge(code)
    till.result("approved", "¥16.01")
    (payment,) = seen[0]
    assert (payment["amount"], payment["means"]) == (16_01, "payer_code")
    assert len(str(payment["id"])) == 32
    assert str(payment["id"])[12] == "7"
    assert code not in json.dumps(seen)
    assert kept(till.page) == []


def test_a_request_that_hangs_is_not_waited_for_and_not_sent_twice(till: Till, phone: Phone) -> None:
    till.page.route("**/cashier/payments", lambda route: route.fetch())  # arrives, and is never answered
    till.keys(16_02)
    till.wedge(phone.code())
    till.result("approved", "¥16.02", within_ms=30_000)
    assert till.in_books(16_02) == ["approved"]


def test_what_never_arrived_is_not_taken_when_it_comes_late(till: Till, phone: Phone) -> None:
    till.allowed.append(NOT_TAKEN)
    late: list[tuple[str, dict[str, str], str]] = []

    def lose(route: Route) -> None:
        late.append((route.request.url, route.request.all_headers(), str(route.request.post_data)))
        route.abort()

    till.page.route("**/cashier/payments", lose)
    till.keys(16_03)
    till.wedge(phone.code())
    till.result("unknown", "正在确认")
    till.result("reversed", "这笔没有送到，已作废", "没有动钱", "请再收一次", within_ms=30_000)
    ((url, headers, body),) = late
    answer = till.page.context.request.post(url, headers=headers, data=body)
    assert (answer.status, answer.json()["reason"]) == (422, "reversed_before")
    assert till.in_books(16_03) == ["reversed"]
    till.page.unroute("**/cashier/payments")
    expect(till.page.locator("#next")).to_have_text("再收一次")
    till.after()
    expect(till.page.locator("#amount")).to_have_text("¥16.03")
    till.wedge(phone.code())
    till.result("approved", "¥16.03")
    expect(till.page.locator("#next")).to_have_text("下一笔")
    assert sorted(till.in_books(16_03)) == ["approved", "reversed"]


def test_what_never_arrived_is_void_within_seconds(till: Till, phone: Phone) -> None:
    till.allowed.append(NOT_TAKEN)
    till.page.route("**/cashier/payments", lambda route: route.abort())
    till.keys(16_16)
    till.wedge(phone.code())
    till.result("reversed", "没有动钱", within_ms=7_000)
    assert kept(till.page) == []


def test_while_the_house_cannot_be_reached_nothing_is_decided(till: Till, phone: Phone) -> None:
    till.allowed.append(NOT_TAKEN)
    till.page.route("**/cashier/payments**", lambda route: route.abort())
    till.keys(16_17)
    till.wedge(phone.code())
    till.page.wait_for_timeout(8_000)
    till.result("unknown", "正在确认", "请勿重复收款")
    assert len(kept(till.page)) == 1
    till.page.unroute("**/cashier/payments**")
    till.result("reversed", "没有动钱")
    assert till.in_books(16_17) == ["reversed"]


def test_an_unknown_payment_does_not_hold_up_the_next_customer(till: Till, phone: Phone) -> None:
    till.allowed.append(NOT_TAKEN)
    till.page.add_init_script(EARS)
    till.page.route("**/cashier/payments/*.json", lambda route: route.abort())
    till.page.route("**/cashier/payments", lambda route: (route.fetch(), route.abort()))
    till.keys(16_04)
    till.wedge(phone.code())
    till.result("unknown", "请勿重复收款")
    till.page.locator("#aside").click(timeout=30_000)
    expect(till.page.locator("#resumed")).to_contain_text("¥16.04 · 还在确认")
    till.page.reload()
    expect(till.page.locator("#keypad")).to_be_visible()
    expect(till.page.locator("#resumed")).to_contain_text("¥16.04 · 还在确认")
    till.page.unroute("**/cashier/payments")
    till.page.unroute("**/cashier/payments/*.json")
    till.keys(16_05)
    till.wedge(phone.code())
    till.result("approved", "¥16.05")
    expect(till.page.locator("#resumed")).to_contain_text("¥16.04 · 收款成功")
    till.page.wait_for_function("heard.length === 2")
    assert sorted(till.page.evaluate("heard")) == ["刚才那笔：收款成功，十六元零四分", "收款成功，十六元零五分"]
    assert kept(till.page) == []
    assert till.in_books(16_04) + till.in_books(16_05) == ["approved", "approved"]


def test_another_merchants_payment_is_left_alone(till: Till) -> None:
    theirs = {"id": "0" * 32, "amount": 5, "means": "shop_code", "merchant": "another"}
    till.page.evaluate("theirs => localStorage.setItem('xiaopos.payment.' + theirs.id, JSON.stringify(theirs))", theirs)
    till.page.reload()
    expect(till.page.locator("#keypad")).to_be_visible()
    expect(till.page.locator("#resumed")).to_be_hidden()
    assert kept(till.page) == [theirs]


def test_two_pages_each_keep_their_own(till: Till, phone: Phone) -> None:
    till.keys(16_06)
    till.means("shop_code")
    first = till.shown_code()
    other = Till(till.page.context.new_page(), till.demo)
    other.opens()
    assert other.shown_code() == first, "the other page takes up what is under way instead of charging again"
    phone.pays(first)
    till.result("approved")
    other.result("approved")
    assert till.in_books(16_06) == ["approved"]
    assert other.wrong() == []


def test_a_session_that_ends_leads_to_signing_in_again(floor: Floor) -> None:
    till = floor.till()
    till.allowed.append(NOT_TAKEN)
    till.opens()
    till.keys(16_07)
    till.page.context.clear_cookies(name="sessionid")
    till.page.context.clear_cookies(name="xiaopos_session")
    till.means("shop_code")
    till.result("refused", "登录")
    expect(till.page.locator("#sign-in")).to_be_visible()
    till.page.click("#sign-in")
    expect(till.page.locator("input[name=password]")).to_be_visible()
    assert till.in_books(16_07) == []
    till.page.context.close()


def test_a_terminal_that_is_not_there_is_said_to_be(till: Till) -> None:
    till.page.evaluate("document.getElementById('terminal-frame').remove()")
    till.page.reload()
    till.page.locator("#terminal-frame").evaluate("frame => { frame.src = 'about:blank'; }")
    till.allowed.append("postMessage")
    till.keys(16_08)
    till.means("card")
    expect(till.page.locator("#hint")).to_contain_text("终端没有回应", timeout=10_000)
    expect(till.page.locator("#amount")).to_have_text("¥16.08")


def test_a_card_that_is_not_presented_is_cancelled(till: Till) -> None:
    till.keys(16_09)
    till.means("card")
    expect(till.terminal.locator("[data-how=tap]")).to_be_visible()
    till.page.click("#card-cancel")
    expect(till.page.locator("#hint")).to_have_text("已取消刷卡")
    expect(till.page.locator("#amount")).to_have_text("¥16.09")
    assert till.in_books(16_09) == []


def test_the_terminal_is_brought_into_view_on_a_phone(floor: Floor) -> None:
    till = floor.till(size=NARROW)
    till.opens()
    till.keys(16_10)
    till.means("card")
    expect(till.page.locator("#terminal-frame")).to_be_in_viewport()
    till.terminal.locator("[data-how=tap]").click()
    till.result("approved", "¥16.10")
    expect(till.page.locator("#result-title")).to_be_in_viewport()
    till.page.context.close()


def test_results_are_said_aloud_once_and_failures_too(floor: Floor, phone: Phone) -> None:
    till = floor.till()
    till.page.add_init_script(EARS)
    till.opens()
    till.keys(16_50)
    till.wedge(phone.code())
    till.result("approved")
    till.after()
    till.fault("decline")
    till.card(17_05)
    till.result("declined")
    assert till.page.evaluate("heard") == ["收款成功，十六元五角", "收款没有成功，十七元零五分"]
    till.page.click("#replay")
    assert till.page.evaluate("heard")[2:] == ["重播：收款没有成功，十七元零五分"]
    till.page.context.close()


def test_what_is_given_back_sounds_different(floor: Floor, phone: Phone, demo: Demo) -> None:
    till = floor.till()
    till.page.add_init_script(EARS)
    till.opens()
    till.keys(16_51)
    till.wedge(phone.code())
    till.result("approved")
    received = till.page.evaluate("tones")
    till.page.click("#detail")
    code = next(person["approval_code"] for person in demo.told["people"] if person["username"] == "lin")
    till.page.fill("#refund-amount", "6.50")
    till.page.fill("#refund-approval", str(code))
    till.page.get_by_role("button", name="退款给顾客").click()
    till.page.wait_for_function("window.heard?.length === 1")
    assert till.page.evaluate("heard") == ["已退款给顾客，六元五角"]
    assert till.page.evaluate("tones") not in ([], received)
    till.page.reload()
    expect(till.page.locator("main")).to_contain_text("退款成功")
    assert till.page.evaluate("heard") == []  # once
    till.page.context.close()


def test_a_scanner_is_heard_after_a_box_was_ticked(till: Till, phone: Phone) -> None:
    till.keys(16_11)
    till.page.check("#voice")
    till.wedge(phone.code())
    till.result("approved", "¥16.11")


def test_the_camera_reads_a_code(floor: Floor, phone: Phone) -> None:
    till = floor.till()
    till.page.add_init_script(EYES)
    till.opens()
    till.keys(16_12)
    till.means("payer_code")
    till.page.click("#camera")
    expect(till.page.locator("#video")).to_be_visible()
    till.page.evaluate("code => { window.inSight = code; }", phone.code())
    till.result("approved", "¥16.12")
    till.page.context.close()


def test_the_house_reads_the_picture_where_the_browser_cannot(floor: Floor, phone: Phone) -> None:
    till = floor.till()
    till.page.add_init_script(PICTURES)
    till.opens()
    till.keys(16_15)
    till.means("payer_code")
    till.page.click("#camera")
    expect(till.page.locator("#video")).to_be_visible()
    shown = segno.make(phone.code(), error="m", micro=False)
    till.page.evaluate(
        "rows => { window.inSight = rows; }", [list(map(int, row)) for row in shown.matrix_iter(border=4)]
    )
    till.result("approved", "¥16.15", within_ms=20_000)
    assert till.wrong() == []
    till.page.context.close()


def test_a_camera_that_fails_is_said_to_beside_the_field(floor: Floor) -> None:
    till = floor.till()
    till.page.add_init_script(EYES + "navigator.mediaDevices.getUserMedia = async () => { throw new Error('none'); };")
    till.opens()
    till.keys(16_13)
    till.means("payer_code")
    till.page.click("#camera")
    expect(till.page.locator("#scan-hint")).to_have_text("摄像头不可用，请手工输入")
    till.page.context.close()


def test_the_time_left_is_not_read_aloud_every_second(till: Till) -> None:
    till.keys(16_14)
    till.means("shop_code")
    till.shown_code()
    countdown = till.page.locator("#countdown")
    expect(countdown).to_contain_text("秒")
    before = int(countdown.inner_text().split()[0])
    till.page.reload()
    till.shown_code()
    expect(countdown).to_contain_text("秒")
    assert int(countdown.inner_text().split()[0]) <= before
    assert till.page.evaluate("!document.querySelector('[aria-live] #countdown')")
    till.page.click("#give-up")
    expect(till.page.locator("#next")).to_be_visible()


def test_all_ways_to_pay_are_within_sight_on_a_small_phone(floor: Floor) -> None:
    till = floor.till(size=NARROW)
    till.opens()
    button, ribbon = (till.page.locator(where).bounding_box() for where in ("[data-means=card]", "[role=note]"))
    assert button is not None
    assert ribbon is not None
    assert button["y"] + button["height"] <= ribbon["y"]
    till.page.context.close()
