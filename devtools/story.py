"""Tells a scenario as a story: `./dev story` lists them, `./dev story NAME` runs one and prints what happened.

What may live here: finding, running and printing a story. What may not: the stories (tests/scenarios/stories.py).
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from scenarios.stories import STORIES, Story
from support.world import World

WIDTH = 100


def title(story: Story) -> str:
    """What the story is about: the first line of its docstring."""
    return (story.__doc__ or story.__name__).strip().splitlines()[0]


def tell(name: str) -> tuple[str, bool]:
    """The story as text, and whether it ended as it should."""
    world = World()
    fault = ""
    try:
        STORIES[name](world)
    except AssertionError as error:
        fault = f"Here the story breaks: {error or 'what was expected did not hold'}."
    lines = [title(STORIES[name]), ""]
    for number, sentence in enumerate([*world.told, fault] if fault else world.told, start=1):
        lines += textwrap.wrap(f"{number:3}. {sentence}", WIDTH, subsequent_indent="     ")
    return "\n".join(lines), not fault


def main(arguments: Sequence[str]) -> int:
    """Tell the stories that are named; list them when none is."""
    if not arguments:
        width = max(map(len, STORIES))
        print("\n".join(f"{name:{width}}  {title(story)}" for name, story in STORIES.items()))
        return 0
    unknown = [name for name in arguments if name not in STORIES]
    if unknown:
        print(f"No story is called {', '.join(unknown)}; `./dev story` lists them.", file=sys.stderr)
        return 2
    told = [tell(name) for name in arguments]
    print("\n\n".join(text for text, _ in told))
    return 0 if all(well for _, well in told) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
