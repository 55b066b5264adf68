"""The console's changes: each one use case with an actor and a reason.

What may live here: parse a form, call the use case, say what happened. What may not: rules, writing.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xiaopos.fleet.asks import TerminalAsk
from xiaopos.kernel.ids import MerchantId, PaymentId, TerminalId
from xiaopos.kernel.refusal import Refused
from xiaopos.merchants.roles import Permission
from xiaopos.store.fleet.asks import AskRows
from xiaopos.store.fleet.switchboard import TerminalRows
from xiaopos.store.payments.discrepancies import DiscrepancyRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.ask_terminal import TerminalAsking, ask_terminal, withdraw_ask
from xiaopos.usecases.close_discrepancy import DiscrepancyClosing, close_discrepancy
from xiaopos.usecases.switch_terminal import TerminalSwitch, switch_terminal
from xiaopos.web.access import person_of, requires
from xiaopos.web.words import reason_words

LONGEST_REASON = 200


def actor_of(request: HttpRequest) -> Actor:
    """Who asks for a change, and why, as the form says."""
    person = person_of(request)
    return Actor(person.username, person.role, request.POST.get("reason", "")[:LONGEST_REASON])


def tell(request: HttpRequest, refused: Refused) -> None:
    """Show why a change was refused on the next page."""
    words = reason_words(refused.reason)
    messages.error(request, f"{words.title}。{words.money}。{words.next}")


@require_POST
@requires(Permission.SWITCH_TERMINAL)
def switch(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """Switch a terminal on or off."""
    wanted = TerminalSwitch(
        TerminalId(terminal_id), request.POST.get("active") == "yes", actor_of(request), timezone.now()
    )
    result = switch_terminal(wanted, TerminalRows())
    if isinstance(result, Refused):
        tell(request, result)
    else:
        messages.success(request, _("终端已启用") if result.active else _("终端已停用"))
    return redirect("console_terminal", terminal_id)


@require_POST
@requires(Permission.ASK_TERMINAL)
def ask(request: HttpRequest, terminal_id: str) -> HttpResponse:
    """Ask a terminal for something, or take that back."""
    try:
        what = TerminalAsk(request.POST.get("ask", ""))
    except ValueError:
        raise Http404 from None
    wanted = TerminalAsking(TerminalId(terminal_id), what, actor_of(request), timezone.now())
    withdrawn = request.POST.get("withdraw") == "yes"
    result = (withdraw_ask if withdrawn else ask_terminal)(wanted, AskRows())
    if isinstance(result, Refused):
        tell(request, result)
    elif withdrawn:
        messages.success(request, _("指令已撤回"))
    else:
        messages.success(request, _("指令已下达，终端下一次联系主机时收到"))
    return redirect("console_terminal", terminal_id)


@require_POST
@requires(Permission.CLOSE_DISCREPANCY)
def close(request: HttpRequest) -> HttpResponse:
    """Close a discrepancy that was looked into."""
    closing = DiscrepancyClosing(
        MerchantId(request.POST.get("merchant", "")),
        PaymentId(request.POST.get("payment", "")),
        request.POST.get("kind", ""),
        actor_of(request),
        timezone.now(),
    )
    refused = close_discrepancy(closing, DiscrepancyRows())
    if refused is None:
        messages.success(request, _("差异已关闭"))
    else:
        tell(request, refused)
    return redirect("console_unresolved")
