"""Where the page of a parcel is. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.track import views

urlpatterns = [path("<str:token>/", views.track, name="track")]
