"""Where anybody finds the house's public keys.

What may live here: their address. What may not: views.
"""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.merchant import webhook_views

urlpatterns = [path("xiaopos-webhooks.json", webhook_views.well_known, name="webhook_keys")]
