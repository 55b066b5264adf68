"""Somebody shows a badge: what may be believed of it, whether it is theirs, and how to report it.

What may live here: parse, limits, render. What may not: rules (usecases.scan_badge, usecases.report_badge).

Opening a badge's page remembers that it was shown, by keyed hashes that lead back to nobody. Nothing here needs an account.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xiaopos.merchants.badges.challenges import ENTROPY, LIVES, Challenge, code_of, is_open
from xiaopos.merchants.badges.credential import LONGEST, Never, Unreadable, read_badge
from xiaopos.merchants.tries import Limit
from xiaopos.store.badges import queries
from xiaopos.store.people.attempts import Subject, begin
from xiaopos.usecases.introduce_applicant import Introduced
from xiaopos.usecases.report_badge import LONGEST as LONGEST_SAID
from xiaopos.usecases.report_badge import Report, ReportFault, ReportKind, report_badge
from xiaopos.usecases.scan_badge import Scan, Told, scan_badge
from xiaopos.web import badge_room
from xiaopos.web.badge_words import DEEDS, NEVERS, REPORT_FAULTS, REPORT_KINDS, SUSPICIONS, VERDICTS
from xiaopos.web.introductions import introduced_by, token_of
from xiaopos.web.region_words import is_region, region_names, within
from xiaopos.web.trail import address_of

SCANS_PER_ADDRESS = Limit(60, timedelta(minutes=1))
ASKED_PER_ADDRESS = Limit(10, timedelta(minutes=5))
ASKED_PER_BADGE = Limit(30, timedelta(minutes=5))
REPORTS_PER_ADDRESS = Limit(5, timedelta(hours=1))
"""Behind one address may be a whole market; nobody scans a badge as often as that."""
WARNED_FOR = timedelta(days=180)
_TOKEN_LENGTH = 26
_DONE = re.compile(r"(?P<how>[os])(?P<case>[0-9a-f]{8})")
"""What stands in the address after a report: whether the badge was suspended, and the end of the case's number."""


def _private(answer: HttpResponse) -> HttpResponse:
    """What was scanned is nobody else's business: neither kept, nor passed on to other sites, nor indexed."""
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _too_many(request: HttpRequest, *subjects: Subject) -> HttpResponse | None:
    now = timezone.now()
    until = begin(subjects, now)
    if until is None:
        return None
    answer = _private(render(request, "web/badge/busy.html", status=429))
    answer["Retry-After"] = str(max(1, round((until - now).total_seconds())))
    return answer


def _by_address(request: HttpRequest, kind: str, limit: Limit) -> Subject:
    return Subject(kind, address_of(request), limit)


def _region_sent(request: HttpRequest) -> str:
    region = request.GET.get("at", "")
    return region if is_region(region) else ""


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What a badge is and how to check one; a typed or scanned text leads to its page."""
    typed = request.GET.get("text", "").strip()
    if typed:
        return redirect("badge", text=_bare(typed))
    return render(request, "web/badge/start.html", {"nevers": NEVERS.values(), "operator": badge_room.operator()})


def _bare(typed: str) -> str:
    """The badge in what was typed: the text itself or an address that ends with it."""
    return typed.rstrip("/").rpartition("/")[2][:LONGEST] or "-"


@require_GET
def badge(request: HttpRequest, text: str) -> HttpResponse:
    """What may be believed of a badge, in words that nobody can miss."""
    refused = _too_many(request, _by_address(request, "badge_addr", SCANS_PER_ADDRESS))
    if refused is not None:
        return refused
    visitor, cookie = badge_room.meet_visitor(request)
    region = _region_sent(request)
    scan = Scan(timezone.now(), region, badge_room.network_mark(request), visitor)
    told = scan_badge(
        text,
        scan,
        operator=badge_room.operator(),
        keys=badge_room.published(),
        book=badge_room.rows(),
        register=badge_room.register(),
    )
    context = {
        "told": told,
        "words": VERDICTS[told.verdict],
        "suspicion": SUSPICIONS[told.suspicion] if told.suspicion is not None else "",
        "text": text,
        "nevers": NEVERS.values(),
        "may_ask": not isinstance(told.verdict, Unreadable) and told.since is not None,
        "earlier": [one for one in _scanned(visitor) if one.is_bad and one.text != text],
        "by": _introduction(told),
        "jwks": [badge_room.as_jwk(key) for key in badge_room.published().values()],
        **_says(told),
        **_places(region),
    }
    status = 200 if not isinstance(told.verdict, Unreadable) else 404
    answer = render(request, "web/badge/badge.html", context, status=status)
    return _private(badge_room.remember_visitor(answer, cookie))


def _introduction(told: Told) -> str:
    """By which the bearer of a good badge brings somebody to an application; empty where that is not theirs to do."""
    if told.claims is None or not told.is_good:
        return ""
    badge = badge_room.rows().recall(told.claims.badge_id)
    token = token_of(badge.promoter_id) if badge is not None else ""
    return token if isinstance(introduced_by(token), Introduced) else ""


def _says(told: Told) -> dict[str, Any]:
    """What the badge itself says, in words; nothing of what is no badge of ours."""
    if told.claims is None:
        return {}
    return {
        "deeds": [words for deed, words in DEEDS.items() if deed in told.claims.deeds],
        "regions": region_names(told.claims.regions),
    }


def _places(region: str) -> dict[str, Any]:
    """The chooser of the place where one stands: a step further down each time."""
    return {"region": region, "region_name": "".join(region_names([region])) if region else "", "below": within(region)}


def _scanned(visitor: str) -> list[queries.ScannedBadge]:
    return queries.scanned_by(visitor, timezone.now() - WARNED_FOR) if visitor else []


@require_GET
def scans(request: HttpRequest) -> HttpResponse:
    """What was scanned with this browser, and how it stands now."""
    found = _scanned(badge_room.visitor_mark(request))
    claims = {one.badge_id: read_badge(one.text, badge_room.operator(), badge_room.published()) for one in found}
    rows = [(one, None if isinstance(claims[one.badge_id], Unreadable) else claims[one.badge_id]) for one in found]
    return _private(render(request, "web/badge/scans.html", {"rows": rows}))


# -- the person behind the badge -------------------------------------------------------------------------------------


@require_POST
def ask(request: HttpRequest, text: str) -> HttpResponse:
    """Ask the person who shows a badge: the number is read aloud to them."""
    claims = read_badge(text, badge_room.operator(), badge_room.published())
    if isinstance(claims, Unreadable) or badge_room.rows().recall(claims.badge_id) is None:
        raise Http404
    by_badge = Subject("badge_asked", claims.badge_id, ASKED_PER_BADGE)
    refused = _too_many(request, by_badge, _by_address(request, "badge_ask", ASKED_PER_ADDRESS))
    if refused is not None:
        return refused
    token = secrets.token_urlsafe(20)[:_TOKEN_LENGTH]
    badge_room.rows().ask(token, claims.badge_id, code_of(secrets.token_bytes(ENTROPY)), timezone.now())
    return redirect("badge_question", token=token)


def _standing(asked: Challenge) -> str:
    if asked.answered_at is not None:
        return "right"
    return "waiting" if is_open(asked, timezone.now()) else "over"


@require_GET
def question(request: HttpRequest, token: str) -> HttpResponse:
    """The number to read aloud, and what came of it."""
    asked = badge_room.rows().question(token)
    if asked is None:
        raise Http404
    line = queries.badge_line(asked.badge_id)
    assert line is not None, "a question is asked of a badge"
    context = {"asked": asked, "standing": _standing(asked), "ends_at": asked.asked_at + LIVES, "text": line.text}
    return _private(render(request, "web/badge/question.html", context))


@require_GET
def question_state(_request: HttpRequest, token: str) -> HttpResponse:
    """How the question stands, for the page's script."""
    asked = badge_room.rows().question(token)
    if asked is None:
        return _private(JsonResponse({"standing": "none"}, status=404))
    return _private(JsonResponse({"standing": _standing(asked)}))


# -- reporting -------------------------------------------------------------------------------------------------------


def _kind_sent(request: HttpRequest) -> ReportKind | None:
    sent = request.POST.get("kind", "")
    return next((kind for kind in ReportKind if kind.value == sent), None)


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Report a badge, or what somebody did: choose what happened, send it. What is no badge is reported as well."""
    text = (request.POST if request.method == "POST" else request.GET).get("badge", "")[:LONGEST]
    context: dict[str, Any] = {"text": text, "kinds": [(kind.value, words) for kind, words in REPORT_KINDS.items()]}
    if request.method != "POST":
        done = _DONE.fullmatch(request.GET.get("done", ""))
        if done is None:
            return _private(render(request, "web/badge/report.html", context))
        told = {"case": done["case"], "suspended": done["how"] == "s"}
        return _private(render(request, "web/badge/reported.html", told))
    kind, said = _kind_sent(request), request.POST.get("said", "").strip()
    context |= {"said": said, "chosen": kind.value if kind is not None else ""}
    if kind is None:
        wrong = _("请选择发生了什么")
        return _private(render(request, "web/badge/report.html", {**context, "wrong": wrong}, status=422))
    refused = _too_many(request, _by_address(request, "badge_report", REPORTS_PER_ADDRESS))
    if refused is not None:
        return refused
    now = timezone.now()
    case = badge_room.new_id(now)
    made = report_badge(
        Report(case, _badge_id(text), kind, said, _region_sent(request), badge_room.network_mark(request), now),
        book=badge_room.rows(),
    )
    if isinstance(made, ReportFault):
        wrong = str(REPORT_FAULTS[made])
        return _private(
            render(
                request, "web/badge/report.html", {**context, "said": said[:LONGEST_SAID], "wrong": wrong}, status=422
            )
        )
    return redirect(f"{reverse('badge_report')}?{urlencode({'done': ('s' if made else 'o') + case[-8:]})}")


def _badge_id(text: str) -> str:
    """The number of the badge that is reported; empty for what is none of ours."""
    claims = read_badge(text, badge_room.operator(), badge_room.published())
    return "" if isinstance(claims, Unreadable) else claims.badge_id


# -- checking without us ---------------------------------------------------------------------------------------------


@require_GET
def verifier(request: HttpRequest) -> HttpResponse:
    """A page that checks a badge's signature by itself, also when the phone has no connection any more."""
    keys = [badge_room.as_jwk(key) for key in badge_room.published().values()]
    context = {"jwks": keys, "operator": badge_room.operator(), "nevers": [NEVERS[never] for never in Never]}
    return render(request, "web/badge/verify.html", context)


@require_GET
def well_known(_request: HttpRequest) -> HttpResponse:
    """The public keys under which badges stand, as JSON Web Keys, for anybody's verifier."""
    keys = [badge_room.as_jwk(key) for key in badge_room.published().values()]
    answer = JsonResponse({"operator": badge_room.operator(), "keys": keys})
    answer["Cache-Control"] = "public, max-age=300"
    return answer
