"""The command `xiaopos terminal`: a pretend terminal (模拟终端) for the command line.

What may live here: arguments, words on the screen, exit codes. What may not: what a terminal does (terminals, terminal).

Exit codes: 0 done (approved, signed in, settled, replayed); 1 declined or refused, no money moved; 2 wrong arguments or
files; 3 the outcome is unknown, or the power was cut: run any command again and the terminal puts it right first.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from xiaopos.kernel.refusal import MoneyMoved, Refused
from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyRefused, SoftwareVault
from xiaopos.simulator.terminal_errands import ERRANDS, add_errands, do_errand
from xiaopos.simulator.terminal_screen import print_result, print_status, say
from xiaopos.simulator.terminals import recorded
from xiaopos.simulator.terminals.deck import DECK
from xiaopos.simulator.terminals.faults import CUTS, Fault
from xiaopos.simulator.terminals.files import open_device, read_components
from xiaopos.simulator.terminals.line import Line
from xiaopos.simulator.terminals.playing import PowerCut, PretendTerminal, Result
from xiaopos.simulator.terminals.requests import (
    BadRequest,
    balance_ask,
    hold_ask,
    refund_ask,
    sale_ask,
    tip_ask,
    void_ask,
)
from xiaopos.terminal.memory import MemoryDamaged
from xiaopos.terminal.outcome import Action, Kind, Outcome
from xiaopos.terminal.profile import PROFILES, Identity
from xiaopos.wire.iso8583 import Malformed

DONE, NOT_DONE, WRONG_USE, UNKNOWN = 0, 1, 2, 3
_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
_PUT_RIGHT_TRIES = 3
_TIMEOUTS_WAITED = 3


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


def amount_minor(text: str) -> int:
    """An amount as people type it, in minor units. Raises argparse.ArgumentTypeError.

    >>> amount_minor("12.5"), amount_minor("12.50"), amount_minor("7")
    (1250, 1250, 700)
    """
    if _AMOUNT.fullmatch(text) is None:
        raise argparse.ArgumentTypeError("金额写作 12.50 / an amount is written like 12.50")
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


_DEFAULTS: dict[str, object] = {
    "host": "127.0.0.1",
    "profile": "unionpay-3des-2012",
    "timeout": 10.0,
    "lang": "zh",
    "json": False,
    **dict.fromkeys(("port", "terminal", "merchant", "memory", "key_components", "cut", "replay", "tak")),
}


def _options() -> argparse.ArgumentParser:
    """The options that may stand before or after the verb; their defaults are in _DEFAULTS."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--host", help="卡主机地址 / card host")
    options.add_argument("--port", type=int, help="卡主机端口 / port of the card host")
    options.add_argument("--terminal", metavar="TID", help="终端号 8 位 / terminal id, 8 characters")
    options.add_argument("--merchant", metavar="MID", help="商户号 15 位 / merchant id, 15 characters")
    options.add_argument("--memory", type=Path, metavar="FILE", help="终端存储文件 / where the terminal remembers")
    options.add_argument(
        "--key-components", type=Path, metavar="FILE", help="主密钥分量 / components of the master key"
    )
    options.add_argument("--profile", choices=sorted(PROFILES), help="规范 / dialect")
    options.add_argument("--timeout", type=float, metavar="SECONDS", help="等待应答秒数 / time limit")
    options.add_argument(
        "--cut", choices=sorted(fault.value for fault in CUTS), help="断电的时刻 / cut the power there"
    )
    options.add_argument("--replay", type=Path, metavar="FILE", help="回放录制的报文 / send recorded frames")
    options.add_argument("--tak", metavar="HEX", help="回放时核对 MAC 的密钥 / MAC key to check a replay with")
    options.add_argument("--lang", choices=("zh", "en"))
    options.add_argument("--json", action="store_true", help="一行 JSON / one line of JSON")
    return options


def _parser() -> argparse.ArgumentParser:
    options = _options()
    parser = argparse.ArgumentParser(
        prog="xiaopos terminal",
        parents=[options],
        description="模拟终端：签到、消费、撤销、退货、预授权、小费、余额、结算、下载、上送 / a pretend terminal",
        epilog="退出码 / exit codes: 0 done, 1 not done (no money moved), 2 wrong use, 3 outcome unknown",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for name, words in {
        "sign-in": "签到 / sign in",
        "sign-off": "签退 / sign off",
        "echo": "回响测试 / test the line",
        "settle": "批结算 / settle the batch",
        "status": "看终端状态 / look at the terminal",
    }.items():
        verbs.add_parser(name, help=words, parents=[options])
    for name, words in {
        "sale": "消费 / sell",
        "preauth": "预授权 / hold an amount on the card",
        "offline-sale": "离线结算 / tell of a sale that the card approved by itself",
        "balance": "余额查询 / what the card can spend",
    }.items():
        asks = verbs.add_parser(name, help=words, parents=[options])
        if name != "balance":
            asks.add_argument("--amount", type=amount_minor, required=True)
        asks.add_argument("--card", default="normal", help=f"normal, {', '.join(card.label for card in DECK)}")
        asks.add_argument("--how", choices=("tap", "insert", "swipe"), default="tap")
        if name != "offline-sale":
            asks.add_argument("--pin", default="")
    for name, words in {
        "void": "撤销 / void a sale of this batch",
        "void-completion": "预授权完成撤销 / void a completion of this batch",
    }.items():
        verbs.add_parser(name, help=words, parents=[options]).add_argument("stan", metavar="STAN")
    for name, words in {
        "complete": "预授权完成 / take what was held",
        "complete-advice": "预授权完成通知 / tell that what was held is taken",
        "void-preauth": "预授权撤销 / lift a hold",
    }.items():
        asks = verbs.add_parser(name, help=words, parents=[options])
        asks.add_argument("approval_code", metavar="CODE", help="预授权的授权码 / the hold's approval code")
        asks.add_argument("--amount", type=amount_minor, required=name != "void-preauth", default=0)
        asks.add_argument("--card", default="", help="不是本批次的预授权须出示原卡 / needed for an older hold")
        asks.add_argument("--how", choices=("tap", "insert", "swipe"), default="swipe")
    refund = verbs.add_parser("refund", help="退货 / refund an earlier sale", parents=[options])
    refund.add_argument("rrn", metavar="RRN")
    refund.add_argument("--amount", type=amount_minor, required=True)
    refund.add_argument("--card", default="", help="不是本批次的交易须出示原卡 / needed for an older sale")
    refund.add_argument("--how", choices=("tap", "insert", "swipe"), default="swipe")
    for option in ("--batch", "--stan", "--on"):
        refund.add_argument(option, default="")
    tip = verbs.add_parser("tip", help="小费 / add a tip to a sale of this batch", parents=[options])
    tip.add_argument("stan", metavar="STAN")
    tip.add_argument("--amount", type=amount_minor, required=True, help="只是小费 / the tip alone")
    add_errands(verbs, options)
    return parser


def _needed(asked: argparse.Namespace) -> tuple[str, ...]:
    """The options without which nothing can be done."""
    if asked.replay is not None:
        return ()
    line = () if asked.verb == "status" else ("--port",)
    return (*line, "--terminal", "--merchant", "--memory", "--key-components")


def run(argv: Sequence[str]) -> int:
    """Do what the arguments ask and return the exit code."""
    parser = _parser()
    try:
        asked = parser.parse_args(argv, argparse.Namespace(**_DEFAULTS))
        if asked.replay is None and asked.verb is None:
            parser.error("要做什么？/ name a verb, or --replay FILE")
        missing = [name for name in _needed(asked) if getattr(asked, name[2:].replace("-", "_")) is None]
        if missing:
            parser.error(f"缺少 / missing: {', '.join(missing)}")
    except SystemExit as exit_:
        return int(exit_.code or 0)
    try:
        return asyncio.run(_replay(asked) if asked.replay is not None else _do(asked))
    except (MemoryDamaged, BadRequest, recorded.BadRecording, KeyRefused, ValueError, OSError) as wrong:
        print(f"xiaopos terminal: {wrong}", file=sys.stderr)
        return WRONG_USE


# -- a terminal ------------------------------------------------------------------------------------------------------


async def _do(asked: argparse.Namespace) -> int:
    device = open_device(
        Identity(asked.terminal, asked.merchant),
        memory_file=asked.memory,
        components=read_components(asked.key_components),
        profile=asked.profile,
    )
    line = Line(asked.host, asked.port or 0, timeout_s=asked.timeout, keep_open=True)
    terminal = PretendTerminal(device, line, WallClock(), cuts_power=True)
    if asked.verb == "status":
        print_status(terminal, asked)
        return DONE
    try:
        put_right = await _put_right(terminal, asked)
        if asked.cut:
            terminal.faults.set(Fault(asked.cut))
        result = await _verb(terminal, asked)
        after = await _put_right_after(terminal, _TIMEOUTS_WAITED * asked.timeout) if terminal.device.owes else None
        await terminal.run_errands()
    except PowerCut:
        say(
            asked,
            {"outcome": "power_cut"},
            "断电：再次运行任一命令，终端会先自动冲正",
            "Power cut: run again and it is put right",
        )
        return UNKNOWN
    finally:
        await terminal.close()
    print_result(
        asked, result, before=put_right, after=after, errands=terminal.errands, settings=terminal.device.settings
    )
    return _exit_code(after if after is not None and after.kind is not Kind.UNKNOWN else result)


async def _put_right_after(terminal: PretendTerminal, wait_s: float) -> Outcome | None:
    """What this run left unknown, put right while the person waits; what takes longer goes first next time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await terminal.put_right()
    return terminal.put_right_last


async def _put_right(terminal: PretendTerminal, asked: argparse.Namespace) -> Outcome | None:
    """Before anything else: what is owed. A message to the eye, since it may take a moment."""
    if terminal.device.owes and not asked.json:
        print(
            "上次有未完成的交易，先自动冲正……" if asked.lang == "zh" else "Putting the last transaction right first..."
        )
    for _ in range(_PUT_RIGHT_TRIES):
        if not terminal.device.owes:
            break
        await terminal.pay_up()
    put_right, terminal.put_right_last = terminal.put_right_last, None
    return put_right


async def _verb(terminal: PretendTerminal, asked: argparse.Namespace) -> Result:
    if asked.verb in ("sale", "preauth", "offline-sale", "balance"):
        return await _card_verb(terminal, asked)
    if asked.verb in ("complete", "complete-advice", "void-preauth"):
        return await _hold_verb(terminal, asked)
    if asked.verb in ("void", "void-completion"):
        stan = void_ask({"stan": asked.stan}).stan
        return await (terminal.void(stan) if asked.verb == "void" else terminal.void_completion(stan))
    if asked.verb == "tip":
        tip = tip_ask({"stan": asked.stan, "amount_minor": asked.amount})
        return await terminal.tip(tip.amount_minor, tip.stan)
    if asked.verb == "refund":
        refund = refund_ask(
            {
                "amount_minor": asked.amount,
                "rrn": asked.rrn,
                "card": asked.card,
                "how": asked.how,
                "batch_number": asked.batch,
                "stan": asked.stan,
                "on": asked.on,
            }
        )
        card = refund.card.read if refund.card else None
        return await terminal.refund(refund.amount_minor, refund.original, card, refund.how)
    if asked.verb in ERRANDS:
        return await do_errand(terminal, asked)
    plain = {
        "sign-in": terminal.sign_in,
        "sign-off": terminal.sign_off,
        "echo": terminal.echo,
        "settle": terminal.settle,
    }
    return await plain[asked.verb]()


async def _card_verb(terminal: PretendTerminal, asked: argparse.Namespace) -> Result:
    """What begins with a card: a sale, a hold, an offline sale, a balance."""
    given = {"card": asked.card, "how": asked.how, "pin": getattr(asked, "pin", "")}
    if asked.verb == "balance":
        shown = balance_ask(given)
        return await terminal.balance(shown.card.read, shown.how, shown.pin)
    ask = sale_ask(given | {"amount_minor": asked.amount})
    if asked.verb == "offline-sale":
        return await terminal.offline_sale(ask.amount_minor, ask.card.read, ask.how)
    verb = terminal.sale if asked.verb == "sale" else terminal.preauth
    return await verb(ask.amount_minor, ask.card.read, ask.how, ask.pin)


async def _hold_verb(terminal: PretendTerminal, asked: argparse.Namespace) -> Result:
    """What follows a pre-authorisation, named by its approval code."""
    given = {"approval_code": asked.approval_code, "amount_minor": asked.amount, "card": asked.card, "how": asked.how}
    hold = hold_ask(given)
    card = hold.card.read if hold.card else None
    if asked.verb == "void-preauth":
        return await terminal.void_preauth(hold.approval_code, hold.amount_minor, card, hold.how)
    advice = asked.verb == "complete-advice"
    return await terminal.complete(hold.amount_minor, hold.approval_code, card, hold.how, advice=advice)


def _exit_code(result: Result) -> int:
    """From what a result means for the money. A reversal that worked leaves its sale not done."""
    if isinstance(result, Refused):
        return NOT_DONE
    if result.kind is Kind.UNKNOWN and result.money_moved is not MoneyMoved.NO:
        return UNKNOWN
    return DONE if result.approved and result.action is not Action.REVERSAL else NOT_DONE


# -- recorded frames -------------------------------------------------------------------------------------------------


async def _replay(asked: argparse.Namespace) -> int:
    recording = recorded.read_recording(asked.replay)
    vault = SoftwareVault(Secret(os.urandom(32)), os.urandom)
    if recording.parcel is not None:
        return _replay_keys(asked, vault, recording.parcel)
    if asked.port is None:
        raise ValueError("缺少 / missing: --port")
    key = recorded.mac_key(vault, asked.tak) if asked.tak else None
    line = Line(asked.host, asked.port, timeout_s=asked.timeout)
    code = DONE
    for frame in recording.frames:
        _print_seen(asked, "→", recorded.seen(frame[2:], vault, key))
        answer = await line.exchange(frame)
        if answer is None:
            say(asked, {"outcome": "no_answer"}, "没有应答", "No answer")
            code = UNKNOWN
            continue
        try:
            seen = recorded.seen(answer, vault, key)
        except Malformed as wrong:
            say(asked, {"outcome": "unreadable"}, f"应答无法解析：{wrong}", f"The answer cannot be read: {wrong}")
            code = UNKNOWN
            continue
        _print_seen(asked, "←", seen)
        if seen.mac == "wrong":
            code = UNKNOWN
    return code


def _replay_keys(asked: argparse.Namespace, vault: SoftwareVault, parcel: recorded.KeyParcel) -> int:
    """A recorded sign-in answer needs no host: the terminal's side is to open the keys and compare the check values."""
    try:
        keys = recorded.opened_keys(vault, parcel)
    except KeyRefused:
        say(asked, {"check_values": "wrong"}, "解包密钥验证不符", "The keys' check values are wrong")
        return NOT_DONE
    values = {"TPK": keys.tpk, "TAK": keys.tak, "TDK": keys.tdk}
    held = {name: key.kcv for name, key in values.items() if key is not None}
    shown = "  ".join(f"{name} {kcv}" for name, kcv in held.items())
    say(asked, {"check_values": "right", **held}, f"密钥验证值相符：{shown}", f"Check values right: {shown}")
    return DONE


_VERDICTS = {
    "right": ("MAC 正确", "MAC right"),
    "wrong": ("MAC 错误", "MAC WRONG"),
    "none": ("无 MAC", "no MAC"),
    "unchecked": ("MAC 未核对（用 --tak 给出密钥）", "MAC not checked (give the key by --tak)"),
}


def _print_seen(asked: argparse.Namespace, arrow: str, seen: recorded.Seen) -> None:
    place = 1 if asked.lang == "en" else 0
    if asked.json:
        way = "sent" if arrow == "→" else "received"
        print(json.dumps({"way": way, **seen.as_json()}, ensure_ascii=False))
        return
    print(f"{arrow} {seen.fields[0][3]}  {_VERDICTS[seen.mac][place]}")
    for number, zh, en, value in seen.fields[1:]:
        print(f"    F{number:<3} {(zh, en)[place]}: {value}")
