"""Noting in the audit trail what somebody did on a page.

What may live here: filling an entry from a request. What may not: the trail itself (store.audit).
"""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from xiaopos.kernel.chain import Json
from xiaopos.store.audit.trail import AuditEntry, append


def address_of(request: HttpRequest) -> str:
    """The address that a request came from; of IPv6 the network of 64 bits, which one household or shop has."""
    text = request.META.get("REMOTE_ADDR") or ""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def note(
    request: HttpRequest,
    person: Any,
    action: str,
    *,
    at: datetime,
    object_kind: str = "",
    object_id: str = "",
    reason: str = "",
    **detail: Json,
) -> None:
    """Append a row: what `person` (somebody's row, or None for nobody known) did, and from which address."""
    entry = AuditEntry(
        actor=getattr(person, "username", ""),
        role=getattr(person, "role", ""),
        action=action,
        merchant_id=getattr(person, "merchant_id", ""),
        object_kind=object_kind,
        object_id=object_id,
        reason=reason,
        detail={"address": address_of(request), **detail},
    )
    append(entry, at=at)
