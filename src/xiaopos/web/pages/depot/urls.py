"""Where the depot's pages are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.depot import binding_views, order_views, stock_views

urlpatterns = [
    path("", stock_views.stock, name="console_stock"),
    path("receive/", stock_views.receive, name="console_stock_receive"),
    path("devices/<str:serial>/", stock_views.device, name="console_device"),
    path("devices/<str:serial>/move/", stock_views.move, name="console_device_move"),
    path("orders/", order_views.orders, name="console_orders"),
    path("orders/enter/", order_views.enter, name="console_order_enter"),
    path("orders/<slug:order_id>/", order_views.order, name="console_order"),
    path("orders/<slug:order_id>/move/", order_views.move, name="console_order_move"),
    path("orders/<slug:order_id>/pack/", order_views.pack, name="console_order_pack"),
    path("orders/<slug:order_id>/send/", order_views.send, name="console_order_send"),
    path("parcels/<slug:parcel_id>/news/", order_views.news, name="console_parcel_news"),
    path("bindings/", binding_views.bindings, name="console_bindings"),
    path("bindings/papers/", binding_views.papers, name="console_papers"),
    path("bindings/<slug:terminal_id>/", binding_views.binding, name="console_binding"),
    path("bindings/<slug:terminal_id>/ask/", binding_views.ask, name="console_binding_ask"),
    path("bindings/<slug:terminal_id>/answer/", binding_views.answer, name="console_binding_answer"),
    path("bindings/<slug:terminal_id>/suspend/", binding_views.suspend, name="console_binding_suspend"),
    path("bindings/<slug:terminal_id>/report/", binding_views.report, name="console_binding_report"),
]
