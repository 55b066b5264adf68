"""The pretend wallet's door: whoever is not a merchant, or says the same thing twice, is not served."""

from __future__ import annotations

import json

import aiohttp
import pytest

from support.channels import SandboxTown, run, wallet_key_in, wallet_town
from xiaopos.gateways.sandbox_wallet.signing import (
    MERCHANT_HEADER,
    NONCE_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Signed,
    sign,
)
from xiaopos.simulator.moods import Mood, Stage, Trouble


async def posts(
    town: SandboxTown,
    body: bytes = b'{"out_trade_no":"order-1"}',
    *,
    verb: str = "query",
    merchant: str = "xiaopos",
    nonce: str = "n1",
    timestamp: str = "",
    spoil: str = "",
) -> tuple[int, str]:
    """The status and error of a request of our own making."""
    host, port = town.server._address
    path = f"/wallet/v1/{verb}"
    at = timestamp or str(int(town.shop.clock.now().timestamp()))
    vault = town.shop.vault
    signature = sign(vault, wallet_key_in(vault), Signed("request", path, at, nonce, body)) + spoil
    headers = {MERCHANT_HEADER: merchant, TIMESTAMP_HEADER: at, NONCE_HEADER: nonce, SIGNATURE_HEADER: signature}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://{host}:{port}{path}", data=body, headers=headers) as told,
    ):
        text = await told.text()
        return told.status, str(json.loads(text).get("error")) if text.startswith("{") else ""


def test_strangers_and_unknown_verbs_are_turned_away() -> None:
    async def story() -> None:
        async with wallet_town() as town:
            assert await posts(town, merchant="nobody") == (401, "")
            assert await posts(town, verb="steal") == (404, "")

    run(story())


@pytest.mark.parametrize("timestamp", ["1", "soon", "99999999999"])
def test_a_request_of_another_time_is_stale(timestamp: str) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            assert await posts(town, timestamp=timestamp) == (200, "REQUEST_STALE")

    run(story())


def test_a_request_played_again_is_stale_and_one_that_was_changed_is_not_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("xiaopos.simulator.wallet.server.NONCES_KEPT", 1)

    async def story() -> None:
        async with wallet_town() as town:
            assert await posts(town) == (200, "ORDER_NOT_FOUND")
            assert await posts(town) == (200, "REQUEST_STALE")
            assert await posts(town, nonce="") == (200, "REQUEST_STALE")
            assert await posts(town, nonce="n2", spoil="00") == (200, "SIGNATURE_WRONG")
            assert await posts(town, nonce="n3") == (200, "ORDER_NOT_FOUND")
            assert len(town.server._nonces) == 1

    run(story())


@pytest.mark.parametrize("body", [b"{", b"[]"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    async def story() -> None:
        async with wallet_town() as town:
            assert await posts(town, body) == (200, "REQUEST_INVALID")

    run(story())


def test_an_answer_told_twice_is_one_answer_over_http() -> None:
    async def story() -> None:
        async with wallet_town() as town:
            await town.server.set_mood(Mood(Trouble.REPEAT_ANSWER, stage=Stage.ANY))
            assert await posts(town) == (200, "ORDER_NOT_FOUND")
            await town.server.lift_moods()

    run(story())


def test_a_port_in_use_is_said_so() -> None:
    async def story() -> None:
        async with wallet_town() as one, wallet_town() as other:
            await other.server.set_mood(Mood(Trouble.DOWN))
            with pytest.raises(OSError, match="address"):
                await other.server.start(*one.server._address)

    run(story())
