"""Where the cashier's pages are."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.cashier import camera, code_views, views

urlpatterns = [
    path("", views.counter, name="cashier"),
    path("camera", camera.read, name="cashier_camera"),
    path("terminal", views.choose_terminal, name="cashier_terminal"),
    path("payments", views.take, name="cashier_take"),
    path("payments/<str:payment_id>.json", views.state, name="cashier_state"),
    path("payments/<str:payment_id>/cancel", views.cancel, name="cashier_cancel"),
    path("vouchers/<int:batch_number>/<int:stan>.json", views.voucher, name="cashier_voucher"),
    path("today", views.today, name="cashier_today"),
    path("payments/<str:payment_id>", views.payment, name="cashier_payment"),
    path("payments/<str:payment_id>/<str:verb>", views.undo, name="cashier_undo"),
    path("receipts/<str:payment_id>", views.receipt, name="cashier_receipt"),
    path("close", views.close, name="cashier_close"),
    path("code", code_views.ask, name="cashier_code"),
    path("code/<str:token>", code_views.shown, name="cashier_code_shown"),
    path("code/<str:token>/state", code_views.state, name="cashier_code_state"),
]
