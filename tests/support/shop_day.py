"""A day of sales on terminals over a running demo while somebody breaks things, and then the comparison: what the terminals were
told, what the books hold, what the issuers took.

What may live here: selling, and comparing. What may not: breaking things.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from support.demo import Demo, eventually
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Secret
from xiaopos.payments.states import KNOWN
from xiaopos.simulator.network import TEST_CARDS
from xiaopos.simulator.terminals import PretendTerminal, deck_card
from xiaopos.terminal.cards import How
from xiaopos.terminal.outcome import Kind, Outcome

TERMINALS = ("10000001", "10000002", "10000003", "10000004")
PIN = "123456"
CARDS = {card.pan.masked: card for card in TEST_CARDS}
SIGNED = "SUM(CASE side WHEN 'D' THEN amount_minor ELSE -amount_minor END)"


@dataclass
class Day:
    """What the terminals were told. `voids` are the answers to voids, by the voucher that they void; `pace_s` is how long a
    terminal rests between two sales."""

    heard: list[Outcome] = field(default_factory=list)
    voids: dict[tuple[str, int, int], Kind] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    over: bool = False
    pace_s: float = 0.1

    @property
    def told(self) -> Counter[Kind]:
        """How often each outcome was told."""
        return Counter(outcome.kind for outcome in self.heard)

    async def sells(self, terminal: PretendTerminal, chance: Random) -> None:
        """Sell until the day is over, with whatever card and however the customer likes; now and then void the sale."""
        while not self.over:
            card = deck_card(chance.choice(("debit", "credit", "poor"))).read
            how = chance.choice((How.TAP, How.INSERT, How.SWIPE))
            pin = None if how is How.TAP else Secret(PIN.encode())
            result = await terminal.sale(chance.randrange(200, 5_000), card, how, pin)
            if isinstance(result, Outcome):
                self.heard.append(result)
                if result.kind is Kind.APPROVED and chance.random() < 0.15:
                    await self._voids(terminal, result)
            else:
                self.refused.append(result)
            known = isinstance(result, Outcome) and result.kind is not Kind.UNKNOWN
            await asyncio.sleep(self.pace_s if known else 3 * self.pace_s)

    async def _voids(self, terminal: PretendTerminal, sale: Outcome) -> None:
        result = await terminal.void(sale.stan)
        if isinstance(result, Outcome):
            self.voids[sale.terminal_id, sale.batch_number, sale.stan] = result.kind
        else:
            self.refused.append(result)


async def play(
    demo: Demo, folder: Path, trouble: asyncio.Future[None] | asyncio.Task[None], seed: int, *, pace_s: float = 0.1
) -> Day:
    """Sell on all terminals until `trouble` is over, then put right what is owed, and wait until every payment is known.

    Every other terminal keeps its line open between sales.
    """
    day, chance = Day(pace_s=pace_s), Random(seed)
    terminals = [demo.terminal(number, folder, keep_open=place % 2 == 1) for place, number in enumerate(TERMINALS)]
    selling = [asyncio.create_task(day.sells(terminal, chance)) for terminal in terminals]
    try:
        await trouble
        day.over = True
        await asyncio.wait_for(asyncio.gather(*selling), 60)
        await asyncio.wait_for(asyncio.gather(*(terminal.put_right() for terminal in terminals)), 60)
    finally:
        day.over = True
        for terminal in terminals:
            await terminal.close()
    await eventually(lambda: not unknown(demo), 60, "every payment has an outcome")
    return day


def unknown(demo: Demo) -> list[tuple[object, ...]]:
    """The payments whose outcome nobody knows yet."""
    known = ", ".join(f"'{state.value}'" for state in KNOWN)
    return demo.rows(f"SELECT payment_id, state FROM payment WHERE state NOT IN ({known})")


def differences(demo: Demo, day: Day) -> list[str]:
    """Every sentence on which two of those who know disagree; none when all is well."""
    return [*_told_and_kept(demo, day), *_unbalanced(demo), *issuers_disagree(demo)]


def _told_and_kept(demo: Demo, day: Day) -> list[str]:
    rows: Sequence[tuple[str, int, str, str, int, str]] = demo.rows(  # type: ignore[assignment]  # the columns are named there
        "SELECT terminal_id, batch_number, stan, state, amount_minor, rrn FROM payment WHERE kind = 'sale'"
    )
    books = {(terminal, batch, int(stan)): (state, amount, rrn) for terminal, batch, stan, state, amount, rrn in rows}
    found = []
    for outcome in day.heard:
        voucher = (outcome.terminal_id, outcome.batch_number, outcome.stan)
        state, amount, rrn = books.get(voucher, (None, 0, ""))
        if outcome.kind is Kind.APPROVED:
            right: set[str | None] = {"voided"} if day.voids.get(voucher) is Kind.APPROVED else {"approved"}
            same = outcome.amount is not None and (amount, rrn) == (outcome.amount.minor, outcome.rrn)
        else:
            right, same = {"declined", "reversed" if outcome.kind is Kind.UNKNOWN else "declined", None}, True
        if state not in right or not same:
            found.append(f"{voucher} was told {outcome.kind.value}, the books hold {state} {amount} {rrn}")
    return found


def _unbalanced(demo: Demo) -> list[str]:
    found = (
        [] if demo.rows(f"SELECT {SIGNED} FROM ledger_leg")[0][0] in (0, None) else ["the ledger does not sum to zero"]
    )
    legs = demo.rows(
        f"SELECT payment_id, entry_kind FROM ledger_leg GROUP BY payment_id, entry_kind HAVING {SIGNED} <> 0"
    )
    return found + [f"the entry {kind} of {payment} does not balance" for payment, kind in legs]


def issuers_disagree(demo: Demo) -> list[str]:
    """What left each card, or is held on it, is what the books took or hold with it, less what they gave back."""
    taken = dict(
        demo.rows(
            "SELECT card_masked, SUM(CASE kind WHEN 'refund' THEN -amount_minor ELSE amount_minor END) FROM payment "
            "WHERE kind IN ('sale', 'tip', 'completion', 'preauth', 'refund') AND state = 'approved' GROUP BY card_masked"
        )
    )
    phone = demo.told["phone"].removesuffix("/phone")
    found = []
    for card in demo.get(f"{phone}/control/network/cards")["cards"]:
        gone = CARDS[card["pan"]].balance_minor - card["balance_minor"]
        if gone != taken.get(card["pan"], 0):
            found.append(f"the issuer took {gone} from {card['label']}, the books hold {taken.get(card['pan'], 0)}")
    return found
