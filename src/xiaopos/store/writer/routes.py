"""Reading which card networks are drained, without Django.

What may live here: that statement. What may not: choosing a network.
"""

from __future__ import annotations

from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Select


async def read_drained(engine: Engine) -> frozenset[str]:
    """The names of the drained networks. Raises BooksLost."""
    return frozenset(str(name) for (name,) in await engine.select(Select("SELECT network FROM drained_network", ())))
