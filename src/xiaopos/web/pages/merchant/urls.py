"""Where the portal's pages are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web import receipts
from xiaopos.web.pages.merchant import activation_views, api_key_views, code_views, staff_views, views, wallet_views

urlpatterns = [
    path("", views.today, name="portal_today"),
    path("payments/", views.payments, name="portal_payments"),
    path("payments.csv", views.payments_csv, name="portal_payments_csv"),
    path("payments/<slug:payment_id>/", views.payment, name="portal_payment"),
    path("payments/<slug:payment_id>/receipt/", views.receipt, name="portal_receipt"),
    path("payments/<slug:payment_id>/receipt.pdf", views.receipt_pdf, name="portal_receipt_pdf"),
    path("payments/<slug:payment_id>/send/", views.send, name="portal_receipt_send"),
    path("terminals/", views.terminals, name="portal_terminals"),
    path("activate/", activation_views.activation, name="portal_activate"),
    path("activate/learn/", activation_views.learn, name="portal_learn"),
    path("activate/now/", activation_views.activate, name="portal_activate_now"),
    path("activate/<slug:terminal_id>/prove/", activation_views.prove, name="portal_prove"),
    path("wallets/", wallet_views.wallets, name="portal_wallets"),
    path("wallets/<slug:wallet>/enter/", wallet_views.enter, name="portal_wallet_enter"),
    path("wallets/<slug:wallet>/pair/", wallet_views.pair, name="portal_wallet_pair"),
    path("wallets/contracts/<slug:contract_id>/", wallet_views.contract, name="portal_wallet_contract"),
    path("wallets/contracts/<slug:contract_id>/probe/", wallet_views.probe, name="portal_wallet_probe"),
    path("wallets/contracts/<slug:contract_id>/tried/", wallet_views.tried, name="portal_wallet_tried"),
    path("wallets/contracts/<slug:contract_id>/pay/", wallet_views.pay, name="portal_wallet_pay"),
    path("wallets/contracts/<slug:contract_id>/back/", wallet_views.pay_back, name="portal_wallet_back"),
    path("wallets/contracts/<slug:contract_id>/change/", wallet_views.change, name="portal_wallet_change"),
    path("api-keys/", api_key_views.api_keys, name="portal_api_keys"),
    path("api-keys/make/", api_key_views.make, name="portal_api_key_make"),
    path("api-keys/<slug:prefix>/revoke/", api_key_views.revoke, name="portal_api_key_revoke"),
    path("codes/", code_views.codes, name="portal_codes"),
    path("codes/make/", code_views.make, name="portal_code_make"),
    path("codes/order/", code_views.order, name="portal_code_order"),
    path("codes/<str:token>/", code_views.shown, name="portal_code"),
    path("codes/<str:token>/lock/", code_views.lock, name="portal_code_lock"),
    path("codes/<str:token>/rotate/", code_views.rotate, name="portal_code_rotate"),
    path("codes/<str:token>/retire/", code_views.retire, name="portal_code_retire"),
    path("codes/<str:token>/<str:size>.pdf", code_views.poster, name="portal_code_poster"),
    path("staff/", staff_views.staff, name="portal_staff"),
    path("staff/invite/", staff_views.invite, name="portal_staff_invite"),
    path("staff/<str:username>/renew/", staff_views.renew, name="portal_staff_renew"),
    path("staff/<str:username>/switch/", staff_views.switch, name="portal_staff_switch"),
    path("receipt/<str:token>/", receipts.shared, name="receipt_shared"),
    path("receipt/<str:token>/receipt.pdf", receipts.shared_pdf, name="receipt_shared_pdf"),
]
