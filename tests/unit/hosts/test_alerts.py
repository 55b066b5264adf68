"""The alert rules name metrics that there are, and tell a person what to do."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import REGISTRY

import xiaopos.gateways.card_networks
import xiaopos.gateways.wallet_line
import xiaopos.hosts.card_desk
import xiaopos.hosts.card_host
import xiaopos.hosts.worker
import xiaopos.usecases.recover_payments  # noqa: F401 - the modules register their metrics

RULES = (Path(__file__).parents[3] / "docs" / "operating" / "alerts.yml").read_text(encoding="utf-8")
SUFFIXES = ("", "_total", "_bucket", "_count", "_sum")


def test_every_metric_in_a_rule_is_exported() -> None:
    exported = {f"{family.name}{suffix}" for family in REGISTRY.collect() for suffix in SUFFIXES}
    named = set(re.findall(r"\bxiaopos_[a-z_]+", RULES))
    assert len(named) >= 8
    assert named <= exported


def test_every_rule_says_what_happened_and_what_to_do() -> None:
    rules = RULES.split("- alert: ")[1:]
    assert len(rules) >= 9
    for rule in rules:
        assert re.search(r"\n {8}expr: ", rule), rule
        assert re.search(r'\n {10}summary: "[^"]{10,}\."\n {10}then: "[^"]{20,}\."', rule), rule
