"""Where the portal's pages are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.merchant import views

urlpatterns = [
    path("", views.today, name="portal_today"),
    path("payments/", views.payments, name="portal_payments"),
    path("payments/<slug:payment_id>/", views.payment, name="portal_payment"),
    path("payments/<slug:payment_id>/receipt/", views.receipt, name="portal_receipt"),
    path("payments/<slug:payment_id>/receipt.pdf", views.receipt_pdf, name="portal_receipt_pdf"),
    path("terminals/", views.terminals, name="portal_terminals"),
    path("staff/", views.staff, name="portal_staff"),
]
