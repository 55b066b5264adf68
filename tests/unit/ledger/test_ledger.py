"""Accounts, entries and the trial balance."""

from __future__ import annotations

import pytest

from xiaopos.kernel.money import Money
from xiaopos.ledger import (
    Account,
    AccountKind,
    AccountSum,
    Entry,
    EntryKind,
    Leg,
    Side,
    Unbalanced,
    trial_balance,
)

CASH = Account("cash", AccountKind.ASSET)
OWED = Account("payable:898110058120001", AccountKind.LIABILITY)
FEES = Account("income:fees", AccountKind.INCOME)


def debit(account: Account, minor: int, currency: str = "CNY") -> Leg:
    return Leg(account, Side.DEBIT, Money(minor, currency))


def credit(account: Account, minor: int, currency: str = "CNY") -> Leg:
    return Leg(account, Side.CREDIT, Money(minor, currency))


def test_assets_and_expenses_grow_by_debits_and_nothing_else_does() -> None:
    grows = {kind for kind in AccountKind if kind.grows_by_debit}
    assert grows == {AccountKind.ASSET, AccountKind.EXPENSE}


@pytest.mark.parametrize("code", ["", "Cash", "cash:", ":cash", "cash::a", "cash a", "pay able:1", "1cash"])
def test_an_account_code_goes_from_the_general_to_the_particular(code: str) -> None:
    with pytest.raises(ValueError, match="not an account code"):
        Account(code, AccountKind.ASSET)


@pytest.mark.parametrize("minor", [0, -1])
def test_a_leg_is_positive(minor: int) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        debit(CASH, minor)


def test_an_entry_balances() -> None:
    entry = Entry(EntryKind.SALE, (debit(CASH, 100), credit(OWED, 94), credit(FEES, 6)))
    assert len(entry.legs) == 3


def test_an_entry_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(Unbalanced, match="sale: debits exceed credits by 1 minor units"):
        Entry(EntryKind.SALE, (debit(CASH, 100), credit(OWED, 99)))


@pytest.mark.parametrize("legs", [(), (debit(CASH, 1), credit(OWED, 1, "HKD"))])
def test_an_entry_is_of_exactly_one_currency(legs: tuple[Leg, ...]) -> None:
    with pytest.raises(Unbalanced, match="exactly one currency"):
        Entry(EntryKind.VOID, legs)


def test_the_mirror_image_exchanges_the_sides_and_keeps_the_rest() -> None:
    entry = Entry(EntryKind.SALE, (debit(CASH, 100), credit(OWED, 100)))
    assert entry.mirrored(EntryKind.VOID) == Entry(EntryKind.VOID, (credit(CASH, 100), debit(OWED, 100)))


def test_each_account_shows_its_balance_on_its_own_side() -> None:
    assert AccountSum(CASH, "CNY", 100, 30).balance_minor == 70
    assert AccountSum(OWED, "CNY", 30, 100).balance_minor == 70
    assert AccountSum(OWED, "CNY", 100, 30).balance_minor == -70


def test_books_that_are_right_leave_nothing_over_in_any_currency() -> None:
    rows = [AccountSum(OWED, "CNY", 0, 100), AccountSum(CASH, "CNY", 100, 0), AccountSum(CASH, "HKD", 0, 0)]
    balance = trial_balance(rows)
    assert balance.balances
    assert balance.difference_minor == {"CNY": 0, "HKD": 0}
    assert [(row.account.code, row.currency) for row in balance.sums] == [
        ("cash", "CNY"),
        ("cash", "HKD"),
        ("payable:898110058120001", "CNY"),
    ]


def test_one_currency_never_makes_up_for_another() -> None:
    balance = trial_balance([AccountSum(CASH, "CNY", 100, 0), AccountSum(OWED, "HKD", 0, 100)])
    assert not balance.balances
    assert balance.difference_minor == {"CNY": 100, "HKD": -100}


def test_empty_books_balance() -> None:
    assert trial_balance([]).balances
