"""Where the console's pages are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.operator import views

urlpatterns = [
    path("", views.overview, name="console_overview"),
    path("merchants/", views.overview, name="console_merchants"),
    path("terminals/", views.overview, name="console_terminals"),
    path("payments/", views.overview, name="console_payments"),
    path("payments/<slug:merchant_id>/<slug:payment_id>/", views.payment, name="console_payment"),
    path("ledger/", views.overview, name="console_ledger"),
    path("unresolved/", views.overview, name="console_unresolved"),
    path("audit/", views.overview, name="console_audit"),
]
