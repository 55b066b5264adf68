"""The command `xiaopos simulate`: the whole service played from seeds, with faults, on this machine and without touching it.

What may live here: options, progress, what is printed of a failure. What may not: the play (simulation).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CalledProcessError

from xiaopos.simulation.faults import WORDS, Kind
from xiaopos.simulation.plan import USUAL_RATE, Plan, make_plan
from xiaopos.simulation.play import Report, play
from xiaopos.simulation.shrink import shorten
from xiaopos.simulation.story import NotAStory, dumps, in_words, loads
from xiaopos.simulation.tables import make_tables
from xiaopos.simulation.town import Alter

USUAL_SEEDS, USUAL_PAYMENTS = 20, 50
HIGHEST_SEED = 2**32
TELL_EVERY_S = 5.0
Play = Callable[[Plan], Report]


@dataclass
class Sums:
    """What all plays came to."""

    seeds: int = 0
    payments: int = 0
    faults_met: int = 0
    restarts: int = 0
    virtual_s: float = 0.0
    failed: list[dict[str, object]] = field(default_factory=list)

    def add(self, report: Report) -> None:
        """Count a play."""
        self.seeds += 1
        self.payments += report.payments
        self.faults_met += report.met
        self.restarts += report.restarts
        self.virtual_s += report.virtual_s

    def __str__(self) -> str:
        hours = self.virtual_s / 3600
        return (
            f"{self.seeds} plays, {self.payments} payments, {self.faults_met} faults met, "
            f"{self.restarts} restarts after a kill, {hours:.1f} virtual hours"
        )


def run(arguments: list[str], alter: Alter = lambda house: house) -> int:
    """Run `xiaopos simulate ...`. Exit code: 0 all is well, 1 something does not hold, 2 could not be tried.

    `alter` puts another part into the house: a test's way to a failure.
    """
    wanted = _parser().parse_args(arguments)
    try:
        plans = _plans(wanted)
    except (NotAStory, OSError) as error:
        return _cannot(str(error))
    with tempfile.TemporaryDirectory(prefix="xiaopos-simulate-") as folder:
        tables = Path(folder) / "tables.sqlite3"
        try:
            make_tables(tables)
        except CalledProcessError:
            return _cannot("the empty books could not be made")
        sums = Sums()
        with suppress(KeyboardInterrupt):
            _play_all(plans, lambda plan: play(plan, tables, alter), wanted, sums)
    if wanted.json:
        print(json.dumps({name: getattr(sums, name) for name in Sums.__dataclass_fields__}, ensure_ascii=False))
    else:
        print(f"{'BROKEN' if sums.failed else 'All is well'}: {sums}.")
    return 1 if sums.failed else 0


def _parser() -> argparse.ArgumentParser:
    kinds = ", ".join(f"{kind.value} ({words})" for kind, words in WORDS.items())
    parser = argparse.ArgumentParser(
        prog="xiaopos simulate",
        description=(
            "Play card host, worker, terminals, card network and wallet on a virtual clock and network, from a seed, with "
            "faults, and compare everybody's books afterwards. The same seed is the same play. Nothing of this machine's "
            "service is touched."
        ),
        epilog=f"Kinds of fault: {kinds}.",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="the first seed (drawn when it is not given)")
    parser.add_argument("--seeds", type=_count, metavar="N", help=f"how many seeds ({USUAL_SEEDS})")
    parser.add_argument(
        "--payments", type=_count, default=USUAL_PAYMENTS, metavar="N", help="payments of one play (50)"
    )
    parser.add_argument(
        "--faults", type=_kinds, default=tuple(Kind), metavar="KIND,...", help="all, none, or some of them"
    )
    parser.add_argument("--rate", type=float, default=USUAL_RATE, metavar="R", help="faults for each payment (0.25)")
    parser.add_argument("--seconds", type=float, metavar="S", help="play on for so long, whatever --seeds says")
    parser.add_argument("--story", metavar="FILE", help="play one story that was kept")
    parser.add_argument("--keep", metavar="FILE", help="keep the shortest story of the first failure")
    parser.add_argument("--go-on", action="store_true", help="play the other seeds too after a failure")
    parser.add_argument("--whole", action="store_true", help="do not look for a shorter story")
    parser.add_argument("--json", action="store_true", help="say the result as JSON")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _kinds(text: str) -> tuple[Kind, ...]:
    if text in ("all", "none"):
        return tuple(Kind) if text == "all" else ()
    try:
        return tuple(Kind(name.strip()) for name in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be all, none or some of {','.join(kind.value for kind in Kind)}"
        ) from None


@dataclass(frozen=True, slots=True)
class _Plans:
    """What is played: one story, or seed after seed."""

    story: Plan | None
    first: int
    count: int | None

    def at(self, place: int, wanted: argparse.Namespace) -> Plan | None:
        """The plan at a place, counted from 0; None after the last."""
        if self.story is not None:
            return self.story if place == 0 else None
        if self.count is not None and place >= self.count:
            return None
        return make_plan(self.first + place, wanted.payments, wanted.faults, wanted.rate)


def _plans(wanted: argparse.Namespace) -> _Plans:
    if wanted.story:
        return _Plans(loads(Path(wanted.story).read_text(encoding="utf-8")), 0, 1)
    first = random.SystemRandom().randrange(HIGHEST_SEED) if wanted.seed is None else wanted.seed
    count = wanted.seeds or (1 if wanted.seed is not None else USUAL_SEEDS)
    return _Plans(None, first, None if wanted.seconds else count)


def _play_all(plans: _Plans, playing: Play, wanted: argparse.Namespace, sums: Sums) -> None:
    began = told = time.monotonic()
    while (plan := plans.at(sums.seeds, wanted)) is not None:
        report = playing(plan)
        sums.add(report)
        now = time.monotonic()
        if now - told >= TELL_EVERY_S:
            told = now
            print(f"seed {plan.seed}: {sums}", file=sys.stderr, flush=True)
        if report.broken:
            _tell(report, playing, wanted, sums)
            if not wanted.go_on:
                return
        if wanted.seconds and now - began >= wanted.seconds:
            return


def _tell(report: Report, playing: Play, wanted: argparse.Namespace, sums: Sums) -> None:
    """A failure: its seed, what does not hold, and the shortest story that still fails."""
    seed = report.plan.seed
    print(f"seed {seed}: {len(report.broken)} things do not hold", file=sys.stderr, flush=True)
    if not wanted.whole:
        print("looking for a shorter story ...", file=sys.stderr, flush=True)
        report = playing(shorten(report.plan, lambda plan: playing(plan).broken))
    words = in_words(report.plan)
    again = f"xiaopos simulate --seed {seed} --payments {wanted.payments} --faults {_named(wanted.faults)} --rate {wanted.rate}"
    if wanted.keep and not sums.failed:
        Path(wanted.keep).write_text(dumps(report.plan), encoding="utf-8")
    sums.failed.append({"seed": seed, "broken": list(report.broken), "story": words, "again": again})
    if not wanted.json:
        print("\n".join([f"Seed {seed}. The shortest story that was found:", *(f"  {line}" for line in words)]))
        print("\n".join(["What does not hold:", *(f"  {line}." for line in report.broken)]))
        print(f"The whole play again: {again}")
        if wanted.keep:
            print(f"The story is kept in {wanted.keep}; play it with: xiaopos simulate --story {wanted.keep}")


def _named(kinds: tuple[Kind, ...]) -> str:
    return "all" if kinds == tuple(Kind) else ",".join(kind.value for kind in kinds) or "none"


def _cannot(text: str) -> int:
    print(f"xiaopos: {text}", file=sys.stderr)
    return 2
