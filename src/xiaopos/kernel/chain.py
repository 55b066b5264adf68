"""A chain of records in which a changed, missing or inserted one shows.

What may live here: the canonical bytes of a record, the hash that links it to the one before, finding the first break.
What may not: storage, who may write a record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
"""What a record may hold: no floats, whose text differs between machines."""

GENESIS = "0" * 64
"""What stands before the first record."""


def canonical(record: Mapping[str, Json]) -> bytes:
    """The one way to write a record as bytes: JSON with sorted keys, no spaces, UTF-8 (the subset of RFC 8785 without floats).

    >>> canonical({"b": 1, "a": "林"}).decode()
    '{"a":"林","b":1}'

    Raises TypeError for a float or anything else that is no JSON value of this kind.
    """
    _refuse_floats(record)
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a record holds no floats")
    if isinstance(value, Mapping):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list):
        for part in value:
            _refuse_floats(part)


def link(previous: str, record: Mapping[str, Json]) -> str:
    """The hash of a record that follows the one whose hash is `previous`: SHA-256 in hex."""
    return hashlib.sha256(previous.encode("ascii") + b"\n" + canonical(record)).hexdigest()


@dataclass(frozen=True, slots=True)
class Linked:
    """A record as it was stored: its place from 1 on, what it says, and the two hashes kept with it."""

    seq: int
    record: Mapping[str, Json]
    previous: str
    hash: str


def first_break(rows: Iterable[Linked]) -> int | None:
    """The place of the first row that does not follow from those before it, or None when the chain is whole.

    A row that is missing shows at the place it should have. Rows cut off at the end cannot show: keep the newest hash
    elsewhere and compare.
    """
    previous, place = GENESIS, 1
    for row in rows:
        if row.seq != place or row.previous != previous or row.hash != link(previous, row.record):
            return place
        previous, place = row.hash, place + 1
    return None
