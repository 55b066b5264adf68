"""Short ways through the depot's pages: who presses what, from a maker's list to a terminal in use.

What may live here: verbs over browsers. What may not: what a test expects beyond that a step was made.
"""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from support.depot import ACCOUNT, LIST, PHONE, licence
from support.desk_town import Town
from support.world import TEA
from xiaopos.store.bindings.models import TerminalBindingRow
from xiaopos.store.stock.models import DeviceOrderRow
from xiaopos.web.lesson import CARDS


def says(town: Town, who: str, name: str, *args: str, language: str = "zh-hans", status: int = 200) -> str:
    answer = town.browser(who, language).get(reverse(name, args=args))
    assert answer.status_code == status
    return str(answer.content.decode())


def does(town: Town, who: str, name: str, *args: str, **form: Any) -> str:
    answer = town.browser(who).post(reverse(name, args=args), {"reason": "as agreed", **form}, follow=True)
    return str(answer.content.decode())


def receives(town: Town, text: str = LIST, **form: Any) -> str:
    return does(town, "sun", "console_stock_receive", note="D-1", list=text, **form)


def orders(town: Town, **form: Any) -> str:
    """A new order; its number."""
    sent = {
        "merchant": TEA,
        "shop": f"shop-{TEA}",
        "model": "XP-M2",
        "profile": "",
        "phone": PHONE,
        "address": "柳巷 8 号",
    }
    assert "订单已登记" in does(town, "sun", "console_order_enter", **(sent | form))
    return DeviceOrderRow.objects.order_by("-ordered_at")[0].order_id


def papers(town: Town, **form: Any) -> str:
    return does(town, "he", "console_papers", **({"merchant": TEA, "licence": licence(), "account": ACCOUNT} | form))


def packed(town: Town) -> tuple[str, str, str]:
    """An order whose device is packed: the order, the serial number, the code on the slip."""
    receives(town)
    papers(town)
    order_id = orders(town)
    assert "已预留 XPM2-0001" in does(town, "sun", "console_order_move", order_id, move="reserve", serial="")
    page = does(town, "sun", "console_order_pack", order_id)
    code = re.search(r'class="code">([0-9]{8})<', page)
    assert code is not None
    assert code[1] not in says(town, "sun", "console_order", order_id), "a code is shown once"
    return order_id, "XPM2-0001", code[1]


def sent(town: Town, courier: str = "pretend", tracking: str = "") -> tuple[str, str, str]:
    order_id, serial, code = packed(town)
    assert "已交寄" in does(town, "sun", "console_order_send", order_id, courier=courier, tracking=tracking)
    return order_id, serial, code


def learned(town: Town, who: str = "lin") -> str:
    return does(town, who, "portal_learn", **{card.name: str(card.right) for card in CARDS})


def activates(town: Town, serial: str, code: str, phone: str = PHONE, who: str = "lin") -> str:
    return does(town, who, "portal_activate_now", serial=serial, code=code, phone=phone)


def active(town: Town) -> str:
    """A terminal that Lin has activated; its number."""
    _, serial, code = sent(town)
    learned(town)
    assert "已激活" in activates(town, serial, code)
    return TerminalBindingRow.objects.get().terminal_id
