"""The demo's pretend world in one process: card network, wallet, customers' phone, terminals.

What may live here: building the simulators and starting them. What may not: what they do (simulator).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from xiaopos.deployment import Deployment
from xiaopos.kernel.ids import MerchantId, TerminalId
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault
from xiaopos.keys.signatures import RsaSigningKey
from xiaopos.secrets_file import ALIPAY_APPS, WECHAT_MERCHANTS, both, components_file, demo_secrets
from xiaopos.simulator.alipay import ALIPAY_TERMS, AlipayServer, OpenPlatform
from xiaopos.simulator.network import UNIONPAY_TERMS, CardNetwork, UnionPayTrades, control_routes
from xiaopos.simulator.terminals import Line, PageSettings, PretendTerminal, TerminalServer, open_device
from xiaopos.simulator.town import MERCHANTS
from xiaopos.simulator.wallet import CUSTOMERS, PhoneServer, SandboxWalletServer, Trades, WalletTerms
from xiaopos.simulator.wechat_pay import KEY_ID, WECHAT_TERMS, MerchantPlatform, Signer, WeChatServer
from xiaopos.terminal.profile import Identity
from xiaopos.wiring import SystemClock, until_told_to_stop


@dataclass(frozen=True, slots=True)
class PretendPorts:
    """Where the simulators listen."""

    network: int
    wallet: int
    alipay: int
    wechat: int
    phone: int
    terminals: int


async def serve_simulators(deployment: Deployment, ports: PretendPorts, web_origin: str) -> None:
    """All simulators, until told to stop."""
    data, clock = deployment.data_dir, SystemClock()
    kept = demo_secrets(data)
    vault = SoftwareVault(Secret(bytes.fromhex(kept.simulator_master_key)), os.urandom)
    zmk = vault.combine(
        components=both(kept.network_zmk), usage=KeyUsage.ZMK, algorithm=deployment.network_suite.carrier
    )
    wallet_key = vault.combine(components=both(kept.wallet_key), usage=KeyUsage.ZAK, algorithm=KeyAlgorithm.HMAC256)
    network = CardNetwork(
        data / "simulated-network.sqlite3",
        vault=vault,
        zmk=zmk,
        clock=clock,
        suite=deployment.network_suite,
        customers=UnionPayTrades(
            data / "simulated-unionpay.sqlite3",
            customers=CUSTOMERS,
            clock=clock,
            entropy=os.urandom,
            terms=UNIONPAY_TERMS,
        ),
    )
    trades = Trades(
        data / "simulated-wallet.sqlite3", customers=CUSTOMERS, clock=clock, entropy=os.urandom, terms=WalletTerms()
    )
    wallet = SandboxWalletServer(trades, vault=vault, merchants={"xiaopos": wallet_key}, clock=clock)
    alipay = _alipay(data, kept.alipay_key, clock)
    wechat = _wechat(data, kept.wechat_key, clock, vault)
    phone = PhoneServer(
        wallet,
        more_apps={"alipay": alipay, "wechat": wechat, "unionpay": network},
        web_origin=web_origin,
        more_routes=control_routes(network),
    )
    host = deployment.listen
    await network.start(host, ports.network)
    await wallet.start(host, ports.wallet)
    await alipay.start(host, ports.alipay)
    await wechat.start(host, ports.wechat)
    await phone.start(host, ports.phone)
    moods = f"http://{host}:{ports.phone}/control/network/moods"
    server = TerminalServer(
        _terminals(deployment, kept.terminals, both(kept.issuer_key), clock),
        PageSettings(web_origins=(web_origin,), network_moods_url=moods),
    )
    await server.start(host, ports.terminals)
    await until_told_to_stop()
    await server.stop()
    await phone.stop()
    await wechat.stop()
    await alipay.stop()
    await wallet.stop()
    await network.stop()


def _alipay(data: Path, key: str, clock: SystemClock) -> AlipayServer:
    signing_key = RsaSigningKey(bytes.fromhex(key))
    platform = OpenPlatform.at(data / ALIPAY_APPS, signing_key.public())
    trades = Trades(
        data / "simulated-alipay.sqlite3", customers=CUSTOMERS, clock=clock, entropy=os.urandom, terms=ALIPAY_TERMS
    )
    return AlipayServer(
        trades,
        signing_key=signing_key,
        apps=platform.apps,
        clock=clock,
        entropy=os.urandom,
        more_routes=platform.routes(),
    )


def _wechat(data: Path, key: str, clock: SystemClock, vault: SoftwareVault) -> WeChatServer:
    signing_key = RsaSigningKey(bytes.fromhex(key))
    platform = MerchantPlatform.at(
        data / WECHAT_MERCHANTS, signing_key.public(), vault=vault, clock=clock, entropy=os.urandom
    )
    trades = Trades(
        data / "simulated-wechat.sqlite3", customers=CUSTOMERS, clock=clock, entropy=os.urandom, terms=WECHAT_TERMS
    )
    return WeChatServer(
        trades,
        vault=vault,
        merchants=platform.merchants,
        signers=[Signer(signing_key, KEY_ID)],
        clock=clock,
        entropy=os.urandom,
        more_routes=platform.routes(),
    )


def _terminals(
    deployment: Deployment, components: dict[str, tuple[str, str]], issuer: tuple[Secret, Secret], clock: SystemClock
) -> dict[str, PretendTerminal]:
    playing = {}
    for merchant in MERCHANTS:
        for row in merchant.terminals:
            if not row.pretend or row.terminal_id not in components:
                continue  # a town that was founded before this terminal came does not have it
            device = open_device(
                Identity(TerminalId(row.terminal_id), MerchantId(merchant.merchant_id)),
                memory_file=deployment.data_dir / "terminals" / f"{row.terminal_id}.memory",
                components=both(components[row.terminal_id]),
                profile=row.profile,
                issuer_components=issuer,
            )
            line = Line(deployment.listen, deployment.card_port, timeout_s=25)
            playing[row.terminal_id] = PretendTerminal(device, line, clock)
    return playing


def write_components(data_dir: Path) -> None:
    """Write each pretend terminal's components where the command line finds them."""
    kept = demo_secrets(data_dir)
    for terminal_id, pair in kept.terminals.items():
        path = components_file(data_dir, terminal_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write("\n".join(pair) + "\n")


def ports_from(text: str) -> PretendPorts:
    """Ports as the supervisor hands them to this process."""
    return PretendPorts(**json.loads(text))
