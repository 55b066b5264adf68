"""The verbs of `xiaopos terminal` that move no money: fetching lists, telling, asking.

What may live here: their arguments and which method of a terminal they call. What may not: words on the screen
(terminal_screen), everything about money (terminal_command).
"""

from __future__ import annotations

import argparse
import base64
from pathlib import Path
from typing import Any

from xiaopos.kernel.refusal import Refused
from xiaopos.simulator.terminals.playing import PretendTerminal, Result
from xiaopos.simulator.terminals.requests import BadRequest, list_ask, query_ask, script_ask, sign_ask
from xiaopos.terminal.lists import ListKind

ERRANDS = frozenset({"fetch", "tell-status", "signature", "script-notice", "query"})
_ALL = "all"
_RRN_LENGTH = 12


def add_errands(verbs: Any, options: argparse.ArgumentParser) -> None:
    """Add the verbs to the command's parser (`verbs` is what argparse calls its subparsers)."""
    fetch = verbs.add_parser("fetch", help="下载清单 / download a list, or all of them", parents=[options])
    names = [kind.value.replace("_", "-") for kind in ListKind]
    fetch.add_argument("list", metavar="LIST", choices=[*names, _ALL], help=" | ".join([*names, _ALL]))
    verbs.add_parser("tell-status", help="状态上送 / tell the host how this terminal is", parents=[options])
    signature = verbs.add_parser(
        "signature", help="电子签名上送 / send the signature for a payment of this batch", parents=[options]
    )
    signature.add_argument("stan", metavar="STAN")
    signature.add_argument(
        "--picture", type=Path, metavar="FILE", help="签名图片，最多 999 字节；不给则画一张 / without it one is drawn"
    )
    script = verbs.add_parser(
        "script-notice", help="脚本处理结果通知 / tell what came of an issuer's script", parents=[options]
    )
    script.add_argument("stan", metavar="STAN")
    script.add_argument(
        "--result", metavar="HEX", default="", help="DF31，每个脚本 10 位十六进制 / ten hex digits a script"
    )
    query = verbs.add_parser("query", help="订单查询 / ask what became of a payment", parents=[options])
    query.add_argument("number", metavar="RRN|STAN", help="12 位参考号或凭证号 / reference or voucher number")
    query.add_argument("--code", action="store_true", help="扫码订单 / it was paid by a payment code")


async def do_errand(terminal: PretendTerminal, asked: argparse.Namespace) -> Result:
    """Do one of ERRANDS. Raises BadRequest, and OSError for a picture that cannot be read."""
    if asked.verb == "fetch":
        return await _fetch(terminal, asked.list)
    if asked.verb == "tell-status":
        return await terminal.tell_status()
    if asked.verb == "signature":
        picture = "" if asked.picture is None else base64.b64encode(asked.picture.read_bytes()).decode("ascii")
        if asked.picture is not None and not picture:
            raise BadRequest("the picture is empty")
        sign = sign_ask({"stan": asked.stan, "picture": picture})
        return await terminal.sign(sign.stan, sign.picture)
    if asked.verb == "script-notice":
        script = script_ask({"stan": asked.stan, "result": asked.result})
        return await terminal.tell_script_result(script.stan, script.results)
    named = "rrn" if len(asked.number) == _RRN_LENGTH else "stan"
    query = query_ask({named: asked.number, "code": asked.code})
    return await terminal.query(query.rrn, stan=query.stan, code=query.code)


async def _fetch(terminal: PretendTerminal, name: str) -> Result:
    """One list, or one after the other until one fails."""
    if name != _ALL:
        return await terminal.fetch(list_ask({"list": name.replace("-", "_")}))
    first, *others = ListKind
    result = await terminal.fetch(first)
    for kind in others:
        if isinstance(result, Refused) or not result.approved:
            break
        terminal.note_errand(result)
        result = await terminal.fetch(kind)
    return result
