"""Whatever is installed to run the product may be used and passed on with it."""

from __future__ import annotations

import importlib.metadata
import re
from email.message import Message
from pathlib import Path
from typing import cast

import pytest
from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==\S+\s*(?:;\s*(.*?))?\s*\\?$", re.MULTILINE)
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "ISC", "LGPL-2.1-or-later", "LGPL-3.0-only", "MIT",
    "MIT-0", "MIT-CMU", "OFL-1.1", "PSF-2.0", "Unlicense", "Zlib",
}  # fmt: skip
"""LGPL only because it is linked by import and can be replaced by its user; fonts under OFL are passed on unchanged."""
SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
READ_BY_US = {
    "fido2": "BSD-2-Clause",  # MPL only for the list of public suffixes, passed on unchanged
    "qrcode": "BSD-3-Clause",  # 'proprietary' is a remark on the word QR Code, a trademark
}
"""Packages whose metadata names several licences at once, and what their licence files say."""


def licence(described: Message) -> set[str]:
    """The licences of a package: its expression, else its short licence field, else its classifiers."""
    expression = described.get("License-Expression") or ""
    if expression:
        return set(re.split(r"\s+(?:AND|OR)\s+", expression.strip("()")))
    field = (described.get("License") or "").strip()
    classifiers = [line for line in described.get_all("Classifier") or [] if line.startswith("License ::")]
    names = [line.split("::")[-1].strip() for line in classifiers] or [field]
    return {SPELLINGS.get(name, name) for name in names}


def _pins() -> list[str]:
    text = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf8")
    return [name for name, marker in PIN.findall(text) if not marker or Marker(marker).evaluate()]


@pytest.mark.parametrize("name", _pins())
def test_the_licence_is_allowed(name: str) -> None:
    described = cast("Message", importlib.metadata.metadata(name))
    found = {READ_BY_US[name]} if name in READ_BY_US else licence(described)

    assert found
    assert found <= ALLOWED


def test_every_pin_is_read() -> None:
    assert {"django", "noto-cjk-sans-otc", "asyncpg"} <= set(_pins())


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("License-Expression: GPL-3.0-only\n", {"GPL-3.0-only"}),
        ("License: Apache-2.0\n", {"Apache-2.0"}),
        ("License: Text\nClassifier: License :: OSI Approved :: MIT License\n", {"MIT"}),
        ("Classifier: License :: Other/Proprietary License\n", {"Other/Proprietary License"}),
        ("Name: x\n", {""}),
    ],
)
def test_what_is_not_allowed_is_seen(lines: str, found: set[str]) -> None:
    import email

    assert licence(email.message_from_string(lines)) == found
    assert (found <= ALLOWED) == (found in ({"Apache-2.0"}, {"MIT"}))
