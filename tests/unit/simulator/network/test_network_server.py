"""The pretend network's door: whoever does not speak the dialect is cut off; its control shows no card number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from msgspec import structs

from support.channels import CardTown, card_town, new_vault, run, zmk_in
from xiaopos.payments.answers import Approved, Declined, OutcomeUnknown
from xiaopos.payments.payment import Kind
from xiaopos.simulator.moods import Mood, Trouble
from xiaopos.simulator.network import TEST_CARDS, CardNetwork, control_routes
from xiaopos.wire.iso8583 import Codec, Message
from xiaopos.wire.iso8583.card_network import SPEC
from xiaopos.wire.iso8583.framing import encode_frame

CODEC = Codec(SPEC)
NUMBERS: dict[int, str | bytes] = {7: "0314013000", 11: "000001"}


async def says(town: CardTown, *frames: bytes) -> bytes:
    """Send frames on a connection of our own, and hear everything until the network closes or is silent."""
    reader, writer = await asyncio.open_connection(*town.network._address)
    for frame in frames:
        writer.write(frame)
    heard = b""
    try:
        async with asyncio.timeout(0.2):
            while chunk := await reader.read(4096):
                heard += chunk
            heard += b"|closed"
    except TimeoutError:
        heard += b"|silent"
    except ConnectionResetError:
        heard += b"|closed"
    writer.close()
    return heard


SIGN_ON = encode_frame(CODEC.encode(Message("0800", {**NUMBERS, 70: "001"})))


@pytest.mark.parametrize(
    "frames",
    [
        [b"\xff\xff"],
        [encode_frame(b"garbage")],
        [encode_frame(CODEC.encode(Message("0200", NUMBERS)))],
        [SIGN_ON, encode_frame(CODEC.encode(Message("0320", NUMBERS)))],
    ],
)
def test_whoever_does_not_speak_the_dialect_is_cut_off(frames: list[bytes]) -> None:
    async def story() -> None:
        async with card_town() as town:
            assert (await says(town, *frames)).endswith(b"|closed")

    run(story())


def test_a_network_code_that_is_not_known_is_refused() -> None:
    async def story() -> None:
        async with card_town() as town:
            heard = await says(town, encode_frame(CODEC.encode(Message("0800", {**NUMBERS, 70: "002"}))))
            assert CODEC.decode(heard.removesuffix(b"|silent")[2:]).text(39) == "40"

    run(story())


@pytest.mark.parametrize("mac", [b"", bytes(8)])
def test_a_request_with_a_wrong_mac_is_answered_a0_and_does_nothing(mac: bytes) -> None:
    async def story() -> None:
        async with card_town() as town:
            fields: dict[int, str | bytes] = {**NUMBERS, 2: "6200000000000000018", 3: "000000", 4: "000000000001"}
            if mac:
                fields[128] = mac
            heard = await says(town, SIGN_ON, encode_frame(CODEC.encode(Message("0200", fields))))
            assert b"A0" in heard
            assert not town.network.transactions()

    run(story())


def test_a_hold_is_taken_over_the_line_as_a_sale_is() -> None:
    async def story() -> None:
        async with card_town() as town:
            for kind in (Kind.SALE, Kind.PREAUTH):
                asked = structs.replace(town.shop.sale(500), kind=kind)
                assert isinstance(await town.acquirer.authorise(asked, town.shop.means()), Approved)
            assert [one.mti for one in town.network.transactions()] == ["0200", "0100"]

    run(story())


def test_dropped_lines_come_again_and_a_late_answer_to_a_dropped_line_is_lost() -> None:
    async def story() -> None:
        async with card_town() as town:
            await town.network.set_mood(Mood(Trouble.LATE, seconds=0.05))
            asking = asyncio.create_task(town.acquirer.authorise(town.shop.sale(1), town.shop.means()))
            await asyncio.sleep(0.02)
            town.network.drop_lines()
            assert isinstance(await asking, OutcomeUnknown)
            assert await town.acquirer.until_ready(5)
            await asyncio.sleep(0.06)
            assert not town.late

    run(story())


def test_a_port_in_use_is_said_so_and_a_network_may_stop_before_it_starts() -> None:
    async def story() -> None:
        async with card_town() as town:
            vault = new_vault()
            other = CardNetwork(":memory:", vault=vault, zmk=zmk_in(vault), clock=town.shop.clock)
            with pytest.raises(OSError, match="address"):
                await other.start(*town.network._address)
            await other.stop()
            await town.network.lift_moods()

    run(story())


@asynccontextmanager
async def control(town: CardTown) -> AsyncIterator[aiohttp.ClientSession]:
    app = web.Application()
    app.add_routes(control_routes(town.network))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
        yield session
    await runner.cleanup()


def test_the_control_sets_moods_and_lifts_them() -> None:
    async def story() -> None:
        async with card_town() as town, control(town) as session:
            await session.post("/control/network/moods", json={"trouble": "answer_code", "code": "51"})
            answer = await town.acquirer.authorise(town.shop.sale(1), town.shop.means())
            assert isinstance(answer, Declined)
            wrongs: tuple[object, ...] = ({"trouble": "boredom"}, [], "late")
            for wrong in wrongs:
                refused = await session.post("/control/network/moods", json=wrong)
                assert refused.status == 400
            assert (await session.post("/control/network/moods", data="{")).status == 400
            await session.post("/control/network/moods", json={"trouble": "down"})
            assert (await (await session.get("/control/network/moods")).json())["moods"][0]["trouble"] == "down"
            lifted = await session.delete("/control/network/moods")
            assert (await lifted.json())["moods"] == []
            assert await town.acquirer.until_ready(5)

    run(story())


def test_the_control_shows_balances_and_transactions_but_no_card_number() -> None:
    async def story() -> None:
        async with card_town() as town, control(town) as session:
            assert isinstance(await town.acquirer.authorise(town.shop.sale(1), town.shop.means()), Approved)
            cards = await session.get("/control/network/cards")
            transactions = await session.get("/control/network/transactions")
            shown = await cards.text() + await transactions.text()
            assert '"balance_minor": 9999999' in shown
            assert '"state": "approved"' in shown
            assert not any(card.pan.digits in shown for card in TEST_CARDS)

    run(story())
