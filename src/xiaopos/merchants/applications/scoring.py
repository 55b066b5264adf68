"""How risky an application looks by what it says itself: the points of its category and of what the checks found.

What may live here: that sum, and putting several views of risk together. What may not: other views (risk's), deciding: people do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xiaopos.merchants.applications.checks import Finding
from xiaopos.merchants.applications.rulebook import RuleBook

HIGHEST = 1000


@dataclass(frozen=True, slots=True)
class Risk:
    """A score of 0 (nothing) to 1000, and why, by the names of the reasons: for whoever reviews, never for the applicant."""

    score: int
    reasons: tuple[str, ...] = ()


def score_of(category: str, findings: Sequence[Finding], rules: RuleBook) -> Risk:
    """The risk that an application shows by itself. A finding counts once for each field."""
    known = rules.category(category)
    points = {f"category {category}": known.points} if known is not None and known.points else {}
    for finding in findings:
        worth = rules.points.get(finding.wrong.value, 0)
        if worth:
            where = finding.field.value if finding.field is not None else "start"
            points[f"{finding.wrong.value} {where}"] = worth
    return Risk(min(HIGHEST, sum(points.values())), tuple(points))


def together(views: Iterable[Risk]) -> Risk:
    """Several views of the same application: the highest score, every reason once."""
    seen = list(views)
    reasons = dict.fromkeys(reason for view in seen for reason in view.reasons)
    return Risk(max((view.score for view in seen), default=0), tuple(reasons))
