"""Who is let in, and what a malformed request is told: the field by name, never what it held."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.api_counter import START, TODAY, Counter
from support.world import CODES, TEA
from xiaopos.kernel.refusal import Reason
from xiaopos.store.api_keys.keys import find_api_key, make_api_key, revoke_api_key
from xiaopos.store.api_keys.models import ApiKeyRow
from xiaopos.web.api.operations import OPERATIONS, Operation
from xiaopos.web.api.problems import STATUSES, Wrong, status_of
from xiaopos.web.api.shapes import NewPayerCodePayment


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer  ", "Basic abc", "Bearer xp_wrong", "Bearer é", "Bearer " + "x" * 500]
)
def test_without_the_right_key_nobody_comes_in(counter: Counter, header: str) -> None:
    response = counter.call("GET", f"/payments?business_on={TODAY}", key="", Authorization=header)
    problem = response.json()
    assert (response.status_code, problem["reason"]) == (401, "api_key_wrong")
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert problem["next"] == "Check the key, or ask the owner for a new one"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_door_asks_for_a_key_before_anything_else(counter: Counter, operation: Operation) -> None:
    path = operation.path.replace("{payment_id}", "nonsense")
    assert counter.call(operation.method, path, b"nonsense", key="xp_wrong").status_code == 401


def test_the_word_bearer_may_be_written_small(counter: Counter) -> None:
    response = counter.call("GET", f"/payments?business_on={TODAY}", key="", Authorization=f"bearer {counter.key}")
    assert response.status_code == 200


def test_a_revoked_key_opens_nothing(counter: Counter) -> None:
    key, text = make_api_key(TEA, ["read"], at=START)
    assert find_api_key(text, at=START) == key
    assert revoke_api_key(TEA, key.prefix, at=START)
    assert not revoke_api_key(TEA, key.prefix, at=START)
    assert counter.call("GET", f"/payments?business_on={TODAY}", key=text).status_code == 401


def test_a_key_is_kept_as_its_hash_only(counter: Counter) -> None:
    kept = json.dumps(list(ApiKeyRow.objects.values("prefix", "digest", "scopes", "merchant_id", "shop_id", "made_by")))
    assert counter.key not in kept
    assert counter.key[:13] in kept


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_a_key_needs_scopes_that_exist(counter: Counter, scopes: list[str]) -> None:
    assert counter.key
    with pytest.raises(ValueError):
        make_api_key(TEA, scopes, at=START)


def test_a_key_does_only_what_its_scope_says(counter: Counter) -> None:
    original = counter.took()
    calls: dict[str, list[tuple[str, str, Any]]] = {
        "take": [
            ("POST", "/payments", counter.sale()),
            ("POST", f"/payments/{original}/cancel", None),
            ("POST", f"/payments/{original}/captures", {"capture_id": counter.new_id(), "amount_minor": 1}),
        ],
        "refund": [
            ("POST", f"/payments/{original}/refunds", {"refund_id": counter.new_id(), "amount_minor": 1}),
            ("POST", f"/payments/{original}/void", {"void_id": counter.new_id()}),
        ],
        "read": [("GET", f"/payments/{original}", None), ("GET", f"/payments?business_on={TODAY}", None)],
    }
    for scope in calls:
        _, key = make_api_key(TEA, [scope], at=START)
        for needed, of_scope in calls.items():
            for method, path, body in of_scope:
                response = counter.call(method, path, body, key=key)
                assert (response.status_code == 403) == (scope != needed)
                if scope != needed:
                    assert response.json()["reason"] == "api_key_scope"


def test_cookies_open_nothing_and_a_form_token_is_not_asked(counter: Counter) -> None:
    assert counter.client.handler.enforce_csrf_checks is False
    counter.client.handler.enforce_csrf_checks = True
    assert counter.takes().status_code == 201
    assert counter.takes(key="").status_code == 401


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"amount_minor": "12"}, "amount_minor", "Expected `int`, got `str`"),
        ({"amount_minor": 1.5}, "amount_minor", "Expected `int`, got `float`"),
        ({"payment_id": "ABC"}, "payment_id", "Expected `str` matching regex '^[0-9a-f]{32}$'"),
        ({"payment_id": "0" * 32 + "\n"}, "payment_id", "Expected `str` of length <= 32"),
        ({"terminal_id": "1000000１"}, "terminal_id", "Expected `str` matching regex '^[0-9A-Za-z]{8}$'"),
        ({"means": "cash"}, "means", "Invalid value"),
        ({"payer_code": None}, "payer_code", "missing"),
        ({"payer_code": "short"}, "payer_code", "Expected `str` matching regex '^[0-9A-Za-z]{8,64}$'"),
        ({"tip": 5}, "tip", "unknown field"),
        ({"6222020000000000": 5}, "", "unknown field"),
    ],
)
def test_a_wrong_field_is_named(counter: Counter, change: dict[str, Any], field: str, problem: str) -> None:
    response = counter.takes(counter.sale(**change))
    body = response.json()
    assert (response.status_code, body["reason"]) == (400, "request_wrong")
    assert body["fields"] == [{"field": field, "problem": problem}]
    assert body["money_moved"] == "no"


@pytest.mark.parametrize(
    ("minor", "reason"),
    [(0, "amount_zero"), (-5, "amount_zero"), (10**12, "amount_over_limit"), (10**30, "amount_over_limit")],
)
def test_an_odd_amount_has_its_own_name(counter: Counter, minor: int, reason: str) -> None:
    for path, body in (
        ("/payments", counter.sale(amount_minor=minor)),
        (f"/payments/{'0' * 32}/refunds", {"refund_id": counter.new_id(), "amount_minor": minor}),
    ):
        response = counter.call("POST", path, body)
        assert (response.status_code, response.json()["reason"]) == (422, reason)
        assert response.json()["fields"][0]["field"] == "amount_minor"


@pytest.mark.parametrize(
    "body", [b" ", b"{", b"\xff", b'{"means": "\xff"}', b"[" * 9000, b"nonsense", b'"text"', b"[]"]
)
def test_what_is_not_json_is_refused(counter: Counter, body: bytes) -> None:
    response = counter.call("POST", "/payments", body)
    assert (response.status_code, response.json()["reason"]) == (400, "request_wrong")


def test_a_whole_number_may_be_written_with_a_point(counter: Counter) -> None:
    response = counter.takes(counter.sale(amount_minor=1250.0))
    assert (response.status_code, response.json()["amount_minor"]) == (201, 1250)


def test_a_body_has_a_longest_length(counter: Counter) -> None:
    response = counter.call("POST", "/payments", b" " * (16 * 1024 + 1))
    assert (response.status_code, response.json()["reason"]) == (413, "request_wrong")


def test_a_body_is_json_by_its_type(counter: Counter) -> None:
    response = counter.call("POST", "/payments", counter.sale(), content_type="text/plain")
    assert (response.status_code, response.json()["reason"]) == (415, "request_wrong")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "business_on"),
        ("?business_on=yesterday", "business_on"),
        (f"?business_on={TODAY}&limit=0", "limit"),
        (f"?business_on={TODAY}&limit=101", "limit"),
        (f"?business_on={TODAY}&limit=many", "limit"),
        (f"?business_on={TODAY}&cursor=elsewhere", "cursor"),
        (f"?business_on={TODAY}&page=2", "page"),
    ],
)
def test_a_wrong_query_is_named(counter: Counter, query: str, field: str) -> None:
    response = counter.call("GET", f"/payments{query}")
    assert response.status_code == 400
    assert response.json()["fields"][0]["field"] == field


@pytest.mark.parametrize("path", ["", "/", "/payment", "/payments/", "/payments/a/b", "/payments/a/b/c"])
def test_an_address_where_nothing_is_says_so(counter: Counter, path: str) -> None:
    response = counter.call("GET", path)
    assert (response.status_code, response.json()["reason"]) == (404, "address_unknown")


def test_a_method_that_is_not_known_names_those_that_are(counter: Counter) -> None:
    response = counter.call("DELETE", "/payments")
    assert (response.status_code, response.json()["reason"]) == (405, "address_unknown")
    assert response["Allow"] == "POST, GET"


def test_a_payers_code_is_seen_nowhere(
    counter: Counter, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    code = CODES["Mei"]
    bodies = [
        counter.sale(),
        counter.sale(amount_minor=code),
        counter.sale(means=code),
        counter.sale(payer_code=code + "!"),
        counter.sale(**{code: code}),
        counter.sale(currency="USD"),
    ]
    said = [counter.takes(body).content.decode() for body in bodies]
    counter.house.broken = True
    said.append(counter.takes().content.decode())
    printed = capfd.readouterr()
    assert code not in "".join([*said, caplog.text, printed.out, printed.err])


def test_a_request_with_a_payers_code_does_not_print_it() -> None:
    request = NewPayerCodePayment(
        payment_id="0" * 32, terminal_id="10000001", amount_minor=1, payer_code="990000000001"
    )
    assert repr(request) == f"NewPayerCodePayment({'0' * 32})"
    assert request.__rich_repr__() == [("payment_id", "0" * 32)]


def test_every_status_is_one_that_is_described() -> None:
    assert status_of(Reason.REFUND_TOO_MUCH) == 422
    assert set(STATUSES.values()) <= {400, 401, 403, 404, 409, 429, 500, 503}
    assert str(Wrong(Reason.REQUEST_WRONG, "detail")) == "request_wrong"
