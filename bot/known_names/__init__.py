"""Which words are names, and which of them are one name: Mohamed, Mohammed and محمد share a group.

The table is compiled from a public list when the program is installed (`compile.py`, `hatch_build.py`); which list, and
why that one, is docs/decisions/0010. It knows no person, only words, and says nothing of how common a name is.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from bot.errors import UsageError
from bot.known_names.table import TABLE, KnownNames

__all__ = ["KnownNames", "known_names"]


@cache
def known_names() -> KnownNames:
    """The whole table, read once. Raises `UsageError` when it was never compiled."""
    path = files(__name__).joinpath(TABLE)
    try:
        return KnownNames(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(
            f"The table of known names is missing ({path}). In a checkout, run: make setup. Elsewhere, install again."
        ) from None
