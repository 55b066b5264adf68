"""A merchant's webhooks (事件通知): what is told, an endpoint's life, how often it is tried, which addresses may be reached.

What may live here: those tables and rules. What may not: storage, sockets and names' resolution (gateways), words (web).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from datetime import timedelta
from enum import Enum

from xiaopos.kernel.machine import Machine

TOLD_FOR = timedelta(days=3)
"""For so long an event is tried, counted from when it was first to be told, or was asked to be told again."""

OVERLAP = timedelta(hours=24)
"""After a secret was renewed, both sign for so long."""

MOST_ENDPOINTS = 10
"""Endpoints of one merchant."""

LONGEST_URL = 500


class EventType(Enum):
    """What a merchant can be told of. A refund and a void are payments of their own; what they do to the payment that they
    follow is told of that payment."""

    PAYMENT_CONFIRMING = "payment.confirming"
    """The customer is asked to confirm on the phone."""
    PAYMENT_APPROVED = "payment.approved"
    PAYMENT_DECLINED = "payment.declined"
    PAYMENT_UNKNOWN = "payment.unknown"
    """No answer yet: the machine finds out, then tells what it found."""
    PAYMENT_REVERSED = "payment.reversed"
    """Undone by machine: no money was taken."""
    PAYMENT_UNRESOLVED = "payment.unresolved"
    """Could not be undone so far; people of the house look after it."""
    PAYMENT_VOIDED = "payment.voided"
    PAYMENT_COMPLETED = "payment.completed"
    """What a pre-authorisation held was taken; the completion tells its amount."""
    PAYMENT_REFUNDED = "payment.refunded"
    """All or part was paid back; `refunded_minor` says how much so far."""
    PAYMENT_RESTORED = "payment.restored"
    """What undid it was undone itself: it stands."""
    REFUND_APPROVED = "refund.approved"
    REFUND_DECLINED = "refund.declined"
    REFUND_UNKNOWN = "refund.unknown"
    REFUND_REVERSED = "refund.reversed"
    REFUND_UNRESOLVED = "refund.unresolved"
    VOID_APPROVED = "void.approved"
    VOID_DECLINED = "void.declined"
    VOID_UNKNOWN = "void.unknown"
    VOID_REVERSED = "void.reversed"
    VOID_UNRESOLVED = "void.unresolved"
    BATCH_CLOSED = "batch.closed"
    """A terminal's batch was closed (批结算)."""
    TEST = "test"
    """Sent from the portal; every endpoint takes it."""


CHOSEN: tuple[EventType, ...] = tuple(kind for kind in EventType if kind is not EventType.TEST)
"""What an endpoint can ask for."""


class EndpointState(Enum):
    """Where an endpoint is in its life."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Its owner stopped it: events wait, for as long as they are told."""
    DISABLED = "disabled"
    """The house stopped it because it did not answer; nothing is kept for it until its owner starts it again."""
    REMOVED = "removed"


class EndpointEvent(Enum):
    """What happens to an endpoint."""

    PAUSE = "pause"
    RESUME = "resume"
    GIVE_UP = "give_up"
    REMOVE = "remove"


_S, _E = EndpointState, EndpointEvent

ENDPOINT_LIFE: Machine[EndpointState, EndpointEvent] = Machine(
    "webhook_endpoint",
    starts=_S.ACTIVE,
    table={
        (_S.ACTIVE, _E.PAUSE): _S.PAUSED,
        (_S.PAUSED, _E.RESUME): _S.ACTIVE,
        (_S.ACTIVE, _E.GIVE_UP): _S.DISABLED,
        (_S.DISABLED, _E.RESUME): _S.ACTIVE,
        (_S.ACTIVE, _E.REMOVE): _S.REMOVED,
        (_S.PAUSED, _E.REMOVE): _S.REMOVED,
        (_S.DISABLED, _E.REMOVE): _S.REMOVED,
    },
)

LISTENING: frozenset[EndpointState] = frozenset({_S.ACTIVE, _S.PAUSED})
"""The states in which events are kept for an endpoint."""


class DeliveryState(Enum):
    """Where the telling of one event to one endpoint stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Outcome(Enum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    """Answered with 2xx."""
    REFUSED = "refused"
    """Answered with something else."""
    REDIRECTED = "redirected"
    """Answered with 3xx, which is not followed."""
    GONE = "gone"
    """Answered with 410: it wants no more."""
    TOO_SLOW = "too_slow"
    NOT_CONNECTED = "not_connected"
    NOT_TRUSTED = "not_trusted"
    """The certificate is not one that this machine trusts for that name."""
    NAME_UNKNOWN = "name_unknown"
    ADDRESS_FORBIDDEN = "address_forbidden"
    """The name leads into a network that is not the public one."""
    BROKEN_OFF = "broken_off"
    """The connection broke, or what came back was no HTTP."""


_PAUSES_S = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400)
_LONGEST_S = 28_800


def pause_after(tries: int, chance: float) -> timedelta:
    """How long to wait after so many tries (1 is the first), with up to 20 % on top by `chance` from 0 to 1.

    >>> [pause_after(tries, 0).total_seconds() for tries in (1, 2, 8, 9, 50)]
    [5.0, 30.0, 14400.0, 28800.0, 28800.0]
    """
    steady = _PAUSES_S[tries - 1] if tries <= len(_PAUSES_S) else _LONGEST_S
    return timedelta(seconds=steady * (1 + 0.2 * chance))


_FAILURES_BEFORE_REST = 3
_REST_MOST_S = 600


def rest_after(failures: int) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row: what waits for it is not tried one by one.

    >>> [rest_after(failures).total_seconds() for failures in (1, 2, 3, 4, 30)]
    [0.0, 0.0, 5.0, 10.0, 600.0]
    """
    doublings = min(failures - _FAILURES_BEFORE_REST, 12)
    return timedelta(seconds=min(5 * 2**doublings, _REST_MOST_S) if doublings >= 0 else 0)


_URL = re.compile(
    r"(?P<scheme>https?)://(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?))"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?:/[\x21-\x22\x24-\x7e]*)?",
    re.ASCII,
)
_INSIDE = (".local", ".internal", ".localhost", ".lan", ".home.arpa", ".intranet", ".corp")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UrlFault(Enum):
    """What is wrong with an endpoint's address."""

    NO_URL = "no_url"
    """Not an absolute http or https address; with a name and password, a fragment, blanks, or too long."""
    NOT_HTTPS = "not_https"
    INSIDE = "inside"
    """It leads into a network that is not the public one."""


def url_fault(url: str, *, demo: bool) -> UrlFault | None:
    """Why an address cannot be an endpoint's. Production: https to the public network. A demo also: anything on this machine."""
    found = _URL.fullmatch(url)
    if found is None or len(url) > LONGEST_URL or int(found["port"] or 1) > 65_535:
        return UrlFault.NO_URL
    host = (found["six"] or found["name"]).lower().rstrip(".")
    address = literal(host)
    if found["six"] and address is None:
        return UrlFault.NO_URL
    here = host == "localhost" or (address is not None and address.is_loopback)
    if demo and here:
        return None
    if here or host.endswith(_INSIDE) or (address is None and _is_local_name(host)):
        return UrlFault.INSIDE
    if address is not None and not may_reach(address, demo=demo):
        return UrlFault.INSIDE
    return None if found["scheme"] == "https" else UrlFault.NOT_HTTPS


def _is_local_name(host: str) -> bool:
    """A name without a dot, or one that ends in a number: some libraries take the latter for an IPv4 address in disguise."""
    last = host.rpartition(".")[2]
    return "." not in host or last.isdigit() or last.startswith("0x")


def literal(host: str) -> Address | None:
    """The address, where a host is one and no name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


_EMBEDDING = (
    (ipaddress.ip_network("64:ff9b::/96"), 0),
    (ipaddress.ip_network("2002::/16"), 80),
    (ipaddress.ip_network("::/96"), 0),
)
"""IPv6 networks whose addresses carry an IPv4 one, so many bits from their end (RFC 6052, 3056, 4291)."""


def may_reach(address: Address, *, demo: bool) -> bool:
    """Whether the house may connect to an address on a merchant's behalf: one of the public network only, or loopback in a demo.

    >>> [may_reach(ipaddress.ip_address(each), demo=False) for each in ("93.184.216.34", "10.0.0.1", "::ffff:127.0.0.1")]
    [True, False, False]
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is not None:
            return may_reach(inner, demo=demo)
        if address.teredo is not None:
            return False
    if address.is_loopback:
        return demo
    if not address.is_global or address.is_multicast or (address.is_reserved and address.version == 4):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if getattr(address, "is_site_local", False):
            return False
        for network, shift in _EMBEDDING:
            if address in network:
                return may_reach(ipaddress.IPv4Address(int(address) >> shift & 0xFFFF_FFFF), demo=False)
    return True


def read_events(words: Iterable[str]) -> frozenset[EventType] | None:
    """The events that were chosen; None when a word is none of them, or nothing was chosen."""
    chosen = list(words)
    known = {kind.value: kind for kind in CHOSEN}
    if not chosen or any(word not in known for word in chosen):
        return None
    return frozenset(known[word] for word in chosen)
