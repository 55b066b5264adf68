"""The help centre's pages: anybody may read them, also who cannot sign in.

What may live here: the list with its search, and an article. What may not: anything about a shop or a person.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from xiaopos.web.pages.help.reading import article, articles
from xiaopos.web.words import in_english, reason_words

WORDS_MAX = 60


def _language() -> str:
    return "en" if in_english() else "zh"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every article, or those that hold what was asked for."""
    words = request.GET.get("q", "")[:WORDS_MAX].strip()
    return render(request, "web/help/index.html", {"words": words, "found": articles(_language(), words)})


@require_safe
def one(request: HttpRequest, name: str) -> HttpResponse:
    """An article, and the messages after which one reads it."""
    try:
        found = article(name, _language())
    except KeyError:
        raise Http404 from None
    titles = sorted({reason_words(reason).title for reason in found.reasons} - {found.title})
    return render(request, "web/help/article.html", {"article": found, "titles": titles})
