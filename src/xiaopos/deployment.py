"""What an installation is told by its environment: read once, checked at start, every variable documented here.

What may live here: the variables, their meaning, and refusing nonsense in one clear sentence. What may not: business
parameters (dated rows in the database), standards (tables in source).

Any variable NAME may be given as NAME_FILE instead: the path of a file that holds the value, so that secrets need not
stand in the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from xiaopos.kernel.secret import Secret


class WrongSetting(Exception):
    """An environment variable that is missing or makes no sense; the text names it and says what would be right."""


class Mode(Enum):
    """Demo: software vault and simulators. Production: neither is possible."""

    DEMO = "demo"
    PRODUCTION = "production"


VARIABLES: dict[str, str] = {
    "XIAOPOS_MODE": "demo or production. Production refuses simulators and the software vault.",
    "XIAOPOS_DATA_DIR": "The directory for the embedded database and what the demo keeps.",
    "XIAOPOS_DATABASE": "sqlite:///PATH or postgresql://USER@HOST:PORT/NAME. Default: sqlite in the data directory.",
    "XIAOPOS_SECRET_KEY": "At least 32 characters; signs sessions and forms.",
    "XIAOPOS_MASTER_KEY": "64 hex digits: the software vault's master key. Demo only.",
    "XIAOPOS_ZONE": "The house's own time zone. Default: Asia/Shanghai.",
    "XIAOPOS_LISTEN": "The address that every listener binds to. Default: 127.0.0.1.",
    "XIAOPOS_WEB_PORT": "The port of the pages and the API. Default: 8000.",
    "XIAOPOS_WEB_HOSTS": "Host names under which the pages are reached, separated by commas. Default: the listen address.",
    "XIAOPOS_CARD_PORT": "The port that terminals speak to. Default: 8583.",
    "XIAOPOS_CARD_STATUS_PORT": "The card host's own /healthz, /readyz and /metrics. Default: 8584.",
    "XIAOPOS_WORKER_STATUS_PORT": "The worker's own /healthz, /readyz and /metrics. Default: 8585.",
    "XIAOPOS_NETWORK_ADDRESS": "HOST:PORT of the card network.",
    "XIAOPOS_ACQUIRER_ID": "Our institution number towards terminals and the card network. Default: 48020000.",
    "XIAOPOS_WALLET_URL": "The address of the sandbox wallet. Demo only; empty for none.",
    "XIAOPOS_PHONE_URL": "Where the customer's pretend phone is shown. Demo only.",
    "XIAOPOS_TERMINALS_URL": "Where the pretend terminals are shown. Demo only.",
}
"""Every variable with its meaning."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The environment of one installation."""

    mode: Mode
    data_dir: Path
    database: str
    secret_key: str
    master_key: Secret
    zone: ZoneInfo
    listen: str
    web_port: int
    web_hosts: tuple[str, ...]
    card_port: int
    card_status_port: int
    worker_status_port: int
    network_host: str
    network_port: int
    acquirer_id: str
    wallet_url: str
    phone_url: str
    terminals_url: str

    @property
    def sqlite_path(self) -> Path | None:
        """The file of the embedded database, or None on PostgreSQL."""
        prefix = "sqlite:///"
        return Path(self.database.removeprefix(prefix)) if self.database.startswith(prefix) else None

    @property
    def is_demo(self) -> bool:
        """Whether simulators may be shown."""
        return self.mode is Mode.DEMO


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str | None = None) -> str:
        assert name in VARIABLES, f"{name} is not documented"
        path = self._environment.get(f"{name}_FILE")
        if path:
            try:
                return Path(path).read_text(encoding="utf8").strip()
            except OSError as error:
                raise WrongSetting(f"{name}_FILE: {path} cannot be read: {error.strerror}") from None
        value = self._environment.get(name, "")
        if value:
            return value
        if default is None:
            raise WrongSetting(f"{name} is not set. {VARIABLES[name]}")
        return default

    def port(self, name: str, default: int) -> int:
        text = self.text(name, str(default))
        if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 65_535:
            raise WrongSetting(f"{name}: a port is a number from 0 to 65535, not {text!r}")
        return int(text)

    def url(self, name: str) -> str:
        text = self.text(name, "")
        if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname):
            raise WrongSetting(f"{name}: an address begins with http:// or https:// and names a host, not {text!r}")
        return text.rstrip("/")


def read_deployment(environment: Mapping[str, str]) -> Deployment:
    """Read and check everything. Raises WrongSetting."""
    read = _Reader(environment)
    mode = _mode(read.text("XIAOPOS_MODE", "demo"))
    data_dir = Path(read.text("XIAOPOS_DATA_DIR", "var"))
    listen = read.text("XIAOPOS_LISTEN", "127.0.0.1")
    network_host, network_port = _address(read.text("XIAOPOS_NETWORK_ADDRESS", "127.0.0.1:8600"))
    deployment = Deployment(
        mode=mode,
        data_dir=data_dir,
        database=_database(read.text("XIAOPOS_DATABASE", f"sqlite:///{data_dir.absolute() / 'xiaopos.sqlite3'}")),
        secret_key=_secret_key(read.text("XIAOPOS_SECRET_KEY")),
        master_key=_master_key(read.text("XIAOPOS_MASTER_KEY", "")),
        zone=_zone(read.text("XIAOPOS_ZONE", "Asia/Shanghai")),
        listen=listen,
        web_port=read.port("XIAOPOS_WEB_PORT", 8000),
        web_hosts=tuple(name.strip() for name in read.text("XIAOPOS_WEB_HOSTS", listen).split(",")),
        card_port=read.port("XIAOPOS_CARD_PORT", 8583),
        card_status_port=read.port("XIAOPOS_CARD_STATUS_PORT", 8584),
        worker_status_port=read.port("XIAOPOS_WORKER_STATUS_PORT", 8585),
        network_host=network_host,
        network_port=network_port,
        acquirer_id=_acquirer_id(read.text("XIAOPOS_ACQUIRER_ID", "48020000")),
        wallet_url=read.url("XIAOPOS_WALLET_URL"),
        phone_url=read.url("XIAOPOS_PHONE_URL"),
        terminals_url=read.url("XIAOPOS_TERMINALS_URL"),
    )
    _refuse_pretence_in_production(deployment)
    return deployment


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise WrongSetting(f"XIAOPOS_MODE: demo or production, not {text!r}") from None


def _database(text: str) -> str:
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    parts = urlsplit(text)
    if parts.scheme == "postgresql" and len(parts.path) > 1:
        return text
    raise WrongSetting("XIAOPOS_DATABASE: sqlite:///PATH or postgresql://USER@HOST:PORT/NAME")


def _secret_key(text: str) -> str:
    if len(text) < 32:
        raise WrongSetting(f"XIAOPOS_SECRET_KEY: at least 32 characters, this one has {len(text)}")
    return text


def _master_key(text: str) -> Secret:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise WrongSetting("XIAOPOS_MASTER_KEY: 64 hex digits, this one holds other characters") from None
    if key and len(key) != 32:
        raise WrongSetting(f"XIAOPOS_MASTER_KEY: 64 hex digits, this one has {len(text)}")
    return Secret(key)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise WrongSetting(f"XIAOPOS_ZONE: {text!r} is not a time zone; an example is Asia/Shanghai") from None


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise WrongSetting(f"XIAOPOS_NETWORK_ADDRESS: HOST:PORT, not {text!r}")
    return host, int(port)


def _acquirer_id(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 8 <= len(text) <= 11:
        raise WrongSetting(f"XIAOPOS_ACQUIRER_ID: 8 to 11 digits, not {text!r}")
    return text


def _refuse_pretence_in_production(deployment: Deployment) -> None:
    if deployment.is_demo:
        if not deployment.master_key.value:
            raise WrongSetting(f"XIAOPOS_MASTER_KEY is not set. {VARIABLES['XIAOPOS_MASTER_KEY']}")
        return
    if deployment.master_key.value:
        raise WrongSetting("XIAOPOS_MASTER_KEY: the software vault cannot be used in production")
    for name, url in (
        ("XIAOPOS_WALLET_URL", deployment.wallet_url),
        ("XIAOPOS_PHONE_URL", deployment.phone_url),
        ("XIAOPOS_TERMINALS_URL", deployment.terminals_url),
    ):
        if url:
            raise WrongSetting(f"{name}: a simulator cannot be used in production")
