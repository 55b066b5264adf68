"""An endpoint's rules: which addresses may be told, how often, and what may be asked for."""

from __future__ import annotations

import ipaddress

import pytest

from xiaopos.merchants.webhooks import (
    CHOSEN,
    ENDPOINT_LIFE,
    EndpointEvent,
    EndpointState,
    EventType,
    UrlFault,
    literal,
    may_reach,
    pause_after,
    read_events,
    rest_after,
    url_fault,
)

HOOK = "https://shop.example.com/hooks/xiaopos?key=1"


@pytest.mark.parametrize(
    ("url", "production", "demo"),
    [
        (HOOK, None, None),
        ("https://shop.example.com", None, None),
        ("https://93.184.216.34:8443/x", None, None),
        ("https://[2606:2800:220:1::1]/x", None, None),
        ("http://shop.example.com/x", UrlFault.NOT_HTTPS, UrlFault.NOT_HTTPS),
        ("http://127.0.0.1:9000/x", UrlFault.INSIDE, None),
        ("http://localhost:9000/x", UrlFault.INSIDE, None),
        ("http://[::1]:9000/x", UrlFault.INSIDE, None),
        ("https://10.0.0.7/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://192.168.1.1/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://169.254.169.254/latest/meta-data", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://[fd00::1]/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://[::ffff:10.0.0.1]/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://printer.local/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://intranet/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://2130706433/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://127.1/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://0x7f.0x1/x", UrlFault.INSIDE, UrlFault.INSIDE),
        ("https://printer.local./x", UrlFault.NO_URL, UrlFault.NO_URL),
        ("https://lin:secret@shop.example.com/x", UrlFault.NO_URL, UrlFault.NO_URL),
        ("https://shop.example.com/x#part", UrlFault.NO_URL, UrlFault.NO_URL),
        ("https://shop.example.com/x y", UrlFault.NO_URL, UrlFault.NO_URL),
        ("https://shop.example.com/x\r\nHost: inside", UrlFault.NO_URL, UrlFault.NO_URL),
        ("https://shop.example.com:99999/x", UrlFault.NO_URL, UrlFault.NO_URL),
        ("https://[dead]/x", UrlFault.NO_URL, UrlFault.NO_URL),
        ("ftp://shop.example.com/x", UrlFault.NO_URL, UrlFault.NO_URL),
        ("/x", UrlFault.NO_URL, UrlFault.NO_URL),
        ("", UrlFault.NO_URL, UrlFault.NO_URL),
        (HOOK + "x" * 500, UrlFault.NO_URL, UrlFault.NO_URL),
    ],
)
def test_only_addresses_of_the_public_network_can_be_an_endpoint(
    url: str, production: UrlFault | None, demo: UrlFault | None
) -> None:
    assert url_fault(url, demo=False) is production
    assert url_fault(url, demo=True) is demo


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:192.168.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:a00:1::1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("fd12:3456::1", False),
        ("ff02::1", False),
    ],
)
def test_the_house_connects_to_the_public_network_only(address: str, reachable: bool) -> None:
    assert may_reach(ipaddress.ip_address(address), demo=False) is reachable


def test_a_demo_reaches_its_own_machine_and_nothing_else_inside() -> None:
    assert may_reach(ipaddress.ip_address("127.0.0.1"), demo=True)
    assert may_reach(ipaddress.ip_address("::1"), demo=True)
    assert not may_reach(ipaddress.ip_address("10.0.0.1"), demo=True)


def test_a_host_is_an_address_or_a_name() -> None:
    assert literal("10.0.0.1") == ipaddress.ip_address("10.0.0.1")
    assert literal("shop.example.com") is None


def test_pauses_grow_and_rests_are_bounded() -> None:
    pauses = [pause_after(tries, 0).total_seconds() for tries in range(1, 20)]
    assert pauses == sorted(pauses)
    assert sum(pauses[:17]) > 72 * 3600 > sum(pauses[:8])
    assert pause_after(1, 1).total_seconds() == pytest.approx(6)
    assert rest_after(2).total_seconds() == 0
    assert rest_after(100).total_seconds() == 600


def test_events_are_chosen_by_their_words() -> None:
    assert read_events([kind.value for kind in CHOSEN]) == frozenset(CHOSEN)
    assert read_events(["payment.approved"]) == frozenset({EventType.PAYMENT_APPROVED})
    assert read_events([]) is None
    assert read_events(["payment.approved", "everything"]) is None
    assert read_events(["test"]) is None


def test_what_was_removed_stays_removed() -> None:
    for event in EndpointEvent:
        assert not ENDPOINT_LIFE.allows(EndpointState.REMOVED, event)
