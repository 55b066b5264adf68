"""The console's pages of keys: the inventory, one key with its ceremony, and the steps that a person asks for or approves.

What may live here: parse, one use case or query, render. What may not: rules, components (custodians enter those with
`xiaopos keys enter`, where nothing is shown).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xiaopos.kernel.ids import make_id
from xiaopos.keys import KeyAlgorithm, KeyRefused, KeyState, KeyUsage
from xiaopos.keys.hierarchy import CARRIES
from xiaopos.merchants.roles import Permission
from xiaopos.store.keys.inventory import KeyRows, key_line, list_keys, steps_of, uses_of
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.key_ceremony import (
    Asked,
    CeremonyFault,
    Change,
    KeyRow,
    NotMade,
    Origin,
    approve_change,
    ask_for_change,
    plan_key,
    possible_changes,
    withdraw_change,
)
from xiaopos.web import key_room
from xiaopos.web.access import may, person_of, requires
from xiaopos.web.key_words import CHANGES, FAULTS, ORIGINS, USAGES

LONGEST_NAME, LONGEST_REASON, LONGEST_CIPHER, LONGEST_BLOCK = 32, 200, 128, 2000
DETAILS = {"kek": LONGEST_NAME, "form": 8, "cipher": LONGEST_CIPHER, "check": 8, "block": LONGEST_BLOCK}
"""What an import or an export says besides, and how long each may be."""
E = TypeVar("E", bound=Enum)

_NOT_PLANNED = (KeyUsage.COMPONENT,)


def _actor(request: HttpRequest) -> Actor:
    person = person_of(request)
    return Actor(person.username, person.role, request.POST.get("reason", "")[:LONGEST_REASON])


def _new_id() -> str:
    return make_id(int(timezone.now().timestamp() * 1000), secrets.token_bytes(10))


def _one(kinds: type[E], text: str) -> E:
    """A member by its value; a form that was not ours is not found."""
    try:
        return kinds(text)
    except ValueError:
        raise Http404 from None


def _tell(request: HttpRequest, refused: NotMade | None, done: str) -> None:
    if refused is None:
        messages.success(request, done)
    else:
        messages.error(request, f"{FAULTS[refused.fault]} {refused.detail}".rstrip())


@requires(Permission.SEE_KEYS)
def keys(request: HttpRequest) -> HttpResponse:
    """Every key with its state and check value."""
    text = " ".join(request.GET.get("q", "").split())[:LONGEST_NAME]
    context = {
        "rows": list_keys(text=text),
        "text": text,
        "may_change": may(request.user, Permission.CHANGE_KEYS),
        "usages": [(usage.value, words) for usage, words in USAGES.items() if usage not in _NOT_PLANNED],
        "algorithms": [algorithm.value for algorithm in KeyAlgorithm],
        "origins": [(origin.value, words) for origin, words in ORIGINS.items()],
    }
    return render(request, "web/console/keys.html", context)


@requires(Permission.SEE_KEYS)
def key(request: HttpRequest, key_id: str) -> HttpResponse:
    """One key: its state, its ceremony, what it was used for."""
    line, book = key_line(key_id), KeyRows()
    row = book.find(key_id)
    if line is None or row is None:
        raise Http404
    waiting = book.waiting(key_id)
    own = waiting is not None and waiting.actor.username == person_of(request).username
    context = {
        "key": line,
        "parts": book.components(key_id),
        "steps": steps_of(key_id),
        "uses": uses_of(key_id),
        "waiting": waiting,
        "may_approve": waiting is not None and not own and may(request.user, Permission.CHANGE_KEYS),
        "may_change": may(request.user, Permission.CHANGE_KEYS),
        "changes": [(change.value, CHANGES[change]) for change in possible_changes(row)],
        "carriers": _carriers(row.usage),
    }
    return render(request, "web/console/key.html", context)


def _carriers(usage: KeyUsage) -> list[str]:
    kinds = {kek.value for kek, carried in CARRIES.items() if usage in carried}
    return [line.name for line in list_keys() if line.usage in kinds and line.state == KeyState.ACTIVE.value]


@require_POST
@requires(Permission.CHANGE_KEYS)
def plan(request: HttpRequest) -> HttpResponse:
    """Reserve a place for a key."""
    form: Mapping[str, Any] = request.POST
    name, origin = "".join(form.get("name", "").split())[:LONGEST_NAME], _one(Origin, form.get("origin", ""))
    parts = 3 if form.get("parts") == "3" else 2
    row = KeyRow(
        _new_id(),
        name,
        _one(KeyUsage, form.get("usage", "")),
        _one(KeyAlgorithm, form.get("algorithm", "")),
        KeyState.AWAITED,
        origin,
        parts if origin is Origin.COMPONENTS else 0,
    )
    if not name or row.usage in _NOT_PLANNED:
        raise Http404
    refused = plan_key(row, _actor(request), timezone.now(), KeyRows())
    _tell(request, refused, _("密钥已登记"))
    return redirect("console_keys") if refused else redirect("console_key", row.key_id)


@require_POST
@requires(Permission.CHANGE_KEYS)
def ask(request: HttpRequest, key_id: str) -> HttpResponse:
    """Ask for a change; another person approves it."""
    change = _one(Change, request.POST.get("change", ""))
    detail = {}
    if change in (Change.IMPORT, Change.EXPORT):
        detail = {name: request.POST.get(name, "").strip()[:longest] for name, longest in DETAILS.items()}
    asked = Asked(_new_id(), key_id, change, _actor(request), timezone.now(), detail)
    _tell(request, ask_for_change(asked, KeyRows()), _("已申请，等待另一个人批准"))
    return redirect("console_key", key_id)


@require_POST
@requires(Permission.CHANGE_KEYS)
def answer(request: HttpRequest, key_id: str) -> HttpResponse:
    """Approve the waiting change, and carry it out; or take it away."""
    actor, now, book = _actor(request), timezone.now(), KeyRows()
    if request.POST.get("answer") == "approve":
        try:
            vault = key_room.vault()
        except KeyRefused as refused:  # the token is away, or was never prepared
            messages.error(request, f"{FAULTS[CeremonyFault.VAULT_REFUSED]} {refused}")
            return redirect("console_key", key_id)
        result = approve_change(key_id, actor, now, book=book, vault=vault)
        _tell(request, result if isinstance(result, NotMade) else None, _("已批准并执行"))
    else:
        _tell(request, withdraw_change(key_id, actor, now, book), _("变更已撤回"))
    return redirect("console_key", key_id)
