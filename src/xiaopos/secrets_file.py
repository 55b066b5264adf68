"""The demo's secrets: made once, kept in one file that only its owner may read.

What may live here: making and reading that file. What may not: anything for production, where secrets come from elsewhere.

Every pair of `components` is known to both sides of a link: host and terminal, host and card network, host and wallet.
Each side combines them in its own vault, as two custodians would.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from xiaopos.kernel.secret import Secret
from xiaopos.simulator.town import MERCHANTS, everybody

SECRETS = "demo-secrets.json"
ALIPAY_APPS, WECHAT_MERCHANTS = "simulated-alipay.json", "simulated-wechat.json"
"""The applications and merchants that the pretend wallets' platforms know."""
Pair = tuple[str, str]


@dataclass(slots=True, repr=False)
class DemoSecrets:
    """Keys in hex. `terminals` maps a terminal number to the components of its master key, `second_factors` a username to
    its TOTP secret; every demo sign-in has the same `password`."""

    secret_key: str
    master_key: str
    simulator_master_key: str
    network_zmk: Pair
    wallet_key: Pair
    issuer_key: Pair
    password: str
    second_factors: dict[str, str] = field(default_factory=dict)
    terminals: dict[str, Pair] = field(default_factory=dict)
    api_key: str = ""
    alipay_key: str = ""
    """The pretend Alipay's own RSA key, DER PKCS#8."""
    wechat_key: str = ""
    """The pretend WeChat Pay's, likewise."""


def both(pair: Pair) -> tuple[Secret, Secret]:
    """The two components as bytes."""
    return Secret(bytes.fromhex(pair[0])), Secret(bytes.fromhex(pair[1]))


def _pair(length: int) -> Pair:
    return secrets.token_hex(length), secrets.token_hex(length)


def _rsa_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()).hex()


def make_secrets(terminal_ids: list[str], usernames: list[str]) -> DemoSecrets:
    """Fresh ones."""
    return DemoSecrets(
        secret_key=secrets.token_hex(32),
        master_key=secrets.token_hex(32),
        simulator_master_key=secrets.token_hex(32),
        network_zmk=_pair(16),
        wallet_key=_pair(32),
        issuer_key=_pair(16),
        password=f"xiaopos-{secrets.randbelow(10**6):06d}",
        second_factors={name: secrets.token_hex(20) for name in usernames},
        alipay_key=_rsa_key(),
        wechat_key=_rsa_key(),
        terminals={terminal_id: _pair(16) for terminal_id in terminal_ids},
    )


def read_or_make(path: Path, terminal_ids: list[str], usernames: list[str]) -> DemoSecrets:
    """The secrets of this data directory; made at the first start."""
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf8"))
        for name in ("network_zmk", "wallet_key", "issuer_key"):
            kept[name] = tuple(kept[name])
        kept["terminals"] = {number: tuple(pair) for number, pair in kept["terminals"].items()}
        missing = [name for name in ("alipay_key", "wechat_key") if not kept.get(name)]
        if missing:  # a demo that was founded before there were these pretend wallets
            kept |= {name: _rsa_key() for name in missing}
            keep(path, DemoSecrets(**kept))
        return DemoSecrets(**kept)
    made = make_secrets(terminal_ids, usernames)
    keep(path, made)
    return made


def keep(path: Path, made: DemoSecrets) -> None:
    """Write the file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf8") as file:
        json.dump(asdict(made), file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def terminal_ids() -> list[str]:
    """The terminals that the simulator plays."""
    return [row.terminal_id for merchant in MERCHANTS for row in merchant.terminals if row.pretend]


def demo_secrets(data_dir: Path) -> DemoSecrets:
    """The secrets of a demo's data directory; made at its first start."""
    people = [person.username for person, _ in everybody()]
    return read_or_make(data_dir / SECRETS, terminal_ids(), people)


def components_file(data_dir: Path, terminal_id: str) -> Path:
    """Where a pretend terminal's key components lie, for `xiaopos terminal --key-components`."""
    return data_dir / "terminals" / f"{terminal_id}.components"
