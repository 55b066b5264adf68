"""Contracts with wallets: their life, their forms, and which one speaks for a payment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from xiaopos.kernel.machine import IllegalMove
from xiaopos.merchants.wallet_contracts import (
    ALIPAY,
    CONTRACT_LIFE,
    FORMS,
    WECHAT_PAY,
    ContractEvent,
    ContractState,
    Entry,
    WalletForm,
    active_at,
    identity_of,
    serving,
)

NINE = datetime(2026, 3, 14, 1, tzinfo=UTC)


@dataclass
class Kept:
    """A contract as far as choosing goes."""

    entered: int
    active: int | None = None
    ended: int | None = None
    app: str = "2021000000000001"
    merchant_id: str = "898110058120001"
    wallet: str = "alipay"
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = {"app_id": self.app}

    @property
    def entered_at(self) -> datetime:
        return at(self.entered)

    @property
    def active_from(self) -> datetime | None:
        return None if self.active is None else at(self.active)

    @property
    def ended_from(self) -> datetime | None:
        return None if self.ended is None else at(self.ended)


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def test_a_contract_ends_and_is_never_taken_up_again() -> None:
    assert CONTRACT_LIFE.ends() == {ContractState.ENDED}
    assert CONTRACT_LIFE.reachable() == set(ContractState)
    with pytest.raises(IllegalMove):
        CONTRACT_LIFE.move(ContractState.ENDED, ContractEvent.ACTIVATE)
    with pytest.raises(IllegalMove):
        CONTRACT_LIFE.move(ContractState.ACTIVE, ContractEvent.ACTIVATE)


def test_every_form_has_one_private_key_and_names_its_own_fields() -> None:
    for form in FORMS.values():
        names = [each.name for each in form.fields]
        assert len(set(names)) == len(names)
        assert set(form.identity) <= set(names)
        for mode in form.modes:
            assert [each.entry for each in form.of(mode)].count(Entry.PRIVATE_KEY) == 1
        for each in form.fields:
            assert each.modes <= set(form.modes)
            assert bool(each.form) is (each.entry is Entry.TEXT)


@pytest.mark.parametrize(
    ("form", "name", "right", "wrong"),
    [
        (ALIPAY, "app_id", "2021000000000001", "202100000000001"),
        (ALIPAY, "seller_id", "2088000000000001", "2021000000000001"),
        (WECHAT_PAY, "mchid", "1900000001", "19000000O1"),
        (WECHAT_PAY, "appid", "wx8888888888888888", "WX8888888888888888"),
        (WECHAT_PAY, "wallet_key_id", "PUB_KEY_ID_0114232134912410000000000000", "0114232134912410000000000000"),
    ],
)
def test_a_number_of_another_form_does_not_fit(form: WalletForm, name: str, right: str, wrong: str) -> None:
    (field_of,) = [each for each in form.fields if each.name == name]
    assert field_of.fits(right)
    assert not field_of.fits(wrong)
    assert not field_of.fits(right + "\n")


def test_a_contract_counts_from_its_instant_until_the_next_ones() -> None:
    first, second = Kept(0, active=1, ended=30), Kept(20, active=30, app="2021000000000002")
    assert active_at([first, second], at(0)) is None
    assert active_at([first, second], at(1)) is first
    assert active_at([first, second], at(29)) is first
    assert active_at([first, second], at(30)) is second


def test_a_payment_stays_with_the_business_under_which_it_was_taken() -> None:
    first, second = Kept(0, active=1, ended=30), Kept(20, active=30, app="2021000000000002")
    assert serving([second, first], at(10), trial=False) is first
    assert serving([second, first], at(40), trial=False) is second
    assert serving([second, first], at(0), trial=False) is None


def test_renewed_keys_of_the_same_business_speak_for_its_old_payments() -> None:
    old, renewed, tried = Kept(0, active=1, ended=30), Kept(20, active=30), Kept(50)
    assert serving([old, renewed, tried], at(10), trial=False) is renewed
    assert identity_of("alipay", old.settings) == identity_of("alipay", renewed.settings)


def test_a_test_payment_belongs_to_what_was_entered_last() -> None:
    first, second = Kept(0, active=1), Kept(20, app="2021000000000002")
    assert serving([first, second], at(10), trial=True) is first
    assert serving([first, second], at(25), trial=True) is second
    assert serving([first, second], at(-1), trial=True) is None
    assert serving([], at(0), trial=True) is None
