"""A server that is told of payments: it checks who speaks, takes each event once, and keeps the newest of each payment.

Nothing but Python's standard library. Start it with the secret that the portal showed:

    XIAOPOS_WEBHOOK_SECRET=whsec_... python webhook_receiver.py 9000 events.sqlite3

Put a web server with HTTPS in front of it, and enter that address in the portal.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOLERANCE_S = 300  # a message that was signed longer ago, or in the future, may be a replay
LONGEST = 65_536


def is_authentic(headers, body: bytes, secrets: list[str]) -> bool:
    """Whether the message is signed with one of our secrets (two while a secret is being renewed), and was signed just now."""
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    signed = f"{event_id}.{timestamp}.".encode() + body  # the bytes as they came, never a parsed and rewritten body
    expected = [
        base64.b64encode(hmac.digest(base64.b64decode(each.removeprefix("whsec_")), signed, hashlib.sha256))
        for each in secrets
    ]
    for signature in headers.get("webhook-signature", "").split():
        version, _, value = signature.partition(",")
        if version == "v1" and any(hmac.compare_digest(value.encode(), one) for one in expected):
            return True
    return False


class Events:
    """What was told, in a file: each event once, and of each payment what its newest version said."""

    def __init__(self, path: str) -> None:
        self.file = sqlite3.connect(path)
        self.file.execute("CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, body TEXT)")
        self.file.execute(
            "CREATE TABLE IF NOT EXISTS payment (id TEXT PRIMARY KEY, version INT, state TEXT, refunded INT)"
        )

    def take(self, event_id: str, body: bytes) -> bool:
        """Keep an event; False when it was told before. One transaction: a crash leaves all of it or nothing."""
        message = json.loads(body)
        with self.file:
            new = self.file.execute("INSERT OR IGNORE INTO event VALUES (?, ?)", (event_id, body.decode())).rowcount
            if not new:
                return False  # told again because our first answer got lost: it is done already
            data = message["data"]
            if "payment_id" in data:  # messages may overtake each other: the higher version is the newer truth
                self.file.execute(
                    "INSERT INTO payment VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version, "
                    "state = excluded.state, refunded = excluded.refunded WHERE excluded.version > payment.version",
                    (data["payment_id"], data["version"], data["state"], data["refunded_minor"]),
                )
        print(message["sequence"], message["type"], event_id, flush=True)
        return True


class Door(BaseHTTPRequestHandler):
    """One request."""

    timeout = 10

    def do_POST(self) -> None:
        """Any 2xx says that we have it; anything else, and it is told again."""
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LONGEST:
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_authentic(self.headers, body, self.server.secrets):
            return self.answer(401)
        self.server.events.take(self.headers["webhook-id"], body)
        return self.answer(204)

    def answer(self, status: int) -> None:
        """An answer without a body."""
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args) -> None:
        """Events are printed instead."""


def main() -> None:
    """Serve until told to stop."""
    port, path = int(sys.argv[1]), sys.argv[2]
    server = HTTPServer(("127.0.0.1", port), Door)
    server.secrets = os.environ["XIAOPOS_WEBHOOK_SECRET"].split()
    server.events = Events(path)
    print("listening on", server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
