"""The filters of the depot's pages, loaded with `{% load depot %}`.

What may live here: thin filters over words. What may not: rules.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from xiaopos.fleet.stock.states import DeviceState
from xiaopos.gateways.courier_by_hand import BY_HAND
from xiaopos.web import depot_words as words
from xiaopos.web.pages.depot.stock_views import model_words

register = template.Library()
register.filter("device_model", model_words)


@register.filter
def device_told(state: str) -> Any:
    """A device's state: its tone and its words."""
    return words.DEVICES[DeviceState(state)]


@register.filter
def courier_words(name: str) -> str:
    """What a courier is called."""
    return {"pretend": _("演示快递"), BY_HAND: _("自己叫的快递")}.get(name, name)
