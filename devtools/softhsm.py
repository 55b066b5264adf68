"""Finds SoftHSM2, the software token that the PKCS#11 vault is tested against, or gets it where that is allowed.

What may live here: looking, Debian's own installation as root, a token of its own in a folder. What may not: keys in it.
`XIAOPOS_SOFTHSM` names another library than those looked for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
MISSING = (
    "The tests of the PKCS#11 vault need SoftHSM2, its library and its tool softhsm2-util: install it (Debian and Ubuntu: "
    "apt-get install softhsm2; Fedora: dnf install softhsm; macOS: brew install softhsm), or name its library in XIAOPOS_SOFTHSM."
)
NAMED = "XIAOPOS_SOFTHSM"
LABEL, PIN = "xiaopos test", "20260801"


def missing() -> str:
    """What to do where `find` found nothing: a named library that is not there is said before anything else."""
    named = os.environ.get(NAMED)
    return f"{NAMED} names {named}, which is not there. {MISSING}" if named and not Path(named).exists() else MISSING


def find() -> str | None:
    """The path of the library, or None; its tool `softhsm2-util` must be there too."""
    named = os.environ.get(NAMED)
    places = (named,) if named else PLACES
    return next((path for path in places if Path(path).exists()), None) if shutil.which("softhsm2-util") else None


def obtain() -> str | None:
    """The path of the library, installed from Debian's packages when we are root there; None when there is none."""
    found = find()
    apt = shutil.which("apt-get")
    if found or not apt or os.geteuid() != 0 or os.environ.get(NAMED):
        return found
    print("· installing softhsm2 from the system's packages", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ([apt, "update", "-qq"], [apt, "install", "-y", "-qq", "--no-install-recommends", "softhsm2"]):
        subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
    return find()


def make_token(folder: Path) -> dict[str, str]:
    """A new token in an empty folder, labelled `LABEL`; returns the environment in which the library sees it."""
    tokens = folder / "tokens"
    tokens.mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n", "utf8")
    environment = {"SOFTHSM2_CONF": str(settings)}
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", PIN, "--pin", PIN],
        check=True,
        capture_output=True,
        env={**os.environ, **environment},
    )
    return environment
