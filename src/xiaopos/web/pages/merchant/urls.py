"""Where the portal's pages are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web import receipts
from xiaopos.web.pages.merchant import staff_views, views

urlpatterns = [
    path("", views.today, name="portal_today"),
    path("payments/", views.payments, name="portal_payments"),
    path("payments.csv", views.payments_csv, name="portal_payments_csv"),
    path("payments/<slug:payment_id>/", views.payment, name="portal_payment"),
    path("payments/<slug:payment_id>/receipt/", views.receipt, name="portal_receipt"),
    path("payments/<slug:payment_id>/receipt.pdf", views.receipt_pdf, name="portal_receipt_pdf"),
    path("payments/<slug:payment_id>/send/", views.send, name="portal_receipt_send"),
    path("terminals/", views.terminals, name="portal_terminals"),
    path("staff/", staff_views.staff, name="portal_staff"),
    path("staff/invite/", staff_views.invite, name="portal_staff_invite"),
    path("staff/<str:username>/renew/", staff_views.renew, name="portal_staff_renew"),
    path("staff/<str:username>/switch/", staff_views.switch, name="portal_staff_switch"),
    path("receipt/<str:token>/", receipts.shared, name="receipt_shared"),
    path("receipt/<str:token>/receipt.pdf", receipts.shared_pdf, name="receipt_shared_pdf"),
]
