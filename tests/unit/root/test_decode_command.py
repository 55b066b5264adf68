"""`xiaopos decode`: what it prints, in which language, where its specs and its MAC key come from, how it ends."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from support.wire_samples import CARD_SALE, vector
from xiaopos import cli, decode_command
from xiaopos.wire.iso8583 import Codec, Message, spec_file
from xiaopos.wire.iso8583.unionpay_terminal import SPEC

KNOWN = vector("unionpay_real_qr_sale_mac.json")
FRAME: str = KNOWN["frame_hex"]


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert decode_command.run(list(words)) == code
    return capsys.readouterr().out


def test_a_frame_is_told_field_by_field_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, FRAME)
    assert "unionpay-terminal · 长度 + TPDU + 报文头 / length, TPDU and header" in text
    assert "0200 扫码消费 / payment code sale" in text
    assert "MAC 未核对" in text
    assert "the MAC was not judged" in text


@pytest.mark.parametrize(("lang", "there", "missing"), [("zh", "偏移", "offset"), ("en", "offset", "偏移")])
def test_one_language_alone(capsys: pytest.CaptureFixture[str], lang: str, there: str, missing: str) -> None:
    text = told(capsys, "--lang", lang, FRAME)
    assert there in text
    assert missing not in text.replace("0200 扫码消费 / payment code sale", "")


def test_columns_stand_one_below_the_other_in_chinese_too(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [line for line in told(capsys, "--lang", "zh", FRAME).splitlines() if line[:2].strip().isdigit()]
    places = {
        decode_command._width(line[: line.index(raw)]) for line in rows for raw in ("156", "000002") if raw in line
    }
    assert len(places) == 1


def test_words_in_pieces_are_one_frame(capsys: pytest.CaptureFixture[str]) -> None:
    assert "payment code sale" in told(capsys, FRAME[:40], FRAME[40:])


def test_the_standard_input_and_files_are_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert decode_command.run(["-"], stdin=io.BytesIO(bytes.fromhex(FRAME))) == 0
    first = capsys.readouterr().out
    file = tmp_path / "frame.bin"
    file.write_bytes(bytes.fromhex(FRAME))
    assert told(capsys, str(file)) == first
    file.write_text(FRAME)
    assert "payment code sale" in told(capsys, str(file))


def test_what_is_wrong_is_said_with_what_usually_causes_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "--lang", "en", FRAME[:120], code=1)
    assert "reading stopped here" in text
    assert "!! field 42 merchant id, offset 46: expected 15 bytes, found 14 bytes" in text
    assert "-> the message ends too early" in text


def test_a_fault_nobody_has_a_hint_for_is_said_alone(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr("xiaopos.wire.reading.faults._HINTS", ())
    assert "->" not in told(capsys, FRAME[:120], code=1)


def test_a_chip_that_cannot_be_read_is_marked_in_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    body = Codec(SPEC).encode(CARD_SALE)
    assert " !! " in told(capsys, body.replace(bytes.fromhex("9f2608"), bytes.fromhex("9f267f")).hex())


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        (KNOWN["tak_hex"], "MAC 正确 / the MAC is right (unionpay_ecb)"),
        (
            "0123456789ABCDEF",
            "MAC 不正确：密钥不同，或报文被改动 / the MAC is wrong: another key, or a changed message",
        ),
    ],
)
def test_a_test_key_judges_the_mac(capsys: pytest.CaptureFixture[str], tmp_path: Path, key: str, verdict: str) -> None:
    file = tmp_path / "tak.txt"
    file.write_text(f"{key}\n")
    text = told(capsys, "--mac-key", str(file), FRAME)
    assert verdict in text
    assert key not in text


def test_what_the_transaction_needs_and_the_message_lacks_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    lacking = Message("0200", {number: value for number, value in CARD_SALE.fields.items() if number not in (22, 41)})
    text = told(capsys, "--lang", "en", Codec(SPEC).encode(lacking).hex())
    assert "!! field 41 (terminal id) is missing" in text
    assert "field 22" in text
    held = json.loads(told(capsys, "--json", Codec(SPEC).encode(lacking).hex()))
    assert [41] in [finding["numbers"] for finding in held["messages"][0]["findings"]]


def test_a_message_without_a_mac_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert "没有 MAC / no MAC" in told(capsys, "0820002000000000001000000700110000000130 10")


def test_frames_past_the_limit_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert "另有 2 帧没有显示 / 2 more frames are not shown" in told(capsys, FRAME * 52)


def test_json_says_the_same_and_holds_no_message_in_clear(capsys: pytest.CaptureFixture[str]) -> None:
    held = json.loads(told(capsys, "--json", Codec(SPEC).encode(CARD_SALE).hex()))
    assert held["spec"] == "unionpay-terminal"
    assert [message["mac"] for message in held["messages"]] == ["unchecked"]
    assert "covered" not in held["messages"][0]
    assert "6225561620345170" not in json.dumps(held).replace(" ", "")
    assert json.loads(told(capsys, "--json", FRAME[:120], code=1))["messages"][0]["fault"]["offset"] == 46


def test_every_spec_can_be_asked_for_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    names = [line.split()[0] for line in told(capsys, "--list").splitlines()]
    assert {"unionpay-terminal", "card-network", "iso1987-ascii", "iso1993-binary"} <= set(names)
    assert "规范是指定的 / the spec was chosen by hand" in told(capsys, "--spec", "unionpay-terminal", FRAME)


def test_a_spec_comes_from_a_file_of_ours(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for form in ("toml", "json"):
        file = tmp_path / f"acquirer.{form}"
        file.write_text(spec_file.dumps(SPEC, form=form), encoding="utf-8")
        assert f"acquirer.{form} · " in told(capsys, "--spec", str(file), FRAME)


JPOS = """<isopackager>
<isofield id="0" length="4" name="MESSAGE TYPE INDICATOR" class="org.jpos.iso.IFB_NUMERIC"/>
<isofield id="1" length="16" name="BIT MAP" class="org.jpos.iso.IFB_BITMAP"/>
<isofield id="11" length="6" name="STAN" class="org.jpos.iso.IFB_NUMERIC"/>
<isofield id="60" length="99" name="RESERVED" class="org.jpos.iso.IFX_UNKNOWN"/>
</isopackager>"""
MOOV = json.dumps(
    {
        "name": "theirs",
        "fields": {
            "0": {"type": "String", "length": 4, "description": "MTI", "enc": "BCD", "prefix": "BCD.Fixed"},
            "1": {"type": "Bitmap", "length": 8, "description": "Bitmap", "enc": "Binary", "prefix": "Binary.Fixed"},
            "11": {"type": "String", "length": 6, "description": "STAN", "enc": "BCD", "prefix": "BCD.Fixed"},
        },
    }
)


@pytest.mark.parametrize(("name", "text"), [("theirs.xml", JPOS), ("theirs.json", MOOV)])
def test_a_spec_comes_from_a_table_of_others(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, text: str
) -> None:
    file = tmp_path / name
    file.write_text(text)
    assert decode_command.run(["--spec", str(file), "0800 0020000000000000 000007"]) == 0
    printed = capsys.readouterr()
    assert "000007" in printed.out
    assert ("IFX_UNKNOWN" in printed.err) is (name == "theirs.xml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "what shall be decoded?"),
        (["报文"], "neither hexadecimal"),
        (["--spec", "nobody", "00"], "no spec is called nobody: unionpay-terminal"),
        (["--spec", "missing.toml", "00"], "missing.toml"),
        (["--mac-key", "missing.key", FRAME], "missing.key"),
    ],
)
def test_what_cannot_be_tried_is_said_in_one_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert decode_command.run(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err


def test_a_spec_that_is_none_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text("name = ")
    assert decode_command.run(["--spec", str(file), "00"]) == 2
    assert "broken.toml" in capsys.readouterr().err


def test_a_key_file_that_holds_no_key_is_named_but_not_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "tak.txt"
    file.write_text("not a key")
    assert decode_command.run(["--mac-key", str(file), FRAME]) == 2
    printed = capsys.readouterr()
    assert "tak.txt holds no MAC key" in printed.err
    assert "not a key" not in printed.err


def test_it_is_a_command_of_xiaopos(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["decode", FRAME]) == 0
    assert "payment code sale" in capsys.readouterr().out
