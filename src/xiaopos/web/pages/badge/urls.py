"""Where the public pages about badges are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.badge import views

urlpatterns = [
    path("", views.start, name="badge_start"),
    path("scans/", views.scans, name="badge_scans"),
    path("verify/", views.verifier, name="badge_verifier"),
    path("report/", views.report, name="badge_report"),
    path("question/<str:token>/", views.question, name="badge_question"),
    path("question/<str:token>/state", views.question_state, name="badge_question_state"),
    path("<str:text>/", views.badge, name="badge"),
    path("<str:text>/ask/", views.ask, name="badge_ask"),
]
