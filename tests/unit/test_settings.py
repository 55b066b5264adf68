"""Django's settings follow the deployment, in the demo and in production.

Settings are read when the module is imported, so each test reads them in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

PROGRAM = """
import json
from pathlib import Path
from xiaopos import settings
told = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
print(json.dumps(told, default=lambda value: str(value) if isinstance(value, Path) else type(value).__name__))
"""
PRODUCTION = {
    "XIAOPOS_MODE": "production",
    "XIAOPOS_WEB_HOSTS": "pos.example.com,tea.example.com",
    "XIAOPOS_PKCS11_MODULE": "/opt/hsm/lib/libpkcs11.so",
    "XIAOPOS_PKCS11_TOKEN": "xiaopos",
}
DEMO = {"XIAOPOS_MODE": "demo", "XIAOPOS_MASTER_KEY": "ab" * 32}


def settings_of(data: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What Django is told in such an environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("XIAOPOS_")}
    pin = data / "pin"
    pin.write_text("135790")
    given = {"XIAOPOS_SECRET_KEY": "s" * 40, "XIAOPOS_DATA_DIR": str(data)} | environment
    if environment["XIAOPOS_MODE"] == "production":
        given["XIAOPOS_PKCS11_PIN_FILE"] = str(pin)
    printed = subprocess.run([sys.executable, "-c", PROGRAM], env=clean | given, capture_output=True, check=True)
    told: dict[str, Any] = json.loads(printed.stdout)
    return told


def test_production_keeps_cookies_on_tls_and_knows_its_hosts_only(tmp_path: Path) -> None:
    real = settings_of(tmp_path, PRODUCTION)

    assert real["DEBUG"] is False
    assert real["ALLOWED_HOSTS"] == ["pos.example.com", "tea.example.com"]
    assert real["SESSION_COOKIE_SECURE"] is real["CSRF_COOKIE_SECURE"] is True
    assert real["SECURE_HSTS_SECONDS"] >= 31_536_000


def test_a_form_sent_over_tls_is_accepted_behind_the_proxy_that_ended_it(tmp_path: Path) -> None:
    real = settings_of(tmp_path, PRODUCTION)

    assert real["CSRF_TRUSTED_ORIGINS"] == ["https://pos.example.com", "https://tea.example.com"]
    assert settings_of(tmp_path, DEMO)["CSRF_TRUSTED_ORIGINS"] == []


def test_the_security_headers_wrap_everything(tmp_path: Path) -> None:
    middleware = settings_of(tmp_path, DEMO)["MIDDLEWARE"]

    assert middleware[0] == "xiaopos.web.headers.SecurityHeaders"
    assert "django.middleware.csrf.CsrfViewMiddleware" in middleware


def test_passwords_are_hashed_with_argon2_and_nothing_weaker(tmp_path: Path) -> None:
    hashers = settings_of(tmp_path, DEMO)["PASSWORD_HASHERS"]

    assert hashers == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_the_embedded_database_writes_durably_and_takes_its_lock_at_once(tmp_path: Path) -> None:
    database = settings_of(tmp_path, DEMO)["DATABASES"]["default"]

    assert database["NAME"] == str(tmp_path / "xiaopos.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in database["OPTIONS"]["init_command"]
    assert database["CONN_MAX_AGE"] is None


def test_the_parts_of_a_postgresql_address_are_unquoted(tmp_path: Path) -> None:
    address = "postgresql://lin:oo%40long@db.example.com:5433/tea%20shop"

    database = settings_of(tmp_path, DEMO | {"XIAOPOS_DATABASE": address})["DATABASES"]["default"]

    parts = [database[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")]
    assert parts == ["tea shop", "lin", "oo@long", "db.example.com", "5433"]


def test_chinese_comes_first(tmp_path: Path) -> None:
    demo = settings_of(tmp_path, DEMO)

    assert demo["LANGUAGE_CODE"] == "zh-hans"
    assert [code for code, _ in demo["LANGUAGES"]] == ["zh-hans", "en"]
