"""Hearing wallets: anybody may knock, only what is signed is seen to.

What may live here: reading a request, answering in the wallet's words. What may not: signatures, rules.
"""

from __future__ import annotations

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from prometheus_client import Counter

from xiaopos.usecases.hear_wallet import hear_wallet
from xiaopos.usecases.keep_wallet_contract import Incoming, Unbelieved
from xiaopos.usecases.ports import BooksLost
from xiaopos.web.asking import StillUnderWay, ask

log = structlog.get_logger("notices")

LONGEST = 65_536
WAIT_S = 10.0
HEARD = Counter(
    "xiaopos_wallet_notices_total", "Notifications of wallets, by what became of them", ["wallet", "outcome"]
)
_KNOWN = frozenset({"alipay", "wechat"})


@csrf_exempt
@require_POST
def hear(request: HttpRequest, wallet: str, contract_id: str) -> HttpResponse:
    """One notification. What is not believed, and what could not be seen to now, is answered so that it comes again."""
    if wallet not in _KNOWN:
        return _refused(wallet="other", outcome="unknown_wallet", status=404)
    if int(request.headers.get("Content-Length") or 0) > LONGEST or len(request.body) > LONGEST:
        return _refused(wallet=wallet, outcome="too_long", status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    incoming = Incoming(headers, request.body)
    try:
        heard = ask(lambda house: hear_wallet(wallet, contract_id, incoming, house), wait_s=WAIT_S)
    except (StillUnderWay, BooksLost):
        return _refused(wallet=wallet, outcome="later", status=503)
    if isinstance(heard, Unbelieved):
        log.warning("notification not believed", wallet=wallet, why=heard.cause)
        return _refused(wallet=wallet, outcome="unbelieved", status=403)
    HEARD.labels(wallet, "heard").inc()
    return HttpResponse(heard.accepted, content_type=heard.content_type)


def _refused(*, wallet: str, outcome: str, status: int) -> HttpResponse:
    HEARD.labels(wallet, outcome).inc()
    return HttpResponse(b"fail", content_type="text/plain", status=status)
