"""BER-TLV against another library's own cases: what it reads and writes, what it refuses, and where we are stricter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from xiaopos.wire.emv.tlv import Tlv, build, parse, template, write_tag
from xiaopos.wire.malformed import Malformed

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "ber_tlv.json").read_text(encoding="utf8"))
OURS = {"9C80": "the indefinite form", "9C8400000000": "byte 84", "9C8400000001FF": "byte 84"}
"""Read there as a length of nothing, and one of four further bytes; EMV knows neither."""


def plain(objects: Sequence[Tlv]) -> dict[str, Any]:
    return {each.tag: plain(each.children) if each.constructed else each.value.hex().upper() for each in objects}


def objects(values: dict[str, Any]) -> list[Tlv]:
    return [
        template(tag, objects(value)) if isinstance(value, dict) else Tlv(tag, bytes.fromhex(value))
        for tag, value in values.items()
    ]


@pytest.mark.parametrize(("text", "values"), [*CASES["read"], *CASES["nested"]])
def test_what_it_reads_is_read_and_written_back(text: str, values: dict[str, Any]) -> None:
    if text in OURS:
        with pytest.raises(Malformed) as refused:
            parse(bytes.fromhex(text))
        assert refused.value.found == OURS[text]
        return
    read = parse(bytes.fromhex(text))
    assert plain(read) == values
    assert build(read).hex().upper() == text


@pytest.mark.parametrize(("text", "tag"), CASES["refused"])
def test_what_it_refuses_is_refused_at_the_same_tag(text: str, tag: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(bytes.fromhex(text))
    fault = refused.value
    assert fault.offset is not None
    where = (fault.subfield or "").rpartition(".")[2]
    assert tag in (where, text[fault.offset * 2 : fault.offset * 2 + len(tag)])


@pytest.mark.parametrize(("values", "text"), CASES["written"])
def test_what_it_writes_is_written(values: dict[str, Any], text: str) -> None:
    assert build(objects(values)).hex().upper() == text


@pytest.mark.parametrize("tag", CASES["no_tags"])
def test_what_it_takes_for_no_tag_is_none(tag: str) -> None:
    with pytest.raises(Malformed):
        write_tag(tag)
