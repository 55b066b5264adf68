"""From a lost answer to a settled state: how long a wallet payment stays unknown, in the running demo, per kind of loss.

What may live here: losing answers, watching the payment over the API. What may not: how it is put right (the product).

Two times are told: from the request, and from the moment at which the house knows that it does not know. A request that the
wallet swallows is waited for as long as the gateway's deadline before that.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xiaopos.demo import PORTS
from xiaopos.kernel.ids import make_id

LOSSES = {
    "the answer is lost, the line drops": "drop_line",
    "the answer is lost, the line stays": "lose_answer",
    "the request is lost": "lose_request",
}
FINAL = frozenset({"approved", "declined", "reversed"})
LOOK_EVERY_S = 0.1
WITHIN_S = 120.0


@contextmanager
def _demo() -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        ports = [word for name in PORTS for word in (f"--{name}-port", "0")]
        demo = subprocess.Popen(
            [sys.executable, "-m", "xiaopos.cli", "demo", "--data", folder + "/var", "--json", *ports],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert demo.stdout is not None
            yield json.loads(demo.stdout.readline())
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)


def _asked(address: str, body: object = None, key: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(address, data, headers), timeout=60) as answer:
            told: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as refused:
        told = json.load(refused)
    return told


def _paying(told: dict[str, Any]) -> dict[str, Any]:
    """The body of a payment with a fresh code of Mei's."""
    phone = told["phone"].removesuffix("/phone")
    return {
        "payment_id": make_id(int(time.time() * 1000), os.urandom(10)), "terminal_id": "10000001",
        "amount_minor": 1250, "means": "payer_code",
        "payer_code": _asked(f"{phone}/phone/api/customers/mei/code", {})["code"],
    }  # fmt: skip


def _one(told: dict[str, Any], trouble: str) -> tuple[float, float, str]:
    """Seconds from the request and from knowing that nothing is known, and the state in the end."""
    payments = f"{told['api']}v1/payments"
    # A payment without trouble between two troubles: a wallet that never answers is given no new payments at all.
    assert _asked(payments, _paying(told), told["api_key"])["state"] == "approved"
    _asked(f"{told['phone'].removesuffix('/phone')}/control/wallet/moods", {"trouble": trouble})
    body = _paying(told)
    began = time.monotonic()
    unknown_at = None
    state = _asked(payments, body, told["api_key"]).get("state", "")
    while state not in FINAL:
        if state in ("unknown", "reversing") and unknown_at is None:
            unknown_at = time.monotonic()
        assert time.monotonic() - began < WITHIN_S, f"still {state}"
        time.sleep(LOOK_EVERY_S)
        state = _asked(f"{payments}/{body['payment_id']}", key=told["api_key"]).get("state", "")
    ended = time.monotonic()
    return ended - began, ended - (unknown_at or ended), state


def measure(rounds: int) -> list[dict[str, Any]]:
    """Each kind of loss in turn, `rounds` times."""
    whole: dict[str, list[float]] = {loss: [] for loss in LOSSES}
    known: dict[str, list[float]] = {loss: [] for loss in LOSSES}
    states: dict[str, set[str]] = {loss: set() for loss in LOSSES}
    with _demo() as told:
        for _ in range(rounds):
            for loss, trouble in LOSSES.items():
                from_request, from_unknown, state = _one(told, trouble)
                whole[loss].append(from_request)
                known[loss].append(from_unknown)
                states[loss].add(state)
    return [
        {
            "bench": "unknown", "subject": f"{loss}: {', '.join(sorted(states[loss]))}", "baseline": "", "unit": unit,
            "samples": samples[loss], "median": statistics.median(samples[loss]), "ratio_per_round": [], "ratio": None,
            "versions": {"python": sys.version.split()[0]},
        }
        for loss in LOSSES
        for unit, samples in (("s from the request", whole), ("s from not knowing", known))
    ]  # fmt: skip
