"""Every action that anything writes into the audit trail has words for whoever reads it."""

from __future__ import annotations

import ast
from pathlib import Path

import xiaopos
from xiaopos.web.audit_words import ACTION_WORDS

STORE = Path(xiaopos.__file__).parent
WRITERS = {"note", "_note", "_append", "append_line"}
"""What the stores call their way into the trail; the action is the first text that is passed."""


def _texts(node: ast.expr) -> list[str]:
    """The texts that an expression may be; of one that is put together its beginning with a star."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=[ast.Constant(value=str(begins)), *_]):
            return [f"{begins}*"]
        case ast.IfExp(body=one, orelse=other):
            return [*_texts(one), *_texts(other)]
    return []


def actions() -> set[str]:
    """Every action that the source names."""
    found: set[str] = set()
    for file in STORE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in WRITERS and node.args and "store" in file.parts:
                found.update([text for argument in node.args[:2] for text in _texts(argument) if text][:1])
            found.update(
                text
                for word in node.keywords
                if called == "AuditEntry" and word.arg == "action"
                for text in _texts(word.value)
            )
    return found


def test_every_action_has_words() -> None:
    named = actions()
    assert len(named) > 40
    for action in named:
        if action.endswith("*"):
            assert any(known.startswith(action[:-1]) for known in ACTION_WORDS), action
        else:
            assert action in ACTION_WORDS, action


def test_every_word_says_something() -> None:
    assert all(str(words).strip() for words in ACTION_WORDS.values())
