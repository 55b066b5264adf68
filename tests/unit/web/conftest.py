"""Every test of pages begins in the house's own language, whatever a reader before it has chosen.

What may live here: that. What may not: towns, people.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import translation


@pytest.fixture(autouse=True)
def in_the_houses_language() -> Iterator[None]:
    """The language of a thread outlives a request; a test's must not."""
    with translation.override(settings.LANGUAGE_CODE):
        yield
