"""Searching payments from a page: the form, its meaning, the addresses of other pages.

What may live here: reading a query string. What may not: queries, what a person may see (the views say whose payments).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.http import HttpRequest

from xiaopos.payments.payment import Kind, Method
from xiaopos.payments.states import State
from xiaopos.store.payments.portal_queries import Search

A_WEEK = timedelta(days=6)
_LAST_PAGE = 2000


class SearchForm(forms.Form):
    """What can be asked for; everything may be left empty."""

    q = forms.CharField(required=False, max_length=64)
    state = forms.ChoiceField(required=False, choices=[("", ""), *((state.value, state.value) for state in State)])
    method = forms.ChoiceField(required=False, choices=[("", ""), *((method.value, method.value) for method in Method)])
    kind = forms.ChoiceField(required=False, choices=[("", ""), *((kind.value, kind.value) for kind in Kind)])
    first = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    last = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as it was asked: its meaning, and whether some of it could not be understood."""

    search: Search
    wrong: tuple[str, ...]
    states: tuple[State, ...] = tuple(State)
    methods: tuple[Method, ...] = tuple(Method)
    kinds: tuple[Kind, ...] = tuple(Kind)


def asked_of(request: HttpRequest, *, merchant_id: str | None, today: date) -> Asked:
    """The search of a request. Without dates: the last week, or every day when something is looked for by name."""
    form = SearchForm(request.GET)
    form.is_valid()
    found = form.cleaned_data
    first, last = found.get("first"), found.get("last")
    text = " ".join(found.get("q", "").split())
    if not text and first is None and last is None:
        first, last = today - A_WEEK, today
    state, method, kind = found.get("state"), found.get("method"), found.get("kind")
    return Asked(
        Search(
            merchant_id=merchant_id,
            text=text,
            state=State(state) if state else None,
            method=Method(method) if method else None,
            kind=Kind(kind) if kind else None,
            first_on=first,
            last_on=last,
        ),
        tuple(form.errors),
    )


def page_of(request: HttpRequest) -> int:
    """Which page is asked for, from 1; nonsense is the first."""
    text = request.GET.get("page", "")
    return min(max(int(text), 1), _LAST_PAGE) if text.isascii() and text.isdigit() and len(text) <= 6 else 1


def address_with(request: HttpRequest, **changes: object) -> str:
    """The present address with some of its query changed."""
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


def turning(request: HttpRequest, number: int, has_more: bool) -> dict[str, str]:
    """The addresses of the newer and the older page; empty where there is none."""
    return {
        "newer": address_with(request, page=number - 1) if number > 1 else "",
        "older": address_with(request, page=number + 1) if has_more else "",
    }
