"""Where the pages for applicants are. Nothing else lives here."""

from __future__ import annotations

from django.urls import path

from xiaopos.web.pages.apply import advice_views, back_views, data_views, site_views, step_views

urlpatterns = [
    path("", site_views.site, name="apply"),
    path("models/", advice_views.models, name="apply_models"),
    path("advice/", advice_views.advice, name="apply_advice"),
    path("start/", site_views.start, name="apply_start"),
    path("now/", step_views.now, name="apply_now"),
    path("step/<str:name>/", step_views.step, name="apply_step"),
    path("picture/<str:name>/", step_views.picture, name="apply_picture"),
    path("check/", step_views.check, name="apply_check"),
    path("leave/", step_views.leave, name="apply_leave"),
    path("data/", data_views.data, name="apply_data"),
    path("data/copy/", data_views.take_copy, name="apply_data_copy"),
    path("data/consent/", data_views.consent, name="apply_data_consent"),
    path("data/erase/", data_views.erase, name="apply_data_erase"),
    path("appeal/", step_views.object_to, name="apply_appeal"),
    path("a/<str:secret>/", back_views.back, name="apply_back"),
    path("phone/<str:secret>/", back_views.telephone, name="apply_telephone"),
]
