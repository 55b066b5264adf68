"""Registering terminals and changing how they are spoken to: what is demanded, what is warned of, and what stays undone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from xiaopos.fleet.fitness import Misfit, misfits
from xiaopos.fleet.profiles import PROFILES
from xiaopos.kernel.ids import MerchantId, ShopId, TerminalId
from xiaopos.usecases.actors import Actor
from xiaopos.usecases.register_terminal import (
    NotRegistered,
    ProfileChange,
    Registered,
    RegisterFault,
    TerminalEntry,
    change_profile,
    register_terminal,
)

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
HE = Actor("he", "risk", "新机上线")
OLD, DRAFT = "unionpay-3des-2012", "unionpay-sm4-draft"
MODELS = {"k9": ("chip", "stripe"), "a1": ("chip", "contactless", "qr")}
ENTRY = TerminalEntry(TerminalId(""), MerchantId("898110058120001"), ShopId("tea"), "k9", "SN-0001", OLD, HE, NOW)


class Register:
    """A registry in memory."""

    def __init__(self) -> None:
        self.entries: list[TerminalEntry] = []
        self.changes: list[tuple[ProfileChange, str]] = []
        self.overtaken = False
        self.terminals = {TerminalId("10000001"): Registered(OLD, MODELS["k9"])}

    def has_shop(self, merchant_id: MerchantId, shop_id: ShopId) -> bool:
        return (merchant_id, shop_id) == (ENTRY.merchant_id, ENTRY.shop_id)

    def capabilities(self, model_id: str) -> Collection[str] | None:
        return MODELS.get(model_id)

    def holder_of(self, serial: str) -> TerminalId | None:
        return TerminalId("10000001") if serial == "SN-TAKEN" else None

    def recall(self, terminal_id: TerminalId) -> Registered | None:
        return self.terminals.get(terminal_id)

    def next_number(self) -> TerminalId:
        return TerminalId("10000002")

    def enter(self, entry: TerminalEntry) -> bool:
        self.entries.append(entry)
        return not self.overtaken

    def change_profile(self, change: ProfileChange, before: str) -> bool:
        self.changes.append((change, before))
        return not self.overtaken


def test_a_terminal_is_registered_under_the_next_number_or_its_own() -> None:
    register = Register()
    assert register_terminal(ENTRY, register) == "10000002"
    assert register_terminal(replace(ENTRY, terminal_id=TerminalId("A1B2C3D4")), register) == "A1B2C3D4"
    assert [entry.terminal_id for entry in register.entries] == ["10000002", "A1B2C3D4"]


WRONG = [
    ({"shop_id": ShopId("noodles")}, RegisterFault.SHOP_UNKNOWN),
    ({"merchant_id": MerchantId("898110058120002")}, RegisterFault.SHOP_UNKNOWN),
    ({"model_id": "k10"}, RegisterFault.MODEL_UNKNOWN),
    ({"serial": ""}, RegisterFault.SERIAL_WRONG),
    ({"serial": "S N"}, RegisterFault.SERIAL_WRONG),
    ({"serial": "S" * 41}, RegisterFault.SERIAL_WRONG),
    ({"serial": "序列号-1"}, RegisterFault.SERIAL_WRONG),
    ({"serial": "SN-TAKEN"}, RegisterFault.SERIAL_TAKEN),
    ({"terminal_id": TerminalId("1234567")}, RegisterFault.NUMBER_WRONG),
    ({"terminal_id": TerminalId("abcdefgh")}, RegisterFault.NUMBER_WRONG),
    ({"terminal_id": TerminalId("１２３４５６７８")}, RegisterFault.NUMBER_WRONG),
    ({"terminal_id": TerminalId("10000001")}, RegisterFault.NUMBER_TAKEN),
    ({"profile": "no-such-profile"}, RegisterFault.PROFILE_UNKNOWN),
    ({"actor": Actor("he", "risk", " ")}, RegisterFault.NO_REASON),
]


@pytest.mark.parametrize(("change", "fault"), WRONG)
def test_what_is_wrong_is_named_and_nothing_is_entered(change: dict[str, object], fault: RegisterFault) -> None:
    register = Register()
    assert register_terminal(replace(ENTRY, **change), register) == NotRegistered(fault)  # type: ignore[arg-type]  # fields by name
    assert register.entries == []


def test_what_does_not_fit_is_said_before_and_done_only_when_it_is_meant() -> None:
    register = Register()
    unfit = replace(ENTRY, profile=DRAFT)
    refused = register_terminal(unfit, register)
    assert isinstance(refused, NotRegistered)
    assert (refused.fault, Misfit.NOT_CONFIRMED in refused.unfit) == (RegisterFault.UNFIT, True)
    assert register_terminal(replace(unfit, even_unfit=True), register) == "10000002"


def test_somebody_who_was_quicker_is_told_of() -> None:
    register = Register()
    register.overtaken = True
    assert register_terminal(ENTRY, register) == NotRegistered(RegisterFault.OVERTAKEN)
    change = ProfileChange(TerminalId("10000001"), "unionpay-3des-track-2012", HE, NOW)
    assert change_profile(change, register) == NotRegistered(RegisterFault.OVERTAKEN)


def test_a_profile_is_changed_for_a_reason_and_only_to_another_that_there_is() -> None:
    register = Register()
    change = ProfileChange(TerminalId("10000001"), "unionpay-3des-track-2012", HE, NOW)
    assert change_profile(change, register) == Registered(OLD, MODELS["k9"])
    assert register.changes == [(change, OLD)]
    for other, fault in (
        (replace(change, actor=Actor("he", "risk", "")), RegisterFault.NO_REASON),
        (replace(change, terminal_id=TerminalId("10000009")), RegisterFault.TERMINAL_UNKNOWN),
        (replace(change, profile="none"), RegisterFault.PROFILE_UNKNOWN),
        (replace(change, profile=OLD), RegisterFault.UNCHANGED),
    ):
        assert change_profile(other, register) == NotRegistered(fault)
    refused = change_profile(replace(change, profile=DRAFT), register)
    assert isinstance(refused, NotRegistered)
    assert refused.fault is RegisterFault.UNFIT
    assert isinstance(change_profile(replace(change, profile=DRAFT, even_unfit=True), register), Registered)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_what_fits_is_told_by_the_profiles_columns(profile) -> None:  # type: ignore[no-untyped-def]  # a parameter of pytest's
    everything = ("chip", "qr", "sm4")
    serves = profile.payer_code is not None
    found = misfits(everything, profile)
    assert (Misfit.CODES_NOT_SERVED in found) is not serves
    assert (Misfit.NOT_CONFIRMED in found) is not profile.confirmed
    assert (Misfit.NO_PINS in found) is not profile.takes_pins
    assert Misfit.NO_NATIONAL_KEYS not in found
    assert (Misfit.NO_NATIONAL_KEYS in misfits((), profile)) is (profile.name == "unionpay-sm4-draft")
