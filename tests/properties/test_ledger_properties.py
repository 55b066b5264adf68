"""Entries and trial balances, whatever the legs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from xiaopos.kernel.money import Money
from xiaopos.ledger import Account, AccountKind, AccountSum, Entry, EntryKind, Leg, Side, trial_balance

ACCOUNTS = st.sampled_from([Account(f"account:{kind.value}", kind) for kind in AccountKind])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """A balanced entry: pairs of equal legs on any accounts."""
    amounts = draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=4))
    legs = []
    for amount in amounts:
        legs.append(Leg(draw(ACCOUNTS), Side.DEBIT, Money(amount)))
        legs.append(Leg(draw(ACCOUNTS), Side.CREDIT, Money(amount)))
    return Entry(draw(st.sampled_from(EntryKind)), tuple(draw(st.permutations(legs))))


def sums(*posted: Entry) -> list[AccountSum]:
    """The sums per account of some entries."""
    found: dict[Account, list[int]] = {}
    for entry in posted:
        for leg in entry.legs:
            found.setdefault(leg.account, [0, 0])[leg.side is Side.CREDIT] += leg.amount.minor
    return [AccountSum(account, "CNY", debited, credited) for account, (debited, credited) in found.items()]


@given(entries(), st.sampled_from(EntryKind))
def test_an_entry_mirrored_twice_is_the_same(entry: Entry, kind: EntryKind) -> None:
    assert entry.mirrored(kind).mirrored(entry.kind) == entry


@given(entries())
def test_an_entry_and_its_mirror_image_leave_nothing_in_any_account(entry: Entry) -> None:
    assert all(row.balance_minor == 0 for row in sums(entry, entry.mirrored(EntryKind.REVERSAL)))


@given(st.lists(entries(), max_size=6))
def test_books_of_balanced_entries_balance(posted: list[Entry]) -> None:
    balance = trial_balance(sums(*posted))
    assert balance.balances
    codes = [row.account.code for row in balance.sums]
    assert codes == sorted(codes)
