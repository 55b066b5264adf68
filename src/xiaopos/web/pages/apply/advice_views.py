"""Which POS suits: the models with what each can do, and advice from what a merchant needs. Nothing of anybody is kept here.

What may live here: parse, judge by the standing rules, render. What may not: rules, words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from xiaopos.fleet.advice import Advised, advise, what_gives
from xiaopos.fleet.catalogue import CATALOGUE, Capability, DeviceModel, standing
from xiaopos.store.advice.book import AdviceRows
from xiaopos.usecases.adjust_advice import rules_on
from xiaopos.web.advice_words import (
    CAPABILITIES,
    LINES,
    MOBILITY,
    NEEDS_FAULTS,
    PLACES,
    PRINTING,
    TONGUES,
    WAYS,
    ground_words,
)
from xiaopos.web.needs_form import BUDGETS, TURNOVERS, read_needs
from xiaopos.web.words import in_english


def shown(model: DeviceModel) -> dict[str, Any]:
    """A model as a page shows it."""
    return {
        "key": model.key,
        "name": model.english if in_english() else model.chinese,
        "year": model.year,
        "price": model.price_minor,
        "can": [words for capability, words in CAPABILITIES.items() if model.has(capability)],
        "cannot": [CAPABILITIES[each] for each in _TELLING if not model.has(each)],
        "screen": f"{model.screen / 10:.1f}" if model.screen else "",
        "until": model.certificate_until,
        "certificate": model.certificate,
    }


_TELLING = (Capability.CHIP, Capability.CONTACTLESS, Capability.QR, Capability.PRINTER, Capability.BATTERY)
"""What is worth saying when a model cannot do it."""


def choices() -> dict[str, Any]:
    """Everything that the form of needs offers."""
    offered: dict[str, Mapping[Any, Any]] = {
        "ways_offered": WAYS,
        "places": PLACES,
        "mobilities": MOBILITY,
        "lines_offered": LINES,
        "printings": PRINTING,
        "tongues": TONGUES,
    }
    return {name: [(each.value, words) for each, words in words_of.items()] for name, words_of in offered.items()} | {
        "turnovers": TURNOVERS,
        "budgets": BUDGETS,
    }


@require_GET
def models(request: HttpRequest) -> HttpResponse:
    """Every model that stands in the catalogue."""
    found = sorted(standing(CATALOGUE, timezone.localdate()), key=lambda model: (model.price_minor, model.key))
    return render(request, "web/apply/models.html", {"models": [shown(model) for model in found]})


def told(advised: Advised) -> dict[str, Any]:
    """A model as it was judged, in words."""
    return {
        "model": shown(advised.model),
        "rank": advised.rank,
        "share": advised.share,
        "for": [ground_words(ground) for ground in advised.speaks_for],
        "against": [(ground_words(ground), ground.rules_out) for ground in advised.speaks_against],
    }


@require_GET
def advice(request: HttpRequest) -> HttpResponse:
    """The form; once it was sent, the models that suit, the best first, and why the others do not."""
    asked, today = read_needs(request.GET), timezone.localdate()
    context = choices() | {
        "sent": asked.sent,
        "wrong": NEEDS_FAULTS[asked.wrong] if asked.wrong is not None else "",
        "wrong_field": asked.wrong.value if asked.wrong is not None else "",
    }
    if asked.needs is not None:
        found = advise(asked.needs, standing(CATALOGUE, today), rules_on(today, AdviceRows()), today)
        context |= {
            "judged": True,
            "advised": [told(each) for each in found.advised],
            "ruled_out": [told(each) for each in found.ruled_out],
            "gives": [ground_words(ground) for ground in what_gives(found.nearest)],
        }
    return render(request, "web/apply/advice.html", context, status=422 if asked.wrong is not None else 200)
