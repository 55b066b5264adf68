"""Where the API is: the addresses of the table of operations. Nothing else lives here."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from xiaopos.web.api import views
from xiaopos.web.api.operations import BY_PATH


def _place(template: str) -> str:
    return "v1" + template.replace("{payment_id}", "<str:payment_id>")


def _name(template: str) -> str:
    return "api_payment" if template == "/payments/{payment_id}" else f"api:{template}"


urlpatterns: list[URLPattern] = [
    path("", views.index, name="api_index"),
    path("openapi.json", views.openapi, name="api_openapi"),
    *(
        path(_place(template), views.serve, {"methods": methods}, name=_name(template))
        for template, methods in BY_PATH.items()
    ),
    re_path(r"^v1(?:/.*)?$", views.unknown, name="api_unknown"),
]
