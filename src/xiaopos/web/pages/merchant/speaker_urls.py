"""Where the portal's pages of speakers are.

What may live here: their addresses. What may not: views.
"""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.merchant import speaker_views as views

urlpatterns = [
    path("", views.speakers, name="portal_speakers"),
    path("pair/", views.pair, name="portal_speaker_pair"),
    path("<slug:speaker_id>/remove/", views.remove, name="portal_speaker_remove"),
]
