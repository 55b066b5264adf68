"""Reading an article: its title, what it says, what to do.

What may live here: the articles' small form: a title after `#`, paragraphs, and items after `-`. What may not: pages.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.resources import files

from xiaopos.kernel.refusal import REASONS, Reason


@dataclass(frozen=True, slots=True)
class Article:
    """An article in one language. `said` are its paragraphs, `steps` what to do; `reasons` lead to it."""

    name: str
    title: str
    said: tuple[str, ...]
    steps: tuple[str, ...]
    reasons: tuple[Reason, ...]

    def holds(self, words: str) -> bool:
        """Whether every word stands somewhere in it, in any case."""
        text = " ".join((self.title, *self.said, *self.steps)).casefold()
        return all(word in text for word in words.casefold().split())


NAMES = tuple(sorted({row.article for row in REASONS.values()}))


@functools.cache
def article(name: str, language: str) -> Article:
    """The article of that name in `zh` or `en`. Raises KeyError for a name that there is not."""
    if name not in NAMES:
        raise KeyError(name)
    text = (files("xiaopos.web.pages.help") / "articles" / f"{name}.{language}.md").read_text(encoding="utf8")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return Article(
        name,
        lines[0].removeprefix("# "),
        tuple(line for line in lines[1:] if not line.startswith("- ")),
        tuple(line.removeprefix("- ") for line in lines if line.startswith("- ")),
        tuple(reason for reason, row in REASONS.items() if row.article == name),
    )


def articles(language: str, words: str = "") -> list[Article]:
    """All articles that hold the words, by title."""
    return sorted((one for name in NAMES if (one := article(name, language)).holds(words)), key=lambda one: one.title)
