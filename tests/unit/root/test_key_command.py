"""The command `xiaopos keys` in the demo; on a token it is played whole in tests/service/test_production.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from xiaopos import key_command
from xiaopos.keys import KeyAlgorithm, KeyState, KeyUsage, WrappedKey
from xiaopos.merchants.totp import code_at, step_at
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.keys.inventory import KeyRows
from xiaopos.store.keys.models import HouseKey, KeyRecord
from xiaopos.store.people.models import User
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.key_ceremony import KeyRow, Origin, plan_key
from xiaopos.web.accounts.sealing import seal_second_factor
from xiaopos.wiring import SystemClock

pytestmark = pytest.mark.django_db

KEY = "a" * 32
# Of a worked example: this component's check value begins with 9BAE3E.
COMPONENT = "0C5F27F0 536077FA 1BA9D76A A3711100"


@pytest.fixture(autouse=True)
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIAOPOS_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("XIAOPOS_MASTER_KEY", "ab" * 32)
    monkeypatch.setenv("XIAOPOS_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(key_command, "configure_logging", lambda: None)


def typed(*lines: str) -> Callable[[str], str]:
    waiting = iter(lines)
    return lambda prompt: next(waiting)


def test_the_houses_own_keys_are_made_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert key_command.run(["prepare"]) == 0
    said = capsys.readouterr().out
    assert key_command.run(["prepare"]) == 0
    assert capsys.readouterr().out == ""
    for name in key_command.OWN_KEYS:
        wrapped = WrappedKey.from_text(HouseKey.objects.get(name=name).wrapped)
        assert f"{name} generated, check value {wrapped.kcv}" in said
        assert KeyRecord.objects.get(name=name).vault_id == wrapped.key_id
    made = AuditRow.objects.filter(action="key_generate", actor="keys prepare")
    assert sorted(row.detail["name"] for row in made) == sorted(key_command.OWN_KEYS)
    assert key_command.run(["list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in key_command.OWN_KEYS)
    assert listed.count("active") == 4


def test_a_custodian_enters_a_component_and_is_told_its_check_value(capsys: pytest.CaptureFixture[str]) -> None:
    for username, role in (("he", "risk"), ("sun", "support")):
        User.objects.create(username=username, password=make_password("noodles"), role=role)
    row = KeyRow(KEY, "zmk", KeyUsage.ZMK, KeyAlgorithm.TDES2, KeyState.AWAITED, Origin.COMPONENTS, 2)
    assert plan_key(row, Actor("gao", "administrator", "first key"), SystemClock().now(), KeyRows()) is None

    def enter(who: str, *lines: str) -> str:
        code = key_command.run(["enter", KEY, "--custodian", who], ask=typed(*lines))
        told = capsys.readouterr()
        assert (code, bool(told.err)) in ((0, False), (2, True))
        assert "0C5F27F0" not in told.out + told.err
        return told.out + told.err

    nobody = "xiaopos: nobody who may enter components has this name and this password\n"
    assert enter("mei", "tea") == enter("sun", "noodles") == enter("he", "tea") == nobody
    failed = AuditRow.objects.filter(action="sign_in_failed").order_by("seq")
    assert [(row.actor, row.reason) for row in failed] == [("", "wrong"), ("sun", "not permitted"), ("he", "wrong")]
    assert {(row.object_kind, row.object_id) for row in failed} == {("key", KEY)}
    assert "nothing was kept" in enter("he", "noodles", "six", "9BAE3E")
    assert "nothing was kept" in enter("he", "noodles", COMPONENT, "six")
    assert enter("he", "noodles", COMPONENT, "9BAE3F") == "xiaopos: not entered: check_value\n"
    assert enter("he", "noodles", COMPONENT, "9BAE3E").startswith("component 1 taken, check value 9BAE3E")
    assert enter("he", "noodles", COMPONENT, "9BAE3E") == "xiaopos: not entered: same_person\n"


def test_a_custodian_shows_the_second_factor_and_is_locked_after_five_wrong_tries(
    capsys: pytest.CaptureFixture[str],
) -> None:
    secret = b"He's authenticator, 20"
    sealed = seal_second_factor(secret, "he")
    User.objects.create(username="he", password=make_password("noodles"), role="risk", second_factor=sealed)
    row = KeyRow(KEY, "zmk", KeyUsage.ZMK, KeyAlgorithm.TDES2, KeyState.AWAITED, Origin.COMPONENTS, 2)
    assert plan_key(row, Actor("gao", "administrator", "first key"), SystemClock().now(), KeyRows()) is None

    def enter(*lines: str) -> str:
        key_command.run(["enter", KEY, "--custodian", "he"], ask=typed(*lines))
        told = capsys.readouterr()
        return told.out + told.err

    code = code_at(secret, step_at(SystemClock().now()))
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert enter("noodles", wrong).startswith("xiaopos: nobody")
    assert enter("noodles", code, COMPONENT, "9BAE3E").startswith("component 1 taken")
    assert enter("noodles", code).startswith("xiaopos: nobody")  # a code is right once
    User.objects.update(second_factor="of another house")
    assert enter("noodles", code).startswith("xiaopos: nobody")
    User.objects.update(second_factor="")
    for _ in range(2):
        assert enter("tea").startswith("xiaopos: nobody")
    assert enter("noodles").startswith("xiaopos: nobody")
    assert AuditRow.objects.latest("seq").reason == "locked"


def test_before_the_tables_are_made_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE key_record RENAME TO key_record_away")
    assert key_command.run(["list"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("xiaopos: the database cannot be used (")
    assert said.endswith("); nothing was kept; xiaopos keys prepare makes its tables\n")


def test_a_token_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XIAOPOS_PKCS11_MODULE", str(tmp_path / "module.so"))
    monkeypatch.setenv("XIAOPOS_PKCS11_TOKEN", "keys")
    monkeypatch.setenv("XIAOPOS_PKCS11_PIN", "20260801")
    assert key_command.run(["prepare"]) == 2
    assert capsys.readouterr().err.startswith("xiaopos: out_of_reach: no PKCS#11 module at ")
