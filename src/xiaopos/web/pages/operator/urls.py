"""Where the console's pages are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.operator import (
    changes,
    key_views,
    ledger_views,
    list_views,
    live_views,
    network_views,
    people_views,
    reading_views,
    register_views,
    signature_views,
    views,
)

urlpatterns = [
    path("", views.overview, name="console_overview"),
    path("numbers/", views.numbers, name="console_numbers"),
    path("live/", live_views.live_view, name="console_live"),
    path("live/now/", live_views.live_now, name="console_live_now"),
    path("merchants/", views.merchants, name="console_merchants"),
    path("merchants/<slug:merchant_id>/", views.merchant, name="console_merchant"),
    path("merchants/<slug:merchant_id>/register/", register_views.register, name="console_terminal_register"),
    path("terminals/", views.terminals, name="console_terminals"),
    path("terminals/<slug:terminal_id>/", views.terminal, name="console_terminal"),
    path("terminals/<slug:terminal_id>/switch/", changes.switch, name="console_terminal_switch"),
    path("terminals/<slug:terminal_id>/ask/", changes.ask, name="console_terminal_ask"),
    path("terminals/<slug:terminal_id>/profile/", register_views.profile, name="console_terminal_profile"),
    path("lists/<slug:kind>/", list_views.entries, name="console_lists"),
    path("lists/<slug:kind>/enter/", list_views.enter, name="console_list_enter"),
    path("lists/<slug:kind>/answer/", list_views.answer, name="console_list_answer"),
    path("networks/", network_views.networks, name="console_networks"),
    path("networks/<str:network>/switch/", network_views.switch, name="console_network_switch"),
    path("payments/", views.payments, name="console_payments"),
    path("payments/<slug:merchant_id>/<slug:payment_id>/", views.payment, name="console_payment"),
    path("payments/<slug:merchant_id>/<slug:payment_id>/signature/", signature_views.show, name="console_signature"),
    path("unresolved/", views.unresolved, name="console_unresolved"),
    path("unresolved/close/", changes.close, name="console_discrepancy_close"),
    path("ledger/", ledger_views.accounts, name="console_ledger"),
    path("ledger.csv", ledger_views.accounts_csv, name="console_ledger_csv"),
    path("ledger/<str:account>/", ledger_views.account, name="console_account"),
    path("ledger/<str:account>/lines.csv", ledger_views.account_csv, name="console_account_csv"),
    path("messages/", reading_views.reading, name="console_reading"),
    path("keys/", key_views.keys, name="console_keys"),
    path("keys/plan/", key_views.plan, name="console_key_plan"),
    path("keys/<slug:key_id>/", key_views.key, name="console_key"),
    path("keys/<slug:key_id>/ask/", key_views.ask, name="console_key_ask"),
    path("keys/<slug:key_id>/answer/", key_views.answer, name="console_key_answer"),
    path("people/", people_views.people, name="console_people"),
    path("people/invite/", people_views.invite, name="console_person_invite"),
    path("people/<str:username>/renew/", people_views.renew, name="console_person_renew"),
    path("people/<str:username>/switch/", people_views.switch, name="console_person_switch"),
    path("audit/", views.audit, name="console_audit"),
]
