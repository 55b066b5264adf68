"""A pretend terminal does by itself what its host wants of it, tells what it has not told, and follows its parameters."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession

from support.terminal_host import TerminalHost
from support.terminal_line import IDENTITY, listening, terminal_at
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.terminals import Fault, PageSettings, PretendTerminal, TerminalServer, deck_card
from xiaopos.simulator.terminals.playing import ERRANDS_KEPT, FETCH_TRIES
from xiaopos.simulator.terminals.signing import HEIGHT, WIDTH, bitmap, sample_signature
from xiaopos.terminal.cards import How
from xiaopos.terminal.lists import ListKind
from xiaopos.terminal.outcome import Action, Kind, Outcome

CARD = deck_card("normal")
Story = Callable[[PretendTerminal, TerminalHost], Awaitable[None]]


def tell(story: Story, folder: Path, *, timeout_s: float = 10.0) -> None:
    """Run a story with a terminal and its host."""

    async def all_of_it() -> None:
        host = TerminalHost()
        async with listening(host) as port:
            terminal = terminal_at(port, folder, timeout_s=timeout_s)
            try:
                await asyncio.wait_for(story(terminal, host), 60)
            finally:
                await terminal.close()

    asyncio.run(all_of_it())


async def sells(terminal: PretendTerminal, amount_minor: int = 100_00) -> Outcome:
    result = await terminal.sale(amount_minor, CARD.read, How.INSERT, CARD.pin)
    assert isinstance(result, Outcome), result
    return result


def test_what_the_host_wants_is_done_in_the_background(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        host.mood.request_digit = "7"
        assert (await sells(terminal)).approved
        host.mood.request_digit = "0"
        await terminal.run_errands()
        assert [one.listed for one in terminal.errands] == ["blacklist"]
        assert not terminal.has_errands
        assert (await sells(terminal)).approved
        assert len(terminal.errands) == 1

    tell(story, tmp_path)


def test_what_fails_is_tried_again_after_the_next_contact(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        host.mood.request_digit = "2"
        assert (await sells(terminal)).approved
        host.mood.request_digit = "0"
        host.mood.silent_to = "0820"
        await terminal.run_errands()
        assert terminal.device.remembered.wanted == ("status",)
        assert not terminal.has_errands, "nobody answered: not again before somebody does"
        host.mood.silent_to = ""
        assert (await sells(terminal)).approved
        await terminal.run_errands()
        assert [one.action for one in terminal.errands] == [Action.STATUS]

    tell(story, tmp_path, timeout_s=0.5)


def test_a_notice_that_nobody_heard_goes_before_the_next_sale(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        sold = await sells(terminal)
        terminal.faults.set(Fault.BEFORE_SEND)
        lost = await terminal.sign(sold.stan, sample_signature(sold.stan))
        assert isinstance(lost, Outcome)
        assert lost.kind is Kind.UNKNOWN
        assert (await sells(terminal)).approved
        assert [message.mti for message in host.heard][-2:] == ["0820", "0200"]
        assert [one.action for one in terminal.errands] == [Action.SIGNATURE]

    tell(story, tmp_path)


def test_a_notice_that_is_still_not_heard_stops_no_sale(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        sold = await sells(terminal)
        host.mood.silent_to = "0620"
        assert not isinstance(await terminal.tell_script_result(sold.stan, bytes(5)), Refused)
        assert (await sells(terminal)).approved
        assert terminal.errands == []
        assert len(terminal.device.remembered.notices) == 1

    tell(story, tmp_path, timeout_s=0.5)


def test_a_list_is_given_up_when_nobody_answers_and_begins_anew(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        terminal.faults.set(Fault.BEFORE_ANSWER, 2)
        assert isinstance(await terminal.fetch(ListKind.PUBLIC_KEYS), Outcome)
        heard = len(host.heard)
        terminal.faults.set(Fault.BEFORE_ANSWER, FETCH_TRIES)
        given_up = await terminal.fetch(ListKind.PUBLIC_KEYS)
        assert isinstance(given_up, Outcome)
        assert given_up.kind is Kind.UNKNOWN
        assert len(host.heard) == heard + FETCH_TRIES
        assert list(terminal.device.remembered.wanted) == ["public_keys"]
        assert (await sells(terminal)).approved
        await terminal.run_errands()
        assert list(terminal.device.remembered.wanted) == []

    tell(story, tmp_path)


def test_lists_asked_for_at_once_come_one_after_the_other_with_sales_between(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        fetching = [asyncio.create_task(terminal.fetch(kind)) for kind in ListKind]
        assert (await sells(terminal)).approved
        fetched = await asyncio.gather(*fetching)
        done = [one.listed for one in fetched if isinstance(one, Outcome) and one.approved]
        assert done == [kind.value for kind in ListKind]
        networks = [message.text(60)[8:11] for message in host.heard]
        assert networks.index("000") < networks.index("391"), "the sale did not wait for all the lists"

    tell(story, tmp_path)


def test_a_closed_terminal_leaves_its_errands_for_the_next_start(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        host.mood.request_digit = "4"
        assert (await sells(terminal)).approved
        await terminal.close()
        assert terminal.device.remembered.wanted == ("public_keys",) or terminal.errands

    tell(story, tmp_path)


def test_parameters_shorten_the_wait_and_sign_off_after_settling(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        host.parameters = {"12": "1", "21": "1"}
        assert isinstance(await terminal.fetch(ListKind.PARAMETERS), Outcome)
        assert (await sells(terminal)).approved
        assert terminal._line.timeout_s == 1
        settled = await terminal.settle()
        assert isinstance(settled, Outcome)
        assert settled.balanced
        assert terminal.last is settled
        assert host.heard[-1].text(60)[8:] == "002"
        assert terminal.device.needs_sign_in
        host.parameters = {"12": "99"}
        assert isinstance(await terminal.fetch(ListKind.PARAMETERS), Outcome)
        await terminal.echo()
        assert terminal._line.timeout_s == 10

    tell(story, tmp_path)


def test_only_the_last_errands_are_kept(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, _: TerminalHost) -> None:
        done = await terminal.tell_status()
        assert isinstance(done, Outcome)
        for _number in range(ERRANDS_KEPT + 5):
            terminal.note_errand(done)
        assert len(terminal.errands) == ERRANDS_KEPT

    tell(story, tmp_path)


# -- the page's JSON -------------------------------------------------------------------------------------------------


def test_everything_is_asked_over_http_and_nonsense_is_refused(tmp_path: Path) -> None:
    async def story(terminal: PretendTerminal, host: TerminalHost) -> None:
        server = TerminalServer({IDENTITY.terminal_id: terminal}, PageSettings())
        port = await server.start("127.0.0.1", 0)
        root = f"http://127.0.0.1:{port}/terminals/{IDENTITY.terminal_id}"

        async def posts(path: str, **body: object) -> tuple[int, dict[str, object]]:
            async with session.post(root + path, json=body, params={"lang": "en"}) as answer:
                return answer.status, await answer.json()

        async with ClientSession() as session:
            _, sold = await posts("/sale", amount_minor=10_000, card="debit", how="tap")
            stan, rrn = sold["stan"], sold["rrn"]
            drawn = base64.b64encode(b"drawn").decode()
            for path, body in (
                ("/fetch", {"list": "parameters"}), ("/tell-status", {}), ("/tip", {"stan": stan, "amount_minor": 1_000}),
                ("/signature", {"stan": stan}), ("/signature", {"stan": stan, "picture": drawn}),
                ("/script-notice", {"stan": stan}), ("/query", {"rrn": rrn}), ("/query", {"stan": stan, "code": True}),
            ):  # fmt: skip
                status, said = await posts(path, **body)
                assert (status, said["outcome"]) == (200, "approved"), (path, said)
            assert [message.raw(62) for message in host.heard if message.text(60)[:2] == "07"][-1] == b"drawn"
            for path, wrong in (
                ("/fetch", {"list": "gossip"}), ("/fetch", {}), ("/tip", {"stan": stan}), ("/tip", {"amount_minor": 1}),
                ("/signature", {}), ("/signature", {"stan": 1, "picture": "?"}), ("/script-notice", {"stan": 1, "result": "1"}),
                ("/signature", {"stan": 1, "picture": base64.b64encode(bytes(1000)).decode()}),
                ("/query", {}), ("/query", {"rrn": "x"}),
            ):  # fmt: skip
                status, said = await posts(path, **wrong)
                assert (status, list(said)) == (400, ["error"]), (path, said)
            async with session.get(root + "/state") as answer:
                state = await answer.json()
            assert state["shop"]["name"] == "小林茶铺"
            assert state["vouchers"][0]["signed"] is True
            assert {row["list"]: row["entries"] for row in state["lists"]}["parameters"] == 4
        await server.stop()

    tell(story, tmp_path)


# -- signatures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stan", [1, 2, 7, 999_999])
def test_a_sample_signature_is_a_bitmap_that_fits_field_62(stan: int) -> None:
    picture = sample_signature(stan)
    assert isinstance(picture, Secret)
    raw = picture.value
    assert raw[:2] == b"BM"
    assert int.from_bytes(raw[2:6], "little") == len(raw) == 830
    assert raw[62:].count(b"\xff") < len(raw[62:])
    assert sample_signature(stan) == picture


def test_a_bitmap_holds_its_pixels_from_the_bottom_up() -> None:
    corner = bitmap({(0, HEIGHT - 1), (WIDTH, 0), (-1, 0), (0, HEIGHT)})
    assert corner[62] == 0x7F
    assert set(corner[63:]) == {0xFF}
