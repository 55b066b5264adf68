"""The tidy rules of the house: each takes a file's path and text, and answers with complaints.

What may live here: rules about how files look, and finding the files. What may not: rules about what imports what
(pyproject.toml holds those contracts), or about what the program does.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

Rule = Callable[[str, str], list[str]]

FUNCTION_LINES = 60
FILE_LINES = 500
BLOB_BYTES = 200_000
LONG_FILES = {
    "src/xiaopos/kernel/refusal.py": "the table of every refusal in two languages: one place, one test of completeness",
}
"""Files that may be longer, each with its reason."""
LARGE_FILES = {
    "requirements/dev.txt": "written by ./dev lock: a hash for every file of every requirement",
}
"""Files that may be larger, each with its reason."""
_GIVEN_FORM = ("/apps.py", "/urls.py", "src/xiaopos/__init__.py")
LEFT_OUT = {"var", "htmlcov", "staticfiles", "__pycache__", "build", "dist"}
"""Folders that are made, not written; those whose name begins with a dot are left out too, but for .ci."""

_SHAPELESS = {"utils", "util", "helpers", "helper", "common", "base", "core", "misc", "manager", "managers"}
_SUPPRESSION = re.compile(
    r"#\s*(?:type:\s*ignore|noqa)\b(?::?\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[\w, -]*\])?(?P<rest>.*)"
)
_REASON = re.compile(r"[^\W\d_]{2,}")
_MARKER = re.compile(
    r"\b(?:TO" + "DO|FIX" + "ME|HA" + r"CK|XX" + r"X)\b(?!['\"])|\bbreak" + r"point\(|pragma: no" + " cover"
)
_MOCK = re.compile(r"unittest[.]mock|import mo" + r"ck\b|Magic" + "Mock")
_SKIP = re.compile(r"mark[.](?:skip|xfail)\b|pytest[.](?:skip|xfail)\(")
_PLACES = re.compile(
    r"(?<![\w.])/wo" + r"rk/|/tmp/br" + r"ief|/ro" + r"ot/|python" + r"hosted[.]org|py" + r"pi[.]org|--extra-ind" + "ex"
)


def _functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_python(path: str) -> bool:
    return path.endswith(".py") or path == "dev"


def _migration(path: str) -> bool:
    return "/migrations/" in path


def short_functions(path: str, text: str) -> list[str]:
    """A function fits on a screen or two."""
    if not _is_python(path) or _migration(path):
        return []
    sizes = [(node, (node.end_lineno or node.lineno) - node.lineno + 1) for node in _functions(text)]
    return [
        f"{path}:{node.lineno}: {node.name} has {size} lines, more than {FUNCTION_LINES}"
        for node, size in sizes
        if size > FUNCTION_LINES
    ]


def short_files(path: str, text: str) -> list[str]:
    """A module is read in one sitting."""
    lines = len(text.splitlines())
    if not _is_python(path) or path in LONG_FILES or lines <= FILE_LINES:
        return []
    return [f"{path}: {lines} lines, more than {FILE_LINES}"]


def docstrings(path: str, text: str) -> list[str]:
    """A module says what it is about; one of the product also what must not live in it. Django gives some their form."""
    if not _is_python(path) or _migration(path):
        return []
    said = ast.get_docstring(ast.parse(text)) or ""
    if not said.strip():
        return [f"{path}: no docstring that says what lives here"]
    product = path.startswith("src/xiaopos/") and not path.endswith(_GIVEN_FORM)
    if product and not re.search(r"\bnot\b|\bno\b", said, re.IGNORECASE):
        return [f"{path}: the docstring does not say what may not live here"]
    return []


def telling_names(path: str, text: str) -> list[str]:
    """A name says what is inside: a folder's name, and each word of a file's."""
    if path.startswith("docs/"):
        return []
    *folders, name = PurePosixPath(path).parts
    words = [*folders, *re.split(r"[_-]", name.split(".")[0])]
    return [f"{path}: '{word}' says nothing about what is inside" for word in words if word in _SHAPELESS]


def reasons(path: str, text: str) -> list[str]:
    """Whoever silences a checker says why, on that line."""
    if not _is_python(path):
        return []
    complaints = []
    for number, line in enumerate(text.splitlines(), 1):
        found = _SUPPRESSION.search(line)
        if found and not _REASON.search(found["rest"]):
            complaints.append(f"{path}:{number}: a checker is silenced without a reason on the line")
    return complaints


def _each_line(path: str, text: str, pattern: re.Pattern[str], complaint: str) -> list[str]:
    lines = enumerate(text.splitlines(), 1)
    return [f"{path}:{number}: {complaint}" for number, line in lines if pattern.search(line)]


def no_leftovers(path: str, text: str) -> list[str]:
    """What is not done is not in the tree; what is in the tree is measured."""
    return _each_line(path, text, _MARKER, "a left-over marker")


def no_mocks(path: str, text: str) -> list[str]:
    """A test plays with a pretend twin that keeps the role's promises, never with a mock."""
    return _each_line(path, text, _MOCK, "a mock") if _is_python(path) else []


def no_skips(path: str, text: str) -> list[str]:
    """A test runs or does not exist."""
    return _each_line(path, text, _SKIP, "a test that is switched off") if _is_python(path) else []


def no_places(path: str, text: str) -> list[str]:
    """Nothing in the tree knows the machine it was written on, or a registry."""
    complaint = "names a machine's folder or a package registry"
    found = _each_line(path, text, _PLACES, complaint)
    if path.startswith("requirements/"):
        found += (
            _each_line(path, text, re.compile(r"://|^\s*-(?:i|f)\b|^\s*--"), complaint) if path.endswith(".in") else []
        )
        found += _each_line(path, text, re.compile(r"://"), complaint)
    return found


RULES: tuple[Rule, ...] = (
    short_functions,
    short_files,
    docstrings,
    telling_names,
    reasons,
    no_leftovers,
    no_mocks,
    no_skips,
    no_places,
)
"""Every rule about a text."""


def files(root: Path) -> Iterator[Path]:
    """Every file of the tree that somebody wrote, by name."""
    for path in sorted(root.iterdir()):
        hidden = path.name.startswith(".") and path.name != ".ci"
        if path.is_dir() and not hidden and path.name not in LEFT_OUT and not path.name.endswith(".egg-info"):
            yield from files(path)
        elif path.is_file() and path.suffix not in (".mo", ".pyc"):
            yield path


def too_large(root: Path) -> list[str]:
    """No blob: what is large is made, fetched or measured, not kept."""
    sizes = [(path.relative_to(root).as_posix(), path.stat().st_size) for path in files(root)]
    return [f"{name}: {size} bytes" for name, size in sizes if size > BLOB_BYTES and name not in LARGE_FILES]


def complaints(root: Path, rule: Rule) -> list[str]:
    """What a rule says about every text of the tree."""
    found: list[str] = []
    for path in files(root):
        try:
            text = path.read_text(encoding="utf8")
        except UnicodeDecodeError:
            continue
        found += rule(path.relative_to(root).as_posix(), text)
    return found
