"""The pretend terminal's files: replaced whole, read strictly, never in clear."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.terminal_host import COMPONENTS
from support.terminal_line import IDENTITY
from xiaopos.kernel.secret import Secret
from xiaopos.simulator.terminals.files import FileMemory, chip_key, open_device, read_components
from xiaopos.terminal.memory import MemoryDamaged


def test_what_was_saved_is_loaded_and_nothing_stays_beside(tmp_path: Path) -> None:
    memory = FileMemory(tmp_path / "t.json")
    assert memory.load() is None
    memory.save({"a": 1})
    memory.save({"a": 2})
    assert memory.load() == {"a": 2}
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.json"]
    assert (tmp_path / "t.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_damaged_memory_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "t.json").write_text(content)
    with pytest.raises(MemoryDamaged):
        FileMemory(tmp_path / "t.json").load()


def test_the_chips_key_is_made_once(tmp_path: Path) -> None:
    first = chip_key(tmp_path / "c", os.urandom)
    assert chip_key(tmp_path / "c", os.urandom) == first
    assert len(first.value) == 32
    (tmp_path / "c").write_text("not hex")
    with pytest.raises(MemoryDamaged):
        chip_key(tmp_path / "c", os.urandom)


def test_components_are_two_or_three_lines_of_hex(tmp_path: Path) -> None:
    file = tmp_path / "components"
    file.write_text(f"# first custodian\n{'0a' * 16}\n\n{'0B' * 16}  # second\n")
    assert read_components(file) == (Secret(b"\x0a" * 16), Secret(b"\x0b" * 16))
    for wrong in ("", "0a" * 16, f"{'0a' * 16}\n{'xx' * 16}", "\n".join(["0a" * 16] * 4)):
        file.write_text(wrong)
        with pytest.raises(ValueError, match="2 or 3 lines"):
            read_components(file)


def test_a_device_opens_with_a_given_issuer_key(tmp_path: Path) -> None:
    device = open_device(
        IDENTITY,
        memory_file=tmp_path / "t.json",
        components=COMPONENTS,
        issuer_components=(Secret(os.urandom(16)), Secret(os.urandom(16))),
    )
    assert device.needs_sign_in
