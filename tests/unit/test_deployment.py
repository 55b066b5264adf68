"""The environment is read once, and nonsense is refused in one sentence that names the variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from xiaopos.deployment import VARIABLES, Deployment, Mode, WrongSetting, read_deployment
from xiaopos.keys.suites import NETWORK_SUITES

SECRET = "lin-keeps-this-to-herself-" + "s" * 20
MASTER = "ab" * 32
DEMO = {"XIAOPOS_SECRET_KEY": SECRET, "XIAOPOS_MASTER_KEY": MASTER}
PRODUCTION = {"XIAOPOS_MODE": "production", "XIAOPOS_SECRET_KEY": SECRET, "XIAOPOS_WEB_HOSTS": "pos.example.com"}


class Watched(Mapping[str, str]):
    """An environment that remembers what was asked of it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def told(**more: str) -> Deployment:
    """A demo's deployment with some variables more."""
    return read_deployment(DEMO | more)


def test_what_is_not_set_has_its_documented_default() -> None:
    plain = told(XIAOPOS_DATA_DIR="/srv/tea")

    assert (plain.mode, plain.is_demo) == (Mode.DEMO, True)
    assert plain.sqlite_path == Path("/srv/tea/xiaopos.sqlite3")
    assert (plain.listen, plain.web_hosts) == ("127.0.0.1", ("127.0.0.1",))
    assert (plain.web_port, plain.card_port, plain.card_status_port, plain.worker_status_port) == (
        8000,
        8583,
        8584,
        8585,
    )
    assert (plain.network_host, plain.network_port, plain.acquirer_id) == ("127.0.0.1", 8600, "48020000")
    assert (plain.wallet_url, plain.phone_url, plain.terminals_url) == ("", "", "")
    assert str(plain.zone) == "Asia/Shanghai"


def test_what_is_set_is_taken() -> None:
    other = told(
        XIAOPOS_DATABASE="postgresql://xiaopos@db.example.com:5432/pos",
        XIAOPOS_WEB_HOSTS="pos.example.com, , tea.example.com",
        XIAOPOS_WEB_PORT="0",
        XIAOPOS_NETWORK_ADDRESS="network.example.com:9000",
        XIAOPOS_PHONE_URL="http://127.0.0.1:8602/",
        XIAOPOS_TERMINALS_URL="http://[::1]:8603",
        XIAOPOS_ZONE="Asia/Urumqi",
        XIAOPOS_MACHINE="pos-2.example.com",
        XIAOPOS_FRAMES_DAYS="0",
        XIAOPOS_API_WAITERS="64",
    )

    assert other.sqlite_path is None
    assert other.web_hosts == ("pos.example.com", "tea.example.com")
    assert other.web_port == 0
    assert (other.network_host, other.network_port) == ("network.example.com", 9000)
    assert (other.phone_url, other.terminals_url) == ("http://127.0.0.1:8602", "http://[::1]:8603")
    assert str(other.zone) == "Asia/Urumqi"
    assert other.machine == "pos-2.example.com"
    assert other.api_waiters == 64


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    watched = Watched(DEMO)
    read_deployment(watched)

    assert {name.removesuffix("_FILE") for name in watched.asked} == set(VARIABLES)
    assert all(VARIABLES[name].endswith(".") for name in VARIABLES)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    kept.write_text(SECRET + "\n", encoding="utf8")

    from_file = read_deployment({"XIAOPOS_SECRET_KEY_FILE": str(kept), "XIAOPOS_MASTER_KEY": MASTER})

    assert from_file.secret_key == SECRET


def test_no_secret_is_printed_with_the_deployment() -> None:
    printed = repr(told(XIAOPOS_DATABASE="postgresql://lin:oolong-password@db.example.com/pos"))

    assert SECRET not in printed
    assert MASTER not in printed
    assert "oolong-password" not in printed


NONSENSE = [
    ("XIAOPOS_MODE", "prod"),
    ("XIAOPOS_SECRET_KEY", ""),
    ("XIAOPOS_SECRET_KEY", "short"),
    ("XIAOPOS_MASTER_KEY", ""),
    ("XIAOPOS_MASTER_KEY", "zz" * 32),
    ("XIAOPOS_MASTER_KEY", "ab" * 16),
    ("XIAOPOS_MASTER_KEY", "ab " * 32),
    ("XIAOPOS_MASTER_KEY", " " + "ab" * 31 + " "),
    ("XIAOPOS_DATABASE", "sqlite:///"),
    ("XIAOPOS_DATABASE", "mysql://db.example.com/pos"),
    ("XIAOPOS_DATABASE", "postgresql://db.example.com"),
    ("XIAOPOS_DATABASE", "postgresql://db.example.com:first/pos"),
    ("XIAOPOS_DATABASE", "postgresql://[db/pos"),
    ("XIAOPOS_MACHINE", "茶铺"),
    ("XIAOPOS_API_WAITERS", "-1"),
    ("XIAOPOS_API_WAITERS", "10000"),
    ("XIAOPOS_FRAMES_DAYS", "-1"),
    ("XIAOPOS_FRAMES_DAYS", "七"),
    ("XIAOPOS_FRAMES_DAYS", "10000"),
    ("XIAOPOS_METRICS_TOKEN", "short"),
    ("XIAOPOS_METRICS_TOKEN", "long enough but in words"),
    ("XIAOPOS_MACHINE", "a" * 25),
    ("XIAOPOS_ZONE", "Asia"),
    ("XIAOPOS_ZONE", "Tea/Shop"),
    ("XIAOPOS_ZONE", "../etc"),
    ("XIAOPOS_WEB_HOSTS", " , "),
    ("XIAOPOS_WEB_PORT", "eight"),
    ("XIAOPOS_WEB_PORT", "65536"),
    ("XIAOPOS_CARD_PORT", "-1"),
    ("XIAOPOS_CARD_STATUS_PORT", "八五八三"),
    ("XIAOPOS_WORKER_STATUS_PORT", "9" * 5000),
    ("XIAOPOS_NETWORK_ADDRESS", "network.example.com"),
    ("XIAOPOS_NETWORK_ADDRESS", ":8600"),
    ("XIAOPOS_NETWORK_ADDRESS", "network.example.com:99999"),
    ("XIAOPOS_ACQUIRER_ID", "4802"),
    ("XIAOPOS_ACQUIRER_ID", "4802000X"),
    ("XIAOPOS_WALLET_URL", "127.0.0.1:8601"),
    ("XIAOPOS_WALLET_URL", "ftp://127.0.0.1:8601"),
    ("XIAOPOS_PHONE_URL", "http://127.0.0.1:99999"),
    ("XIAOPOS_PHONE_URL", "http://[::1"),
    ("XIAOPOS_TERMINALS_URL", "http://127.0.0.1:8603; script-src *"),
]


@pytest.mark.parametrize(("name", "value"), NONSENSE)
def test_nonsense_is_refused_in_one_sentence_that_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        told(**{name: value})

    sentence = str(refused.value)
    assert sentence.startswith(name)
    assert "\n" not in sentence
    assert len(sentence) < 200


@pytest.mark.parametrize("contents", [None, b"", b"\xff\xfe\x00"], ids=["missing", "empty", "not text"])
def test_a_file_that_holds_no_value_is_named(tmp_path: Path, contents: bytes | None) -> None:
    kept = tmp_path / "secret"
    if contents is not None:
        kept.write_bytes(contents)

    with pytest.raises(WrongSetting, match=r"^XIAOPOS_SECRET_KEY_FILE: .*secret"):
        read_deployment({"XIAOPOS_SECRET_KEY_FILE": str(kept), "XIAOPOS_MASTER_KEY": MASTER})


def test_a_value_given_twice_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="both set"):
        told(XIAOPOS_SECRET_KEY_FILE=str(tmp_path / "secret"))


def with_token(folder: Path, **changes: str) -> dict[str, str]:
    (folder / "pin").write_text("20260801\n", encoding="utf8")
    token = {
        "XIAOPOS_PKCS11_MODULE": "/usr/lib/hsm.so",
        "XIAOPOS_PKCS11_TOKEN": "keys",
        "XIAOPOS_PKCS11_PIN_FILE": str(folder / "pin"),
    }
    return {**token, **changes}


def test_production_is_told_apart(tmp_path: Path) -> None:
    real = read_deployment(PRODUCTION | with_token(tmp_path))

    assert (real.mode, real.is_demo, real.master_key.value) == (Mode.PRODUCTION, False, b"")
    assert real.token is not None
    assert (real.token.module, real.token.label, real.token.pin.value) == ("/usr/lib/hsm.so", "keys", b"20260801")
    assert "20260801" not in repr(real)


def test_production_keeps_its_keys_in_a_token_and_the_pin_in_a_file(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="XIAOPOS_PKCS11_MODULE is not set: production keeps"):
        read_deployment(PRODUCTION)
    with pytest.raises(WrongSetting, match="XIAOPOS_PKCS11_PIN: in production the PIN stands in a file"):
        read_deployment(PRODUCTION | with_token(tmp_path, XIAOPOS_PKCS11_PIN="20260801", XIAOPOS_PKCS11_PIN_FILE=""))


@pytest.mark.parametrize("name", ["XIAOPOS_PKCS11_TOKEN", "XIAOPOS_PKCS11_PIN"])
def test_a_module_needs_a_label_and_a_pin(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongSetting, match=f"^{name} is not set"):
        read_deployment(DEMO | with_token(tmp_path, **{name: "", f"{name}_FILE": ""}))


def test_the_demo_may_have_a_token_instead_of_a_master_key(tmp_path: Path) -> None:
    told = read_deployment({"XIAOPOS_SECRET_KEY": SECRET, **with_token(tmp_path)})

    assert told.is_demo
    assert told.token is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XIAOPOS_MASTER_KEY", MASTER),
        ("XIAOPOS_WALLET_URL", "http://127.0.0.1:8601"),
        ("XIAOPOS_PHONE_URL", "http://127.0.0.1:8602"),
        ("XIAOPOS_TERMINALS_URL", "http://127.0.0.1:8603"),
        ("XIAOPOS_ALIPAY_URL", "http://127.0.0.1:8603"),
        ("XIAOPOS_WECHAT_PAY_URL", "http://127.0.0.1:8603"),
        ("XIAOPOS_WEB_HOSTS", "pos.example.com, *"),
    ],
)
def test_production_refuses_pretence_and_open_doors(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"^{name}: .*production"):
        read_deployment(PRODUCTION | {name: value})


def test_the_card_networks_algorithms_are_chosen_by_name() -> None:
    assert read_deployment(DEMO).network_suite is NETWORK_SUITES["tdes"]
    assert read_deployment(DEMO | {"XIAOPOS_NETWORK_SUITE": "gm"}).network_suite is NETWORK_SUITES["gm"]
    with pytest.raises(WrongSetting, match="XIAOPOS_NETWORK_SUITE: tdes or gm, not 'rot13'"):
        read_deployment(DEMO | {"XIAOPOS_NETWORK_SUITE": "rot13"})


def test_unionpay_qr_is_turned_on_by_the_city_that_its_codes_name() -> None:
    assert told().unionpay_qr_city == ""
    assert told(XIAOPOS_UNIONPAY_QR="HANGZHOU").unionpay_qr_city == "HANGZHOU"
    for wrong in ("杭州", "A" * 16):
        with pytest.raises(WrongSetting, match="XIAOPOS_UNIONPAY_QR"):
            told(XIAOPOS_UNIONPAY_QR=wrong)
