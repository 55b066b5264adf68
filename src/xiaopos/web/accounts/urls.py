"""Where the pages of accounts are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.accounts import joining, views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/code/", views.second_factor, name="second_factor"),
    path("join/", joining.join, name="join"),
    path("join/<str:secret>/", joining.arrive, name="join_arrive"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.language, name="language"),
    path("size/", views.size, name="size"),
]
