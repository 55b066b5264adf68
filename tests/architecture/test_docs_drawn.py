"""Pages that are drawn from the code, or that point into it, are what the code says."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.stories import STORIES

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
draw = importlib.import_module("devtools.draw")
story = importlib.import_module("devtools.story")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
LINKING = [ROOT / "docs" / "a-sale.md", ROOT / "docs" / "glossary.md", *sorted((ROOT / "docs" / "states").glob("*.md"))]


def test_no_drawing_is_stale() -> None:
    assert draw.stale() == [], "run ./dev draw"


def test_every_machine_of_the_house_is_drawn() -> None:
    names = {machine.name for _, machine in draw.machines()}
    assert {"payment", "key", "terminal"} <= names


@pytest.mark.parametrize("page", LINKING, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf8")):
        if "://" not in link:
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_every_name_that_the_page_on_a_sale_gives_is_in_the_file_that_it_links_to() -> None:
    text = (ROOT / "docs" / "a-sale.md").read_text(encoding="utf8")
    named = re.findall(r"\[`([A-Za-z_.]+)`\]\(\.\./(src/[^)]+\.py)\)", text)
    assert len(named) >= 12
    for name, path in named:
        last = name.split(".")[-1]
        source = (ROOT / path).read_text(encoding="utf8")
        assert re.search(rf"(def|class) {last}\b|^\s*{last}\b.*=", source, re.MULTILINE), f"{name} is not in {path}"


def test_the_glossarys_code_names_exist() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf8")
    names = set(re.findall(r"`([A-Za-z_.]+)`", text))
    source = "\n".join(path.read_text(encoding="utf8") for path in (ROOT / "src").rglob("*.py"))
    assert len(names) > 60
    assert sorted(name for name in names if name.split(".")[-1] not in source) == []


def test_a_story_is_told_in_sentences() -> None:
    text, well = story.tell("the-answer-is-lost")
    assert well
    assert "  2. Lin sells for 25.00 CNY and Mei shows a card. They read: The outcome is not known yet" in text
    assert text.endswith("The books balance.")


def test_the_stories_can_be_listed_and_an_unknown_one_is_named() -> None:
    def ran(*names: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "devtools.story", *names]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    listed = ran()
    assert listed.returncode == 0
    assert len(listed.stdout.splitlines()) == len(STORIES)
    assert (ran("a-void").returncode, ran("nothing").returncode) == (0, 2)
