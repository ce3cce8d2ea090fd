"""Which words are names, and which of them are one name: Mohamed, Mohammed and محمد share a group.

The table is compiled from a public list when the program is installed (`compile.py`, `hatch_build.py`); which list, and
why that one, is docs/decisions/0010. It knows no person, only words, and says nothing of how common a name is.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.errors import UsageError
from bot.known_names.table import TABLE, KnownNames

__all__ = ["KnownNames", "known_names", "read_names"]

COMPILED = Path(__file__).with_name(TABLE)


@cache
def known_names() -> KnownNames:
    """The whole table, read once. Raises `UsageError` when it is missing or damaged."""
    return read_names()


def read_names(path: Path = COMPILED) -> KnownNames:
    """The table of a file. Raises `UsageError` when it is missing or damaged."""
    mend = "in a checkout run `make setup`, elsewhere install Guetteur again"
    try:
        return KnownNames(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"The table of known names ({path}) is missing; {mend}.") from None
    except ValueError as error:
        raise UsageError(f"The table of known names ({path}) cannot be read: {error}; {mend}.") from error
