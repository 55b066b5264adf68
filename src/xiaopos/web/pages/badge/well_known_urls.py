"""Where anybody finds the public keys of badges.

What may live here: their address. What may not: views.
"""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.badge import views

urlpatterns = [path("xiaopos-badges.json", views.well_known, name="badge_keys")]
