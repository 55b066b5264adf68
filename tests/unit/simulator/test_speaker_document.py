"""docs/speakers.md as a maker reads it: its vector holds for the house and for the pretend speaker."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from support.channels import new_vault
from support.webhooks import SECRET, secret_in
from xiaopos.keys import MacKind
from xiaopos.simulator import speaker_command
from xiaopos.simulator.speaker import PretendSpeaker
from xiaopos.usecases.announce_payment import Announcement, announced_text, asked_text, proven

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "speakers.md").read_text(encoding="utf-8")
BODY = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)[0].encode()
ASKED = re.findall(r"^    ([0-9a-f]{64})$", TEXT, re.MULTILINE)[0]


def test_the_pretend_speaker_says_the_vector_and_asks_as_it_says() -> None:
    speaker = PretendSpeaker(json.loads(BODY)["speaker_id"], SECRET, lambda: 1773457201.9, number=7)
    assert speaker.asks()[1] == {"X-Time": "1773457201", "X-Mac": ASKED}
    assert speaker.hears(BODY).sentence == "收款十二元五角"


def test_the_house_proves_the_vector_the_same_way() -> None:
    said, vault = msgspec.json.decode(BODY, type=Announcement), new_vault()
    key = secret_in(vault)
    assert proven(said, key, vault) == said
    assert len(announced_text(said).split(b"\n")) == 13
    text = asked_text(said.speaker_id, 7, 1773457201)
    assert vault.mac(key=key, data=text, kind=MacKind.HMAC_SHA256).hex() == ASKED


def test_a_pairing_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "pairing"
    wrong.write_text("nonsense")
    assert speaker_command.run(["--pairing", str(wrong)]) == 2
    assert speaker_command.run(["--pairing", str(tmp_path / "none")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_it_goes_on_when_the_house_is_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pairing, kept = tmp_path / "pairing", tmp_path / "kept"
    pairing.write_text(f"xiaopos-speaker:{'a' * 32}:{SECRET.hex()}\n")
    kept.write_text("3")
    monkeypatch.setattr(speaker_command, "PAUSE_S", 0.0)
    words = ["--pairing", str(pairing), "--kept", str(kept), "--house", "http://127.0.0.1:9", "--answers", "2"]
    assert speaker_command.run(words) == 0
    assert capsys.readouterr().err.count("Error]") == 2
    assert kept.read_text() == "3"
