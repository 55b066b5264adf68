"""The house's own settings, read from a deployment made for tests. Nothing else differs.

What may live here: the variables of that deployment. What may not: a setting of Django's changed for a test's comfort.
The variables are gone from the environment afterwards, so that a process started by a test is told its own.
"""

import os
import tempfile
from pathlib import Path

VARIABLES = {
    "XIAOPOS_MODE": "demo",
    "XIAOPOS_DATA_DIR": str(Path(tempfile.gettempdir()) / f"xiaopos-tests-{os.getuid()}"),
    "XIAOPOS_SECRET_KEY": "only-for-tests-" + "s" * 32,
    "XIAOPOS_MASTER_KEY": "ab" * 32,
}

_before = {name: value for name, value in os.environ.items() if name.startswith("XIAOPOS_")}
for _name in _before:
    del os.environ[_name]
os.environ.update(VARIABLES)
try:
    from xiaopos.settings import *
finally:
    for _name in VARIABLES:
        del os.environ[_name]
    os.environ.update(_before)

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - the server of files looks for it at each start
