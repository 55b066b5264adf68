"""What the writer needs of a database.

What may live here: the Engine role. What may not: a driver.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol, TypeVar

from xiaopos.store.writer.statements import Row, Select, Statement

T = TypeVar("T")
StepsOf = Callable[[], Generator[Statement, Any, T]]


class Engine(Protocol):
    """One database. Both methods raise BooksLost when it cannot be reached or broke off."""

    async def run(self, steps: StepsOf[T]) -> T:
        """Run the generator's statements in one transaction, committed when it returns and rolled back when it raises."""
        ...

    async def select(self, query: Select) -> Sequence[Row]:
        """Read outside any transaction of ours."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...
