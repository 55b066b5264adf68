"""Which card networks there are and which cards go where, from the environment alone or from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiaopos.deployment import WrongSetting, read_deployment
from xiaopos.keys.suites import NETWORK_SUITES
from xiaopos.network_plan import NetworkPlace, NetworkPlan, plan_of, read_plan
from xiaopos.payments.payment import CardKind
from xiaopos.payments.routing import BinRow, RouteRule

DEMO = {"XIAOPOS_SECRET_KEY": "s" * 40, "XIAOPOS_MASTER_KEY": "ab" * 32}
TWO = """
[[network]]
name = "unionpay"
address = "10.0.0.7:8600"

[[network]]
name = "spare"
address = "10.0.0.8:8601"
suite = "gm"
key = "spare_zmk"
acquirer = "48029999"

[[bin]]
prefix = "622202"
kind = "debit"
digits = 19

[[route]]
networks = ["spare", "unionpay"]
prefixes = ["62"]
kinds = ["debit"]

[[route]]
networks = ["unionpay"]
"""


def test_without_a_file_there_is_one_network_for_every_card() -> None:
    plan = plan_of(read_deployment(DEMO | {"XIAOPOS_NETWORK_ADDRESS": "10.0.0.7:8600", "XIAOPOS_NETWORK_SUITE": "gm"}))
    place = NetworkPlace("unionpay", "10.0.0.7", 8600, NETWORK_SUITES["gm"], "network_zmk", "48020000")
    assert plan == NetworkPlan((place,), (RouteRule(("unionpay",)),))


def test_a_file_names_networks_kinds_of_cards_and_ways(tmp_path: Path) -> None:
    file = tmp_path / "networks.toml"
    file.write_text(TWO)
    plan = plan_of(read_deployment(DEMO | {"XIAOPOS_NETWORKS": str(file), "XIAOPOS_ACQUIRER_ID": "48021111"}))
    assert plan.networks == (
        NetworkPlace("unionpay", "10.0.0.7", 8600, NETWORK_SUITES["tdes"], "network_zmk", "48021111"),
        NetworkPlace("spare", "10.0.0.8", 8601, NETWORK_SUITES["gm"], "spare_zmk", "48029999"),
    )
    assert plan.rules == (
        RouteRule(("spare", "unionpay"), ("62",), frozenset({CardKind.DEBIT})),
        RouteRule(("unionpay",)),
    )
    assert plan.bins == (BinRow("622202", CardKind.DEBIT, 19),)


def test_without_rules_every_card_may_go_to_every_network_in_their_order() -> None:
    text = TWO[: TWO.index("[[bin]]")]
    assert read_plan(text, acquirer="48020000").rules == (RouteRule(("unionpay", "spare")),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[network]]", "[[network", "no TOML"),
        ("[[network]]", "[[netz]]", "at least one"),
        ('name = "spare"', 'name = "unionpay"', "a name of its own"),
        ("[[bin]]", "[bin]", "[[bin]] is written with two brackets"),
        ('["unionpay"]', '["nowhere"]', "names nowhere, which no [[network]] is called"),
        ('name = "spare"\n', "", "[[network]] number 2: name is missing"),
        ('"10.0.0.8:8601"', '"10.0.0.8"', "[[network]] number 2: address is HOST:PORT, not '10.0.0.8'"),
        ('"10.0.0.8:8601"', "8601", "address is a text"),
        ('"gm"', '"rot13"', "suite is tdes or gm, not 'rot13'"),
        ('acquirer = "48029999"', 'acquirer = "48029999"\ncolour = "red"', "number 2: colour is not known here"),
        ('kind = "debit"', 'kind = "gold"', "[[bin]] number 1: prefix is digits, kind is debit or credit"),
        ("digits = 19", "digits = true", "[[bin]] number 1"),
        ("digits = 19", "digits = 19\nbank = 1", "[[bin]] number 1: bank is not known here"),
        (
            'networks = ["spare", "unionpay"]',
            "networks = []",
            "[[route]] number 1: networks, prefixes and kinds are lists",
        ),
        ('prefixes = ["62"]', 'prefixes = ["6x"]', "prefixes are digits"),
        ('kinds = ["debit"]', 'kinds = ["gold"]', "kinds are debit or credit"),
        ('kinds = ["debit"]', 'kinds = ["debit"]\nfast = 1', "[[route]] number 1: fast is not known here"),
        ("\n[[network]]", "shops = 1\n[[network]]", "shops is none of [[network]], [[bin]], [[route]]"),
    ],
)
def test_nonsense_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        read_plan(TWO.replace(old, new, 1) if old != "[[network]]" or new != "[[netz]]" else "", acquirer="48020000")
    assert str(refused.value).startswith("XIAOPOS_NETWORKS: ")
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="cannot be read"):
        plan_of(read_deployment(DEMO | {"XIAOPOS_NETWORKS": str(tmp_path / "none.toml")}))
