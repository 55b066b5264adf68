"""Advice on devices (选机建议): from what a merchant needs to models in order, with what speaks for and against each.

What may live here: the needs, judging a model point by point, the order, what would have to give when nothing fits. What may not:
the rules' numbers (advice_rules), the models (catalogue), words (web), storage.

A point that is not asked for is not looked at. One that a device meets earns its weight, one that it fails earns nothing, and
rules it out where the rules say so; nothing is ever taken away for what a device can do besides. So a device that can do less
never stands higher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from xiaopos.fleet.advice_rules import AdviceRules, Point
from xiaopos.fleet.catalogue import Capability, DeviceModel

LARGE_SCREEN = 35
"""Tenths of an inch from which a screen can be read across a counter."""
HIGHEST_MINOR = 10**12


class Way(Enum):
    """How customers pay."""

    CARDS = "cards"
    CONTACTLESS = "contactless"
    STRIPE = "stripe"
    PAYER_CODES = "payer_codes"
    SHOP_CODES = "shop_codes"


class Place(Enum):
    """Where money is taken."""

    COUNTER = "counter"
    TABLES = "tables"
    STALL = "stall"
    """Outdoors, on a market, in the noise of a street."""
    DOORSTEP = "doorstep"
    """At the customers' own doors."""


class Mobility(Enum):
    """How far the device is carried."""

    FIXED = "fixed"
    IN_SHOP = "in_shop"
    ON_THE_ROAD = "on_the_road"


class Line(Enum):
    """A way onto the network that there is at the place."""

    WIFI = "wifi"
    ETHERNET = "ethernet"
    MOBILE = "mobile"


class Printing(Enum):
    """Whether receipts are printed."""

    NEEDED = "needed"
    WISHED = "wished"
    NONE = "none"


class Tongue(Enum):
    """The language in which the device must speak."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a merchant says. Money in fen: `turnover_minor` a month, `budget_minor` for the device.

    `unsteady`: the line often fails.
    """

    turnover_minor: int
    ways: frozenset[Way]
    place: Place
    mobility: Mobility
    lines: frozenset[Line]
    printing: Printing
    tongue: Tongue
    budget_minor: int
    unsteady: bool = False


class NeedsFault(Enum):
    """What is wrong with needs, in the order of a form."""

    TURNOVER = "turnover"
    WAYS = "ways"
    LINES = "lines"
    BUDGET = "budget"


def fault_of(needs: Needs) -> NeedsFault | None:
    """The first thing that cannot be meant."""
    faults = {
        NeedsFault.TURNOVER: not 0 <= needs.turnover_minor <= HIGHEST_MINOR,
        NeedsFault.WAYS: not needs.ways,
        NeedsFault.LINES: not needs.lines,
        NeedsFault.BUDGET: not 0 < needs.budget_minor <= HIGHEST_MINOR,
    }
    return next((fault for fault, there in faults.items() if there), None)


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for or against a model: the point, whether it is met, what it earned of what it could, and what was compared.

    `has` and `asked` are numbers where there are any: fen for money, days for a certificate, tenths of an inch for a screen, and
    how many ways onto the network. `rules_out`: a device that fails this is not advised.
    """

    point: Point
    met: bool
    earned: int
    weight: int
    rules_out: bool
    has: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True)
class Advised:
    """A model as it was judged. `share` is what it earned of all it could, in hundredths; `rank` from 1, 0 when ruled out."""

    model: DeviceModel
    grounds: tuple[Ground, ...]
    rank: int = 0

    @property
    def earned(self) -> int:
        """All that it earned."""
        return sum(ground.earned for ground in self.grounds)

    @property
    def share(self) -> int:
        """What it earned of all it could, in hundredths, rounded down."""
        most = sum(ground.weight for ground in self.grounds)
        return self.earned * 100 // most if most else 100

    @property
    def speaks_for(self) -> tuple[Ground, ...]:
        """What is met, what counts most first."""
        return tuple(sorted((each for each in self.grounds if each.met), key=lambda each: -each.earned))

    @property
    def speaks_against(self) -> tuple[Ground, ...]:
        """What is not, what rules it out first."""
        missed = (each for each in self.grounds if not each.met)
        return tuple(sorted(missed, key=lambda each: (not each.rules_out, -each.weight)))

    @property
    def ruled_out_by(self) -> tuple[Ground, ...]:
        """What forbids to advise it."""
        return tuple(each for each in self.grounds if each.rules_out and not each.met)


@dataclass(frozen=True, slots=True)
class Advice:
    """What is advised, the best first, and what is ruled out, what fails least first: there stands what would have to give."""

    advised: tuple[Advised, ...]
    ruled_out: tuple[Advised, ...]

    @property
    def nearest(self) -> tuple[Advised, ...]:
        """Where nothing fits: the models that fail least. Empty while something is advised."""
        if self.advised or not self.ruled_out:
            return ()
        fewest = len(self.ruled_out[0].ruled_out_by)
        return tuple(each for each in self.ruled_out if len(each.ruled_out_by) == fewest)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one point found."""

    met: bool
    has: int = 0
    asked: int = 0


def advise(needs: Needs, models: Iterable[DeviceModel], rules: AdviceRules, on: date) -> Advice:
    """Judge every model. Of two that earned as much the cheaper stands first, then the one whose name does."""
    judged = [judge(needs, model, rules, on) for model in models]
    fit = sorted((each for each in judged if not each.ruled_out_by), key=_better)
    unfit = sorted((each for each in judged if each.ruled_out_by), key=lambda each: (_failed(each), *_better(each)))
    ranked = tuple(Advised(each.model, each.grounds, rank) for rank, each in enumerate(fit, 1))
    return Advice(ranked, tuple(unfit))


def _better(judged: Advised) -> tuple[int, int, str]:
    return -judged.earned, judged.model.price_minor, judged.model.key


def _failed(judged: Advised) -> int:
    return len(judged.ruled_out_by)


def judge(needs: Needs, model: DeviceModel, rules: AdviceRules, on: date) -> Advised:
    """Look at every point that is asked for."""
    grounds = []
    for point, seen in _points(needs, model, rules, on).items():
        rule = rules.rules[point]
        earned = _left_of_budget(needs, model, rule.weight) if point is Point.CHEAP else rule.weight * seen.met
        out = rule.must or (point is Point.PRINTER and needs.printing is Printing.NEEDED)
        grounds.append(Ground(point, seen.met, earned, rule.weight, out, seen.has, seen.asked))
    return Advised(model, tuple(grounds))


def _left_of_budget(needs: Needs, model: DeviceModel, weight: int) -> int:
    return weight * max(0, needs.budget_minor - model.price_minor) // needs.budget_minor


def _points(needs: Needs, model: DeviceModel, rules: AdviceRules, on: date) -> Mapping[Point, _Seen]:
    """The points that are asked for, in the order of Point."""
    days_left = (model.certificate_until - on) // timedelta(days=1)
    lines = len(needs.lines & _lines_of(model))
    found = {
        Point.CERTIFICATE: _Seen(days_left >= rules.certificate_days, max(0, days_left), rules.certificate_days),
        Point.CONNECTION: _Seen(lines > 0, lines, 1),
        **{Point(way.value): _Seen(can(model)) for way, can in _WAYS.items() if way in needs.ways},
        **_about_the_place(needs, model),
        Point.LANGUAGE: _Seen(needs.tongue.value in model.languages),
        Point.BUDGET: _Seen(model.price_minor <= needs.budget_minor, model.price_minor, needs.budget_minor),
        Point.CHEAP: _Seen(model.price_minor < needs.budget_minor, needs.budget_minor - model.price_minor),
    }
    if needs.printing is not Printing.NONE:
        found[Point.PRINTER] = _Seen(model.has(Capability.PRINTER))
    if len(needs.lines) > 1:
        found[Point.SECOND_LINE] = _Seen(lines > 1, lines, 2)
    if needs.unsteady and not needs.ways.isdisjoint({Way.CARDS, Way.CONTACTLESS}):
        found[Point.OFFLINE] = _Seen(model.has(Capability.OFFLINE))
    if needs.turnover_minor >= rules.busy_from_minor:
        if Way.PAYER_CODES in needs.ways:
            found[Point.FAST_SCAN] = _Seen(model.has(Capability.SCAN_ENGINE))
        found[Point.LARGE_SCREEN] = _Seen(model.screen >= LARGE_SCREEN, model.screen, LARGE_SCREEN)
    return {point: found[point] for point in Point if point in found}


def _about_the_place(needs: Needs, model: DeviceModel) -> Mapping[Point, _Seen]:
    found = {}
    if needs.mobility is not Mobility.FIXED or needs.place in (Place.STALL, Place.DOORSTEP):
        found[Point.MOBILE] = _Seen(model.has(Capability.BATTERY))
    if needs.mobility is Mobility.ON_THE_ROAD or needs.place is Place.DOORSTEP:
        found[Point.ON_THE_ROAD] = _Seen(model.has(Capability.MOBILE_4G))
    if needs.place in (Place.STALL, Place.COUNTER) and not needs.ways.isdisjoint({Way.PAYER_CODES, Way.SHOP_CODES}):
        found[Point.LOUD] = _Seen(model.has(Capability.SPEAKER))
    return found


_WAYS: Mapping[Way, Callable[[DeviceModel], bool]] = {
    Way.CARDS: lambda model: model.has(Capability.CHIP) and model.takes_pins,
    Way.CONTACTLESS: lambda model: model.has(Capability.CONTACTLESS),
    Way.STRIPE: lambda model: model.has(Capability.STRIPE),
    Way.PAYER_CODES: lambda model: model.scans,
    Way.SHOP_CODES: lambda model: model.has(Capability.SHOWS_CODE),
}


def _lines_of(model: DeviceModel) -> frozenset[Line]:
    """The ways onto the network that a model has. An old mobile network (GPRS) is none: it is being switched off."""
    carried = {Line.WIFI: Capability.WIFI, Line.ETHERNET: Capability.ETHERNET, Line.MOBILE: Capability.MOBILE_4G}
    return frozenset(line for line, capability in carried.items() if model.has(capability))


def what_gives(judged: Sequence[Advised]) -> tuple[Ground, ...]:
    """What would have to give for one of these models: each point once, with the smallest step where it has a number."""
    steps: dict[Point, Ground] = {}
    for each in judged:
        for ground in each.ruled_out_by:
            known = steps.get(ground.point)
            if known is None or abs(ground.has - ground.asked) < abs(known.has - known.asked):
                steps[ground.point] = ground
    return tuple(steps[point] for point in Point if point in steps)
