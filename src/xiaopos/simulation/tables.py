"""The empty books of a play: `python -m xiaopos.simulation.tables FILE` makes the tables and the town in an SQLite file.

What may live here: migrating, and writing the town's rows without any key. What may not: anything else; it runs as a program
of its own, because a process sets Django up for one database only, and the play itself stays without Django.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

STORES = ("payments", "ledger", "merchants", "fleet", "bindings", "jobs")
FIRST_DAY = date(2026, 1, 1)


def make_tables(path: Path) -> None:
    """Make the file in a process of its own. Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "xiaopos.simulation.tables", str(path)], check=True)


def _make(path: str) -> None:
    import django
    from django.conf import settings  # noqa: TID251 - a program of its own, without a deployment
    from django.core.management import call_command

    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    apps = [f"xiaopos.store.{store}" for store in STORES]
    settings.configure(INSTALLED_APPS=apps, DATABASES={"default": database}, USE_TZ=True, TIME_ZONE="UTC")
    django.setup()
    call_command("migrate", verbosity=0)
    _write_town()


def _write_town() -> None:
    from xiaopos.simulator import town
    from xiaopos.store.fleet.models import Terminal, TerminalModel
    from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan

    for plan in town.PLANS:
        prices = {kind: {"ppm": ppm, "cap_minor": cap} for kind, (ppm, cap) in plan.prices.items()}
        PricePlan.objects.create(
            plan_id=plan.plan_id, name_zh=plan.name_zh, name_en=plan.name_en, prices=prices,
            refund_returns_fee=plan.refund_returns_fee,
        )  # fmt: skip
    for row in town.MODELS:
        TerminalModel.objects.create(
            model_id=row.model_id, maker=row.maker, name=row.name, year=row.year, capabilities=list(row.capabilities)
        )
    for merchant in town.MERCHANTS:
        Merchant.objects.create(
            merchant_id=merchant.merchant_id, name=merchant.name, name_en=merchant.name_en,
            category_code=merchant.category_code, active=True, zone="Asia/Shanghai", cut_over_hour=24,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        MerchantTerms.objects.create(
            merchant_id=merchant.merchant_id, valid_from=FIRST_DAY, plan_id=merchant.plan_id, currency="CNY",
            payment_limit_minor=merchant.payment_limit_minor, author="simulation", approver="simulation",
        )  # fmt: skip
        for terminal in merchant.terminals:
            Terminal.objects.create(
                terminal_id=terminal.terminal_id, merchant_id=merchant.merchant_id,
                shop_id=f"shop-{merchant.merchant_id}", model_id=terminal.model_id, serial=terminal.serial, active=True,
                profile="unionpay-3des-2012", batch_number=1,
            )  # fmt: skip


if __name__ == "__main__":
    _make(sys.argv[1])
