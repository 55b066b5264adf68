"""The command `xiaopos decode`: a frame from a log, a hex dump or a file, as an annotated table with nothing secret in it.

What may live here: options, files, printing. What may not: reading a message (wire.reading), the house's keys: the console's page
judges a MAC with those, this command only with a test key that is handed in.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyRefused, SoftwareVault
from xiaopos.simulator.terminals.recorded import mac_key
from xiaopos.usecases.judge_mac import fitting_kind
from xiaopos.wire.iso8583 import Spec, spec_file
from xiaopos.wire.iso8583.imports_jpos import import_jpos
from xiaopos.wire.iso8583.imports_moov import import_moov
from xiaopos.wire.reading import SPECS, Line, MacQuestion, NotBytes, Reading, ReadMessage, read_bytes, read_paste

Words = tuple[str, str]

_MACS: dict[str, Words] = {
    "right": ("MAC 正确", "the MAC is right"),
    "wrong": ("MAC 不正确：密钥不同，或报文被改动", "the MAC is wrong: another key, or a changed message"),
    "unchecked": (
        "MAC 未核对：控制台的报文解读页用终端的密钥核对，测试密钥用 --mac-key FILE",
        "the MAC was not judged: the console's page does it with the terminal's key; --mac-key FILE takes a test key",
    ),
    "none": ("没有 MAC", "no MAC"),
}


class WrongUse(Exception):
    """What was asked makes no sense; the text says what would."""


def run(arguments: list[str], *, stdin: BinaryIO | None = None) -> int:
    """Run `xiaopos decode ...`. Exit code: 0 read to the end, 1 something is wrong with a message, 2 could not be tried."""
    wanted = _parser().parse_args(arguments)
    if wanted.list:
        print("\n".join(f"{name:<20} {spec.name}" for name, spec in SPECS.items()))
        return 0
    try:
        specs = _specs(wanted.spec)
        reading = _reading(wanted.message, specs, sys.stdin.buffer if stdin is None else stdin)
        macs = [_mac(message.mac, wanted.mac_key) for message in reading.messages]
    except NotBytes as refused:
        return _cannot(_said((refused.zh, refused.en), wanted.lang))
    except (WrongUse, OSError) as refused:
        return _cannot(str(refused))
    if wanted.json:
        print(json.dumps(_as_json(reading, macs), ensure_ascii=False))
    else:
        print("\n".join(_told(reading, macs, wanted.lang)))
    return 1 if any(message.fault for message in reading.messages) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xiaopos decode",
        description="解读一段 ISO 8583 报文 / read an ISO 8583 frame: framing and spec are found, and it says why",
        epilog="退出码 / exit codes: 0 read to the end, 1 a message is malformed, 2 could not be tried",
    )
    parser.add_argument(
        "message",
        nargs="*",
        metavar="HEX|FILE",
        help="十六进制、文件，或 - 表示标准输入 / hexadecimal, a hex dump, base64, a file, or - for the standard input",
    )
    parser.add_argument(
        "--spec",
        metavar="NAME|FILE",
        help="规范名，或 TOML、JSON、jPOS XML 文件 / a spec's name, or a file that holds one",
    )
    parser.add_argument("--list", action="store_true", help="列出规范名 / the names of the specs")
    parser.add_argument(
        "--mac-key", type=Path, metavar="FILE", help="测试用 MAC 密钥（十六进制） / a test MAC key in hexadecimal"
    )
    parser.add_argument("--lang", choices=("zh", "en", "both"), default="both")
    parser.add_argument("--json", action="store_true", help="一行 JSON / one line of JSON")
    return parser


def _specs(asked: str | None) -> Mapping[str, Spec]:
    """All shipped specs, or the one that was asked for."""
    if asked is None:
        return SPECS
    if asked in SPECS:
        return {asked: SPECS[asked]}
    path = Path(asked)
    if path.suffix not in (".toml", ".json", ".xml"):
        raise WrongUse(f"no spec is called {asked}: {', '.join(SPECS)}, or a .toml, .json or .xml file")
    return {path.name: _spec_from(path)}


def _spec_from(path: Path) -> Spec:
    text = path.read_bytes()
    try:
        if path.suffix == ".xml":
            imported = import_jpos(text, name=path.name)
        elif path.suffix == ".json" and b'"fields"' in text:
            imported = import_moov(text, name=path.name)
        else:
            return spec_file.loads(text, source=path.name)
    except ValueError as fault:
        raise WrongUse(str(fault)) from None
    for finding in imported.findings:
        print(finding, file=sys.stderr)
    return imported.spec


def _reading(words: list[str], specs: Mapping[str, Spec], stdin: BinaryIO) -> Reading:
    if not words:
        raise WrongUse("what shall be decoded? give hexadecimal, a file, or - for the standard input")
    if words == ["-"]:
        return read_bytes(stdin.read(), specs)
    if len(words) == 1 and (path := Path(words[0])) and len(words[0]) < 255 and path.is_file():
        return read_bytes(path.read_bytes(), specs)
    return read_paste(" ".join(words), specs)


def _mac(question: MacQuestion | None, key_file: Path | None) -> str:
    """A key of _MACS, a way of making MACs behind `right`."""
    if question is None:
        return "none"
    if key_file is None:
        return "unchecked"
    vault = SoftwareVault(Secret(os.urandom(32)), os.urandom)
    try:
        key = mac_key(vault, key_file.read_text(encoding="ascii").strip())
    except (ValueError, KeyRefused):
        raise WrongUse(f"{key_file.name} holds no MAC key: 16 or 32 hexadecimal digits are expected") from None
    kind = fitting_kind(vault, key, question.covered, question.mac)
    return "wrong" if kind is None else f"right {kind.value}"


def _cannot(text: str) -> int:
    print(text, file=sys.stderr)
    return 2


def _said(words: Words, lang: str) -> str:
    return words[0] if lang == "zh" else words[1] if lang == "en" else " / ".join(words)


def _told(reading: Reading, macs: list[str], lang: str) -> list[str]:
    told = [f"{reading.spec} · {_said((reading.framing.zh, reading.framing.en), lang)}"]
    told += [f"  · {_said(reason, lang)}" for reason in reading.reasons]
    told += [f"  × {_said(other, lang)}" for other in reading.others]
    for message, mac in zip(reading.messages, macs, strict=True):
        told += ["", *_table(message, lang)]
        told += _ending(message, mac, lang)
    if reading.left_out:
        told += [
            "",
            _said((f"另有 {reading.left_out} 帧没有显示", f"{reading.left_out} more frames are not shown"), lang),
        ]
    return told


def _table(message: ReadMessage, lang: str) -> list[str]:
    heads = (("偏移", "offset"), ("域", "field"), ("名称", "name"), ("内容", "value"), ("字节", "bytes"))
    zh, en, *_ = zip(*heads, strict=True)
    rows = [en if lang == "en" else zh]
    rows += [_cells(line, lang) for line in message.lines]
    widths = [max(_width(row[column]) for row in rows) for column in range(4)]
    return ["  ".join([*map(_padded, row, widths), row[4]]).rstrip() for row in rows]


def _cells(line: Line, lang: str) -> tuple[str, str, str, str, str]:
    shown = " ".join([line.shown, *(f"({_said(words, lang)})" for words in line.meaning)]).strip()
    if line.fault:
        shown = f"{shown} !! {line.fault}"
    return str(line.offset), "  " * line.depth + line.label, _said((line.zh, line.en), lang), shown, line.raw


def _width(text: str) -> int:
    """How many columns of a terminal a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _ending(message: ReadMessage, mac: str, lang: str) -> list[str]:
    if message.fault is None:
        word, _, kind = mac.partition(" ")
        found = [f"{'  !! ' if one.grave else '  · '}{_said((one.zh, one.en), lang)}" for one in message.findings]
        return [*found, _said(_MACS[word], lang) + (f" ({kind})" if kind else "")]
    told = [_said(("读到这里为止", "reading stopped here"), lang), f"  !! {_said(message.fault.words, lang)}"]
    if message.fault.hint[0]:
        told.append(f"  -> {_said(message.fault.hint, lang)}")
    return told


def _as_json(reading: Reading, macs: list[str]) -> dict[str, object]:
    """The reading as plain values; what a MAC covers is left out, for it is the whole message in clear."""
    return {
        "spec": reading.spec,
        "framing": {"zh": reading.framing.zh, "en": reading.framing.en},
        "reasons": reading.reasons,
        "others": reading.others,
        "size": reading.size,
        "left_out": reading.left_out,
        "messages": [
            {
                "transaction": message.transaction,
                "fault": None if message.fault is None else asdict(message.fault),
                "findings": [asdict(finding) for finding in message.findings],
                "mac": mac,
                "lines": [asdict(line) for line in message.lines],
            }
            for message, mac in zip(reading.messages, macs, strict=True)
        ],
    }
