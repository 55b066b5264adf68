"""Requests with a name: done once, answered again to the byte, refused when the name was used for something else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from support.api_counter import START, Counter
from support.world import CODES, TEA
from xiaopos.store.api_keys.answers import ABANDONED_AFTER, KEPT_FOR, Answer, Claim, claim, keep, let_go
from xiaopos.store.api_keys.keys import make_api_key
from xiaopos.store.api_keys.models import ApiAnswerRow

NAME = {"Idempotency-Key": "till-1-0042"}
LATER = timedelta(seconds=1)


def same_answer(first: Any, second: Any) -> bool:
    """Whether two answers are one to the byte, the second marked as given again."""
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    return (first.status_code, first.content) == (second.status_code, second.content) and all(
        first.get(header) == second.get(header)
        for header in ("Content-Type", "Location", "Retry-After", "Content-Language", "Cache-Control")
    )


def test_a_repeat_gets_the_same_bytes_whatever_happened_since(counter: Counter) -> None:
    body = counter.sale()
    first = counter.takes(body, **NAME)
    refund = {"refund_id": counter.new_id(), "amount_minor": 250}
    assert counter.call("POST", f"/payments/{body['payment_id']}/refunds", refund).status_code == 201
    counter.language = "zh-CN"
    assert same_answer(first, counter.takes(dict(reversed(body.items())), **NAME))
    assert counter.wallet.takings == 1000


def test_what_is_under_way_is_told_as_it_was(counter: Counter) -> None:
    body = counter.shown()
    first = counter.takes(body, **NAME)
    assert first.status_code == 202
    counter.call("POST", f"/payments/{body['payment_id']}/cancel")
    assert same_answer(first, counter.takes(body, **NAME))


def test_a_refusal_is_given_again_too(counter: Counter) -> None:
    original = counter.took()
    body = {"refund_id": counter.new_id(), "amount_minor": 1251}
    path = f"/payments/{original}/refunds"
    first = counter.call("POST", path, body, **NAME)
    assert (first.status_code, first.json()["reason"]) == (422, "refund_too_much")
    assert same_answer(first, counter.call("POST", path, body, **NAME))


@pytest.mark.parametrize("change", [{"amount_minor": 1}, {"payer_code": CODES["Tao"]}, {"terminal_id": "10000002"}])
def test_a_name_of_another_request_is_refused(counter: Counter, change: dict[str, Any]) -> None:
    body = counter.sale()
    counter.takes(body, **NAME)
    response = counter.takes(body | change, **NAME)
    assert (response.status_code, response.json()["reason"]) == (409, "repeat_differs")
    assert counter.wallet.takings == 1250


def test_a_name_is_of_one_operation_on_one_payment(counter: Counter) -> None:
    one, other = counter.took(), counter.took()
    assert counter.call("POST", f"/payments/{one}/cancel", **NAME).status_code == 200
    for path, body in ((f"/payments/{other}/cancel", None), (f"/payments/{one}/void", {"void_id": "a" * 32})):
        response = counter.call("POST", path, body, **NAME)
        assert (response.status_code, response.json()["reason"]) == (409, "repeat_differs")


def test_every_key_has_names_of_its_own(counter: Counter) -> None:
    _, other = make_api_key(TEA, ["take"], at=START)
    counter.takes(None, **NAME)
    assert counter.takes(None, key=other, **NAME).status_code == 201
    assert counter.wallet.takings == 2500


@pytest.mark.parametrize("trouble", ["stuck", "lost", "broken"])
def test_what_the_house_did_not_answer_is_asked_anew(counter: Counter, trouble: str) -> None:
    body = counter.sale()
    setattr(counter.house, trouble, True)
    assert counter.takes(body, **NAME).status_code == 503
    setattr(counter.house, trouble, False)
    response = counter.takes(body, **NAME)
    assert response.status_code == 201
    assert same_answer(response, counter.takes(body, **NAME))


def test_a_malformed_request_does_not_use_up_its_name(counter: Counter) -> None:
    assert counter.takes(counter.sale(amount_minor="12"), **NAME).status_code == 400
    assert counter.call("POST", "/payments/nonsense/cancel", **NAME).status_code == 404
    assert counter.takes(None, **NAME).status_code == 201


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "名字"])
def test_a_name_has_a_form(counter: Counter, name: str) -> None:
    response = counter.takes(None, **{"Idempotency-Key": name})
    assert (response.status_code, response.json()["fields"][0]["field"]) == (400, "Idempotency-Key")
    assert counter.wallet.takings == 0


def test_while_the_first_is_being_answered_a_repeat_is_told_to_wait(counter: Counter) -> None:
    body = counter.sale()
    counter.takes(body, **NAME)
    ApiAnswerRow.objects.update(status=None, claimed_at=timezone.now())
    response = counter.takes(body, **NAME)
    assert (response.status_code, response.json()["reason"]) == (409, "in_progress")
    assert response["Retry-After"] == "2"
    ApiAnswerRow.objects.update(claimed_at=timezone.now() - ABANDONED_AFTER)
    assert counter.takes(body, **NAME).status_code == 201
    assert counter.wallet.takings == 1250


def test_a_claim_is_of_one(counter: Counter) -> None:
    assert counter.key
    at = START
    assert claim("p", "n", "f", at=at) is Claim.OURS
    assert claim("p", "n", "f", at=at + ABANDONED_AFTER - LATER) is Claim.UNDER_WAY
    assert claim("p", "n", "g", at=at + ABANDONED_AFTER) is Claim.DIFFERS
    assert claim("p", "n", "f", at=at + ABANDONED_AFTER) is Claim.OURS
    assert claim("p", "n", "f", at=at + ABANDONED_AFTER) is Claim.UNDER_WAY
    let_go("p", "n")
    assert claim("p", "n", "f", at=at) is Claim.OURS
    stored = Answer(201, b'{"\xe5": 1}', {"Location": "/x"})
    keep("p", "n", stored)
    let_go("p", "n")
    assert claim("p", "n", "f", at=at + KEPT_FOR - LATER) == stored
    assert claim("p", "n", "g", at=at + KEPT_FOR) is Claim.OURS


def test_what_is_stored_holds_no_payers_code(counter: Counter) -> None:
    counter.takes(None, **NAME)
    kept = repr(list(ApiAnswerRow.objects.values()))
    assert NAME["Idempotency-Key"] in kept
    assert CODES["Mei"] not in kept
