"""Lists that terminals download, as messages: what a request wants, and the answer's field 62.

What may live here: field numbers of these messages. What may not: which rows there are (usecases), the layouts (wire).
"""

from __future__ import annotations

from collections.abc import Sequence

from xiaopos.fleet.downloads import DownloadKind, DownloadRow, key_of_entry
from xiaopos.wire.iso8583 import Message
from xiaopos.wire.iso8583 import terminal_downloads as wire
from xiaopos.wire.iso8583.terminal_downloads import DownloadDialect, ListState

_NAMES = {
    DownloadKind.PUBLIC_KEYS: wire.PUBLIC_KEY_NAME,
    DownloadKind.CHIP_PARAMETERS: wire.APPLICATION_NAME,
}


def parameters_answer(answer: Message, rows: Sequence[DownloadRow]) -> Message:
    """The answer with the terminal's parameters. Raises Malformed for a row that does not fit its table."""
    answer.fields[62] = wire.parameter_list({row.key: row.content for row in rows})
    return answer


def list_answer(
    asked: Message, answer: Message, kind: DownloadKind, rows: Sequence[DownloadRow], dialect: DownloadDialect
) -> Message:
    """The answer with the next names of a chip's list after those that the terminal has. Raises Malformed."""
    most = dialect.public_keys_at_once if kind is DownloadKind.PUBLIC_KEYS else dialect.chip_parameters_at_once
    held = wire.held_in(asked.raw(62))
    names = tuple(wire.name_in(row.data, _NAMES[kind]) for row in rows[held : held + most])
    answer.fields[62] = wire.ListAnswer(ListState.of(held, len(names), len(rows)), names).encode()
    return answer


def entry_answer(asked: Message, answer: Message, kind: DownloadKind, rows: Sequence[DownloadRow]) -> Message:
    """The answer with the entry that the terminal names, or that there is none. Raises Malformed."""
    wanted = key_of_entry(asked.raw(62), kind)
    answer.fields[62] = wire.entry_answer(next((row.data for row in rows if row.key == wanted), None))
    return answer


def cells_answer(asked: Message, answer: Message, rows: Sequence[DownloadRow], dialect: DownloadDialect) -> Message:
    """The answer with the blacklist's next cells from the position that the terminal wants. Raises Malformed."""
    before = wire.cells_wanted(asked.raw(62)) - 1
    cells = tuple(row.content for row in rows[before : before + dialect.blacklist_at_once])
    state = ListState.of(before, len(cells), len(rows))
    answer.fields[62] = wire.CellsAnswer(state, before + len(cells) if cells else 0, cells).encode(
        dialect.blacklist_cell
    )
    return answer
