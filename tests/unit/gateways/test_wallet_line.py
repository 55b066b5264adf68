"""The line to a wallet: what left and what did not, and resting from a wallet that does not answer."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from support.channels import run
from xiaopos.gateways.wallet_line import HttpAnswer, Lost, NotSent, WalletLine, WalletTerms

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Wallet:
    """A wallet that does what the test says, and counts what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.holds = asyncio.Event()
        self.port = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.heard.append(request.path_qs)
        if request.path == "/hold":
            await self.holds.wait()
        if request.path == "/hang-up":
            assert request.transport is not None
            request.transport.abort()
        if request.path == "/away":
            raise web.HTTPFound("/elsewhere")
        if request.path == "/long":
            return web.Response(body=b"x" * int(request.query["bytes"]))
        return web.Response(body=b"%b %b" % (request.method.encode(), await request.read()), headers={"X-Said": "yes"})


def a_certificate(folder: Path) -> Path:
    """A file with a key and its own certificate for 127.0.0.1, which no authority knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "wallet.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "wallet.pem"
    path.write_bytes(secret + made.public_bytes(pem))
    return path


@asynccontextmanager
async def a_line(
    *, serves: bool = True, certificate: Path | None = None, tls: ssl.SSLContext | None = None, **terms: Any
) -> AsyncIterator[tuple[Wallet, WalletLine]]:
    wallet = Wallet()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", wallet.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    own = None
    if certificate is not None:
        own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        own.load_cert_chain(certificate)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=own).start()
    wallet.port = runner.addresses[0][1]
    if not serves:
        await runner.cleanup()
    url = f"{'https' if certificate else 'http'}://127.0.0.1:{wallet.port}/"
    line = WalletLine("some", url, WalletTerms(**{"answer_timeout_s": 5.0, **terms}), tls=tls)
    await line.start()
    try:
        yield wallet, line
    finally:
        wallet.holds.set()
        await line.stop()
        await runner.cleanup()


def test_what_is_asked_arrives_and_its_answer_comes_back_whole() -> None:
    async def story() -> None:
        async with a_line() as (wallet, line):
            answer = await line.ask("POST", "/pay?a=%E8%8C%B6", "茶".encode(), {"X-Mine": "1"})
            assert isinstance(answer, HttpAnswer)
            assert (answer.status, answer.body, answer.headers["x-said"]) == (200, "POST 茶".encode(), "yes")
            assert wallet.heard == ["/pay?a=%E8%8C%B6"] or wallet.heard == ["/pay?a=茶"]
            sent_on = await line.ask("GET", "/away")
            assert isinstance(sent_on, HttpAnswer)
            assert sent_on.status == 302

    run(story())


@pytest.mark.parametrize(("extra", "read"), [(0, True), (1, False), (100_000, False)])
def test_an_answer_that_is_too_long_is_no_answer(extra: int, *, read: bool) -> None:
    async def story() -> None:
        async with a_line(answer_length_max=70_000) as (_, line):
            answer = await line.ask("GET", f"/long?bytes={70_000 + extra}")
            assert isinstance(answer, HttpAnswer) is read
            assert read or answer == Lost("the wallet's answer is too long")

    run(story())


def test_what_left_and_was_not_answered_is_lost_and_what_never_left_is_not() -> None:
    async def story() -> None:
        async with a_line(answer_timeout_s=0.1) as (_, line):
            assert await line.ask("POST", "/hold") == Lost("no answer: TimeoutError")
            hung_up = await line.ask("POST", "/hang-up")
            assert isinstance(hung_up, Lost)
            await line.stop()
            await line.stop()
            assert await line.ask("POST", "/pay") == NotSent("the wallet's session is not open")
        async with a_line(serves=False) as (_, line):
            refused = await line.ask("POST", "/pay")
            assert refused == NotSent("no connection: ClientConnectorError")

    run(story())


def test_a_wallet_that_does_not_answer_is_left_in_peace_by_new_payments_alone() -> None:
    async def story() -> None:
        async with a_line(answer_timeout_s=0.05, failures_until_rest=2, rest_first_s=0.3, rest_most_s=0.5) as (
            wallet,
            line,
        ):
            for _ in range(2):
                assert not line.is_resting
                assert isinstance(await line.ask("POST", "/hold", new_payment=True), Lost)
            assert line.is_resting
            refused = await line.ask("POST", "/pay", new_payment=True)
            assert refused == NotSent("the wallet has not answered the last requests")
            assert len(wallet.heard) == 2
            # What has begun is still asked for; silence makes the rest longer, an answer ends it.
            assert isinstance(await line.ask("POST", "/hold"), Lost)
            assert isinstance(await line.ask("POST", "/query"), HttpAnswer)
            assert not line.is_resting
            assert isinstance(await line.ask("POST", "/pay", new_payment=True), HttpAnswer)

    run(story())


def test_after_a_rest_the_wallet_is_tried_again() -> None:
    async def story() -> None:
        async with a_line(answer_timeout_s=0.05, failures_until_rest=1, rest_first_s=0.1) as (_, line):
            assert isinstance(await line.ask("POST", "/hold", new_payment=True), Lost)
            assert line.is_resting
            await asyncio.sleep(0.15)
            assert isinstance(await line.ask("POST", "/pay", new_payment=True), HttpAnswer)

    run(story())


def test_a_full_line_refuses_new_payments_at_once_and_still_undoes_old_ones() -> None:
    async def story() -> None:
        async with a_line(in_flight_limit=2) as (wallet, line):
            waiting = [asyncio.create_task(line.ask("POST", "/hold", new_payment=True)) for _ in range(2)]
            while len(wallet.heard) < 2:
                await asyncio.sleep(0.01)
            refused = await line.ask("POST", "/pay", new_payment=True)
            assert refused == NotSent("too many requests to the wallet are under way")
            assert isinstance(await line.ask("POST", "/reverse"), HttpAnswer)
            wallet.holds.set()
            assert all(isinstance(answer, HttpAnswer) for answer in await asyncio.gather(*waiting))

    run(story())


def test_a_wallet_whose_certificate_is_not_known_hears_nothing(tmp_path: Path) -> None:
    certificate = a_certificate(tmp_path)

    async def story() -> None:
        async with a_line(certificate=certificate) as (wallet, line):
            assert await line.ask("POST", "/pay") == NotSent("no connection: ClientConnectorCertificateError")
            assert wallet.heard == []
        knowing = ssl.create_default_context(cafile=str(certificate))
        async with a_line(certificate=certificate, tls=knowing) as (wallet, line):
            assert isinstance(await line.ask("POST", "/pay"), HttpAnswer)
            assert wallet.heard == ["/pay"]

    run(story())
