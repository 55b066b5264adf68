"""The API's pages for people.

What may live here: rendering the description. What may not: operations.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def index(request: HttpRequest) -> HttpResponse:
    """The readable description."""
    return render(request, "web/api/index.html")
