"""Production on a token: prepared by a command, a key entered by two custodians, then a card host that listens.

Each step is a process of its own, which costs a second or two: what a custodian is refused is played by the unit tests of
`xiaopos keys`, within one process.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password

from devtools import softhsm
from support import machine
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault

pytestmark = pytest.mark.slow

PASSWORD = "tea-and-noodles-2026"  # a test's own
PARTS = (bytes(range(1, 17)), bytes(range(101, 117)))
CEREMONY = """
import sys, django
django.setup()
from xiaopos import wiring
from xiaopos.deployment import read_deployment
from xiaopos.keys import KeyAlgorithm, KeyState, KeyUsage
from xiaopos.store.keys.inventory import KeyRows
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.key_ceremony import *
import os
now, book = wiring.SystemClock().now(), KeyRows()
gao, he = Actor("gao", "administrator", "first key"), Actor("he", "risk", "first key")
if sys.argv[1] == "plan":
    row = KeyRow("a" * 32, "network_zmk", KeyUsage.ZMK, KeyAlgorithm.TDES2, KeyState.AWAITED, Origin.COMPONENTS, 2)
    print(plan_key(row, gao, now, book))
else:
    print(ask_for_change(Asked("b" * 32, "a" * 32, Change.ACTIVATE, gao, now), book))
    print(approve_change("a" * 32, he, now, book=book, vault=wiring.build_vault(read_deployment(os.environ))))
"""


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    module = machine.softhsm()
    (tmp_path / "token").mkdir()
    (tmp_path / "pin").write_text(softhsm.PIN, encoding="utf8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("XIAOPOS_")}
    return {
        **clean,
        **softhsm.make_token(tmp_path / "token"),
        "DJANGO_SETTINGS_MODULE": "xiaopos.settings",
        "XIAOPOS_MODE": "production",
        "XIAOPOS_SECRET_KEY": "s" * 40,
        "XIAOPOS_DATA_DIR": str(tmp_path),
        "XIAOPOS_WEB_HOSTS": "pos.example.com",
        "XIAOPOS_PKCS11_MODULE": module,
        "XIAOPOS_PKCS11_TOKEN": softhsm.LABEL,
        "XIAOPOS_PKCS11_PIN_FILE": str(tmp_path / "pin"),
        "XIAOPOS_CARD_PORT": str(_free_port()),
        "XIAOPOS_CARD_STATUS_PORT": str(_free_port()),
        "XIAOPOS_NETWORK_ADDRESS": "127.0.0.1:1",
    }


def _run(settings: dict[str, str], *words: str, typed: str = "") -> tuple[int, str, str]:
    command = [sys.executable, *words]
    ended = subprocess.run(
        command,
        env=settings,
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    plain = [line for line in ended.stderr.splitlines() if line.startswith("xiaopos: ")]
    return ended.returncode, ended.stdout, "\n".join(plain)


def _people(folder: Path) -> None:
    connection = sqlite3.connect(folder / "xiaopos.sqlite3")
    columns = "username, password, name_zh, name_en, role, merchant_id, shop_id, agent_id, promoter_id, "
    columns += "approval_code, second_factor"
    for username, role in (("gao", "administrator"), ("he", "risk")):
        connection.execute(
            f"INSERT INTO person ({columns}, second_factor_step, language, active, is_demo) "
            "VALUES (?, ?, '', '', ?, '', '', '', '', '', '', -1, '', 1, 0)",
            (username, make_password(PASSWORD), role),
        )
    connection.commit()
    connection.close()


def _check(part: bytes) -> str:
    kept = SoftwareVault(Secret(b"x" * 31 + b"y"), os.urandom)
    return kept.take_component(component=Secret(part), algorithm=KeyAlgorithm.TDES2).kcv


def test_production_starts_on_a_token_once_its_keys_are_there(settings: dict[str, str], tmp_path: Path) -> None:
    cli = ("-m", "xiaopos.cli")
    code, _, why = _run(settings, *cli, "card-host")
    assert (code, "xiaopos keys prepare" in why) == (2, True)
    code, said, _ = _run(settings, *cli, "keys", "prepare")
    assert (code, said.splitlines()[0], "pan_seal generated" in said) == (0, "token prepared", True)
    code, said, _ = _run(settings, *cli, "keys", "prepare")
    assert (code, said) == (0, "token was ready\n")
    assert _run(settings, *cli, "card-host")[2] == "xiaopos: the house has no key 'network_zmk'; run the set-up first"

    _people(tmp_path)
    assert _run(settings, "-c", CEREMONY, "plan")[1] == "None\n"

    def enter(who: str, part: bytes, check: str) -> tuple[int, str, str]:
        typed = f"{PASSWORD}\n{part.hex()}\n{check}\n"
        return _run(settings, *cli, "keys", "enter", "a" * 32, "--custodian", who, typed=typed)

    first = enter("gao", PARTS[0], _check(PARTS[0]))
    assert first[:2] == (0, f"component 1 taken, check value {_check(PARTS[0])}\n")
    assert enter("he", PARTS[1], _check(PARTS[1])[:6])[0] == 0
    done = _run(settings, "-c", CEREMONY, "activate")[1]
    assert done.splitlines()[-1].startswith("Outcome(")
    _, listed, _ = _run(settings, *cli, "keys", "list")
    whole = SoftwareVault(Secret(b"x" * 31 + b"y"), os.urandom).combine(
        components=[Secret(part) for part in PARTS], usage=KeyUsage.ZMK, algorithm=KeyAlgorithm.TDES2
    )
    assert any("network_zmk" in line and "active" in line and whole.kcv in line for line in listed.splitlines())
    _listens(settings)
    _nothing_clear(tmp_path)


def _listens(settings: dict[str, str]) -> None:
    host = subprocess.Popen(
        [sys.executable, "-m", "xiaopos.cli", "card-host"],
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until and host.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", int(settings["XIAOPOS_CARD_PORT"])), timeout=1):
                    break
            except OSError:
                time.sleep(0.1)
        assert host.poll() is None
    finally:
        host.send_signal(signal.SIGTERM)
        said, _ = host.communicate(timeout=20)
    assert host.returncode == 0
    assert any(
        json.loads(line).get("event") == "card host listens" for line in said.splitlines() if line.startswith("{")
    )


def _nothing_clear(folder: Path) -> None:
    """Neither components nor the PIN stand in the database."""
    written = b"".join(path.read_bytes() for path in folder.glob("xiaopos.sqlite3*"))
    for part in PARTS:
        assert part not in written
        assert part.hex().encode() not in written.lower()
    assert softhsm.PIN.encode() not in written
