"""Chen pairs a speaker in a real browser; the speaker, a process of its own, says what the shop is paid, once."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest
from playwright.sync_api import expect

from support.shop_floor import NARROW, WITHIN_MS, Floor, Phone

pytestmark = pytest.mark.slow
WITHIN_S = WITHIN_MS / 1000


@contextmanager
def listening(house: str, pairing: str, folder: Path) -> Iterator[Queue[str]]:
    """A speaker at work, and what it says, line by line; what it complains about comes in square brackets."""
    (folder / "pairing").write_text(pairing, encoding="utf8")
    words = ["speaker", "--house", house, "--pairing", str(folder / "pairing"), "--kept", str(folder / "kept")]
    speaker = subprocess.Popen(
        [sys.executable, "-m", "xiaopos.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said: Queue[str] = Queue()
    assert speaker.stdout is not None
    lines = speaker.stdout

    def read() -> None:
        for line in lines:
            said.put(line.strip())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield said
    finally:
        speaker.terminate()
        speaker.wait(WITHIN_S)
        reader.join(WITHIN_S)
        lines.close()


def test_a_speaker_is_paired_says_each_payment_once_and_is_taken_out_of_service(
    floor: Floor, phone: Phone, tmp_path: Path
) -> None:
    chen = floor.till("chen", NARROW)
    page = chen.opens("/portal/speakers/")
    page.fill("#label", "前台音箱")
    chen.confirms()
    assert (chen.barriers(), chen.sideways()) == ([], [])
    page.get_by_role("button", name="配对，并显示配对码").click()
    pairing = page.input_value("#pairing")
    assert (chen.barriers(), chen.sideways()) == ([], [])
    house = floor.demo.told["speakers"]

    with listening(house, pairing, tmp_path) as said:
        for minor, words in ((12_50, "收款十二元五角"), (10_05, "收款十元零五分")):
            chen.opens()
            chen.keys(minor)
            chen.wedge(phone.code())
            chen.result("approved", "收款成功")
            assert said.get(timeout=WITHIN_S) == words
    with listening(house, pairing, tmp_path) as said:
        page = chen.opens("/portal/speakers/")
        card = page.locator("main section.card").filter(has_text="停用这台音箱")
        expect(card).not_to_contain_text("还没有播报过")
        card.get_by_text("停用这台音箱").click()
        card.get_by_role("button", name="停用", exact=True).click()
        expect(page.locator("main")).to_contain_text("还没有播报音箱")
        heard = said.get(timeout=2 * WITHIN_S)
        assert re.fullmatch(r"\[the house answered 401.*\]", heard), (
            "started anew, it says nothing twice and then nothing"
        )
    assert chen.wrong() == []
    page.context.close()
