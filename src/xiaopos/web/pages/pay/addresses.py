"""The address that stands in a code.

What may live here: making it. What may not: pages.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def address_of(request: HttpRequest, token: str) -> str:
    """What stands in a code: the page's address as customers reach it."""
    path, outside = reverse("pay", args=[token]), settings.DEPLOYMENT.public_url
    return outside + path if outside else request.build_absolute_uri(path)
