"""Links by which a promoter brings somebody to the beginning of an application: made, read, judged.

What may live here: the link, what is asked of whom. What may not: rules (usecases.introduce_applicant), pages.

The link names the promoter under our signature: nobody writes another's name into it, and it works for as long as the promoter
may act. It is no secret and gives no rights.
"""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from xiaopos.kernel.clock import business_day
from xiaopos.merchants.agents.authority import Doubt
from xiaopos.store.agents.book import AgentRows
from xiaopos.usecases.introduce_applicant import Introduced, introduce

_SALT = "xiaopos.introduction"


def token_of(promoter_id: str) -> str:
    """What a link says of a promoter."""
    return Signer(salt=_SALT).sign(promoter_id)


def link_of(request: HttpRequest, promoter_id: str) -> str:
    """A promoter's link, as people reach it from outside."""
    path, outside = f"{reverse('apply_start')}?by={token_of(promoter_id)}", settings.DEPLOYMENT.public_url
    return outside + path if outside else request.build_absolute_uri(path)


def introduced_by(token: str, region: str = "") -> Introduced | Doubt | None:
    """Who a link names, and whether that counts; None for a link that is none of ours."""
    try:
        promoter_id = Signer(salt=_SALT).unsign(token)
    except BadSignature:
        return None
    on = business_day(timezone.now(), settings.DEPLOYMENT.zone)
    return introduce(promoter_id, region, on, book=AgentRows())
