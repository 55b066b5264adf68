"""Key ceremonies on the real inventory: two people for every change, custodians apart, and an end that really ends."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.desk_town import Town
from xiaopos.kernel.secret import Secret
from xiaopos.keys import (
    KEY_LIFE,
    KeyAlgorithm,
    KeyEvent,
    KeyFault,
    KeyRefused,
    KeyState,
    KeyUsage,
    MacKind,
    SoftwareVault,
    WrappedKey,
)
from xiaopos.store.audit.models import AuditRow
from xiaopos.store.audit.trail import verify
from xiaopos.store.fleet.models import Terminal
from xiaopos.store.keys import inventory
from xiaopos.store.keys.inventory import KeyRows
from xiaopos.store.keys.models import HouseKey, KeyComponent, KeyRecord
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.key_ceremony import (
    EVENTS,
    Asked,
    CeremonyFault,
    Change,
    ComponentRow,
    KeyRow,
    NotMade,
    Origin,
    Outcome,
    approve_change,
    ask_for_change,
    enter_component,
    plan_key,
    withdraw_change,
)

pytestmark = pytest.mark.django_db

GAO = Actor("gao", "administrator", "yearly rotation")
HE = Actor("he", "risk", "seen the paper")
QIAN = Actor("qian", "finance", "seen the paper")
NOON = datetime(2026, 8, 1, 4, tzinfo=UTC)
# The worked example of a Chinese acquirer: parts with check values FA16CB and 906256, the whole 9BAE3E.
WHOLE = bytes.fromhex("0C5F27F0536077FA1BA9D76AA3711100")


class Ceremony:
    """A vault, an inventory, a clock that goes on, and short ways to take each step."""

    def __init__(self) -> None:
        draws = random.Random(7)
        self.vault = SoftwareVault(Secret(draws.randbytes(32)), draws.randbytes)
        self.book = KeyRows()
        self.at = NOON
        self.number = 0

    def _new_id(self) -> str:
        self.number += 1
        self.at += timedelta(minutes=1)
        return f"{self.number:032x}"

    def plan(
        self,
        name: str = "network_zak",
        usage: KeyUsage = KeyUsage.ZAK,
        algorithm: KeyAlgorithm = KeyAlgorithm.TDES2,
        origin: Origin = Origin.GENERATED,
        parts: int = 0,
        actor: Actor = GAO,
    ) -> str | NotMade:
        row = KeyRow(self._new_id(), name, usage, algorithm, KeyState.AWAITED, origin, parts)
        refused = plan_key(row, actor, self.at, self.book)
        return row.key_id if refused is None else refused

    def ask(self, key_id: str, change: Change, actor: Actor = GAO, **detail: Any) -> NotMade | None:
        return ask_for_change(Asked(self._new_id(), key_id, change, actor, self.at, detail), self.book)

    def approve(self, key_id: str, approver: Actor = HE) -> Outcome | NotMade:
        return approve_change(key_id, approver, self.at, book=self.book, vault=self.vault)

    def change(self, key_id: str, change: Change, **detail: Any) -> Outcome:
        assert self.ask(key_id, change, **detail) is None
        done = self.approve(key_id)
        assert isinstance(done, Outcome), done
        return done

    def serving(self, **plan: Any) -> str:
        key_id = self.plan(**plan)
        assert isinstance(key_id, str)
        self.change(key_id, Change.GENERATE)
        self.change(key_id, Change.ACTIVATE)
        return key_id

    def enter(self, key_id: str, part: bytes, check: str, actor: Actor) -> ComponentRow | NotMade:
        return enter_component(
            key_id, Secret(part), bytes.fromhex(check), actor, self.at, book=self.book, vault=self.vault
        )

    def row(self, key_id: str) -> KeyRow:
        found = self.book.find(key_id)
        assert found is not None
        return found

    def key(self, key_id: str) -> WrappedKey:
        return WrappedKey.from_text(self.row(key_id).wrapped)

    def states(self) -> Mapping[str, KeyState]:
        """What a running process reads of the inventory."""
        rows = KeyRecord.objects.exclude(state="active").exclude(vault_id="").values_list("vault_id", "state")
        return {vault_id: KeyState(state) for vault_id, state in rows}


@pytest.fixture
def ceremony() -> Ceremony:
    """A new one."""
    return Ceremony()


def actions() -> list[str]:
    assert verify().broken_seq is None
    return list(AuditRow.objects.order_by("seq").values_list("action", flat=True))


def faults(result: object) -> CeremonyFault | None:
    return result.fault if isinstance(result, NotMade) else None


def test_a_key_is_planned_generated_and_serves(ceremony: Ceremony) -> None:
    key_id = ceremony.serving()
    row = ceremony.row(key_id)
    assert (row.state, row.check_value) == (KeyState.ACTIVE, ceremony.key(key_id).kcv)
    assert HouseKey.objects.get(name="network_zak").wrapped == row.wrapped
    assert actions() == [
        "key_planned",
        "key_asked",
        "key_generate",
        "key_asked",
        "key_activate",
    ]
    last = AuditRow.objects.latest("seq")
    assert (last.actor, last.reason, last.detail["asked_by"]) == ("he", "yearly rotation", "gao")
    assert last.detail["check_value"] == row.check_value


def test_nobody_changes_a_key_alone_or_without_a_reason(ceremony: Ceremony) -> None:
    assert faults(ceremony.plan(actor=Actor("gao", "administrator", " "))) is CeremonyFault.NO_REASON
    key_id = ceremony.plan()
    assert isinstance(key_id, str)
    assert faults(ceremony.ask(key_id, Change.GENERATE, Actor("gao", "administrator", ""))) is CeremonyFault.NO_REASON
    assert faults(ceremony.approve(key_id)) is CeremonyFault.NOT_NOW
    assert ceremony.ask(key_id, Change.GENERATE) is None
    assert faults(ceremony.ask(key_id, Change.DESTROY, QIAN)) is CeremonyFault.NOT_NOW
    assert faults(ceremony.approve(key_id, GAO)) is CeremonyFault.SAME_PERSON
    assert ceremony.row(key_id).state is KeyState.AWAITED
    assert withdraw_change(key_id, HE, ceremony.at, ceremony.book) is None
    assert faults(withdraw_change(key_id, HE, ceremony.at, ceremony.book)) is CeremonyFault.NOT_NOW
    assert actions()[-1] == "key_withdrawn"
    ceremony.change(key_id, Change.GENERATE)


def test_what_is_not_there_or_makes_no_sense_is_refused(ceremony: Ceremony) -> None:
    assert faults(ceremony.plan(usage=KeyUsage.TPK, algorithm=KeyAlgorithm.DES)) is CeremonyFault.WRONG_ALGORITHM
    assert faults(ceremony.ask("f" * 32, Change.GENERATE)) is CeremonyFault.NO_SUCH_KEY
    assert faults(ceremony.enter("f" * 32, bytes(16), "000000", HE)) is CeremonyFault.NO_SUCH_KEY
    for usage, algorithm in ((KeyUsage.ZMK, KeyAlgorithm.TDES2), (KeyUsage.SEAL, KeyAlgorithm.AES256)):
        plan: dict[str, Any] = {"name": usage.value, "usage": usage, "algorithm": algorithm}
        assert faults(ceremony.plan(**plan, origin=Origin.IMPORTED)) is CeremonyFault.NOT_CARRIED
        assert faults(ceremony.ask(ceremony.serving(**plan), Change.EXPORT, kek="zmk")) is CeremonyFault.NOT_NOW
    by_parts = ceremony.plan(origin=Origin.COMPONENTS, parts=2)
    assert isinstance(by_parts, str)
    assert faults(ceremony.ask(by_parts, Change.GENERATE)) is CeremonyFault.NOT_NOW
    assert faults(ceremony.ask(by_parts, Change.EXPORT, kek="zmk")) is CeremonyFault.NOT_NOW


@pytest.mark.parametrize("parts", [2, 3])
def test_custodians_enter_their_parts_apart_and_see_their_own_check_value(ceremony: Ceremony, parts: int) -> None:
    key_id = ceremony.plan(name="network_zmk", usage=KeyUsage.ZMK, origin=Origin.COMPONENTS, parts=parts)
    assert isinstance(key_id, str)
    clear = [bytes(range(1, 17)), bytes(range(101, 117))][: parts - 1]
    last = WHOLE
    for part in clear:
        last = bytes(a ^ b for a, b in zip(last, part, strict=True))
    checks = [
        ceremony.vault.take_component(component=Secret(each), algorithm=KeyAlgorithm.TDES2).kcv
        for each in [*clear, last]
    ]
    custodians = [GAO, HE, QIAN]
    for at, part in enumerate([*clear, last]):
        assert faults(ceremony.enter(key_id, part, "00000000", custodians[at])) is CeremonyFault.CHECK_VALUE
        assert faults(ceremony.enter(key_id, part, checks[at][:4], custodians[at])) is CeremonyFault.CHECK_VALUE
        assert faults(ceremony.enter(key_id, part[:8], checks[at], custodians[at])) is CeremonyFault.VAULT_REFUSED
        entered = ceremony.enter(key_id, part, checks[at][:6], custodians[at])
        assert isinstance(entered, ComponentRow)
        assert entered.check_value == checks[at]
        if at < parts - 1:
            assert faults(ceremony.enter(key_id, part, checks[at], custodians[at])) is CeremonyFault.SAME_PERSON
    assert ceremony.row(key_id).check_value.startswith("9BAE3E")
    assert ceremony.row(key_id).state is KeyState.IMPORTED
    assert faults(ceremony.enter(key_id, clear[0], checks[0], QIAN)) is CeremonyFault.NOT_NOW
    assert list(KeyComponent.objects.values_list("wrapped", flat=True)) == [""] * parts
    assert actions()[-3:] == ["key_component_entered", "key_combined", "key_refused"]
    written = repr(list(AuditRow.objects.values())) + repr(list(KeyRecord.objects.values()))
    for secret in (WHOLE, *clear, last):
        assert secret.hex() not in written.lower()


def test_a_new_key_replaces_the_one_that_served(ceremony: Ceremony) -> None:
    old, new = ceremony.serving(), ceremony.serving()
    assert [ceremony.row(each).state for each in (old, new)] == [KeyState.RETIRED, KeyState.ACTIVE]
    assert HouseKey.objects.get(name="network_zak").check_value == ceremony.row(new).check_value
    assert AuditRow.objects.latest("seq").detail["replaced"] == old


def test_what_is_sealed_is_not_lost_by_a_rotation(ceremony: Ceremony) -> None:
    plan: dict[str, Any] = {"name": "pan_seal", "usage": KeyUsage.SEAL, "algorithm": KeyAlgorithm.AES256}
    waiting = ceremony.plan(**plan)
    ceremony.serving(**plan)
    assert faults(ceremony.plan(**plan)) is CeremonyFault.NOT_ROTATED
    assert isinstance(waiting, str)
    ceremony.change(waiting, Change.GENERATE)
    assert ceremony.ask(waiting, Change.ACTIVATE) is None
    assert faults(ceremony.approve(waiting)) is CeremonyFault.NOT_ROTATED


@pytest.mark.parametrize("end", [Change.RETIRE, Change.COMPROMISE, Change.DESTROY])
def test_a_key_that_has_ended_makes_nothing_any_more(ceremony: Ceremony, end: Change) -> None:
    key_id = ceremony.serving()
    key = ceremony.key(key_id)
    ceremony.vault.mac(key=key, data=b"0200", kind=MacKind.X9_9)
    if end is Change.DESTROY:
        ceremony.change(key_id, Change.RETIRE)
    ceremony.change(key_id, end)
    ceremony.vault.heed(ceremony.states())
    with pytest.raises(KeyRefused) as refused:
        ceremony.vault.mac(key=key, data=b"0200", kind=MacKind.X9_9)
    assert refused.value.fault is KeyFault.WRONG_STATE
    gone = end is Change.DESTROY
    assert (ceremony.row(key_id).wrapped == "") is gone
    assert HouseKey.objects.filter(name="network_zak").exists() is not gone
    assert key.text() not in repr(list(KeyRecord.objects.values())) or not gone


def test_a_terminals_master_key_follows_and_ends_with_its_working_keys(ceremony: Ceremony, db: None) -> None:
    Town().build()
    terminal = Terminal.objects.first()
    assert terminal is not None
    number = terminal.terminal_id
    Terminal.objects.filter(terminal_id=number).update(tak="x1.TAK.DES.00000000.AA==", signed_in_at=NOON)
    key_id = ceremony.serving(name=number, usage=KeyUsage.TMK)
    terminal.refresh_from_db()
    assert (terminal.tmk, terminal.tak, terminal.signed_in_at) == (ceremony.row(key_id).wrapped, "", None)
    Terminal.objects.filter(terminal_id=number).update(tak="x1.TAK.DES.00000000.AA==", signed_in_at=NOON)
    ceremony.change(key_id, Change.COMPROMISE)
    terminal.refresh_from_db()
    assert (terminal.tmk, terminal.tak, terminal.signed_in_at) == (ceremony.row(key_id).wrapped, "", None)
    ceremony.change(key_id, Change.DESTROY)
    terminal.refresh_from_db()
    assert terminal.tmk == ""
    assert not HouseKey.objects.filter(name=number).exists()


def test_a_key_goes_to_another_site_and_comes_from_there(ceremony: Ceremony) -> None:
    ceremony.serving(name="zmk", usage=KeyUsage.ZMK)
    zak = ceremony.plan()
    assert isinstance(zak, str)
    ceremony.change(zak, Change.GENERATE)
    sent = ceremony.change(zak, Change.EXPORT, kek="zmk")
    assert ceremony.row(zak).state is KeyState.GENERATED
    assert (len(sent.cipher), sent.check) == (32, ceremony.row(zak).check_value)
    back = ceremony.plan(name="from_there", origin=Origin.IMPORTED)
    assert isinstance(back, str)
    wrong: list[tuple[dict[str, Any], CeremonyFault]] = [
        ({"kek": "nothing"}, CeremonyFault.NO_SUCH_KEY),
        ({"kek": "zmk", "cipher": "XY"}, CeremonyFault.CHECK_VALUE),
        ({"kek": "zmk", "cipher": sent.cipher, "check": "000000"}, CeremonyFault.VAULT_REFUSED),
    ]
    for detail, fault in wrong:
        assert ceremony.ask(back, Change.IMPORT, **detail) is None
        assert faults(ceremony.approve(back)) is fault
        assert withdraw_change(back, GAO, ceremony.at, ceremony.book) is None
    ceremony.change(back, Change.IMPORT, kek="zmk", cipher=sent.cipher, check=sent.check[:6])
    assert ceremony.row(back).check_value == ceremony.row(zak).check_value
    assert ceremony.row(back).state is KeyState.IMPORTED
    (step,) = [each for each in inventory.steps_of(zak) if each.change == "export"]
    assert step.result == {"cipher": sent.cipher, "check": sent.check}


def test_a_key_travels_in_a_key_block(ceremony: Ceremony) -> None:
    ceremony.serving(name="zmk", usage=KeyUsage.ZMK, algorithm=KeyAlgorithm.AES256)
    bdk = ceremony.plan(name="bdk", usage=KeyUsage.BDK, algorithm=KeyAlgorithm.AES128)
    assert isinstance(bdk, str)
    ceremony.change(bdk, Change.GENERATE)
    assert ceremony.ask(bdk, Change.EXPORT, kek="zmk") is None
    refused = ceremony.approve(bdk)  # plain ECB: an AES key carries nothing so
    assert isinstance(refused, NotMade)
    assert (refused.fault, refused.detail[:15]) == (CeremonyFault.VAULT_REFUSED, "wrong_algorithm")
    assert withdraw_change(bdk, GAO, ceremony.at, ceremony.book) is None
    sent = ceremony.change(bdk, Change.EXPORT, kek="zmk", form="block")
    assert (sent.cipher, sent.block[0], sent.block[5:8], sent.check) == ("", "D", "B0A", ceremony.row(bdk).check_value)
    assert AuditRow.objects.latest("seq").detail["kek"] == "zmk"
    assert inventory.steps_of(bdk)[0].result == {"block": sent.block, "check": sent.check}

    def brought(algorithm: KeyAlgorithm, **detail: Any) -> tuple[str, CeremonyFault | None]:
        plan: dict[str, Any] = {"name": "from_there", "usage": KeyUsage.BDK, "algorithm": algorithm}
        key_id = ceremony.plan(**plan, origin=Origin.IMPORTED)
        assert isinstance(key_id, str)
        assert ceremony.ask(key_id, Change.IMPORT, kek="zmk", **detail) is None
        return key_id, faults(ceremony.approve(key_id))

    lines = f"{sent.block[:40]}\n {sent.block[40:]}\n"
    aes = KeyAlgorithm.AES128
    for detail in ({"block": lines}, {"block": sent.block, "check": sent.check[:6]}):
        key_id, fault = brought(aes, **detail)
        assert fault is None
        row = ceremony.row(key_id)
        assert (row.check_value, row.state) == (sent.check, KeyState.IMPORTED)
        assert ceremony.key(key_id).limits == "B0XN"
        assert faults(ceremony.ask(key_id, Change.EXPORT, kek="zmk", form="block")) is None
        assert faults(ceremony.approve(key_id)) is CeremonyFault.VAULT_REFUSED  # it came as not exportable
    altered = sent.block[:-1] + ("0" if sent.block[-1] != "0" else "1")
    assert brought(aes, block=altered)[1] is CeremonyFault.VAULT_REFUSED
    assert brought(aes, block=sent.block, check="00000000")[1] is CeremonyFault.CHECK_VALUE
    assert brought(aes, block=sent.block, check=sent.check[:4])[1] is CeremonyFault.CHECK_VALUE
    assert brought(KeyAlgorithm.AES256, block=sent.block)[1] is CeremonyFault.WRONG_ALGORITHM


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.SM2, KeyAlgorithm.RSA2048, KeyAlgorithm.ED25519])
def test_a_pair_is_generated_and_its_public_key_is_told(ceremony: Ceremony, algorithm: KeyAlgorithm) -> None:
    key_id = ceremony.plan(name="channel_sign", usage=KeyUsage.SIGN, algorithm=algorithm)
    assert isinstance(key_id, str)
    made = ceremony.change(key_id, Change.GENERATE)
    assert ceremony.key(key_id).algorithm is algorithm
    shown = bytes.fromhex(made.public) if algorithm is KeyAlgorithm.SM2 else base64.b64decode(made.public)
    assert shown == ceremony.vault.public_key(key=ceremony.key(key_id))
    assert inventory.steps_of(key_id)[0].result == {"public": made.public}


def test_a_step_that_was_refused_is_written_down(ceremony: Ceremony) -> None:
    key_id = ceremony.plan(name="network_zmk", usage=KeyUsage.ZMK, origin=Origin.COMPONENTS, parts=2)
    assert isinstance(key_id, str)
    ceremony.enter(key_id, WHOLE, "00000000", HE)
    assert isinstance(ceremony.enter(key_id, WHOLE, "9BAE3E", HE), ComponentRow)
    ceremony.enter(key_id, WHOLE, "9BAE3E", HE)
    ceremony.enter(key_id, WHOLE, "9BAE3E", QIAN)  # the same part twice: nothing would be left of the key
    ceremony.enter("f" * 32, WHOLE, "9BAE3E", QIAN)
    assert ceremony.ask(key_id, Change.DESTROY) is None
    ceremony.approve(key_id, GAO)
    refused = AuditRow.objects.filter(action="key_refused").order_by("seq")
    assert [(row.actor, row.detail["step"], row.detail["fault"]) for row in refused] == [
        ("he", "component", "check_value"),
        ("he", "component", "same_person"),
        ("qian", "component", "vault_refused"),
        ("gao", "destroy", "same_person"),
    ]
    assert {row.object_id for row in refused} == {key_id}
    assert WHOLE.hex() not in repr(list(refused.values())).lower()
    assert actions()[-1] == "key_refused"


def test_the_inventory_shows_everything_but_the_keys(ceremony: Ceremony) -> None:
    key_id = ceremony.serving()
    (line,) = inventory.list_keys(text="zak")
    assert inventory.key_line(key_id) == line
    assert inventory.key_line("f" * 32) is None
    assert not hasattr(line, "wrapped")
    assert len(inventory.list_keys()) == 1
    assert inventory.uses_of(key_id) == {}
    given = ceremony.vault.generate(usage=KeyUsage.ZMK, algorithm=KeyAlgorithm.TDES2)
    inventory.record_key("e" * 32, "given", given, Origin.COMPONENTS, NOON, by="set-up")
    noted = AuditRow.objects.latest("seq")
    assert (noted.action, noted.actor, noted.object_id) == ("key_combined", "set-up", "e" * 32)
    assert noted.detail["check_value"] == given.kcv
    assert ceremony.key("e" * 32) == given


def test_every_event_of_a_keys_life_is_a_change_somebody_asks_for() -> None:
    assert set(EVENTS.values()) == set(KeyEvent)
    assert {event for state in KeyState for event in KEY_LIFE.events(state)} == set(KeyEvent)
