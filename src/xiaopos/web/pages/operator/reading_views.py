"""The console's page that reads a pasted message: what every byte means, what is wrong with it, whether its MAC is right.

What may live here: parse, read, ask the house about the MAC, render. What may not: reading (wire.reading), judging
(usecases.judge_mac). The paste may hold a card number in clear: it is not kept, not logged, and not put into the page again.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from xiaopos.kernel.ids import TerminalId
from xiaopos.merchants.roles import Permission
from xiaopos.store.audit.readings import note_reading
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.judge_mac import MacJudgement, MacVerdict, judge_mac
from xiaopos.usecases.ports import House
from xiaopos.web.access import person_of, requires
from xiaopos.web.asking import StillUnderWay, ask
from xiaopos.web.reading_words import judgement_words, said
from xiaopos.wire.reading import SPECS, MacQuestion, NotBytes, Reading, read_paste

MAC_WAIT_S = 5.0
_UNASKED = MacJudgement(MacVerdict.VAULT_REFUSED)


@never_cache
@sensitive_post_parameters("message")
@requires(Permission.READ_MESSAGES)
def reading(request: HttpRequest) -> HttpResponse:
    """An empty form; or, of what was pasted, the annotated table."""
    name = request.POST.get("spec", "")
    context: dict[str, Any] = {"specs": list(SPECS), "chosen": name if name in SPECS else ""}
    if request.method != "POST":
        return render(request, "web/console/reading.html", context)
    specs = {name: SPECS[name]} if name in SPECS else SPECS
    try:
        found = read_paste(request.POST.get("message", ""), specs)
    except NotBytes as refused:
        context["refused"] = said((refused.zh, refused.en))
        return render(request, "web/console/reading.html", context, status=422)
    judged = [_judged(message.mac) for message in found.messages]
    _note(request, found, judged)
    rows = [
        (message, judgement_words(judgement) if judgement else None)
        for message, judgement in zip(found.messages, judged, strict=True)
    ]
    framing = said((found.framing.zh, found.framing.en))
    return render(
        request, "web/console/reading.html", context | {"reading": found, "framing": framing, "messages_read": rows}
    )


def _judged(question: MacQuestion | None) -> MacJudgement | None:
    """What the MAC is worth; None when there is none, or it is not a terminal's."""
    if question is None or not question.terminal_id:
        return None

    async def judge(house: House) -> MacJudgement:
        return await judge_mac(question, timezone.localdate(), house)

    try:
        return ask(judge, wait_s=MAC_WAIT_S)
    except StillUnderWay:
        return _UNASKED


def _note(request: HttpRequest, found: Reading, judged: list[MacJudgement | None]) -> None:
    """Into the audit trail; a terminal's number only where the house knows it, for anything may stand in a stranger's field."""
    person = person_of(request)
    known = [
        message.mac.terminal_id
        for message, judgement in zip(found.messages, judged, strict=True)
        if message.mac is not None and judgement is not None and judgement.verdict is not MacVerdict.TERMINAL_UNKNOWN
    ]
    note_reading(
        Actor(person.username, person.role, ""),
        terminal_id=TerminalId(known[0]) if known else "",
        spec=found.spec,
        size=found.size,
        at=timezone.now(),
    )
