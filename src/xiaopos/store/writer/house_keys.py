"""Reading the house's keys without Django.

What may live here: the query. What may not: using a key.
"""

from __future__ import annotations

from xiaopos.keys import WrappedKey
from xiaopos.store.writer.engines import Engine
from xiaopos.store.writer.statements import Select


async def read_house_keys(engine: Engine) -> dict[str, WrappedKey]:
    """Every key of the house by its name."""
    rows = await engine.select(Select("SELECT name, wrapped FROM house_key", ()))
    return {str(name): WrappedKey.from_text(wrapped) for name, wrapped in rows}
