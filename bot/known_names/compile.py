"""Compiles a list of names into the table: lines in, bytes out.

Runs while the program is being built, where nothing but the standard library is installed.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.known_names.table import pack
from bot.text import tokens


def compile_names(lines: Iterable[str]) -> bytes:
    """The table of lines such as `mohamed, mohammed, محمد => Q1`: forms of one name, and where they come from.

    Raises `ValueError` for a line of another form.
    """
    groups_of: dict[str, list[int]] = {}
    for group, line in enumerate(lines):
        names = names_of(line)
        for name in names:
            memberships = groups_of.setdefault(name, [])
            if len(names) > 1:  # a name that stands alone is attested, and like no other
                memberships.append(group)
    return pack(groups_of)


def names_of(line: str) -> set[str]:
    """The folded names of a line."""
    forms, arrow, source = line.strip().rpartition(" => ")
    if not arrow or not source:
        msg = f"not a line of the list of names: {line!r}"
        raise ValueError(msg)
    return {name for form in forms.split(", ") if (name := "".join(token.folded for token in tokens(form)))}
