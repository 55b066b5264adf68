"""The commands of `./dev`, one function each; its docstring's first line is what `./dev` lists.

What may live here: choosing what runs, in which order, with which exit code. What may not: what runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable

from devtools import browser, coverage_floors, messages, softhsm
from devtools.environment import ROOT, CannotMake, python_for, say

Step = tuple[str, list[str]]
FAST_FOLDERS = (
    *(
        f"tests/unit/{room}"
        for room in (
            "kernel", "wire", "keys", "ledger", "payments", "settlement", "fleet", "merchants", "usecases", "terminal",
        )
    ),
    "tests/scenarios",
)  # fmt: skip
"""The rooms that need neither a database nor a socket, and the stories: seconds."""
LOCK_OPTIONS = (
    "--universal",
    "--generate-hashes",
    "--python-version=3.11",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
)
SOURCES = ("src", "tests", "clients", "bench", "devtools", "dev")


def demo(arguments: list[str]) -> int:
    """start the whole demo: service, pages, simulators (--fresh, --web-port N, --json, ...)"""
    python = python_for("runtime")
    os.execv(python, [python, "-m", "xiaopos.cli", "demo", *arguments])


def terminal(arguments: list[str]) -> int:
    """a pretend terminal for the command line: signs in, sells, voids, refunds, settles (--help says more)"""
    python = python_for("runtime")
    os.execv(python, [python, "-m", "xiaopos.cli", "terminal", *arguments])


def test(arguments: list[str]) -> int:
    """check, then every test with coverage; --fast: lint, pure rooms and stories, seconds; or pytest's arguments"""
    python = python_for("dev")
    if "--fast" in arguments:
        rest = [argument for argument in arguments if argument != "--fast"]
        quick = [python, "-m", "pytest", "-q", "-n", "2", "-m", "not slow", *(rest or FAST_FOLDERS)]
        return _all([*_lint(python), ("unit tests", quick)])
    if arguments:
        return _run([python, "-m", "pytest", *arguments])
    needed = {browser.MISSING: browser.obtain(), softhsm.missing(): softhsm.obtain()}
    lacking = [told for told, found in needed.items() if found is None]
    if lacking:
        print("\n".join(lacking), file=sys.stderr)
        return 1
    coverage = [python, "-m", "coverage"]
    _run([*coverage, "erase"])
    return _all(
        [
            *_checks(python),
            ("tests", [*coverage, "run", "-m", "pytest", "-n", "2", "--dist", "loadfile", "--durations=10"]),
            ("coverage gathered", [*coverage, "combine", "--quiet"]),
            ("coverage counted", [*coverage, "json", "--quiet"]),
            ("coverage floors", [python, "-m", "devtools.coverage_floors", str(coverage_floors.REPORT)]),
        ]
    )


def check(arguments: list[str]) -> int:
    """format, lint, types, import contracts, tidy rules; --fix: format and mend what can be mended"""
    python = python_for("dev")
    if "--fix" in arguments:
        _run([python, "-m", "ruff", "check", "--fix", "--quiet", *SOURCES])
        _run([python, "-m", "ruff", "format", "--quiet", *SOURCES])
    tidy = (
        "tidy rules",
        [python, "-m", "pytest", "-q", "tests/architecture", "--deselect=tests/architecture/test_contracts.py"],
    )
    return _all([*_checks(python), tidy])


def bench(arguments: list[str]) -> int:
    """measure: ./dev bench [NAME] [--json FILE]"""
    return _run([python_for("dev"), "-m", "bench", *arguments])


def fuzz(arguments: list[str]) -> int:
    """search for inputs that break a reader: ./dev fuzz [TARGET] [--seconds N]"""
    return _run([python_for("dev"), "-m", "devtools.fuzz", *arguments])


def torture(arguments: list[str]) -> int:
    """kill the running service again and again, then compare every answer: ./dev torture [--engine NAME] [--kills N]"""
    return _run([python_for("dev"), "-m", "devtools.torture", *arguments])


def soak(arguments: list[str]) -> int:
    """play the service from fresh seeds for as long as told: ./dev soak [--seconds N] (an hour; --help says more)"""
    how_long = [] if {"--seconds", "--seeds", "--story", "--help", "-h"} & set(arguments) else ["--seconds", "3600"]
    return _run([python_for("dev"), "-m", "xiaopos.cli", "simulate", *how_long, *arguments])


def story(arguments: list[str]) -> int:
    """run one scenario and print it as a story: ./dev story NAME (no name: lists them)"""
    return _run([python_for("dev"), "-m", "devtools.story", *arguments])


def draw(arguments: list[str]) -> int:
    """draw docs/states from the state tables"""
    return _run([python_for("dev"), "-m", "devtools.draw", *arguments])


def lock(arguments: list[str]) -> int:
    """pin requirements/*.in again, with hashes (needs uv; --upgrade: newest versions)"""
    if shutil.which("uv") is None:
        raise CannotMake("Pinning requirements needs uv: install it (pip install uv) and try again.")
    for kind, extra in (("runtime", []), ("dev", ["--constraint", "requirements/runtime.txt"])):
        files = [f"requirements/{kind}.in", "--output-file", f"requirements/{kind}.txt"]
        if _run(["uv", "pip", "compile", "--quiet", *LOCK_OPTIONS, *extra, *files, *arguments]):
            return 1
    return 0


def translations(arguments: list[str]) -> int:
    """compile the message catalogues; say what a person reads and no catalogue translates"""
    python = python_for("dev")
    messages.compile_changed(ROOT / "src")
    return _run([python, "-m", "pytest", "-q", "tests/architecture/test_translations.py", *arguments])


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "terminal": terminal,
    "test": test,
    "check": check,
    "bench": bench,
    "fuzz": fuzz,
    "torture": torture,
    "soak": soak,
    "story": story,
    "draw": draw,
    "messages": translations,
    "lock": lock,
}


def main(arguments: list[str]) -> int:
    """Run one command, or list them."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        for name, command in COMMANDS.items():
            print(f"./dev {name:<10}{command.__doc__}")
        return 0
    if arguments[0] not in COMMANDS:
        print(f"./dev knows no '{arguments[0]}'; it knows: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except CannotMake as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _lint(python: str) -> list[Step]:
    return [
        ("format", [python, "-m", "ruff", "format", "--check", "--quiet", *SOURCES]),
        ("lint", [python, "-m", "ruff", "check", "--quiet", *SOURCES]),
    ]


def _checks(python: str) -> list[Step]:
    contracts = "import sys; from importlinter.cli import lint_imports_command as run; sys.argv[1:] = []; run()"
    return [
        *_lint(python),
        ("types", [python, "-m", "mypy"]),
        ("import contracts", [python, "-c", contracts]),
    ]


def _all(steps: list[Step]) -> int:
    """Run every step, whatever fails, then say how each went, and repeat what pytest said last."""
    went, closing = [], ""
    for name, command in steps:
        say(name)
        started = time.monotonic()
        if "pytest" in command:
            failed, closing = _run_and_keep_last_line(command)
        else:
            failed = _run(command)
        went.append((name, failed, time.monotonic() - started))
    print()
    for name, failed, seconds in went:
        print(f"{'FAILED' if failed else 'ok':<8}{name:<20}{seconds:6.0f} s")
    if closing:
        print(closing)
    return 1 if any(failed for _, failed, _ in went) else 0


def _run(command: list[str]) -> int:
    return subprocess.run(command, check=False, cwd=ROOT).returncode


def _run_and_keep_last_line(command: list[str]) -> tuple[int, str]:
    """Run, showing what it prints as it comes; its exit code and its last line that says something."""
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf8", errors="replace"
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    return run.returncode, last
