"""Terminals and card networks of every suite against each other: the real device, desk, gateway and vault, over loopback.

A sale with a PIN, a wrong PIN, a void and a settlement; the issuer's side judges each PIN. Once with the software vault,
and once with the PKCS#11 vault on a token of SoftHSM2, which has no SM4.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pkcs11 import Session

from support.card_counter import MEIS_CARD, TID, CardCounter
from support.channels import Shop, card_town, run
from support.terminal_host import COMPONENTS
from support.world import TEA, World
from xiaopos.hosts.card_desk import CardDesk
from xiaopos.hosts.card_host import CardHost, HostLimits
from xiaopos.kernel.refusal import Refused
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyFault, KeyRefused, KeyUsage, Vault
from xiaopos.keys.pkcs11_vault import Pkcs11Vault
from xiaopos.keys.suites import NETWORK_SUITES, Suite
from xiaopos.payments.payment import Kind
from xiaopos.simulator import terminal_command
from xiaopos.terminal.cards import How
from xiaopos.terminal.outcome import Outcome

TERMINALS = ("unionpay-3des-2012", "unionpay-3des-track-2012", "unionpay-3des-mac-2012", "unionpay-sm4-draft")
PIN_WRONG = "55"


@dataclass
class LiveCounter:
    """Lin's counter with a real desk, gateway and network behind it."""

    counter: CardCounter
    desk: CardDesk

    async def passes(self, frame: bytes | Refused) -> Outcome:
        """The device's frame to the desk and the answer back."""
        assert isinstance(frame, bytes), frame
        answer = await self.desk.answer(frame[2:])
        assert answer is not None
        return self.counter.device.take(answer[2:], now=self.counter.world.clock.now())

    async def signs_in(self) -> Outcome:
        """Sign in."""
        return await self.passes(self.counter.device.sign_in())

    async def sells(self, pin: str) -> Outcome:
        """Sell for 12.50 with the chip of Mei's card and a PIN."""
        now = self.counter.world.clock.now()
        return await self.passes(
            self.counter.device.sale(12_50, MEIS_CARD, How.INSERT, now=now, pin=Secret(pin.encode()))
        )


@asynccontextmanager
async def live_counter(profile: str, network: Suite, vault: Vault | None = None) -> AsyncIterator[LiveCounter]:
    """A counter whose house pays through a network of this suite, with everything of ours in one vault."""
    counter = CardCounter(profile, World() if vault is None else World(vault=vault))
    world = counter.world
    shop = Shop(vault=world.vault)
    shop.pan_seal = world.keys.pan_seal
    async with card_town(shop=shop, suite=network, answer_timeout_s=5.0) as town:
        yield LiveCounter(counter, CardDesk(replace(world.house, acquirer=town.acquirer), "48020000"))


async def a_day(live: LiveCounter) -> None:
    """Sign in, sell, be refused for a wrong PIN, void, settle."""
    assert (await live.signs_in()).approved
    sold = await live.sells("123456")
    assert (sold.approved, sold.response_code) == (True, "00")
    refused = await live.sells("654321")
    assert (refused.approved, refused.response_code) == (False, PIN_WRONG)
    assert (await live.passes(live.counter.device.void(sold.stan))).approved
    settled = await live.passes(live.counter.device.settle())
    assert (settled.approved, settled.balanced) == (True, True)
    kinds = [payment.kind for payment in live.counter.world.books.payments.values()]
    assert kinds == [Kind.SALE, Kind.SALE, Kind.VOID]


@pytest.mark.parametrize("network", NETWORK_SUITES)
@pytest.mark.parametrize("profile", TERMINALS)
def test_a_terminal_of_any_suite_pays_through_a_network_of_any(profile: str, network: str) -> None:
    async def story() -> None:
        async with live_counter(profile, NETWORK_SUITES[network]) as live:
            await a_day(live)

    run(story())


@pytest.mark.parametrize("profile", [name for name in TERMINALS if name != "unionpay-sm4-draft"])
def test_the_same_with_every_key_of_ours_in_a_token(profile: str, token_session: Session) -> None:
    async def story() -> None:
        async with live_counter(profile, NETWORK_SUITES["tdes"], Pkcs11Vault(token_session)) as live:
            await a_day(live)

    run(story())


@pytest.mark.parametrize("usage", [KeyUsage.TMK, KeyUsage.ZMK])
def test_a_token_without_sm4_takes_no_master_key_of_that_suite(usage: KeyUsage, token_session: Session) -> None:
    vault = Pkcs11Vault(token_session)
    with pytest.raises(KeyRefused, match="the token has no SM4 keys") as refused:
        vault.combine(components=COMPONENTS, usage=usage, algorithm=KeyAlgorithm.SM4)
    assert refused.value.fault is KeyFault.NOT_OFFERED
    with pytest.raises(KeyRefused, match="the token has no SM4 keys"):
        vault.take_component(component=COMPONENTS[0], algorithm=KeyAlgorithm.SM4)


def test_a_terminal_that_was_set_to_sm4_over_a_token_is_told_so_and_the_others_sell(token_session: Session) -> None:
    async def story() -> None:
        async with live_counter("unionpay-3des-2012", NETWORK_SUITES["tdes"], Pkcs11Vault(token_session)) as live:
            live.counter.changes(profile="unionpay-sm4-draft")
            told = await live.signs_in()
            assert (told.approved, live.counter.world.books.terminals[TID].tak) == (False, None)
            live.counter.changes(profile="unionpay-3des-2012")
            await a_day(live)

    run(story())


@pytest.mark.parametrize("profile", ["unionpay-3des-mac-2012", "unionpay-sm4-draft"])
def test_the_terminal_command_speaks_the_profile_it_is_given(
    profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = tmp_path / "components"
    parts.write_text("\n".join(part.value.hex() for part in COMPONENTS))
    options = ["--terminal", TID, "--merchant", TEA, "--memory", str(tmp_path / "memory"), "--json"]
    options += ["--key-components", str(parts), "--profile", profile, "--host", "127.0.0.1"]

    async def story() -> None:
        async with live_counter(profile, NETWORK_SUITES["tdes"]) as live:
            host = CardHost(live.desk.answer, HostLimits(), crowded=lambda: False)
            port = await host.start("127.0.0.1", 0)

            async def says(*words: str) -> dict[str, Any]:
                code = await asyncio.to_thread(terminal_command.run, [*words, *options, "--port", str(port)])
                told: dict[str, Any] = json.loads(capsys.readouterr().out)
                assert code == 0, told
                return told

            try:
                await says("sign-in")
                sold = await says("sale", "--amount", "12.50", "--how", "insert", "--pin", "123456")
                await says("void", sold["stan"])
                assert (await says("settle"))["outcome"] == "approved"
            finally:
                await host.stop(1.0)

    run(story())
