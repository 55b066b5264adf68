"""The Django app of the pages. Nothing else lives here."""

from django.apps import AppConfig


class Web(AppConfig):
    """Registers templates, static files and translations."""

    name = "xiaopos.web"
    label = "web"
