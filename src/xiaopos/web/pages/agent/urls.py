"""Where the pages of agents and promoters are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.agent import views

urlpatterns = [
    path("", views.home, name="agent_home"),
    path("badge/", views.badge, name="agent_badge"),
    path("badge/renew/", views.renew, name="agent_badge_renew"),
    path("badge/answer/", views.answer, name="agent_badge_answer"),
]
