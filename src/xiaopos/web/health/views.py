"""The answers for monitors.

What may live here: alive, ready, metrics. What may not: anything about a person or a payment.
"""

from __future__ import annotations

import hmac

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from xiaopos.web import asking


def missing() -> str:
    """What is missing before this process can serve, in one sentence; empty when nothing is."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "the database cannot be reached"
    if waiting:
        return f"{len(waiting)} migrations are not applied"
    return asking.missing()


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Alive: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Ready to serve: 200, or 503 with what is missing in one sentence."""
    lack = missing()
    return HttpResponse(f"{lack or 'ok'}\n", status=503 if lack else 200, content_type="text/plain; charset=utf-8")


def _may_measure(request: HttpRequest) -> bool:
    """Whether who asks is our monitor: with the token where there is one; else anybody at a demo, and nobody in production."""
    token = settings.DEPLOYMENT.metrics_token
    if token is None:
        return bool(settings.DEPLOYMENT.is_demo)
    shown = request.headers.get("Authorization", "")
    return hmac.compare_digest(shown.encode(), b"Bearer " + token.value)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """What Prometheus scrapes: how much is paid here is nobody else's business."""
    if not _may_measure(request):
        text = "Only the monitor may read this: Authorization: Bearer, and what XIAOPOS_METRICS_TOKEN says.\n"
        answer = HttpResponse(text, status=401, content_type="text/plain; charset=utf-8")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
