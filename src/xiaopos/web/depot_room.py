"""Where pages find the depot: the keyed hash of codes and papers, the courier, the links behind which parcels are followed.

What may live here: putting those together for one request. What may not: rules, pages.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from xiaopos.fleet.activation import Keyed
from xiaopos.fleet.deliveries.links import ENTROPY as LINK_ENTROPY
from xiaopos.fleet.deliveries.links import token_of
from xiaopos.gateways.courier_by_hand import CourierByHand
from xiaopos.keys import KeyFault, KeyRefused
from xiaopos.store.applications.queries import personal_seal
from xiaopos.store.deliveries.book import ParcelRows
from xiaopos.store.deliveries.queries import ParcelLine, parcels_under_way
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.follow_delivery import Courier, follow_delivery
from xiaopos.web import key_room
from xiaopos.web.application_room import new_id

BY_COURIER = Actor("courier", "", "the courier told")
_couriers: list[Courier] = []


def install(*couriers: Courier) -> None:
    """Say which couriers' services may be asked. Called by the composition root."""
    _couriers[:] = couriers


def courier_named(name: str, tracking: str = "") -> Courier:
    """A courier's service; else somebody's own, by the number on its slip."""
    return next((one for one in _couriers if one.name == name), CourierByHand(tracking))


def courier_names() -> list[str]:
    """The couriers whose services may be asked."""
    return [one.name for one in _couriers]


def keyed() -> Keyed:
    """The house's keyed hash of codes, accounts and identity numbers. Raises KeyRefused."""
    seal = personal_seal(key_room.vault())
    if seal is None:
        raise KeyRefused(
            KeyFault.OUT_OF_REACH, "the keys for people's data are missing; xiaopos keys prepare makes them"
        )
    return seal.keyed


def new_parcel(at: datetime) -> tuple[str, str]:
    """A new parcel's number, and the token in its link."""
    return new_id(at), token_of(secrets.token_bytes(LINK_ENTROPY))


def link_of(request: HttpRequest, token: str) -> str:
    """The link behind which a parcel is followed, as people reach it from outside."""
    path, outside = reverse("track", args=[token]), settings.DEPLOYMENT.public_url
    return outside + path if outside else request.build_absolute_uri(path)


def hear_courier(parcel: ParcelLine) -> None:
    """Ask a parcel's courier for news of it, where its service may be asked."""
    for courier in _couriers:
        if courier.name == parcel.courier:
            follow_delivery(parcel.parcel_id, courier, BY_COURIER, timezone.now(), ParcelRows())


def hear_couriers() -> None:
    """Ask every courier's service for news of all that it carries: when somebody looks at the orders."""
    for courier in _couriers:
        for parcel in parcels_under_way(courier.name):
            hear_courier(parcel)
