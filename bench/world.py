"""The world of a payment benchmark: a fresh database on either engine, terminals with keys, frames ready to send.

What may live here: making that world. What may not: timing anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, MacKind, SoftwareVault, WrappedKey
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.framing import TerminalFrame, mac_input
from xiaopos.wire.iso8583.unionpay_terminal import SPEC
from xiaopos.wiring import entropy

MERCHANT = "898110058120001"
PROFILE = "unionpay-3des-2012"
MASTER = Secret(bytes(range(32)))
STORES = ("payments", "ledger", "merchants", "fleet", "bindings", "jobs")


def vault() -> SoftwareVault:
    """A vault whose master key every process of the benchmark knows."""
    return SoftwareVault(MASTER, entropy)


def terminal_id(number: int) -> str:
    """The number of the n-th terminal."""
    return f"{number:08d}"


def configure(database: str) -> None:
    """Set Django up for the store's apps on a database: a path, or the URL of a PostgreSQL database."""
    import django  # the host under test does without
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=[f"xiaopos.store.{name}" for name in STORES],
        DATABASES={"default": _database(database)},
        USE_TZ=True,
        TIME_ZONE="UTC",
    )
    django.setup()


def _database(database: str) -> dict[str, Any]:
    if "://" not in database:
        options = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 60,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
        }
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": database, "OPTIONS": options, "CONN_MAX_AGE": None}
    from urllib.parse import urlsplit

    parts = urlsplit(database)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "",
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
    }


def make_database(terminals: int) -> None:
    """Migrate the configured database and register the terminals, each with a MAC key of its own."""
    from django.core.management import call_command

    from xiaopos.store.fleet.models import Terminal, TerminalModel
    from xiaopos.store.merchants.models import Merchant, MerchantTerms, PricePlan

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    plan = PricePlan.objects.create(
        plan_id="p", name_zh="标准", name_en="Standard", refund_returns_fee=True,
        prices={"unknown": {"ppm": 6000, "cap_minor": None}},
    )  # fmt: skip
    Merchant.objects.create(
        merchant_id=MERCHANT, name="茶铺", name_en="Tea", category_code="5812", active=True, zone="Asia/Shanghai",
        cut_over_hour=24, created_at=now,
    )  # fmt: skip
    MerchantTerms.objects.create(
        merchant_id=MERCHANT, valid_from="2020-01-01", plan=plan, currency="CNY", payment_limit_minor=5_000_000,
        author="a", approver="b",
    )  # fmt: skip
    model = TerminalModel.objects.create(model_id="m", maker="m", name="m", year=2024, capabilities=[])
    keys = vault()
    Terminal.objects.bulk_create(
        Terminal(
            terminal_id=terminal_id(number), merchant_id=MERCHANT, shop_id="s", model=model, serial=str(number),
            active=True, profile=PROFILE, batch_number=1, signed_in_at=now,
            tak=keys.generate(usage=KeyUsage.TAK, algorithm=KeyAlgorithm.DES).text(),
        )
        for number in range(terminals)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """The frames of one terminal, in the order in which it sends them."""

    frames: list[bytes]


def make_load(terminals: int, sales: int, first_stan: int) -> list[Load]:
    """Frames of card sales, MAC included, from the terminals of the configured database."""
    from xiaopos.store.fleet.models import Terminal

    keys, codec = vault(), Codec(SPEC)
    taks = dict(Terminal.objects.values_list("terminal_id", "tak"))
    loads = []
    for number in range(terminals):
        tak = WrappedKey.from_text(taks[terminal_id(number)])
        stans = range(first_stan, first_stan + sales)
        loads.append(Load([_frame(codec, keys, tak, terminal_id(number), stan) for stan in stans]))
    return loads


def _frame(codec: Codec, keys: SoftwareVault, tak: WrappedKey, terminal: str, stan: int) -> bytes:
    message = Message(
        "0200",
        {
            2: "6225561620345170", 3: "000000", 4: "000000002500", 11: f"{stan:06d}", 14: "3012", 22: "021", 25: "00",
            35: "6225561620345170=30122011234567890000", 41: terminal, 42: MERCHANT, 49: "156",
            53: "0600000000000000", 60: "220000010005000", 63: "CUP", 64: bytes(8),
        },
    )  # fmt: skip
    covered = mac_input(codec.encode(message))
    message.fields[64] = keys.mac(key=tak, data=covered, kind=MacKind.UNIONPAY_ECB)
    frame = TerminalFrame(bytes.fromhex("6000030000"), bytes.fromhex("603110000000"), codec.encode(message))
    return frame.encode()


def versions(database: str) -> dict[str, str]:
    """What a figure depends on."""
    import platform
    import sqlite3

    import django

    engine = "PostgreSQL" if "://" in database else f"SQLite {sqlite3.sqlite_version}"
    return {"python": platform.python_version(), "django": django.__version__, "engine": engine}


def write_json(path: Path, rows: list[dict[str, Any]]) -> None:
    """Rows for machines."""
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
