"""Where monitors ask. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.health import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
