"""Makes the real store's database for a contract suite: `python -m support.make_books DATABASE`.

Run as a program of its own, because Django can be set up for one database per process. `DATABASE` is a path for SQLite or
the URL of a PostgreSQL database. The terminals are the ones that the twins know (`support.world`).
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command

from support.world import BOOKS, LIMIT, NOODLES, PLAN, TEA, ZONE
from xiaopos.fleet.asks import TerminalAsk
from xiaopos.fleet.downloads import DownloadKind, DownloadRow

STORES = (
    "payments",
    "ledger",
    "merchants",
    "fleet",
    "bindings",
    "jobs",
    "wallets",
    "shop_codes",
    "webhooks",
    "speakers",
)
AGREED = ((date(2026, 1, 1), LIMIT, "Qian"), (date(2027, 1, 1), 2 * LIMIT, "Qian"), (date(2028, 1, 1), 3 * LIMIT, ""))
"""From which day on which limit was agreed, and who approved it; the last waits."""

NAMES = {TEA: "小林茶铺", NOODLES: "陈记面馆", BOOKS: "梧桐书店"}
TERMINALS = {"10000001": TEA, "10000002": TEA, "20000001": NOODLES, "30000001": BOOKS}

BINDINGS = {"10000002": ("bound", "10000002"), "20000001": ("proved", "another"), "30000001": ("awaited", "30000001")}
"""How terminals are bound that were packed here, and to which serial; the last two must not take money."""
BOUND = {terminal_id: state == "bound" for terminal_id, (state, _) in BINDINGS.items()}

DOWNLOADS = tuple(
    DownloadRow(kind, key, profile, valid_from, content)
    for kind, key, profile, valid_from, content in (
        (DownloadKind.PARAMETERS, "12", "", date(2026, 1, 1), "60"),
        (DownloadKind.PARAMETERS, "12", "", date(2027, 1, 1), "30"),
        (DownloadKind.PARAMETERS, "12", "unionpay-3des-mac-2012", date(2026, 1, 1), "90"),
        (DownloadKind.BLACKLIST, "62000099", "", date(2026, 1, 1), "62000099"),
    )
)
ASKED_TERMINAL, ASKED_AT = "30000001", datetime(2026, 3, 14, 3, 0, tzinfo=UTC)
ASKS = (TerminalAsk.PARAMETERS, TerminalAsk.SIGN_IN)
"""What is asked of one terminal, at that instant."""


def database(name: str) -> dict[str, Any]:
    """Django's words for a database."""
    if "://" not in name:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name}
    parts = urlsplit(name)
    where = {"USER": parts.username, "HOST": parts.hostname, "PORT": str(parts.port)}
    return {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path.lstrip("/"), **where}


def make(name: str) -> None:
    """Migrate, and register merchants, terms and terminals."""
    apps = [f"xiaopos.store.{store}" for store in STORES]
    settings.configure(INSTALLED_APPS=apps, DATABASES={"default": database(name)}, USE_TZ=True, TIME_ZONE="UTC")
    django.setup()
    call_command("migrate", verbosity=0)

    from xiaopos.store.fleet.models import Terminal, TerminalAskRow, TerminalDownload, TerminalModel
    from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan

    at = datetime(2026, 1, 1, tzinfo=UTC)
    prices = {kind: {"ppm": price.rate.ppm, "cap_minor": price.cap_minor} for kind, price in PLAN.prices.items()}
    plan = PricePlan.objects.create(
        plan_id=PLAN.plan_id,
        name_zh="标准",
        name_en="Standard",
        prices=prices,
        refund_returns_fee=PLAN.refund_returns_fee,
    )
    for merchant_id, title in NAMES.items():
        Merchant.objects.create(
            merchant_id=merchant_id, name=title, name_en=title, category_code="5812", active=True, zone=ZONE,
            cut_over_hour=24, created_at=at,
        )  # fmt: skip
        for valid_from, limit, approver in AGREED:
            MerchantTerms.objects.create(
                merchant_id=merchant_id, valid_from=valid_from, plan=plan, currency="CNY", payment_limit_minor=limit,
                author="Gao", approver=approver,
            )  # fmt: skip
    model = TerminalModel.objects.create(model_id="m", maker="Maker", name="Model", year=2024, capabilities=[])
    for terminal_id, merchant_id in TERMINALS.items():
        Terminal.objects.create(
            terminal_id=terminal_id, merchant_id=merchant_id, shop_id=f"shop-{merchant_id[-1]}", model=model,
            serial=terminal_id, active=True, profile="unionpay-3des-2012", batch_number=1, signed_in_at=at,
        )  # fmt: skip
    _bind(at)
    TerminalDownload.objects.bulk_create(
        TerminalDownload(
            kind=row.kind.value, row_key=row.key, profile=row.profile, valid_from=row.valid_from, content=row.content,
            author="Gao", approver="Qian",
        )
        for row in DOWNLOADS
    )  # fmt: skip
    TerminalDownload.objects.create(
        kind=DownloadKind.PUBLIC_KEYS.value, row_key="A0000003330A", profile="", valid_from=date(2026, 1, 1), content="00",
        author="Gao", approver="",
    )  # fmt: skip
    TerminalAskRow.objects.bulk_create(
        TerminalAskRow(
            terminal_id=ASKED_TERMINAL,
            ask=ask.value,
            asked_at=ASKED_AT,
            asked_by="Gao",
            reason="a test",
            urgency=ask.urgency,
        )
        for ask in ASKS
    )


def _bind(at: datetime) -> None:
    """Write what terminals are bound to."""
    from xiaopos.store.bindings.models import TerminalBindingRow

    for terminal_id, (state, serial) in BINDINGS.items():
        merchant_id = TERMINALS[terminal_id]
        TerminalBindingRow.objects.create(
            terminal_id=terminal_id, merchant_id=merchant_id, shop_id=f"shop-{merchant_id[-1]}", serial=serial,
            acquirer="48020000", licence="L", account="ab" * 16, address="柳巷 8 号", phone="010", state=state, report="due",
            changed_at=at,
        )  # fmt: skip


if __name__ == "__main__":
    make(sys.argv[1])
