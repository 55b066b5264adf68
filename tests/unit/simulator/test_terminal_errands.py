"""`xiaopos terminal`: lists, status, tips, signatures, scripts' results and queries, and a cut at each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.terminal_host import COMPONENTS, TerminalHost
from support.terminal_line import IDENTITY, listening_in_a_thread
from xiaopos.simulator.chip_lists import PUBLIC_KEYS
from xiaopos.simulator.terminal_command import run

Command = Callable[..., int]
CARD = ("--card", "normal", "--how", "insert", "--pin", "123456")


@pytest.fixture
def host() -> TerminalHost:
    return TerminalHost()


@pytest.fixture
def terminal(host: TerminalHost, tmp_path: Path) -> Iterator[Command]:
    components = tmp_path / "components"
    components.write_text("\n".join(part.value.hex() for part in COMPONENTS))
    files = ["--terminal", IDENTITY.terminal_id, "--merchant", IDENTITY.merchant_id]
    files += ["--memory", str(tmp_path / "terminal.json"), "--key-components", str(components)]
    with listening_in_a_thread(host) as port:
        yield lambda *argv: run(["--timeout", "10", *argv, "--port", str(port), *files])


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The last line as JSON."""
    held: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return held


def networks(host: TerminalHost) -> list[str]:
    """Field 60.3 of what the host heard."""
    return [message.text(60)[8:11] for message in host.heard]


def test_lists_are_fetched_shown_and_followed(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal("fetch", "parameters") == 0
    out = capsys.readouterr().out
    assert "【模拟终端】小林茶铺" in out
    assert "清单: 终端参数" in out
    assert terminal("fetch", "public-keys", "--json") == 0
    assert said(capsys)["list"] == "public_keys"
    assert networks(host)[-7:] == ["372", "372", *["370"] * len(PUBLIC_KEYS), "371"]
    assert terminal("fetch", "all", "--lang", "en") == 0
    out = capsys.readouterr().out
    assert "List: blacklist" in out
    assert "↻ Downloaded; the new list is in use (chip parameters)" in out
    assert terminal("status") == 0
    out = capsys.readouterr().out
    assert "IC卡公钥: 4 条, 版本 " in out
    assert "黑名单: 5 条" in out
    host.blacklist = ["62"]
    assert terminal("status", "--json") == 0
    lists = {row["list"]: row["entries"] for row in said(capsys)["lists"]}  # type: ignore[attr-defined]  # a list
    assert lists["blacklist"] == 5


def test_a_listed_card_is_refused_and_nobody_is_asked(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.blacklist = ["620000"]
    host.parameters["14"] = "95516"
    assert terminal("sign-in") == 0
    assert terminal("fetch", "all") == 0
    heard = len(host.heard)
    capsys.readouterr()
    assert terminal("sale", "--amount", "1", *CARD) == 1
    out = capsys.readouterr().out
    assert "受限制的卡" in out
    assert "客服电话: 95516" in out
    assert len(host.heard) == heard


def test_a_tip_a_signature_a_script_and_a_query(
    terminal: Command, host: TerminalHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal("sale", "--amount", "100", *CARD, "--json") == 0
    sold = said(capsys)
    stan = str(sold["stan"])
    assert terminal("tip", stan, "--amount", "10") == 0
    assert "小费已入账" in capsys.readouterr().out
    assert (host.heard[-1].text(4), host.heard[-1].text(48)) == ("000000011000", "000000001000")
    assert terminal("signature", stan) == 0
    assert host.heard[-1].raw(62)[:2] == b"BM"
    picture = tmp_path / "signed.bmp"
    picture.write_bytes(b"drawn")
    assert terminal("signature", stan, "--picture", str(picture), "--lang", "en") == 0
    assert host.heard[-1].raw(62) == b"drawn"
    assert "keeps the customer's signature" in capsys.readouterr().out
    picture.write_bytes(b"")
    assert terminal("signature", stan, "--picture", str(picture)) == 2
    picture.write_bytes(bytes(1000))
    assert terminal("signature", stan, "--picture", str(picture)) == 2
    assert terminal("script-notice", stan, "--result", "1000000007") == 0
    assert bytes.fromhex("DF31051000000007") in host.heard[-1].raw(55)
    assert terminal("tell-status") == 0
    assert "终端状态已上送" in capsys.readouterr().out
    for number in (str(sold["rrn"]), stan):
        assert terminal("query", number) == 0
    assert "所查交易：已成功" in capsys.readouterr().out
    assert terminal("query", str(sold["rrn"]), "--code") == 0
    assert host.heard[-1].text(3) == "730000"
    assert terminal("settle", "--json") == 0
    assert said(capsys)["balanced"] is True


def test_what_the_header_asks_is_done_before_the_command_ends(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal("sign-in") == 0
    host.mood.request_digit = "7"
    assert terminal("echo") == 0
    assert "↻ 下载完成，新清单已启用 (黑名单)" in capsys.readouterr().out
    assert networks(host)[-4:] == ["390", "390", "390", "391"]
    host.mood.request_digit = "2"
    assert terminal("echo", "--json") == 0
    errands = said(capsys)["errands"]
    assert isinstance(errands, list)
    assert [row["action"] for row in errands] == ["status"]
    host.mood.request_digit = "0"
    assert terminal("status") == 0


VERBS = {
    "fetch": ("fetch", "public-keys"),
    "tell-status": ("tell-status",),
    "signature": ("signature", "000002"),
    "script-notice": ("script-notice", "000002"),
    "query": ("query", "000002"),
    "tip": ("tip", "000002", "--amount", "1"),
}


@pytest.mark.parametrize("cut", ["before-send", "after-send", "before-answer"])
@pytest.mark.parametrize("verb", VERBS)
def test_after_a_cut_the_next_command_goes_on_and_nothing_is_told_twice(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str], verb: str, cut: str
) -> None:
    assert terminal("sale", "--amount", "100", *CARD) == 0
    assert terminal(*VERBS[verb], "--cut", cut) == 3
    assert "断电" in capsys.readouterr().out
    told = {"signature": "signature", "script-notice": "script_notice"}.get(verb)
    assert terminal("status") == 0
    out = capsys.readouterr().out
    assert (f"待送: {told} STAN 000002" in out) is (told is not None)
    assert ("主机要求: IC卡公钥" in out) is (verb == "fetch")
    assert ("待冲正" in out) is (verb == "tip")
    assert terminal("sale", "--amount", "1", *CARD) == 0
    out = capsys.readouterr().out
    assert ("↻" in out) is (told is not None or verb == "fetch")
    assert terminal("status", "--json") == 0
    held = said(capsys)
    assert (held["notices"], held["wanted"], held["owes"]) == ([], [], False)
    assert terminal("settle", "--json") == 0
    assert said(capsys)["balanced"] is True
    totals = host.heard[-1].text(48)
    assert totals[:15] == ("000000010200002" if verb == "tip" else "000000010100002")


@pytest.mark.parametrize(
    "argv",
    [
        ("fetch",),
        ("fetch", "everything"),
        ("tip", "2"),
        ("tip", "x", "--amount", "1"),
        ("signature", "0"),
        ("script-notice", "2", "--result", "12"),
        ("query", "12-34"),
    ],
)
def test_wrong_use(terminal: Command, argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal(*argv) == 2
    assert capsys.readouterr().err


def test_a_refused_list_stops_the_rest_and_the_old_one_stays(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal("fetch", "all") == 0
    host.mood.code = "96"
    heard = len(host.heard)
    assert terminal("fetch", "all") == 1
    assert len(host.heard) == heard + 1
    capsys.readouterr()
    assert terminal("status", "--lang", "en") == 0
    assert "blacklist: 5 entries" in capsys.readouterr().out
    host.mood.silent = True
    assert terminal("fetch", "blacklist", "--timeout", "0.1") == 1
    assert len(host.heard) == heard + 1 + 3, "each part is asked for three times"
