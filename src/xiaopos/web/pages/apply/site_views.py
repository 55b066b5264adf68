"""The site: what each POS can do, what it costs, what is needed; and the beginning of an application.

What may live here: parse, limits, render. What may not: rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from xiaopos.fleet.catalogue import model_of
from xiaopos.kernel.money import Money
from xiaopos.merchants.agents.authority import Doubt
from xiaopos.merchants.applications.checks import Finding
from xiaopos.merchants.applications.fields import Field, Kind, is_picture
from xiaopos.merchants.applications.requirements import Case, Due, Need, requirements
from xiaopos.store.agents.book import masked_name
from xiaopos.store.merchants.queries import price_plan
from xiaopos.usecases.application_ports import Start
from xiaopos.usecases.apply_for_pos import NotHandedIn, begin
from xiaopos.usecases.introduce_applicant import Introduced
from xiaopos.web.agent_words import DOUBTS
from xiaopos.web.application_room import Room, new_link
from xiaopos.web.introductions import introduced_by
from xiaopos.web.pages.apply.holding import NEW_PER_ADDRESS, by_address, held, hold, too_many, with_room

CURRENCY = "CNY"
LONGEST_LINK = 120


@require_GET
def site(request: HttpRequest) -> HttpResponse:
    """What each kind of merchant needs and pays. Nothing of anybody is asked or kept here."""
    rules = settings.APPLICATION_RULES
    offers = []
    for kind in Kind:
        limits, dues = rules.limits[kind], _dues(kind, rules.categories[0].code, rules.regions[0].code)
        offers.append(
            {
                "kind": kind,
                "now": [due for due in dues if due.need is Need.NOW],
                "later": [due for due in dues if due.need is Need.LATER],
                "plan": price_plan(limits.plan_id, CURRENCY),
                "payment": Money(limits.payment_minor, CURRENCY),
                "credit_day": Money(limits.credit_day_minor, CURRENCY) if limits.credit_day_minor else None,
                "credit_month": Money(limits.credit_month_minor, CURRENCY) if limits.credit_month_minor else None,
            }
        )
    context = {"offers": offers, "hours": rules.review.within.total_seconds() / 3600}
    return render(request, "web/apply/site.html", context | {"held": bool(held(request))})


def _dues(kind: Kind, category: str, region: str) -> Sequence[Due]:
    dues = requirements(
        settings.APPLICATION_RULES.rules, Case(kind, category, region), timezone.localdate(timezone.now())
    )
    return sorted(dues.values(), key=lambda due: is_picture(due.field))


@require_http_methods(["GET", "POST"])
@with_room
def start(request: HttpRequest, room: Room) -> HttpResponse:
    """Begin: kind, trade, region, telephone."""
    kind = _kind(request.POST.get("kind") or request.GET.get("kind", ""))
    by = (request.POST if request.method == "POST" else request.GET).get("by", "")[:LONGEST_LINK]
    met = introduced_by(by, request.POST.get("region", "")[:6]) if by else None
    introduced = met if isinstance(met, Introduced) else None
    if request.method == "GET" or (by and introduced is None):
        return _form(request, room, kind, (), by, met)
    refused = too_many(request, [by_address(request, "apply_new", NEW_PER_ADDRESS)])
    if refused is not None:
        return refused
    secret, mark = new_link()
    begun = begin(
        Start(
            kind,
            request.POST.get("category", "")[:4],
            request.POST.get("region", "")[:6],
            request.POST.get("phone", "")[:20],
            get_language() or settings.LANGUAGE_CODE,
            mark,
            agent_id=introduced.agent_id if introduced is not None else "",
            promoter_id=introduced.promoter_id if introduced is not None else "",
            wished_model=_wished(request.POST.get("model", "")),
        ),
        timezone.now(),
        room.desk,
    )
    if isinstance(begun, NotHandedIn):
        return _form(request, room, kind, begun.findings, by, met)
    hold(request, begun, secret)
    return redirect("apply_now")


def _wished(key: str) -> str:
    """The model that an applicant chose, if the catalogue holds it."""
    return key if model_of(key, timezone.localdate()) is not None else ""


def _kind(text: str) -> Kind:
    return Kind(text) if text in {kind.value for kind in Kind} else Kind.MICRO


def _form(
    request: HttpRequest,
    room: Room,
    kind: Kind,
    findings: Sequence[Finding],
    by: str,
    met: Introduced | Doubt | None,
) -> HttpResponse:
    """The first page. Where whoever brought the applicant may not, the page says so, and what is sent next comes from nobody."""
    sent = {name: request.POST.get(name, "")[:20] for name in ("category", "region", "phone")}
    category = room.desk.rules.category(sent["category"])
    context = {
        "kind": kind,
        "kinds": list(Kind),
        "categories": room.desk.rules.categories,
        "regions": room.desk.rules.regions,
        "sent": sent,
        "wrong_start": [finding for finding in findings if finding.field is None],
        "wrong_phone": [finding for finding in findings if finding.field is Field.PHONE],
        "why_closed": category.why if category is not None else None,
        "model": _wished(request.POST.get("model") or request.GET.get("model", "")),
        "by": by,
        "introduced": met if isinstance(met, Introduced) else None,
        "introducer": masked_name(met.name) if isinstance(met, Introduced) else "",
        "doubted": bool(by) and not isinstance(met, Introduced),
        "doubt": DOUBTS[met] if isinstance(met, Doubt) else "",
    }
    refused = findings or (context["doubted"] and request.method == "POST")
    return render(request, "web/apply/start.html", context, status=422 if refused else 200)
