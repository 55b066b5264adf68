"""The client that cash registers use, against the API itself: in process, over a real socket, and on a line that fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application

from support.api_counter import START, TODAY, Counter
from support.api_line import LOST, Line
from support.pretend_channels import Mood
from support.world import CODES, TEA
from xiaopos.kernel.ids import is_id
from xiaopos.store.api_keys.keys import make_api_key
from xiaopos.web.api import limits, shapes
from xiaopos.web.api.limits import Limits
from xiaopos_client import (
    Answer,
    Client,
    Conflict,
    HttpTransport,
    KeyRefused,
    NotFound,
    NotTaken,
    Payment,
    Problem,
    ServiceTrouble,
    TooFast,
    Unreachable,
    Why,
    WrongField,
    WrongRequest,
    make_id,
)

TILL = "10000001"
ON = date.fromisoformat(TODAY)


@dataclass
class Till:
    """A client at the counter, and how long it slept."""

    line: Line
    naps: list[float] = field(default_factory=list)

    def client(self, key: str | None = None, **parts: Any) -> Client:
        """A client over the line."""
        words = {"language": "en", **parts}
        return Client("", key or self.line.counter.key, transport=self.line, sleep=self.naps.append, **words)


@pytest.fixture
def till(counter: Counter) -> Till:
    """The tea shop's own cash register."""
    return Till(Line(counter))


def takes(client: Client, minor: int = 1250) -> Payment:
    """Take a payment with Mei's code."""
    return client.take(make_id(), terminal_id=TILL, amount_minor=minor, payer_code=CODES["Mei"])


def test_ids_are_new_and_in_order_of_time() -> None:
    ids = [make_id() for _ in range(100)]
    assert len(set(ids)) == 100
    assert all(is_id(one) and one[12] == "7" and one[16] in "89ab" for one in ids)
    assert [one[:12] for one in ids] == sorted(one[:12] for one in ids)


def test_the_clients_payment_is_the_apis() -> None:
    assert set(Payment.__slots__) == set(shapes.Payment.__struct_fields__)
    assert set(Why.__slots__) == set(shapes.Why.__struct_fields__)


def test_a_payment_is_taken_refunded_and_voided(till: Till) -> None:
    client = till.client()
    payment = takes(client)
    assert (payment.approved, payment.known, payment.amount_minor, payment.why) == (True, True, 1250, None)
    assert (payment.business_on, payment.received_at.utcoffset() is not None) == (ON, True)
    refund = client.refund(payment.payment_id, make_id(), 250)
    assert (refund.kind, refund.approved, refund.original_id) == ("refund", True, payment.payment_id)
    assert client.payment(payment.payment_id).refundable_minor == 1000
    other = takes(client)
    assert client.void(other.payment_id, make_id()).kind == "void"
    assert client.payment(other.payment_id).state == "voided"
    assert till.line.counter.wallet.takings == 1000
    assert till.naps == []


def test_what_a_terminal_held_is_captured(till: Till) -> None:
    capture = till.client().capture(till.line.counter.held(), make_id(), 90_00)
    assert (capture.kind, capture.approved, capture.amount_minor) == ("completion", True, 90_00)


def test_a_shown_code_is_given_up(till: Till) -> None:
    client = till.client()
    shown = client.show_code(make_id(), terminal_id=TILL, amount_minor=500)
    assert (shown.known, bool(shown.shown_code)) == (False, True)
    assert shown.why is not None
    assert shown.why.money_moved == "unknown"
    assert client.cancel(shown.payment_id).state == "reversing"
    later = client.payment(shown.payment_id, wait_s=1, after_version=shown.version)
    assert later.version > shown.version


def test_an_outcome_is_awaited_as_long_as_there_is_patience(till: Till) -> None:
    counter, seconds = till.line.counter, iter(range(1000))
    client = till.client(tick=lambda: next(seconds) / 2)
    counter.wallet.moods.append(Mood.LOSE_ANSWER)
    payment = client.await_outcome(takes(client), patience_s=3)
    assert (payment.known, payment.state) == (False, "unknown")
    assert set(till.naps) == {1}
    asked = len(till.line.sent)
    assert client.await_outcome(takes(client)).approved
    assert len(till.line.sent) == asked + 1


def test_a_day_comes_whole(till: Till) -> None:
    client = till.client()
    taken = [takes(client).payment_id for _ in range(3)]
    page = client.page(ON, limit=2)
    assert [one.payment_id for one in page.payments] == taken[:0:-1]
    assert page.next_cursor is not None
    assert [one.payment_id for one in client.page(ON, cursor=page.next_cursor).payments] == taken[:1]
    assert [one.payment_id for one in client.payments_of(ON)] == taken[::-1]


def test_a_lost_answer_is_asked_for_again_and_charges_once(till: Till) -> None:
    till.line.troubles += [LOST, Answer(502, {}, b"<html>"), Answer(503, {"retry-after": "7"}, b"{}")]
    assert takes(till.client()).approved
    assert till.line.counter.wallet.takings == 1250
    assert till.naps == [1.0, 2.0, 7]
    assert len({headers["Idempotency-Key"] for _, _, headers in till.line.sent}) == 1


def test_when_no_answer_ever_comes_nobody_knows(till: Till) -> None:
    client = till.client(tries=2)
    till.line.troubles += [LOST, LOST]
    with pytest.raises(Unreachable) as caught:
        takes(client)
    assert caught.value.money_moved == "unknown"
    till.line.troubles += [LOST, LOST]
    with pytest.raises(Unreachable) as caught:
        client.payment(make_id())
    assert caught.value.money_moved == "no"


def test_an_answer_that_is_none_is_trouble(till: Till) -> None:
    for body in (b"", b"[]", b"<html>"):
        till.line.troubles.append(Answer(200, {}, body))
        with pytest.raises(ServiceTrouble):
            till.client(tries=1).payment(make_id())
    till.line.troubles.append(Answer(500, {}, b'{"fields": 5, "money_moved": "no"}'))
    with pytest.raises(ServiceTrouble) as caught:
        till.client(tries=1).payment(make_id())
    assert (caught.value.money_moved, caught.value.title) == ("unknown", "HTTP 500")


def test_too_fast_is_tried_again_when_it_may(till: Till) -> None:
    before = limits.install(Limits(at_once=1, per_s=0.01))
    try:
        client = till.client(tries=2)
        takes(client)
        with pytest.raises(TooFast) as caught:
            takes(client)
    finally:
        limits.install(before)
    assert caught.value.money_moved == "no"
    assert till.naps == [caught.value.retry_after_s]


def test_what_is_still_being_answered_is_tried_again(till: Till) -> None:
    till.line.troubles.append(Answer(409, {"retry-after": "2"}, b'{"reason": "in_progress"}'))
    assert takes(till.client()).approved
    assert till.naps == [2]


REFUSALS: list[tuple[type[Problem], str, Callable[[Client], object]]] = [
    (WrongRequest, "request_wrong", lambda client: client.page(ON, limit=0)),
    (NotFound, "original_unknown", lambda client: client.payment("f" * 32)),
    (NotFound, "original_unknown", lambda client: client.cancel("x?y z")),
    (NotTaken, "amount_zero", lambda client: takes(client, 0)),
    (NotTaken, "transaction_unsupported", lambda client: client.capture(takes(client).payment_id, make_id(), 1)),
    (Conflict, "repeat_differs", lambda client: [client.void(takes(client).payment_id, "a" * 32) for _ in range(2)]),
]


@pytest.mark.parametrize(("kind", "reason", "call"), REFUSALS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_refusal_has_its_own_type_and_words(
    till: Till, kind: type[Problem], reason: str, call: Callable[[Client], object]
) -> None:
    with pytest.raises(kind) as caught:
        call(till.client())
    assert (caught.value.reason, caught.value.money_moved) == (reason, "no")
    assert caught.value.title
    assert caught.value.next
    assert str(caught.value) == f"{reason}: {caught.value.title}"
    assert till.naps == []


def test_wrong_fields_are_named(till: Till) -> None:
    with pytest.raises(WrongRequest) as caught:
        till.client().show_code("nonsense", terminal_id=TILL, amount_minor=1)
    assert caught.value.fields == (WrongField("payment_id", "Expected `str` matching regex '^[0-9a-f]{32}$'"),)


def test_a_key_opens_what_it_may(till: Till) -> None:
    _, reading = make_api_key(TEA, ["read"], at=START)
    assert till.client(reading).page(ON).payments == ()
    for key, reason in ((reading, "api_key_scope"), ("xp_wrong", "api_key_wrong")):
        with pytest.raises(KeyRefused) as caught:
            takes(till.client(key))
        assert caught.value.reason == reason


def test_words_come_in_the_tills_language(till: Till) -> None:
    with pytest.raises(NotFound) as caught:
        till.client(language="zh-CN").payment("f" * 32)
    assert caught.value.title == "找不到原交易"


def test_a_client_tells_nobody_its_key(till: Till) -> None:
    with till.client() as client:
        assert till.line.counter.key not in repr(client)
    assert till.line.closed


class Quiet(WSGIRequestHandler):
    """A server that writes no log."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own word
        """Nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The API on a socket of this machine."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(60)


def test_over_a_real_line(counter: Counter) -> None:
    with served() as address, Client(address, counter.key, language="en") as client:
        payment = takes(client)
        assert client.payment(payment.payment_id) == payment
        assert client.cancel(payment.payment_id).approved
        with pytest.raises(NotFound):
            client.payment("f" * 32)
    line = HttpTransport(address, timeout_s=60)
    with pytest.raises(OSError):
        line.send("GET", "/api/v1/payments", {}, None)
    line.close()


def test_an_endless_answer_is_cut_off() -> None:
    def endless(_environ: Any, start: Any) -> Any:
        start("200 OK", [("Content-Type", "application/json")])
        return (b" " * 65536 for _ in range(100))

    with make_server("127.0.0.1", 0, endless, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        line = HttpTransport(f"http://127.0.0.1:{server.server_port}", timeout_s=60)
        with pytest.raises(ConnectionError, match="too long"):
            line.send("GET", "/", {}, None)
        thread.join(60)


def test_an_address_is_a_web_address() -> None:
    for address in ("pay.example.com", "ftp://pay.example.com", "https://"):
        with pytest.raises(ValueError):
            HttpTransport(address)
    HttpTransport("https://pay.example.com/shop/").close()
