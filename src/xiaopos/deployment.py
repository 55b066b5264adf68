"""What an installation is told by its environment: read once, checked at start, every variable documented here.

What may live here: the variables, their meaning, and refusing nonsense in one clear sentence. What may not: business
parameters (dated rows in the database), standards (tables in source).

Any variable NAME may be given as NAME_FILE instead: the path of a file that holds the value, so that secrets need not
stand in the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from xiaopos.kernel.secret import Secret
from xiaopos.keys.suites import NETWORK_SUITES, Suite


class WrongSetting(Exception):
    """An environment variable that is missing or makes no sense; the text names it and says what would be right."""


class Mode(Enum):
    """Demo: software vault and simulators. Production: neither is possible; keys are in a PKCS#11 token."""

    DEMO = "demo"
    PRODUCTION = "production"


VARIABLES: dict[str, str] = {
    "XIAOPOS_MODE": "demo or production. Production refuses simulators and the software vault.",
    "XIAOPOS_DATA_DIR": "The directory for the embedded database and what the demo keeps.",
    "XIAOPOS_DATABASE": "sqlite:///PATH or postgresql://USER@HOST:PORT/NAME. Default: sqlite in the data directory.",
    "XIAOPOS_SECRET_KEY": "At least 32 characters; signs sessions and forms.",
    "XIAOPOS_MASTER_KEY": "64 hex digits: the software vault's master key. Demo only.",
    "XIAOPOS_PKCS11_MODULE": "The path of the hardware module's PKCS#11 library. Production needs it; the demo may have it.",
    "XIAOPOS_PKCS11_TOKEN": "The label of the token in that module.",
    "XIAOPOS_PKCS11_PIN": "The token's user PIN. In production only as a file: this name with _FILE behind it.",
    "XIAOPOS_MACHINE": "What this machine is called in the books, at most 24 characters. Default: its host name.",
    "XIAOPOS_ZONE": "The house's own time zone. Default: Asia/Shanghai.",
    "XIAOPOS_LISTEN": "The address that every listener binds to. Default: 127.0.0.1.",
    "XIAOPOS_WEB_PORT": "The port of the pages and the API. Default: 8000.",
    "XIAOPOS_WEB_HOSTS": "Host names under which the pages are reached, separated by commas. Default: the listen address.",
    "XIAOPOS_CARD_PORT": "The port that terminals speak to. Default: 8583.",
    "XIAOPOS_CARD_STATUS_PORT": "The card host's own /healthz, /readyz and /metrics. Default: 8584.",
    "XIAOPOS_WORKER_STATUS_PORT": "The worker's own /healthz, /readyz and /metrics. Default: 8585.",
    "XIAOPOS_SPEAKER_PORT": "The port at which shops' speakers ask the worker what to say. Default: 8586.",
    "XIAOPOS_NETWORK_ADDRESS": "HOST:PORT of the card network.",
    "XIAOPOS_NETWORK_SUITE": "tdes or gm: which algorithms the channel to the card network uses. Default: tdes.",
    "XIAOPOS_NETWORKS": "The path of a TOML file with several card networks and which cards go where. Default: one network.",
    "XIAOPOS_API_WAITERS": "How many answers of the API may wait at once: at most half the web server's threads. Default: 4.",
    "XIAOPOS_METRICS_TOKEN": "The bearer token for the pages' /metrics. In production nobody reads it without one.",
    "XIAOPOS_FRAMES_DAYS": "For how many days decoded, masked frames are kept for the console; 0 keeps none. Default: 7.",
    "XIAOPOS_ACQUIRER_ID": "Our institution number towards terminals and the card network. Default: 48020000.",
    "XIAOPOS_PUBLIC_URL": "Where wallets reach the pages to tell of payments: https://pos.example.com. Empty: they are asked.",
    "XIAOPOS_ALIPAY_URL": "The address of a pretend Alipay. Demo only; empty for none.",
    "XIAOPOS_WECHAT_PAY_URL": "The address of a pretend WeChat Pay. Demo only; empty for none.",
    "XIAOPOS_UNIONPAY_QR": "Turns UnionPay QR on, at the first card network: the city in shops' codes, in ASCII. Empty: off.",
    "XIAOPOS_WALLET_URL": "The address of the sandbox wallet. Demo only; empty for none.",
    "XIAOPOS_APPLICATION_RULES": "The path of a TOML file with the operator's rules for applications. Default: the demo's.",
    "XIAOPOS_CLAMD": "HOST:PORT of a ClamAV daemon that scans what applicants send. Empty: it is shown as unscanned.",
    "XIAOPOS_PHONE_URL": "Where the customer's pretend phone is shown. Demo only.",
    "XIAOPOS_TERMINALS_URL": "Where the pretend terminals are shown. Demo only.",
}
"""Every variable with its meaning."""


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where the token with the keys is, and the PIN that opens it."""

    module: str
    label: str
    pin: Secret


@dataclass(frozen=True, slots=True)
class Deployment:
    """The environment of one installation. What may hold a secret stays out of its repr."""

    mode: Mode
    data_dir: Path
    database: str = field(repr=False)
    secret_key: str = field(repr=False)
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
    network_suite: Suite
    acquirer_id: str
    wallet_url: str
    phone_url: str
    terminals_url: str
    public_url: str = ""
    alipay_url: str = ""
    wechat_pay_url: str = ""
    unionpay_qr_city: str = ""
    networks_file: Path | None = None
    token: TokenPlace | None = None
    machine: str = ""
    frames_days: int = 7
    metrics_token: Secret | None = None
    api_waiters: int = 4
    speaker_port: int = 8586
    application_rules: Path | None = None
    clamd: tuple[str, int] | None = None

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
        path, value = self._environment.get(f"{name}_FILE", ""), self._environment.get(name, "")
        if path and value:
            raise WrongSetting(f"{name} and {name}_FILE are both set; keep one of them")
        if path:
            value = _contents(name, path)
        if value:
            return value
        if default is None:
            raise WrongSetting(f"{name} is not set. {VARIABLES[name]}")
        return default

    def in_environment(self, name: str) -> bool:
        """Whether the value itself stands in the environment."""
        return bool(self._environment.get(name))

    def port(self, name: str, default: int) -> int:
        text = self.text(name, str(default))
        if not _is_port(text):
            raise WrongSetting(f"{name}: a port is a number from 0 to 65535, not {text[:20]!r}")
        return int(text)

    def url(self, name: str) -> str:
        text = self.text(name, "")
        if text and (_URL.fullmatch(text) is None or not _address_makes_sense(text)):
            raise WrongSetting(f"{name}: an address is http://HOST:PORT or https://HOST:PORT, perhaps with a path")
        return text.rstrip("/")


_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")
"""No blank, semicolon or quote: these addresses stand in the content security policy."""


def _contents(name: str, path: str) -> str:
    try:
        value = Path(path).read_text(encoding="utf8").strip()
    except OSError as error:
        raise WrongSetting(f"{name}_FILE: {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise WrongSetting(f"{name}_FILE: {path} holds something else than text") from None
    if not value:
        raise WrongSetting(f"{name}_FILE: {path} is empty")
    return value


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535


def _address_makes_sense(text: str) -> bool:
    """Whether the address names a host and, if any, a port that exists."""
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read_deployment(environment: Mapping[str, str]) -> Deployment:
    """Read and check everything. Raises WrongSetting."""
    read = _Reader(environment)
    mode = _mode(read.text("XIAOPOS_MODE", "demo"))
    data_dir = Path(read.text("XIAOPOS_DATA_DIR", "var"))
    listen = read.text("XIAOPOS_LISTEN", "127.0.0.1")
    network_host, network_port = address_of(read.text("XIAOPOS_NETWORK_ADDRESS", "127.0.0.1:8600"))
    deployment = Deployment(
        mode=mode,
        data_dir=data_dir,
        database=_database(read.text("XIAOPOS_DATABASE", f"sqlite:///{data_dir.absolute() / 'xiaopos.sqlite3'}")),
        secret_key=_secret_key(read.text("XIAOPOS_SECRET_KEY")),
        master_key=_master_key(read.text("XIAOPOS_MASTER_KEY", "")),
        zone=_zone(read.text("XIAOPOS_ZONE", "Asia/Shanghai")),
        listen=listen,
        web_port=read.port("XIAOPOS_WEB_PORT", 8000),
        web_hosts=_hosts(read.text("XIAOPOS_WEB_HOSTS", listen), mode),
        card_port=read.port("XIAOPOS_CARD_PORT", 8583),
        card_status_port=read.port("XIAOPOS_CARD_STATUS_PORT", 8584),
        worker_status_port=read.port("XIAOPOS_WORKER_STATUS_PORT", 8585),
        network_host=network_host,
        network_port=network_port,
        network_suite=_network_suite(read.text("XIAOPOS_NETWORK_SUITE", "tdes")),
        acquirer_id=_acquirer_id(read.text("XIAOPOS_ACQUIRER_ID", "48020000")),
        wallet_url=read.url("XIAOPOS_WALLET_URL"),
        phone_url=read.url("XIAOPOS_PHONE_URL"),
        terminals_url=read.url("XIAOPOS_TERMINALS_URL"),
        public_url=read.url("XIAOPOS_PUBLIC_URL"),
        alipay_url=read.url("XIAOPOS_ALIPAY_URL"),
        wechat_pay_url=read.url("XIAOPOS_WECHAT_PAY_URL"),
        unionpay_qr_city=_unionpay_qr_city(read.text("XIAOPOS_UNIONPAY_QR", "")),
        networks_file=Path(networks) if (networks := read.text("XIAOPOS_NETWORKS", "")) else None,
        token=_token_place(read, mode),
        machine=_machine(read.text("XIAOPOS_MACHINE", "")),
        frames_days=_frames_days(read.text("XIAOPOS_FRAMES_DAYS", "7")),
        metrics_token=_metrics_token(read.text("XIAOPOS_METRICS_TOKEN", "")),
        api_waiters=_api_waiters(read.text("XIAOPOS_API_WAITERS", "4")),
        speaker_port=read.port("XIAOPOS_SPEAKER_PORT", 8586),
        application_rules=Path(rules) if (rules := read.text("XIAOPOS_APPLICATION_RULES", "")) else None,
        clamd=address_of(clamd, "XIAOPOS_CLAMD") if (clamd := read.text("XIAOPOS_CLAMD", "")) else None,
    )
    _refuse_pretence_in_production(deployment)
    return deployment


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise WrongSetting(f"XIAOPOS_MODE: demo or production, not {text!r}") from None


def _api_waiters(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 4:
        raise WrongSetting(f"XIAOPOS_API_WAITERS: a number from 0 to 9999, not {text[:20]!r}")
    return int(text)


def _frames_days(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 4:
        raise WrongSetting(f"XIAOPOS_FRAMES_DAYS: a number of days from 0 to 9999, not {text[:20]!r}")
    return int(text)


def _metrics_token(text: str) -> Secret | None:
    if text and (len(text) < 16 or not text.isascii() or not text.isprintable() or " " in text):
        raise WrongSetting("XIAOPOS_METRICS_TOKEN: at least 16 letters, digits or signs without a blank")
    return Secret(text.encode()) if text else None


def _database(text: str) -> str:
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    try:
        parts = urlsplit(text)
        if parts.scheme == "postgresql" and len(parts.path) > 1 and parts.port != 0:
            return text
    except ValueError:
        pass
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
    if text and (len(text) != 64 or len(key) != 32):
        raise WrongSetting(f"XIAOPOS_MASTER_KEY: 64 hex digits, this one has {len(text)}")
    return Secret(key)


def _token_place(read: _Reader, mode: Mode) -> TokenPlace | None:
    module, label, pin = (read.text(name, "") for name in _TOKEN)
    if not module:
        return None
    if mode is Mode.PRODUCTION and read.in_environment(_TOKEN[2]):
        raise WrongSetting(f"{_TOKEN[2]}: in production the PIN stands in a file, named in {_TOKEN[2]}_FILE")
    for name, value in ((_TOKEN[1], label), (_TOKEN[2], pin)):
        if not value:
            raise WrongSetting(f"{name} is not set. {VARIABLES[name]}")
    return TokenPlace(module, label, Secret(pin.encode("utf-8")))


_TOKEN = ("XIAOPOS_PKCS11_MODULE", "XIAOPOS_PKCS11_TOKEN", "XIAOPOS_PKCS11_PIN")


def _machine(text: str) -> str:
    if text and _MACHINE.fullmatch(text) is None:
        raise WrongSetting(f"XIAOPOS_MACHINE: at most 24 letters, digits, dots and hyphens, not {text[:40]!r}")
    return text


_MACHINE = re.compile(r"[A-Za-z0-9.-]{1,24}")


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongSetting(f"XIAOPOS_ZONE: {text!r} is not a time zone; an example is Asia/Shanghai") from None


def address_of(text: str, name: str = "XIAOPOS_NETWORK_ADDRESS") -> tuple[str, int]:
    """Host and port of the variable of this name. Raises WrongSetting."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not _is_port(port):
        raise WrongSetting(f"{name}: HOST:PORT, not {text!r}")
    return host, int(port)


def _hosts(text: str, mode: Mode) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise WrongSetting("XIAOPOS_WEB_HOSTS: at least one host name, for example pos.example.com")
    if mode is Mode.PRODUCTION and "*" in names:
        raise WrongSetting("XIAOPOS_WEB_HOSTS: in production every host name is named; * would accept forged ones")
    return names


def _network_suite(text: str) -> Suite:
    if text not in NETWORK_SUITES:
        raise WrongSetting(f"XIAOPOS_NETWORK_SUITE: {' or '.join(NETWORK_SUITES)}, not {text!r}")
    return NETWORK_SUITES[text]


def _acquirer_id(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 8 <= len(text) <= 11:
        raise WrongSetting(f"XIAOPOS_ACQUIRER_ID: 8 to 11 digits, not {text!r}")
    return text


def _unionpay_qr_city(text: str) -> str:
    if text and (len(text) > 15 or not text.isascii() or not text.isprintable()):
        raise WrongSetting(f"XIAOPOS_UNIONPAY_QR: a city's name of at most 15 ASCII characters, not {text[:40]!r}")
    return text


def _refuse_pretence_in_production(deployment: Deployment) -> None:
    if deployment.is_demo:
        if not deployment.master_key.value and deployment.token is None:
            raise WrongSetting(f"XIAOPOS_MASTER_KEY is not set. {VARIABLES['XIAOPOS_MASTER_KEY']}")
        return
    if deployment.master_key.value:
        raise WrongSetting("XIAOPOS_MASTER_KEY: the software vault cannot be used in production")
    for name, url in (
        ("XIAOPOS_WALLET_URL", deployment.wallet_url),
        ("XIAOPOS_PHONE_URL", deployment.phone_url),
        ("XIAOPOS_TERMINALS_URL", deployment.terminals_url),
        ("XIAOPOS_ALIPAY_URL", deployment.alipay_url),
        ("XIAOPOS_WECHAT_PAY_URL", deployment.wechat_pay_url),
    ):
        if url:
            raise WrongSetting(f"{name}: a simulator cannot be used in production")
    if deployment.token is None:
        raise WrongSetting(
            "XIAOPOS_PKCS11_MODULE is not set: production keeps its keys in a PKCS#11 token. "
            "Name its library here, its label in XIAOPOS_PKCS11_TOKEN, and the file of its PIN in XIAOPOS_PKCS11_PIN "
            "with _FILE behind it"
        )
