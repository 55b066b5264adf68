"""Where the help centre's pages are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.help import views

urlpatterns = [
    path("", views.index, name="help"),
    path("<slug:name>/", views.one, name="help_article"),
]
