"""Which words are common given names, of which one alone says nothing about who is meant.

A list of our own in `given_names.txt`. Compared without case and accents. It never says that a word is *not* a name.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from bot.text import fold


@cache
def given_names() -> frozenset[str]:
    """All of the list, folded."""
    text = files("bot").joinpath("given_names.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(fold(word) for line in lines for word in line.split())


def is_given_name(name: str) -> bool:
    """A common given name, or several joined by hyphens (`Jean-Pierre`); `عبد الله` in two words is one, too."""
    folded = fold(name)
    if folded.startswith(("عبد ", "abd ")):
        folded = "".join(folded.split())
    parts = [part for part in folded.replace("‑", "-").split("-") if part]
    return bool(parts) and all(part in given_names() for part in parts)
