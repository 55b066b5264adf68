"""What every page's frame needs: the menu of whoever is signed in, the size of the text, and whether this is a demo.

What may live here: the menu. What may not: data of a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xiaopos.merchants.roles import Permission
from xiaopos.web.access import may


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the menu: the name of its URL, what it says, and who sees it."""

    url_name: str
    title: Any
    permission: Permission


MENU = (
    Item("cashier", _("收银"), Permission.TAKE_PAYMENT),
    Item("portal_today", _("今日"), Permission.SEE_SHOP),
    Item("portal_payments", pgettext_lazy("menu", "交易"), Permission.SEE_SHOP),
    Item("portal_terminals", pgettext_lazy("menu", "终端"), Permission.SEE_SHOP),
    Item("portal_activate", _("启用终端"), Permission.ACTIVATE_TERMINAL),
    Item("portal_wallets", _("钱包签约"), Permission.KEEP_CONTRACTS),
    Item("portal_webhooks", _("事件通知"), Permission.KEEP_WEBHOOKS),
    Item("portal_api_keys", _("接口密钥"), Permission.KEEP_API_KEYS),
    Item("portal_speakers", _("播报音箱"), Permission.KEEP_SPEAKERS),
    Item("portal_codes", pgettext_lazy("menu", "收款码"), Permission.SEE_SHOP),
    Item("portal_staff", _("员工"), Permission.SEE_STAFF),
    Item("agent_badge", _("我的工牌"), Permission.CARRY_BADGE),
    Item("agent_home", _("代理商首页"), Permission.SEE_OWN_AGENT),
    Item("console_overview", _("总览"), Permission.SEE_CONSOLE),
    Item("console_live", _("实时"), Permission.SEE_CONSOLE),
    Item("console_merchants", _("商户"), Permission.SEE_CONSOLE),
    Item("console_applications", _("进件"), Permission.REVIEW_APPLICATIONS),
    Item("console_terminals", pgettext_lazy("menu", "终端"), Permission.SEE_CONSOLE),
    Item("console_stock", _("库存"), Permission.KEEP_STOCK),
    Item("console_bindings", _("绑定与激活"), Permission.SEE_CONSOLE),
    Item("console_agents", _("代理商"), Permission.KEEP_AGENTS),
    Item("console_networks", _("卡网络"), Permission.SEE_CONSOLE),
    Item("console_payments", pgettext_lazy("menu", "交易"), Permission.SEE_CONSOLE),
    Item("console_unresolved", _("未决"), Permission.SEE_UNRESOLVED),
    Item("console_ledger", _("账务"), Permission.SEE_LEDGER),
    Item("console_reading", _("报文解读"), Permission.READ_MESSAGES),
    Item("console_keys", pgettext_lazy("menu", "密钥"), Permission.SEE_KEYS),
    Item("console_people", _("人员"), Permission.LOOK_AFTER_PEOPLE),
    Item("console_audit", _("审计"), Permission.SEE_AUDIT),
)


SIZE_COOKIE = "xiaopos_size"
SIZES = ("large", "normal")
"""The size of the cashier app's text. Large text goes with fewer things on the screen."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """The menu as (title, address, whether it is the present page), the demo's mark, whether the text is to be large."""
    user = getattr(request, "user", None)
    items = [item for item in MENU if user is not None and may(user, item.permission)]
    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "menu": [(item.title, reverse(item.url_name), item.url_name == here) for item in items],
        "is_demo": settings.DEPLOYMENT.is_demo,
        "senior": request.COOKIES.get(SIZE_COOKIE) == "large",
    }
