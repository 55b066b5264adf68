"""Logs as one JSON object a line, with nothing sensitive in them.

What may live here: setting structlog and the standard library's logging up, and the step that hides what must not be seen.
What may not: what is logged.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from xiaopos.kernel.secret import luhn_ok, mask_pan

SENSITIVE = re.compile(r"pan|track|pin|cvv|secret|password|key|token|payer_code|auth_code|cookie", re.IGNORECASE)
"""Names whose values never stand in a log, wherever the word occurs in them."""
HARMLESS = frozenset({"span", "pinned", "keys_kept"})
_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9]{12,19}(?![0-9A-Za-z])")
HIDDEN = "[hidden]"


def _like_a_card(digits: str) -> bool:
    return len(digits) >= 13 and (luhn_ok(digits) or digits.startswith(("62", "4", "5", "3")))


def hide_in_text(text: str) -> str:
    """Text with everything that may be a card number or a payment code masked.

    >>> hide_in_text("card 6225561620345170 asked"), hide_in_text("rrn 632700000001")
    ('card 622556******5170 asked', 'rrn 632700000001')
    """
    return _DIGITS.sub(lambda found: mask_pan(found[0]) if _like_a_card(found[0]) else _code(found[0]), text)


def _code(digits: str) -> str:
    return f"{digits[:2]}{'*' * (len(digits) - 6)}{digits[-4:]}" if len(digits) >= 16 else digits


def _hidden(name: str, value: Any) -> Any:
    if SENSITIVE.search(name) and name not in HARMLESS:
        return HIDDEN
    if isinstance(value, str):
        return hide_in_text(value)
    if isinstance(value, Mapping):
        return {inner: _hidden(str(inner), held) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", held) for held in value]
    return value


def hide(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ARG001 - structlog's signature
    """A step of structlog's: hide what must not be seen, by name and by form."""
    for name in list(event):
        event[name] = _hidden(name, event[name])
    return event


def configure_logging(level: str = "info") -> None:
    """Set logging up for this process: JSON lines on standard error, the standard library's logging through the same steps."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
