"""Compiles the message catalogues (.po) to what gettext loads (.mo), without GNU gettext.

What may live here: reading .po, writing .mo. What may not: finding messages in the sources (Django does that, for
`./dev messages`, and needs GNU gettext).
"""

from __future__ import annotations

import ast
import os
import struct
from pathlib import Path

_MAGIC = 0x950412DE
_KEYWORDS = ("msgctxt", "msgid_plural", "msgid", "msgstr")


class BadCatalogue(Exception):
    """A line of a catalogue that is not what .po files hold."""


def compile_changed(folder: Path) -> list[Path]:
    """Compile each catalogue below a folder whose .mo is missing or older; return those compiled."""
    compiled = []
    for source in sorted(folder.rglob("*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            beside = target.with_suffix(f".mo{os.getpid()}")
            beside.write_bytes(write_mo(read_po(source.read_text(encoding="utf8"), str(source))))
            beside.replace(target)  # whole or not at all, whoever else compiles at the same time
            compiled.append(source)
    return compiled


def read_po(text: str, name: str = "catalogue") -> dict[str, str]:
    """The translated messages, as .mo keys them: context before EOT, plural forms joined by NUL; fuzzy ones left out.

    Raises BadCatalogue naming the line.
    """
    catalogue: dict[str, str] = {}
    entry: dict[str, str] = {}
    fuzzy = False
    current = ""
    for number, raw in enumerate([*text.splitlines(), ""], 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            if "msgstr" in current:
                _keep(catalogue, entry, fuzzy)
                entry, fuzzy, current = {}, False, ""
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        keyword, rest = _split(line, current, f"{name}:{number}")
        if keyword in ("msgctxt", "msgid") and not line.startswith('"') and "msgstr" in current:
            _keep(catalogue, entry, fuzzy)
            entry, fuzzy = {}, False
        current = keyword
        entry[keyword] = entry.get(keyword, "") + rest
    return catalogue


def _split(line: str, current: str, place: str) -> tuple[str, str]:
    """The keyword that a line belongs to and the text it adds."""
    keyword, quoted = current, line
    if not line.startswith('"'):
        keyword, _, quoted = line.partition(" ")
    if not keyword.startswith(_KEYWORDS):
        raise BadCatalogue(f"{place}: a message must begin with one of {', '.join(_KEYWORDS)}")
    try:
        text = ast.literal_eval(quoted.strip())
    except (SyntaxError, ValueError):
        raise BadCatalogue(f"{place}: a quoted text was expected") from None
    if not isinstance(text, str):
        raise BadCatalogue(f"{place}: a quoted text was expected")
    return keyword, text


def _keep(catalogue: dict[str, str], entry: dict[str, str], fuzzy: bool) -> None:
    key = entry.get("msgid", "")
    if "msgctxt" in entry:
        key = f"{entry['msgctxt']}\x04{key}"
    if "msgid_plural" in entry:
        key = f"{key}\0{entry['msgid_plural']}"
    forms = [text for keyword, text in sorted(entry.items()) if keyword.startswith("msgstr")]
    if all(forms) and (not fuzzy or not key):
        catalogue[key] = "\0".join(forms)


def write_mo(catalogue: dict[str, str]) -> bytes:
    """The catalogue in the binary form of GNU gettext, version 0, little-endian, without a hash table."""
    rows = sorted((key.encode(), text.encode()) for key, text in catalogue.items())
    texts_at = 28 + 16 * len(rows)
    keys_size = sum(len(key) + 1 for key, _ in rows)
    key_index, text_index = b"", b""
    key_at, text_at = texts_at, texts_at + keys_size
    for key, text in rows:
        key_index += struct.pack("<2I", len(key), key_at)
        text_index += struct.pack("<2I", len(text), text_at)
        key_at += len(key) + 1
        text_at += len(text) + 1
    head = struct.pack("<7I", _MAGIC, 0, len(rows), 28, 28 + 8 * len(rows), 0, texts_at)
    keys = b"".join(key + b"\0" for key, _ in rows)
    return head + key_index + text_index + keys + b"".join(text + b"\0" for _, text in rows)
