"""Where wallets tell us of payments. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.notices import views

urlpatterns = [
    path("<slug:wallet>/<slug:contract_id>/", views.hear, name="wallet_notice"),
]
