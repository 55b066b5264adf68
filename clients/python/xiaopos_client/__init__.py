"""Takes payments through the REST API of 小POS from a cash register. What may not live here: anything but the names to use."""

from xiaopos_client.calls import Client
from xiaopos_client.ids import make_id
from xiaopos_client.problems import (
    Conflict,
    KeyRefused,
    MoneyMoved,
    NotFound,
    NotTaken,
    Problem,
    ServiceTrouble,
    TooFast,
    Unreachable,
    WrongField,
    WrongRequest,
)
from xiaopos_client.transport import Answer, HttpTransport, Transport
from xiaopos_client.values import Page, Payment, Why

__all__ = [
    "Answer",
    "Client",
    "Conflict",
    "HttpTransport",
    "KeyRefused",
    "MoneyMoved",
    "NotFound",
    "NotTaken",
    "Page",
    "Payment",
    "Problem",
    "ServiceTrouble",
    "TooFast",
    "Transport",
    "Unreachable",
    "Why",
    "WrongField",
    "WrongRequest",
    "make_id",
]
