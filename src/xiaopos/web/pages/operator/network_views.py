"""The console's card networks: how each does, and draining one or letting it take payments again.

What may live here: parse, query, call the use case, render. What may not: rules, writing.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.merchants.roles import Permission
from xiaopos.store.payments.live_queries import live
from xiaopos.store.payments.network_board import NetworkRows, drained_networks
from xiaopos.usecases.switch_network import NetworkSwitch, is_last, switch_network
from xiaopos.web.access import may, requires
from xiaopos.web.pages.operator.changes import actor_of, tell


@requires(Permission.SEE_CONSOLE)
def networks(request: HttpRequest) -> HttpResponse:
    """Every network of the installation, in the order of its plan."""
    now = timezone.now()
    drained = drained_networks()
    doing = {channel.channel: channel for channel in live(now).channels}
    routes = settings.NETWORK_ROUTES
    rows = [(name, drained.get(name), doing.get(name), is_last(name, routes, drained)) for name in settings.NETWORKS]
    context = {
        "rows": rows,
        "nowhere": [route for route in routes if all(name in drained for name in route)],
        "may_switch": may(request.user, Permission.SWITCH_NETWORK),
    }
    return render(request, "web/console/networks.html", context)


@require_POST
@requires(Permission.SWITCH_NETWORK)
def switch(request: HttpRequest, network: str) -> HttpResponse:
    """Drain a network, or let it take payments again."""
    wanted = NetworkSwitch(
        network,
        request.POST.get("open") == "yes",
        actor_of(request),
        timezone.now(),
        request.POST.get("even_last") == "yes",
    )
    result = switch_network(wanted, settings.NETWORKS, settings.NETWORK_ROUTES, NetworkRows())
    if isinstance(result, Refused):
        if result.reason is Reason.NETWORK_UNKNOWN:
            raise Http404
        tell(request, result)
    else:
        messages.success(request, _("网络已恢复收款") if result.open else _("网络已停止接新交易"))
    return redirect("console_networks")
