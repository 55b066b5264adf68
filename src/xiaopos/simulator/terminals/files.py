"""A pretend terminal's things on disk: its memory, its secure chip's master key, the components of its terminal master key.

What may live here: files, replaced whole and flushed. What may not: what they mean (terminal, keys).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xiaopos.kernel.secret import Secret
from xiaopos.keys import KeyAlgorithm, KeyUsage, SoftwareVault
from xiaopos.terminal.chip import PretendChip
from xiaopos.terminal.device import Device
from xiaopos.terminal.memory import MemoryDamaged
from xiaopos.terminal.profile import PROFILES, Identity

_COMPONENT = re.compile(r"[0-9A-Fa-f]{32}")
CHIP_KEY_BYTES = 32


class FileMemory:
    """A terminal's memory in one JSON file. `save` returns when the new content, whole, would survive a power cut."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Mapping[str, Any] | None:
        """What was saved last. Raises MemoryDamaged when the file is not JSON."""
        try:
            kept = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            raise MemoryDamaged("the terminal's memory file cannot be read") from None
        if not isinstance(kept, dict):
            raise MemoryDamaged("the terminal's memory file holds something else")
        return kept

    def save(self, state: Mapping[str, Any]) -> None:
        """Write beside, flush, replace, flush the folder."""
        write_durably(self._path, json.dumps(state, ensure_ascii=False).encode("utf-8"))


def write_durably(path: Path, content: bytes) -> None:
    """Replace the file by this content, readable by its owner only, so that a power cut leaves the old or the new."""
    beside = path.with_name(path.name + ".new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)
    os.replace(beside, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def chip_key(path: Path, entropy: Callable[[int], bytes]) -> Secret:
    """The master key of the pretend secure chip: made at the first start, kept in a file that only its owner reads."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        key = entropy(CHIP_KEY_BYTES)
        write_durably(path, key.hex().encode("ascii"))
    except ValueError:
        raise MemoryDamaged("the pretend secure chip's file cannot be read") from None
    return Secret(key)


def read_components(path: Path) -> tuple[Secret, ...]:
    """The two or three components of a terminal master key: one line of 32 hex digits each; `#` begins a remark.

    Raises ValueError, without the content, when the file holds anything else.
    """
    lines = [line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    digits = [line for line in lines if line]
    if len(digits) not in (2, 3) or not all(_COMPONENT.fullmatch(line) for line in digits):
        raise ValueError("a components file holds 2 or 3 lines of 32 hex digits")
    return tuple(Secret(bytes.fromhex(line)) for line in digits)


def open_device(
    identity: Identity,
    *,
    memory_file: Path,
    components: Sequence[Secret],
    profile: str = "unionpay-3des-2012",
    issuer_components: Sequence[Secret] | None = None,
    entropy: Callable[[int], bytes] = os.urandom,
) -> Device:
    """A device whose memory is `memory_file` and whose pretend secure chip is the file beside it (`.chip`).

    `issuer_components` make the pretend issuer's key for cryptograms; without them each start has one of its own.
    Raises MemoryDamaged, KeyRefused (components), KeyError (profile).
    """
    vault = SoftwareVault(chip_key(memory_file.with_name(memory_file.name + ".chip"), entropy), entropy, keep=32)
    tmk = vault.combine(components=components, usage=KeyUsage.TMK, algorithm=PROFILES[profile].suite.carrier)
    if issuer_components is None:
        issuer_key = vault.generate(usage=KeyUsage.IMK_AC, algorithm=KeyAlgorithm.TDES2)
    else:
        issuer_key = vault.combine(components=issuer_components, usage=KeyUsage.IMK_AC, algorithm=KeyAlgorithm.TDES2)
    return Device(
        identity,
        vault=vault,
        tmk=tmk,
        memory=FileMemory(memory_file),
        entropy=entropy,
        profile=PROFILES[profile],
        chip=PretendChip(vault, issuer_key),
    )
