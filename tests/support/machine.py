"""What tests borrow from the machine they run on: a PostgreSQL server, a Chromium, a token of SoftHSM2.

What may live here: finding and lending. What may not: a substitute for what is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from devtools import browser
from devtools import softhsm as devtools_softhsm
from devtools.postgres import temporary_server

__all__ = ["CHROMIUM_OPTIONS", "chromium", "copy_of", "database", "softhsm", "temporary_server"]

CHROMIUM_OPTIONS = ["--no-sandbox"] if os.geteuid() == 0 else []
"""Chromium refuses its sandbox to root."""


def chromium() -> str:
    """The path of a Chromium. Raises AssertionError, saying what to install."""
    path = browser.find()
    assert path is not None, browser.MISSING
    return path


@contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """An empty database on a server, dropped afterwards whoever is still connected; yields its URL."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def copy_of(server: str, template: str, name: str) -> Iterator[str]:
    """A copy of a database that nobody is connected to, dropped afterwards; yields its URL."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def softhsm() -> str:
    """The path of SoftHSM2's library. Raises AssertionError, saying what to install."""
    path = devtools_softhsm.find()
    assert path is not None, devtools_softhsm.missing()
    return path
