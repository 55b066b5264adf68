"""From an HTTP request to values: whose key it bears, what its body and its query say.

What may live here: size limits, forms, naming the field that is wrong. What may not: asking the house.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from django.http import HttpRequest
from django.utils import timezone

from xiaopos.kernel.refusal import Reason
from xiaopos.merchants.api_access import ApiKey, Scope
from xiaopos.store.api_keys.keys import find_api_key
from xiaopos.web.api.problems import Wrong
from xiaopos.web.api.shapes import FieldProblem

MOST_BYTES = 16 * 1024
_EXACT = 2.0**53
_BEARER = re.compile(r"Bearer +([!-~]{1,200})", re.IGNORECASE)
_AT = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<field>[^`]*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (?P<problem>missing required|contains unknown) field `(?P<field>[^`]*)`")
_PLAIN_NAME = re.compile(r"[a-z_]{1,40}")


def key_of(request: HttpRequest, scope: Scope) -> ApiKey:
    """The key that a request bears. Raises Wrong: no key or a wrong one (401), or one without the scope (403)."""
    found = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    key = find_api_key(found[1], at=timezone.now()) if found else None
    if key is None:
        raise Wrong(
            Reason.API_KEY_WRONG, "Authorization: Bearer KEY is missing, or the key is unknown, revoked or expired"
        )
    if scope not in key.scopes:
        raise Wrong(Reason.API_KEY_SCOPE, f"the key {key.prefix} has no scope {scope.value}")
    return key


def read_body(request: HttpRequest, decoder: msgspec.json.Decoder[Any]) -> Any:
    """The body as its struct. Raises Wrong with the field: 413 too long, 415 not JSON, 400 malformed, 422 an odd amount."""
    if request.content_type != "application/json":
        raise Wrong(Reason.REQUEST_WRONG, "Content-Type must be application/json", status=415)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Wrong(Reason.REQUEST_WRONG, f"the body may be {MOST_BYTES} bytes long", status=413)
    try:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError:
            return msgspec.convert(_with_whole_numbers(msgspec.json.decode(body)), decoder.type)
    except msgspec.ValidationError as error:
        raise _named(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Wrong(Reason.REQUEST_WRONG, "the body is not JSON in UTF-8") from None


def _with_whole_numbers(sent: Any) -> Any:
    """The members of an object, with 1250.0 as 1250: to JSON both are the same integer, and some clients write it so."""
    if not isinstance(sent, dict):
        return sent
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else value
        for name, value in sent.items()
    }


def read_query(request: HttpRequest, shape: type[Any]) -> Any:
    """The query as its struct; the last value of a repeated name counts. Raises Wrong with the field."""
    try:
        return msgspec.convert(request.GET.dict(), shape, strict=False)
    except msgspec.ValidationError as error:
        raise _named(error) from None


def _named(error: msgspec.ValidationError) -> Wrong:
    field, problem = _field_of(str(error))
    reason = Reason.REQUEST_WRONG
    if field == "amount_minor" and ">= 1" in problem:
        reason = Reason.AMOUNT_ZERO
    if field == "amount_minor" and ("<=" in problem or "out of range" in problem):
        reason = Reason.AMOUNT_OVER_LIMIT
    return Wrong(reason, fields=[FieldProblem(field=field, problem=problem)])


def _field_of(text: str) -> tuple[str, str]:
    """The field and what is wrong with it, out of msgspec's sentence. What was sent is not repeated.

    >>> _field_of("Expected `int`, got `str` - at `$.amount_minor`"), _field_of("Invalid value '62' - at `$.means`")
    (('amount_minor', 'Expected `int`, got `str`'), ('means', 'Invalid value'))
    """
    named = _NAMED.match(text)
    if named is not None:
        name = named["field"] if _PLAIN_NAME.fullmatch(named["field"]) else ""
        return name, "missing" if named["problem"].startswith("missing") else "unknown field"
    found = _AT.fullmatch(text)
    assert found is not None, "the pattern matches every text"
    problem = "Invalid value" if found["problem"].startswith("Invalid") else found["problem"]
    return found["field"] or "", problem
