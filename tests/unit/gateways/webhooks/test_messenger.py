"""Telling a merchant's server: what leaves, how it is signed, what each answer and failure means, and where it never goes."""

from __future__ import annotations

import asyncio
import base64
import hmac
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from support.channels import Shop, run
from support.webhooks import SECRET, Server, a_delivery, a_server, an_endpoint, secret_in
from unit.gateways.test_wallet_line import a_certificate
from xiaopos.gateways.webhooks import LineTerms, WebhookMessenger
from xiaopos.gateways.webhooks.codes import ForbiddenAddress, retry_after, said_in
from xiaopos.gateways.webhooks.line import WebhookLine, require_outside
from xiaopos.gateways.webhooks.signing import public_text, secret_text
from xiaopos.keys import KeyAlgorithm
from xiaopos.keys.ed25519 import verify_ed25519
from xiaopos.merchants.webhooks import Outcome
from xiaopos.usecases.tell_merchant import Attempt


class Names(AbstractResolver):
    """A resolver that knows what the test says, and nothing else."""

    def __init__(self, **known: str) -> None:
        self.known = known
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        self.asked.append(host)
        found = self.known.get(host.partition(".")[0])
        if found is None:
            raise OSError("no such name")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in found.split()
        ]

    async def close(self) -> None:
        """Nothing to close."""


@asynccontextmanager
async def a_messenger(
    shop: Shop, *, demo: bool = True, pair: Any = None, tls: ssl.SSLContext | None = None, names: Names | None = None,
    **terms: float,
) -> AsyncIterator[WebhookMessenger]:  # fmt: skip
    line = WebhookLine(LineTerms(demo=demo, **terms), tls=tls, resolver=names)
    messenger = WebhookMessenger(line, vault=shop.vault, pair=pair, clock=shop.clock, demo=demo)
    await messenger.start()
    try:
        yield messenger
    finally:
        await messenger.stop()


async def told(server: Server, *, answer_timeout_s: float = 10.0) -> Attempt:
    shop = Shop()
    async with a_messenger(shop, answer_timeout_s=answer_timeout_s) as messenger:
        return await messenger.tell(an_endpoint(shop.vault, server.url, shop.clock), a_delivery(shop.clock))


def test_what_leaves_is_signed_by_every_secret_and_by_the_house() -> None:
    async def story() -> None:
        shop = Shop()
        pair = shop.vault.generate_pair(algorithm=KeyAlgorithm.ED25519)
        older = bytes(range(50, 82))
        async with a_server() as server, a_messenger(shop, pair=pair) as messenger:
            secrets = (secret_in(shop.vault), secret_in(shop.vault, older))
            endpoint = an_endpoint(shop.vault, server.url, shop.clock, secrets=secrets)
            attempt = await messenger.tell(endpoint, a_delivery(shop.clock, number=7))
            assert (attempt.outcome, attempt.status) == (Outcome.DELIVERED, 204)
            (got,) = server.told
        assert got.message == {
            "type": "payment.approved",
            "timestamp": "2026-03-14T01:30:00Z",
            "id": "evt-1",
            "endpoint": endpoint.endpoint_id,
            "sequence": 7,
            "data": {"payment_id": "1"},
        }
        assert got.headers["webhook-id"] == "evt-1"
        assert got.headers["content-type"] == "application/json"
        assert int(got.headers["webhook-timestamp"]) == int(shop.clock.now().timestamp())
        text = f"evt-1.{got.headers['webhook-timestamp']}.".encode() + got.body
        signatures = [each.split(",") for each in got.headers["webhook-signature"].split()]
        assert [kind for kind, _ in signatures] == ["v1", "v1", "v1a"]
        for (_, value), secret in zip(signatures, (SECRET, older), strict=False):
            assert base64.b64decode(value) == hmac.digest(secret, text, "sha256")
        assert verify_ed25519(shop.vault.public_key(key=pair), text, base64.b64decode(signatures[2][1]))

    run(story())


def test_without_a_pair_the_secret_alone_signs() -> None:
    async def story() -> None:
        async with a_server() as server:
            await told(server)
            assert [each[:3] for each in server.told[0].headers["webhook-signature"].split()] == ["v1,"]

    run(story())


def test_keys_are_written_as_people_know_them() -> None:
    assert secret_text(bytes(3)) == "whsec_AAAA"
    assert public_text(bytes(3)) == "whpk_AAAA"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (202, Outcome.DELIVERED),
        (302, Outcome.REDIRECTED),
        (400, Outcome.REFUSED),
        (410, Outcome.GONE),
        (500, Outcome.REFUSED),
    ],
)
def test_only_2xx_is_yes_and_nothing_is_followed(status: int, outcome: Outcome) -> None:
    async def story() -> None:
        async with a_server() as server:
            server.statuses, server.headers = [status], {"Location": server.url + "/elsewhere", "Retry-After": "17"}
            server.says = "忙 4000000000000002\x00".encode()
            attempt = await told(server)
            assert (attempt.outcome, attempt.status, attempt.retry_after_s) == (outcome, status, 17)
            assert attempt.said == "忙 [16 digits]"
            assert len(server.told) == 1

    run(story())


def test_a_server_that_takes_its_time_is_not_waited_for() -> None:
    async def story() -> None:
        async with a_server() as server:
            server.holds = asyncio.Event()
            assert (await told(server, answer_timeout_s=0.2)).outcome is Outcome.TOO_SLOW

    run(story())


def test_a_server_that_hangs_up_or_is_away_is_said_to() -> None:
    async def story() -> None:
        async with a_server() as server:
            server.hangs_up = True
            assert (await told(server)).outcome is Outcome.BROKEN_OFF
        assert (await told(server)).outcome is Outcome.NOT_CONNECTED

    run(story())


def test_a_certificate_that_nobody_knows_is_not_trusted(tmp_path: Path) -> None:
    async def story() -> None:
        path = a_certificate(tmp_path)
        own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        own.load_cert_chain(path)
        async with a_server(ssl_context=own) as server:
            assert (await told(server)).outcome is Outcome.NOT_TRUSTED
            assert server.told == []
            shop = Shop()
            async with a_messenger(shop, tls=ssl.create_default_context(cafile=path)) as messenger:
                attempt = await messenger.tell(an_endpoint(shop.vault, server.url, shop.clock), a_delivery(shop.clock))
                assert attempt.outcome is Outcome.DELIVERED

    run(story())


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "93.184.216.34 192.168.1.1", "::1", "fe80::1%eth0"]
)
def test_a_name_that_leads_inside_is_not_connected_to(inside: str) -> None:
    async def story() -> None:
        shop, names = Shop(), Names(shop=inside)
        async with a_server() as server, a_messenger(shop, demo=False, names=names) as messenger:
            url = f"https://shop.example.com:{server.url.rpartition(':')[2]}"
            attempt = await messenger.tell(an_endpoint(shop.vault, url, shop.clock), a_delivery(shop.clock))
            assert attempt.outcome is Outcome.ADDRESS_FORBIDDEN
            assert names.asked == ["shop.example.com"]
            assert server.told == []

    run(story())


def test_an_address_inside_is_refused_at_the_socket_too() -> None:
    async def story() -> None:
        async with a_server() as server:
            line = WebhookLine(LineTerms(demo=False))
            await line.start()
            answer = await line.post(server.url, b"{}", {})
            await line.stop()
            await line.stop()
            assert answer.outcome is Outcome.ADDRESS_FORBIDDEN
            assert server.told == []

    run(story())


def test_an_address_that_was_taken_in_a_demo_is_not_told_in_production() -> None:
    async def story() -> None:
        shop = Shop()
        async with a_server() as server, a_messenger(shop, demo=False) as messenger:
            attempt = await messenger.tell(an_endpoint(shop.vault, server.url, shop.clock), a_delivery(shop.clock))
            assert (attempt.outcome, attempt.status) == (Outcome.ADDRESS_FORBIDDEN, 0)
            assert server.told == []

    run(story())


def test_a_name_that_nobody_knows_is_said_to() -> None:
    async def story() -> None:
        shop = Shop()
        async with a_messenger(shop, demo=False, names=Names()) as messenger:
            endpoint = an_endpoint(shop.vault, "https://nobody.example.com/x", shop.clock)
            assert (await messenger.tell(endpoint, a_delivery(shop.clock))).outcome is Outcome.NAME_UNKNOWN

    run(story())


def test_what_is_no_address_is_outside_of_nothing() -> None:
    with pytest.raises(ForbiddenAddress):
        require_outside("not an address", demo=True)


def test_what_an_answer_says_is_short_and_holds_no_card() -> None:
    assert said_in(b"\xff\n\tcard 6200000000000000018 " + b"x" * 500).startswith("\ufffd card [19 digits] x")
    assert len(said_in(b"x" * 1000)) == 200
    assert [retry_after(each) for each in (None, "", "12", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "9" * 10)] == [
        0, 0, 12, 0, 0, 0,
    ]  # fmt: skip
