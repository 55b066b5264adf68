"""The merchant of whoever is signed in: a page of the portal never takes a merchant's number from a request.

What may live here: finding it. What may not: pages.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from xiaopos.store.merchants.queries import MerchantFacts, merchant_facts
from xiaopos.web.access import person_of


def own_merchant(request: HttpRequest) -> MerchantFacts:
    """One's own merchant. Raises PermissionDenied for people of none."""
    merchant = merchant_facts(person_of(request).merchant_id)
    if merchant is None:
        raise PermissionDenied
    return merchant
