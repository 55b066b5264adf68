"""Where everything is.

What may live here: the prefix of each area. What may not: views.
"""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("xiaopos.web.accounts.urls")),
    path("", include("xiaopos.web.health.urls")),
    path("cashier/", include("xiaopos.web.pages.cashier.urls")),
    path("portal/webhooks/", include("xiaopos.web.pages.merchant.webhook_urls")),
    path("portal/speakers/", include("xiaopos.web.pages.merchant.speaker_urls")),
    path(".well-known/", include("xiaopos.web.pages.merchant.well_known_urls")),
    path(".well-known/", include("xiaopos.web.pages.badge.well_known_urls")),
    path("portal/", include("xiaopos.web.pages.merchant.urls")),
    path("console/depot/", include("xiaopos.web.pages.depot.urls")),
    path("console/", include("xiaopos.web.pages.operator.urls")),
    path("track/", include("xiaopos.web.pages.track.urls")),
    path("pay/", include("xiaopos.web.pages.pay.urls")),
    path("badge/", include("xiaopos.web.pages.badge.urls")),
    path("agent/", include("xiaopos.web.pages.agent.urls")),
    path("apply/", include("xiaopos.web.pages.apply.urls")),
    path("help/", include("xiaopos.web.pages.help.urls")),
    path("api/", include("xiaopos.web.api.urls")),
    path("notices/", include("xiaopos.web.notices.urls")),
]

handler400 = "xiaopos.web.errors.bad_request"
handler403 = "xiaopos.web.errors.not_allowed"
handler404 = "xiaopos.web.errors.not_found"
handler500 = "xiaopos.web.errors.fault"
