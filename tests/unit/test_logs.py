"""Logs: one JSON object a line, and nothing in it that could be a card number, a track or a payment code."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest
import structlog

from xiaopos.logs import configure_logging, masked

CARD = "6225561620345170"
PAYER_CODE = "991234567890123456"


@pytest.fixture
def logged():
    before, handlers, level = structlog.get_config(), logging.getLogger().handlers[:], logging.getLogger().level
    written = io.StringIO()
    configure_logging()
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    assert handler.stream is sys.stderr
    handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.configure(**before)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_a_line_says_what_who_and_when(logged):
    structlog.get_logger("card_host").info("refused", reason="mac_wrong", count=3, share=0.5, none=None)
    (line,) = logged()
    assert (line["event"], line["logger"], line["level"], line["reason"]) == (
        "refused",
        "card_host",
        "info",
        "mac_wrong",
    )
    assert (line["count"], line["share"], line["none"]) == (3, 0.5, None)
    assert line["timestamp"].endswith("Z")


def test_libraries_write_the_same_lines(logged):
    logging.getLogger("somewhere").warning("card %s was seen", CARD)
    (line,) = logged()
    assert CARD not in json.dumps(line)
    assert line["event"] == "card [16 digits] was seen"


@pytest.mark.parametrize("secret", [CARD, PAYER_CODE, CARD + "D30122011234", int(CARD)])
def test_numbers_are_hidden_wherever_they_stand(logged, secret):
    log = structlog.get_logger("anything")
    log.info(f"seen {secret}", value=secret, inner={"deep": [secret]})
    try:
        raise ValueError(f"wrong: {secret}")
    except ValueError:
        log.exception("fault")
    assert str(secret)[:16] not in json.dumps(logged())


def test_our_own_numbers_stay_readable():
    text = "merchant 898110058120001 rrn 632700000001 id 0198f00000000000000000000000000a"
    assert masked(text) == text
