"""How every process writes its log: one JSON object a line, on standard error, nothing sensitive in it.

What may live here: the shape of a line, and the last guard against card numbers. What may not: what is worth a line.

Card numbers, tracks, PINs, keys and payment codes are kept out of log calls where they are made. The guard here catches
what slips through all the same, mostly in the texts of exceptions: every long run of digits is masked. Local variables
are never written.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from xiaopos.kernel.secret import luhn_ok

_LONG = re.compile(r"(?<![0-9A-Za-z])(?P<digits>\d{13,})(?:[=D]\d*)?")
_ALWAYS_MASKED = 16
"""Shorter runs are merchant numbers (15 digits) more often than card numbers: those are masked when Luhn's digit fits."""


def masked(text: str) -> str:
    """The text without anything that could be a card number, a track or a payment code; hexadecimal ids stay.

    >>> masked("card 6200000000000000018D3012, merchant 898110058120001, id 0198f00000000000000000000000000a")
    'card [19 digits], merchant 898110058120001, id 0198f00000000000000000000000000a'
    """
    return _LONG.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    digits = found["digits"]
    return f"[{len(digits)} digits]" if len(digits) >= _ALWAYS_MASKED or luhn_ok(digits) else found.group()


def _guard(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: _guarded(value) for name, value in event.items()}


def _guarded(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < 10**12:
        return value
    return masked(value if isinstance(value, str) else str(value))


def configure_logging(level: str = "info") -> None:
    """Set this process's logs up: ours (structlog) and the libraries' (logging) in the same shape."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _guard,
            structlog.processors.JSONRenderer(serializer=json.dumps, ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # The pretend servers' access logs hold paths with identifiers of customers, and nobody reads them.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
