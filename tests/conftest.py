"""The root of the suites: its folder is what `import support...` is found in.

What may live here: what the machine must lend to tests - a database server, a browser, a PKCS#11 token.
What may not: any value of the product.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pkcs11 import Session

from devtools import messages, softhsm
from devtools.environment import ROOT
from support import machine
from xiaopos.kernel.secret import Secret
from xiaopos.keys.pkcs11_vault import open_token, prepare_token

# A busy machine is no failure: examples may take as long as they need.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

messages.compile_changed(ROOT / "src")  # for those who call pytest by itself: pages speak English only from catalogues


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL, without a database, of a real PostgreSQL server that lives as long as the run."""
    with machine.temporary_server() as url:
        yield url


@pytest.fixture
def postgres_dsn(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of this test's own."""
    with machine.database(postgres_server, f"test_{uuid.uuid1().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def token_module(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of SoftHSM2's library, with a token of this run's own. Fails, saying what to install, where there is none.

    The library reads its environment once, when it is first loaded into a process.
    """
    path = machine.softhsm()
    os.environ.update(softhsm.make_token(tmp_path_factory.mktemp("softhsm")))
    return path


@pytest.fixture(scope="session")
def token_session(token_module: str) -> Iterator[Session]:
    """A session of the prepared token, logged in, as long as the run: a process has one log-in to a token."""
    session = open_token(token_module, softhsm.LABEL, Secret(softhsm.PIN.encode()), writes=True)
    prepare_token(session)
    yield session
    session.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a real Chromium. Fails, with a sentence saying what to install, where there is none."""
    return machine.chromium()
