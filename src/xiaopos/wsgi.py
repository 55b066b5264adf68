"""The web process: Django's pages, and the house in a thread of its own.

What may live here: starting both. What may not: anything else.
"""

from __future__ import annotations

import os
from datetime import timedelta

from django.core.wsgi import get_wsgi_application

from xiaopos.logs import configure_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiaopos.settings")
application = get_wsgi_application()
configure_logging()
DEMO_HOUR = timedelta(seconds=15)
"""How long an hour of the demo's courier lasts: a parcel arrives while one looks on."""


def _open_house() -> None:
    from django.conf import settings

    from xiaopos.keys import KeyFault, KeyRefused
    from xiaopos.keys.wider_vault import WiderVault
    from xiaopos.web import asking, depot_room, key_room
    from xiaopos.wiring import HouseThread, MissingSetUp, build_vault, process_name

    def vault() -> WiderVault:
        try:
            return build_vault(settings.DEPLOYMENT)
        except MissingSetUp as missing:
            raise KeyRefused(KeyFault.OUT_OF_REACH, str(missing)) from None

    key_room.install(vault)
    deployment = settings.DEPLOYMENT
    if deployment.is_demo:
        from xiaopos.simulator.courier import PretendCourier

        depot_room.install(PretendCourier(hour=DEMO_HOUR))
    asking.install(HouseThread(deployment, process_name(deployment, "web", deployment.web_port)))


_open_house()
