"""Plays known answers that are kept as steps: set a name, expect two things to be equal.

A step's values are `hex:` bytes, `$name` or `$name.attribute` for earlier ones, `{"ascii": ...}`, and calls
`{"fn": "kd.derive_common_sk", "args": [...], keyword: ...}`. The test hands in what the functions' names mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Meanings = Mapping[str, Callable[..., Any]]


def rows(case: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The parameters of each run of a case; one empty run if it has none."""
    if not case["params"]:
        yield {}
    for params in case["params"]:
        names = params["names"]
        for row in params["rows"]:
            yield {names: row} if isinstance(names, str) else dict(zip(names, row, strict=True))


def play(case: Mapping[str, Any], meanings: Meanings) -> int:
    """Runs a case for each of its rows and returns how many expectations held; AssertionError for the first that does not."""
    held = 0
    for row in rows(case):
        known = {name: _value(value, {}, meanings) for name, value in row.items()}
        for step in case["steps"]:
            if "set" in step:
                known[step["set"]] = _value(step["to"], known, meanings)
            else:
                first, second = (_comparable(_value(side, known, meanings)) for side in step["expect"])
                assert first == second, (case["case"], step)
                held += 1
    return held


def _comparable(value: Any) -> Any:
    return value.hex().upper() if isinstance(value, bytes) else value


def _value(value: Any, known: Mapping[str, Any], meanings: Meanings) -> Any:
    if isinstance(value, dict) and "ascii" in value:
        return value["ascii"]
    if isinstance(value, dict) and "fn" in value:
        arguments = [_value(each, known, meanings) for each in value.get("args", [])]
        named = {name: _value(each, known, meanings) for name, each in value.items() if name not in ("fn", "args")}
        return _function(value["fn"], known, meanings)(*arguments, **named)
    if isinstance(value, str) and value.startswith("hex:"):
        return bytes.fromhex(value[4:])
    if isinstance(value, str) and value.startswith("~"):
        return b"".join(known[name.strip()] for name in value[1:].split("+"))
    if isinstance(value, str) and value.startswith("$"):
        return _name(value[1:], known)
    return value


def _name(dotted: str, known: Mapping[str, Any]) -> Any:
    head, *tail = dotted.split(".")
    if head not in known:
        return dotted
    found = known[head]
    for attribute in tail:
        found = getattr(found, attribute)
    return found


def _function(dotted: str, known: Mapping[str, Any], meanings: Meanings) -> Callable[..., Any]:
    head, _, tail = dotted.partition(".")
    return getattr(known[head], tail) if head in known else meanings[dotted]
