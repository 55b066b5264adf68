"""Fetching lists (参数、IC卡公钥、IC卡参数、黑名单下载), part by part, as pure steps from one memory to the next.

What may live here: which message comes next and what its answer adds. What may not: frames (exchange), a list's layout (wire),
what a list means for a sale (device, lists).

A list replaces the one before only when it is here whole. A fetch that was broken off begins anew: what was asked for
meanwhile would be missing otherwise, and the end of the fetch would tell the host that it is not.
"""

from __future__ import annotations

from dataclasses import replace

from xiaopos.terminal import texts
from xiaopos.terminal.judging import Question, Verdict, told
from xiaopos.terminal.lists import Fetch, KeptList, ListKind, checked_entry, parameter_entries
from xiaopos.terminal.memory import Remembered
from xiaopos.terminal.messages import text
from xiaopos.terminal.outcome import Kind
from xiaopos.wire.iso8583 import Malformed, Message
from xiaopos.wire.iso8583 import terminal_downloads as wire
from xiaopos.wire.iso8583.terminal_downloads import DownloadDialect, ListState

MOST_NAMES = 99
MOST_CELLS = 999
_CODES: dict[ListKind, tuple[str, str, str]] = {
    ListKind.PARAMETERS: ("", "360", "361"),
    ListKind.PUBLIC_KEYS: ("372", "370", "371"),
    ListKind.CHIP_PARAMETERS: ("382", "380", "381"),
    ListKind.BLACKLIST: ("", "390", "391"),
}
"""Field 60.3 of the query, the fetch and the end of each list (domain A4)."""


def next_message(fetch: Fetch) -> tuple[str, str, bytes]:
    """What to send next: message type, field 60.3, field 62 (empty for none)."""
    kind = ListKind(fetch.kind)
    query, one, end = _CODES[kind]
    if fetch.whole:
        return "0800", end, b""
    if query and not fetch.named:
        return "0820", query, wire.query(len(fetch.names))
    if query:
        return "0800", one, bytes.fromhex(fetch.names[len(fetch.entries)])
    if kind is ListKind.BLACKLIST:
        return "0800", one, wire.wanting_cells(len(fetch.entries) + 1)
    return "0800", one, b""


def answered(before: Remembered, question: Question, answer: Message, dialect: DownloadDialect) -> Verdict:
    """The answer to a part of a fetch: one step on, the list whole, or all of it given up and the old list kept."""
    fetch = before.fetch
    assert fetch is not None, "a fetch is under way"
    code = text(answer.fields, 39)
    if code not in texts.SUCCESS:
        outcome = told(before, question, answer, texts.words_for(code))
        return _given_up(before, fetch), replace(outcome, kind=Kind.DECLINED, listed=fetch.kind)
    if fetch.whole:
        outcome = told(before, question, answer, texts.LIST_FETCHED)
        return _given_up(before, fetch), replace(outcome, listed=fetch.kind)
    try:
        further = _further(fetch, answer.raw(62), dialect)
    except Malformed:
        outcome = told(before, question, answer, texts.LIST_UNREADABLE)
        return _given_up(before, fetch), replace(outcome, kind=Kind.DECLINED, listed=fetch.kind)
    after = replace(before, fetch=further)
    if further.whole:
        entries = tuple(entry for entry in further.entries if entry)
        on = text(answer.fields, 13) + text(answer.fields, 12)
        after = after.with_list(KeptList(fetch.kind, entries, on))
    return after, replace(told(before, question, answer, texts.LIST_PART), listed=fetch.kind)


def _given_up(before: Remembered, fetch: Fetch) -> Remembered:
    """No fetch any more, and nothing wanted of it: what the host still wants stands in its next answer."""
    return replace(before, fetch=None, wanted=tuple(one for one in before.wanted if one != fetch.kind))


def _further(fetch: Fetch, raw: bytes, dialect: DownloadDialect) -> Fetch:
    kind = ListKind(fetch.kind)
    if kind is ListKind.PARAMETERS:
        return replace(fetch, entries=parameter_entries(raw), whole=True)
    if kind is ListKind.BLACKLIST:
        return _more_cells(fetch, wire.CellsAnswer.parse(raw, dialect.blacklist_cell))
    if not fetch.named:
        return _more_names(fetch, wire.ListAnswer.parse(raw))
    entry = wire.entry_in(raw)
    name = bytes.fromhex(fetch.names[len(fetch.entries)])
    # An entry that was withdrawn since it was named leaves its place empty.
    entries = (*fetch.entries, "" if entry is None else checked_entry(kind, name, entry))
    return replace(fetch, entries=entries, whole=len(entries) == len(fetch.names))


def _more_names(fetch: Fetch, given: wire.ListAnswer) -> Fetch:
    names = (*fetch.names, *(name.hex().upper() for name in given.names))
    _check_state(given.state, len(given.names), len(names) > MOST_NAMES)
    return replace(fetch, names=names, named=given.state.is_end, whole=given.state.is_end and not names)


def _more_cells(fetch: Fetch, given: wire.CellsAnswer) -> Fetch:
    entries = (*fetch.entries, *given.cells)
    if not all(cell.isascii() and cell.isdigit() for cell in given.cells):
        raise Malformed(62, 4, "cells of digits", "another character")
    if given.cells and given.last != len(entries):
        raise Malformed(62, 1, f"the last one's position, {len(entries)}", str(given.last))
    _check_state(given.state, len(given.cells), len(entries) >= MOST_CELLS)
    return replace(fetch, entries=entries, whole=given.state.is_end)


def _check_state(state: ListState, given: int, full: bool) -> None:
    """Raises Malformed for a part whose state does not fit what it gives, and for a list that is too long for its numbers."""
    if (state is ListState.NONE) != (not given):
        raise Malformed(62, 0, "a state that fits", state.value)
    if full and not state.is_end:
        raise Malformed(62, 0, "a list that ends", "one that does not")
