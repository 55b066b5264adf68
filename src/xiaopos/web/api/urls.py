"""Where the API is. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.api import views

urlpatterns = [
    path("", views.index, name="api_index"),
]
