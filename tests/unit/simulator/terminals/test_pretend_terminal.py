"""A pretend terminal on a real line: it signs in by itself, and puts every fault right by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from support.terminal_host import TerminalHost
from support.terminal_line import listening, terminal_at
from xiaopos.kernel.refusal import Reason, Refused
from xiaopos.simulator.terminals import DECK, Fault, PowerCut, PretendTerminal, deck_card, result_json
from xiaopos.simulator.terminals.faults import CUTS
from xiaopos.terminal.cards import How
from xiaopos.terminal.messages import Original
from xiaopos.terminal.outcome import Action, Kind, Outcome

CARD = deck_card("normal")
Story = Callable[[PretendTerminal, TerminalHost], Awaitable[None]]


def tell(story: Story, folder: Path, *, timeout_s: float = 5.0, keep_open: bool = False) -> None:
    """Run a story with a terminal and its host, and hang up at the end."""

    async def all_of_it() -> None:
        host = TerminalHost()
        async with listening(host) as port:
            terminal = terminal_at(port, folder, timeout_s=timeout_s, keep_open=keep_open)
            try:
                await asyncio.wait_for(story(terminal, host), 20)
            finally:
                await terminal.close()

    asyncio.run(all_of_it())


async def sells(terminal: PretendTerminal, amount_minor: int = 1250) -> Outcome:
    result = await terminal.sale(amount_minor, CARD.read, How.INSERT, CARD.pin)
    assert isinstance(result, Outcome), result
    return result


@pytest.mark.parametrize("keep_open", [False, True])
def test_a_day_at_the_counter(tmp_path: Path, keep_open: bool) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        assert result_json(await terminal.echo())["outcome"] == "approved"
        sale = await sells(terminal)
        assert sale.approved
        assert [message.mti for message in host.heard] == ["0820", "0800", "0200"], "it signed in by itself"
        assert host.pins_right == [True]
        kept = await sells(terminal, 800)
        assert result_json(await terminal.void(sale.stan))["outcome"] == "approved"
        assert result_json(await terminal.refund(100, Original(kept.rrn)))["outcome"] == "approved"
        settled = await terminal.settle()
        assert isinstance(settled, Outcome)
        assert settled.balanced
        assert result_json(await terminal.sign_off())["outcome"] == "approved"
        assert terminal.step == "idle"

    tell(story, tmp_path, keep_open=keep_open)


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.value)
def test_every_fault_is_put_right_by_itself(tmp_path: Path, fault: Fault) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        await terminal.sign_in()
        terminal.faults.set(fault)
        assert terminal.faults.names() == [fault.value]
        outcome = await sells(terminal)
        assert outcome.kind is Kind.UNKNOWN
        await terminal.put_right()
        righted = terminal.put_right_last
        assert righted is not None
        assert (righted.action, righted.kind, righted.stan) == (Action.REVERSAL, Kind.APPROVED, outcome.stan)
        assert not terminal.unsettled_with_host
        assert "approved" not in host.paid.values()
        assert (await sells(terminal)).approved

    tell(story, tmp_path, timeout_s=0.3)


def test_what_is_owed_goes_before_the_next_sale_even_without_waiting(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        await terminal.sign_in()
        terminal.faults.set(Fault.BEFORE_ANSWER)
        await sells(terminal)
        assert (await sells(terminal)).approved
        assert [message.mti for message in host.heard] == ["0800", "0200", "0400", "0200"]

    tell(story, tmp_path)


def test_nothing_new_while_the_line_stays_down(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        await terminal.sign_in()
        terminal.faults.set(Fault.BEFORE_SEND, 2)
        await sells(terminal)
        refused = await terminal.sale(100, CARD.read, How.TAP)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.OUTCOME_UNKNOWN
        assert result_json(refused, "en")["money_moved"] == "unknown"
        assert len(host.heard) == 1

    tell(story, tmp_path)


def test_a_reversal_put_aside_is_taken_up_again_by_itself(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        await terminal.sign_in()
        terminal.faults.set(Fault.AFTER_SEND)
        terminal.faults.set(Fault.BEFORE_SEND, 5)
        await sells(terminal)
        await terminal.put_right()
        assert [message.mti for message in host.heard][-1] == "0400"
        assert terminal.device.remembered.unresolved == ()

    tell(story, tmp_path)


def test_settling_takes_up_what_was_put_aside(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        await terminal.sign_in()
        terminal.faults.set(Fault.BEFORE_ANSWER)
        terminal.faults.set(Fault.BEFORE_SEND, 3)
        await sells(terminal)
        for _ in range(3):
            await terminal.pay_up()
        assert len(terminal.device.remembered.unresolved) == 1
        settled = await terminal.settle()
        assert isinstance(settled, Outcome)
        assert settled.approved
        assert [message.mti for message in host.heard][-2:] == ["0400", "0500"]

    tell(story, tmp_path)


def test_a_batch_that_differs_is_uploaded_by_itself_and_what_is_left_before_the_next(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        for _ in range(9):
            await sells(terminal)
        host.mood.balance_flag = "2"
        settled = await terminal.settle()
        assert isinstance(settled, Outcome)
        assert settled.balanced is False
        assert [message.mti for message in host.heard][-4:] == ["0500", "0320", "0320", "0320"]
        assert [message.text(48)[:4] for message in host.heard[-3:]] == ["0800", "0100", "0009"]
        assert terminal.device.remembered.upload_batch == 0
        await sells(terminal)
        host.mood.silent_to = "0320"
        await terminal.settle()
        assert terminal.device.remembered.upload_count == 1
        host.mood.silent_to, host.mood.balance_flag = "", "1"
        await terminal.settle()
        assert [message.mti for message in host.heard][-4:] == ["0320", "0320", "0320", "0500"]
        assert terminal.device.remembered.upload_batch == 0

    tell(story, tmp_path, timeout_s=0.3)


def test_stale_keys_are_renewed_before_the_reversal(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        await terminal.sign_in()
        host._new_keys()
        outcome = await sells(terminal)
        assert (outcome.kind, outcome.response_code) == (Kind.UNKNOWN, "A0")
        await terminal.put_right()
        assert [message.mti for message in host.heard] == ["0800", "0200", "0800", "0400"]

    tell(story, tmp_path)


def test_a_host_that_refuses_the_sign_in_is_told_as_such(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        host.mood.code = "97"
        outcome = await sells(terminal)
        assert (outcome.action, outcome.response_code) == (Action.SIGN_IN, "97")
        assert result_json(terminal.last or outcome)["message"] == "终端未登记"

    tell(story, tmp_path)


def test_a_sign_in_that_fails_keeps_what_is_owed(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        await terminal.sign_in()
        host._new_keys()
        await sells(terminal)
        host.mood.code = "97"
        await terminal.pay_up()
        assert terminal.device.owes
        host.mood.code = "00"
        await terminal.put_right()
        assert not terminal.device.owes
        await terminal.put_right()

    tell(story, tmp_path)


def test_nobody_at_the_other_end(tmp_path: Path) -> None:
    async def story() -> None:
        terminal = terminal_at(1, tmp_path)
        outcome = await terminal.sign_in()
        assert isinstance(outcome, Outcome)
        assert outcome.kind is Kind.UNKNOWN
        await terminal.close()

    asyncio.run(story())


def test_a_host_that_hangs_up_between_two_questions(tmp_path: Path) -> None:
    async def story() -> None:
        host = TerminalHost()

        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readexactly(2)
            answer = host.answer(await reader.readexactly(int.from_bytes(head, "big")))
            assert answer is not None
            writer.write(len(answer).to_bytes(2, "big") + answer)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(once, "127.0.0.1", 0)
        terminal = terminal_at(server.sockets[0].getsockname()[1], tmp_path, keep_open=True)
        await terminal.sign_in()
        await asyncio.sleep(0.05)
        assert (await sells(terminal)).approved
        await terminal.close()
        server.close()

    asyncio.run(story())


@pytest.mark.parametrize("fault", sorted(CUTS, key=str), ids=str)
def test_a_power_cut_is_remembered_over_the_restart(tmp_path: Path, fault: Fault) -> None:
    async def story() -> None:
        host = TerminalHost()
        async with listening(host) as port:
            terminal = terminal_at(port, tmp_path)
            terminal._cuts_power = True
            await terminal.sign_in()
            terminal.faults.set(fault)
            with pytest.raises(PowerCut):
                await sells(terminal)
            await terminal.close()
            again = terminal_at(port, tmp_path)
            assert again.device.owes
            assert (await sells(again)).approved
            assert [message.mti for message in host.heard][-2:] == ["0400", "0200"]
            await again.close()

    asyncio.run(story())


def test_closing_in_the_middle_of_putting_right_loses_nothing(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, _host: TerminalHost) -> None:
        await terminal.sign_in()
        terminal.faults.set(Fault.BEFORE_ANSWER)
        terminal._delays_s = (60.0,)
        await sells(terminal)
        await terminal.close()
        assert terminal.device.owes

    tell(story, tmp_path)


def test_the_drawer_holds_the_networks_cards_and_prints_no_pin() -> None:
    assert {"debit", "credit"} <= {card.label for card in DECK}
    assert deck_card("normal") is deck_card("debit")
    assert CARD.title("zh") != CARD.title("en")
    assert "123456" not in repr(DECK)
    with pytest.raises(KeyError):
        deck_card("platinum")
