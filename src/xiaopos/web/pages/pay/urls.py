"""Where the page of shops' codes is. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.pay import views

urlpatterns = [
    path("<str:token>", views.page, name="pay"),
    path("<str:token>/state", views.state, name="pay_state"),
]
