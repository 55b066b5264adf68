"""The console's page that reads a pasted message: what it shows, what it keeps to itself, what it leaves in the audit trail."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from support.card_counter import ENVELOPE, TID, CardCounter
from support.desk_town import Town
from support.wire_samples import CARD_SALE
from support.world import at_once
from xiaopos.store.audit.models import AuditRow
from xiaopos.usecases.judge_mac import MacJudgement, MacVerdict
from xiaopos.usecases.ports import House
from xiaopos.web import asking, reading_words
from xiaopos.web.asking import StillUnderWay, Verb
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.card_network import SPEC as NETWORK

CHINESE = re.compile(r"[\u3400-\u9fff]+")


class CountersHouse:
    """Runs a page's verb in the counter's world."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.slow = False

    def ask(self, verb: Verb[Any], *, wait_s: float) -> Any:
        if self.slow:
            raise StillUnderWay
        return at_once(verb(self.house))

    def missing(self) -> str:
        return ""


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> CardCounter:
    """A terminal that has signed in, known to the house that the pages ask."""
    monkeypatch.setattr(asking, "_players", [])
    made = CardCounter()
    made.signs_in()
    asking.install(CountersHouse(made.world.house))
    return made


def read(
    town: Town, message: bytes | str, *, who: str = "sun", language: str = "zh-hans", spec: str = "", status=200
) -> str:
    pasted = message if isinstance(message, str) else message.hex()
    answer = town.browser(who, language).post(reverse("console_reading"), {"message": pasted, "spec": spec})
    assert answer.status_code == status
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def test_an_empty_form_waits_for_a_message(town: Town) -> None:
    page = town.browser("sun").get(reverse("console_reading")).content.decode()
    assert "报文解读" in page
    assert "unionpay-terminal" in page
    assert AuditRow.objects.filter(action="read_message").count() == 0


def test_a_terminals_message_is_told_with_its_mac(town: Town, counter: CardCounter) -> None:
    page = read(town, ENVELOPE + counter.body(counter.sale()))
    assert "MAC 正确" in page
    assert "<h2>消费</h2>" in page
    assert "620000*********0018" in page
    assert "受卡机终端标识码" in page
    row = AuditRow.objects.get(action="read_message")
    assert (row.actor, row.role, row.object_id) == ("sun", "support", TID)
    assert row.detail["spec"] == "unionpay-terminal"


def test_the_paste_itself_is_not_put_into_the_page_again(town: Town, counter: CardCounter) -> None:
    body = counter.body(counter.sale())
    page = read(town, body)
    assert body.hex() not in page.replace(" ", "").lower()
    assert "6200000000000000018" not in page.replace(" ", "")


def test_an_english_reader_reads_english(town: Town, counter: CardCounter) -> None:
    page = read(town, counter.body(counter.sale()), language="en")
    words = re.sub(r"<t[dh].*?</t[dh]>", "", page, flags=re.DOTALL)
    assert set(CHINESE.findall(re.sub("<[^>]*>", "", words))) <= {"中文"}
    assert "The MAC is right" in page


def test_a_wrong_mac_says_what_to_do(town: Town, counter: CardCounter) -> None:
    body = counter.body(counter.sale())
    page = read(town, body[:-8] + bytes(8))
    assert "MAC 不正确" in page
    assert "重新签到" in page


def test_a_stranger_is_not_written_down(town: Town, counter: CardCounter) -> None:
    page = read(town, counter.body(counter.sale(f41="87654321")))
    assert "MAC 无法核对：没有这台终端" in page
    assert AuditRow.objects.get(action="read_message").object_id == ""


def test_a_slow_vault_does_not_keep_the_page(town: Town, counter: CardCounter) -> None:
    house = asking._players[0]
    assert isinstance(house, CountersHouse)
    house.slow = True
    assert "MAC 暂时无法核对" in read(town, counter.body(counter.sale()))


def test_a_message_that_is_no_terminals_is_not_judged(town: Town, counter: CardCounter) -> None:
    echo = Message("0800", {7: "0314120000", 11: "000123", 70: "301", 128: bytes(8)})
    page = read(town, Codec(NETWORK).encode(echo), spec="card-network")
    assert "这条报文的 MAC 不在这里核对" in page


def test_a_fault_is_told_with_its_place_and_its_cause(town: Town, counter: CardCounter) -> None:
    page = read(town, (ENVELOPE + counter.body(counter.sale()))[:60])
    assert "域 " in page
    assert "，偏移 " in page
    assert "报文在这里断了" in page


def test_a_field_that_the_transaction_needs_and_lacks_is_named(town: Town, counter: CardCounter) -> None:
    page = read(town, counter.body(counter.sale(f22=None, f44="x")), language="zh-hans")
    assert "与这种交易的要求不符" in page
    assert "缺少域22" in page
    assert "多出域44" in page


def test_several_messages_are_numbered_where_they_have_no_name(town: Town, counter: CardCounter) -> None:
    odd = Message("0800", {11: "000007", 41: TID, 42: "952718182217875"})
    assert "第 1 条报文" in read(town, counter.body(odd, seal=False))


def test_a_paste_that_is_no_message_is_refused_in_words(town: Town, counter: CardCounter) -> None:
    page = read(town, "报文", status=422)
    assert "这不是十六进制、十六进制转储、Base64 或 ASCII 报文" in page
    assert AuditRow.objects.filter(action="read_message").count() == 0


def test_chip_faults_stand_in_their_row(town: Town, counter: CardCounter) -> None:
    unsigned = Message("0200", {**CARD_SALE.fields, 41: TID})
    body = counter.body(unsigned)
    assert 'class="wrong"' in read(town, body.replace(bytes.fromhex("9f2608"), bytes.fromhex("9f267f")))


@pytest.mark.parametrize("verdict", MacVerdict)
def test_every_verdict_has_words(verdict: MacVerdict) -> None:
    said = reading_words.judgement_words(MacJudgement(verdict, "unionpay-3des-2012"))
    assert said.tone in ("good", "bad", "calm")
    assert CHINESE.search(said.title)
    assert CHINESE.search(said.then)
    assert said.profile
    assert reading_words.judgement_words(MacJudgement(verdict)).profile == ""
