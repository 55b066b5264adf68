"""`xiaopos terminal`: every verb, every cut, recorded frames, and what it says with which exit code."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.terminal_host import COMPONENTS, TerminalHost
from support.terminal_line import IDENTITY, listening_in_a_thread
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage
from xiaopos.simulator.terminal_command import amount_minor, run
from xiaopos.terminal import guard, messages
from xiaopos.wire.iso8583.framing import TerminalFrame

VECTORS = Path(__file__).parents[2] / "vectors"
Command = Callable[..., int]


@pytest.fixture
def host() -> TerminalHost:
    return TerminalHost()


@pytest.fixture
def port(host: TerminalHost) -> Iterator[int]:
    with listening_in_a_thread(host) as port:
        yield port


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    components = tmp_path / "components"
    components.write_text("\n".join(part.value.hex() for part in COMPONENTS))
    memory = str(tmp_path / "terminal.json")
    who = ["--terminal", IDENTITY.terminal_id, "--merchant", IDENTITY.merchant_id]
    return [*who, "--memory", memory, "--key-components", str(components)]


@pytest.fixture
def terminal(port: int, files: list[str]) -> Command:
    def command(*argv: str) -> int:
        return run(["--timeout", "5", *argv, "--port", str(port), *files])

    return command


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The last line as JSON."""
    held: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return held


def test_a_day_on_the_command_line(terminal: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal("sign-in") == 0
    assert "签到成功" in capsys.readouterr().out
    sale = ("sale", "--amount", "12.50", "--card", "normal", "--how", "insert", "--pin", "123456")
    assert terminal(*sale) == 0
    out = capsys.readouterr().out
    assert "【模拟终端】" in out
    assert "金额: 12.50 CNY" in out
    assert "资金：已动" in out
    assert terminal("sale", "--amount", "8", "--json") == 0
    kept = said(capsys)
    assert kept["amount_minor"] == 800
    assert terminal("void", "000002") == 0
    assert terminal("refund", str(kept["rrn"]), "--amount", "1.5", "--lang", "en") == 0
    assert "Money: moved" in capsys.readouterr().out
    older = ("refund", "000000000077", "--amount", "1", "--card", "credit", "--how", "tap")
    assert terminal(*older, "--batch", "6", "--stan", "3", "--on", "0531") == 0
    assert terminal("echo") == 0
    assert terminal("status") == 0
    out = capsys.readouterr().out
    assert "已撤销" in out
    assert terminal("settle", "--json") == 0
    assert said(capsys)["balanced"] is True
    assert terminal("sign-off") == 0
    assert terminal("status", "--json") == 0
    assert said(capsys)["state"] == "signed_out"


def test_holds_notices_and_balances_on_the_command_line(terminal: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal("sign-in") == 0
    assert terminal("preauth", "--amount", "100", "--how", "insert", "--pin", "123456") == 0
    out = capsys.readouterr().out
    assert "预授权成功，金额已冻结，未扣款" in out
    assert "授权码: ABC123" in out
    assert terminal("complete", "ABC123", "--amount", "80", "--json") == 0
    completed = said(capsys)
    assert (completed["action"], completed["amount_minor"]) == ("completion", 8000)
    assert terminal("void-completion", str(completed["stan"]), "--lang", "en") == 0
    assert "The completion was voided; the amount is held again" in capsys.readouterr().out
    assert terminal("complete-advice", "ABC123", "--amount", "1", "--card", "normal", "--json") == 0
    assert said(capsys)["action"] == "completion_advice"
    assert terminal("void-preauth", "ABC123", "--json") == 0
    assert said(capsys)["amount_minor"] == 10_000
    assert terminal("offline-sale", "--amount", "3", "--how", "insert", "--json") == 0
    assert said(capsys)["action"] == "offline_sale"
    assert terminal("balance", "--how", "insert", "--pin", "123456") == 0
    assert "可用余额: 123.45 CNY" in capsys.readouterr().out
    assert terminal("balance", "--lang", "en") == 0
    assert "Available balance: 123.45 CNY" in capsys.readouterr().out
    assert terminal("complete", "AB", "--amount", "1") == 2
    assert "approval_code" in capsys.readouterr().err


@pytest.mark.parametrize("cut", ["before-send", "after-send", "before-answer"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_cut_is_put_right_by_the_next_command(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str], cut: str, lang: str
) -> None:
    assert terminal("sign-in") == 0
    assert terminal("sale", "--amount", "1", "--cut", cut, "--lang", lang) == 3
    assert {"zh": "断电", "en": "Power cut"}[lang] in capsys.readouterr().out
    assert terminal("status", "--lang", lang) == 0
    assert {"zh": "待冲正", "en": "To be put right"}[lang] in capsys.readouterr().out
    assert terminal("sale", "--amount", "2", "--lang", lang) == 0
    assert {"zh": "↺ 交易已冲正", "en": "↺ Undone"}[lang] in capsys.readouterr().out
    assert [message.mti for message in host.heard][-2:] == ["0400", "0200"]


def test_a_cut_says_so_in_json(terminal: Command, capsys: pytest.CaptureFixture[str]) -> None:
    terminal("sign-in")
    assert terminal("sale", "--amount", "1", "--cut", "after-send", "--json") == 3
    assert said(capsys) == {"outcome": "power_cut"}
    assert terminal("sale", "--amount", "1", "--json") == 0
    righted = said(capsys)["put_right_before"]
    assert isinstance(righted, dict)
    assert righted["action"] == "reversal"


def test_an_answer_that_cannot_be_trusted_is_put_right_while_one_waits(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal("sign-in")
    host._new_keys()
    assert terminal("sale", "--amount", "1") == 1
    out = capsys.readouterr().out
    assert "↺ 交易已冲正，未扣款" in out
    assert terminal("sale", "--amount", "1") == 0


def test_a_decline_a_refusal_and_nobody_there(
    terminal: Command, host: TerminalHost, files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    terminal("sign-in")
    host.mood.code = "51"
    assert terminal("sale", "--amount", "1") == 1
    assert "余额不足" in capsys.readouterr().out
    assert terminal("void", "4711", "--json") == 1
    assert said(capsys)["reason"] == "original_unknown"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert run(["echo", "--port", str(nobody.getsockname()[1]), *files]) == 1
    assert "未动用资金" in capsys.readouterr().out


def test_unresolved_reversals_are_shown(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal("sign-in")
    assert terminal("sale", "--amount", "1", "--cut", "after-send") == 3
    host.mood.code = "96"
    assert terminal("echo") == 1
    assert terminal("status") == 0
    assert "未解决" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("sale",),
        ("sale", "--amount", "1.234"),
        ("sale", "--amount", "-1"),
        ("sale", "--amount", "1", "--card", "gold"),
        ("sale", "--amount", "1", "--pin", "1"),
        ("void", "x"),
        ("refund", "1", "--amount", "1"),
        ("fly",),
    ],
)
def test_wrong_use(terminal: Command, argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal(*argv) == 2
    assert capsys.readouterr().err


def test_a_line_that_stays_down_leaves_the_outcome_unknown(
    terminal: Command, host: TerminalHost, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal("sign-in")
    host.mood.silent = True
    assert terminal("sale", "--amount", "1", "--timeout", "0.1") == 3
    assert "资金：待确认" in capsys.readouterr().out
    host.mood.silent = False
    assert terminal("echo") == 0
    assert "↺ 交易已冲正" in capsys.readouterr().out


def test_wrong_files(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sign-in"]) == 2
    assert "--terminal" in capsys.readouterr().err
    (tmp_path / "terminal.json").write_text("{")
    assert run(["status", *files]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert run(["status", "--help"]) == 0


def test_amounts_as_people_type_them() -> None:
    assert [amount_minor(text) for text in ("12.5", "12.50", "7", "0.01")] == [1250, 1250, 700, 1]


# -- recorded frames -------------------------------------------------------------------------------------------------

RECORDED = VECTORS / "unionpay_real_qr_sale_mac.json"


@pytest.fixture
def recorded_host(host: TerminalHost) -> TerminalHost:
    """The host that knows the recorded terminal's MAC key."""
    clear = bytes.fromhex(json.loads(RECORDED.read_text())["tak_hex"])[:8]
    parts = (Secret(clear), Secret(bytes(8)))
    host.tak = host.vault.combine(components=parts, usage=KeyUsage.TAK, algorithm=KeyAlgorithm.DES)
    return host


def test_a_recorded_frame_is_sent_and_its_answer_shown_masked(
    recorded_host: TerminalHost, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tak = json.loads(RECORDED.read_text())["tak_hex"]
    assert run(["--replay", str(RECORDED), "--port", str(port), "--tak", tak]) == 0
    out = capsys.readouterr().out
    assert out.count("MAC 正确") == 2
    assert "F39" in out
    assert "284412345678901234" not in out, "the payer's code"
    assert recorded_host.heard[0].fields[42] == "952718182217875"


@pytest.mark.usefixtures("recorded_host")
def test_a_replay_in_json_and_without_a_key(port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = tmp_path / "frames.hex"
    lines.write_text("# recorded\n" + json.loads(RECORDED.read_text())["frame_hex"][4:] + "\n")
    assert run(["--replay", str(lines), "--port", str(port), "--json"]) == 0
    sent, received = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (sent["way"], sent["mac"], received["mac"]) == ("sent", "unchecked", "unchecked")
    assert (received["mti"], received["response_code"]) == ("0210", "00")
    assert sent["fields"]["62"].startswith("<")
    assert run(["--replay", str(lines), "--port", str(port), "--tak", "0123456789ABCDEF0123456789ABCDE0"]) == 3
    assert "MAC 错误" in capsys.readouterr().out


def test_a_replay_that_nobody_answers(
    recorded_host: TerminalHost, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded_host.mood.silent = True
    assert run(["--replay", str(RECORDED), "--port", str(port), "--timeout", "0.2", "--lang", "en"]) == 3
    assert "No answer" in capsys.readouterr().out


def test_a_replay_whose_answer_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    class Babbler(TerminalHost):
        def answer(self, raw: bytes) -> bytes | None:
            return b"hello" + raw[:0]

    with listening_in_a_thread(Babbler()) as port:
        assert run(["--replay", str(RECORDED), "--port", str(port)]) == 3
    assert "应答无法解析" in capsys.readouterr().out


def test_a_recorded_management_frame_carries_no_mac(
    port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    echo = guard.CODEC.encode(messages.management(IDENTITY, "0820", stan=1, batch_number=1, code="301"))
    lines = tmp_path / "echo.hex"
    lines.write_text(TerminalFrame(bytes.fromhex("6000030000"), bytes(6), echo).encode().hex())
    assert run(["--replay", str(lines), "--port", str(port)]) == 0
    assert "无 MAC" in capsys.readouterr().out


def test_recorded_sign_in_keys_are_opened_without_a_host(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = VECTORS / "unionpay_signin_field62_keys.json"
    assert run(["--replay", str(file)]) == 0
    assert "TPK 8D0A74B8  TAK AB7153CA" in capsys.readouterr().out
    spoilt = json.loads(file.read_text())
    spoilt["pik_check"] = ""
    spoilt["field62_hex"] = spoilt["field62_hex"][:-2] + "00"
    (tmp_path / "spoilt.json").write_text(json.dumps(spoilt))
    assert run(["--replay", str(tmp_path / "spoilt.json"), "--json"]) == 1
    assert said(capsys) == {"check_values": "wrong"}


@pytest.mark.parametrize("content", ["", "# nothing", "xyz", "{}", '{"frame_hex": 5}', "{"])
def test_files_that_hold_no_recording(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "f"
    file.write_text(content)
    assert run(["--replay", str(file), "--port", "1"]) == 2
    assert capsys.readouterr().err


def test_a_replay_needs_a_port_and_a_readable_file(tmp_path: Path) -> None:
    assert run(["--replay", str(RECORDED)]) == 2
    assert run(["--replay", str(tmp_path / "none"), "--port", "1"]) == 2
