"""Finds the Chromium that browser tests drive, or gets one where that is allowed.

What may live here: looking, and Debian's own installation as root. What may not: driving it (tests/browser).
`XIAOPOS_CHROMIUM` names another executable than those looked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
DOWNLOADED = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*/Contents/MacOS/*")
MISSING = (
    "The browser tests need Chromium: install it (Debian and Ubuntu: apt-get install chromium), or run "
    "'.venv/bin/playwright install chromium', or name an executable in XIAOPOS_CHROMIUM."
)


def find() -> str | None:
    """The path of a Chromium, or None."""
    named = os.environ.get("XIAOPOS_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    for path in (*map(shutil.which, NAMES), *PLACES):
        if path and Path(path).exists():
            return path
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return next((str(path) for pattern in DOWNLOADED for path in sorted(cache.glob(pattern))), None)


def obtain() -> str | None:
    """The path of a Chromium, installed from Debian's packages when we are root there; None when there is none."""
    found = find()
    apt = shutil.which("apt-get")
    if found or not apt or os.geteuid() != 0:
        return found
    print("· installing chromium and its fonts from the system's packages", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
    for command in ([apt, "update", "-qq"], install):
        subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
    return find()
