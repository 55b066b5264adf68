"""The adapter against a wallet that answers with nonsense: nothing unsigned, unreadable or endless is believed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from support.channels import PATIENCE_S, Shop, new_vault, run, wallet_key_in
from xiaopos.gateways.sandbox_wallet import SandboxWallet, WalletAccount
from xiaopos.gateways.sandbox_wallet.signing import NONCE_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Signed, sign
from xiaopos.gateways.wallet_line import WalletTerms
from xiaopos.payments.answers import OutcomeUnknown

VAULT = new_vault()
KEY = wallet_key_in(VAULT)
Answers = Callable[[web.Request], web.Response]


def signed_body(body: bytes, *, nonce: str = "") -> Answers:
    """An answer under a good signature."""

    def answers(request: web.Request) -> web.Response:
        covered = Signed("answer", request.path, "1", nonce or request.headers[NONCE_HEADER], body)
        headers = {TIMESTAMP_HEADER: "1", SIGNATURE_HEADER: sign(VAULT, KEY, covered)}
        return web.Response(body=body, headers=headers)

    return answers


@asynccontextmanager
async def strange_wallet(answers: Answers) -> AsyncIterator[tuple[Shop, SandboxWallet]]:
    async def serve(request: web.Request) -> web.Response:
        return answers(request)

    app = web.Application()
    app.router.add_post("/{rest:.*}", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    shop = Shop()
    wallet = SandboxWallet(
        WalletAccount(
            f"http://127.0.0.1:{runner.addresses[0][1]}/",
            "xiaopos",
            wallet_key_in(shop.vault),
            WalletTerms(answer_timeout_s=PATIENCE_S),
        ),
        vault=shop.vault,
        clock=shop.clock,
        make_nonce=lambda: "fresh",
    )
    await wallet.start()
    try:
        yield shop, wallet
    finally:
        await wallet.stop()
        await runner.cleanup()


@pytest.mark.parametrize(
    "answers",
    [
        lambda _: web.Response(text="<html>"),
        lambda _: web.Response(status=500),
        lambda _: web.Response(status=302, headers={"Location": "/elsewhere"}),
        signed_body(b"not json"),
        signed_body(b"[]"),
        signed_body(b"{}"),
        signed_body(b'{"code":"OK","trade_state":"REVOKED"}', nonce="of another request"),
        signed_body(b" " * (WalletTerms().answer_length_max + 1)),
    ],
)
def test_nonsense_settles_nothing(answers: Answers) -> None:
    async def story() -> None:
        async with strange_wallet(answers) as (shop, wallet):
            assert isinstance(await wallet.query(shop.payment(1)), OutcomeUnknown)
            assert isinstance(await wallet.reverse(shop.payment(1)), OutcomeUnknown)

    run(story())
