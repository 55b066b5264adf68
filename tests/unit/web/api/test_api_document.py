"""docs/api.md tells the truth: its examples run, in their order, against the API."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from support.api_counter import TODAY, Counter
from support.api_line import Line
from support.world import CODES
from xiaopos.kernel.refusal import Reason
from xiaopos.web.api import shapes
from xiaopos_client import Client

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "api.md"
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_the_examples_run(counter: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    class Here(Client):
        """The client of the examples, on the line to this counter."""

        def __init__(self, base_url: str, key: str, **parts: Any) -> None:
            super().__init__(base_url, key, transport=Line(counter), **parts)

    told: list[tuple[str, ...]] = []
    names: dict[str, Any] = {
        "address": "https://pay.example.com",
        "key": counter.key,
        "scanned": CODES["Mei"],
        "today": date.fromisoformat(TODAY),
        "draw": lambda code: told.append((code,)),
        "show": lambda *words: told.append(words),
    }
    examples = EXAMPLE.findall(DOCUMENT.read_text(encoding="utf8"))
    assert len(examples) >= 6
    for example in examples:
        exec(
            compile(example.replace("import Client, ", "import "), str(DOCUMENT), "exec"),
            names | {"Client": Here},
            names,
        )
    assert len(told) == 2
    assert all(all(words) for words in told)
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_the_names_in_it_exist() -> None:
    text = DOCUMENT.read_text(encoding="utf8")
    reasons = {reason.value for reason in Reason}
    assert {"transaction_unsupported", "refund_too_much", "in_progress"} <= reasons
    for name in ("reason", "title", "next", "money_moved", "fields", "type"):
        assert f"`{name}`" in text
        assert name in shapes.Problem.__struct_fields__
