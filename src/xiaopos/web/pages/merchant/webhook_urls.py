"""Where the portal's pages of webhooks are.

What may live here: their addresses. What may not: views.
"""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.merchant import webhook_views as views

urlpatterns = [
    path("", views.webhooks, name="portal_webhooks"),
    path("add/", views.add, name="portal_webhook_add"),
    path("<slug:endpoint_id>/", views.webhook, name="portal_webhook"),
    path("<slug:endpoint_id>/edit/", views.edit, name="portal_webhook_edit"),
    path("<slug:endpoint_id>/move/", views.move, name="portal_webhook_move"),
    path("<slug:endpoint_id>/secret/", views.renew, name="portal_webhook_renew"),
    path("<slug:endpoint_id>/test/", views.test, name="portal_webhook_test"),
    path("<slug:endpoint_id>/<int:number>/", views.delivery, name="portal_webhook_delivery"),
    path("<slug:endpoint_id>/<int:number>/again/", views.again, name="portal_webhook_again"),
]
