"""Compiles the table of known names while a wheel, or the editable installation of a checkout, is built.

The list comes from rigour, which is needed here only and is never imported: see docs/decisions/0010-known-names.md.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIST = "rigour/data/names/persons.txt"


class KnownNames(BuildHookInterface[Any]):
    """Leaves `bot/known_names/names.bin` in the source tree, where the wheel takes it from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the files of a wheel are gathered."""
        write_table(Path(self.root))


def write_table(root: Path) -> None:
    """Replace the table in a source tree, as a whole: a program that reads it meanwhile sees the old or the new one."""
    sys.path.insert(0, str(root))
    from bot.known_names.compile import compile_names
    from bot.known_names.table import TABLE

    with names_list().open(encoding="utf-8") as lines:
        packed = compile_names(lines)
    table = root / "bot" / "known_names" / TABLE
    unfinished = table.with_suffix(".unfinished")
    unfinished.write_bytes(packed)
    unfinished.replace(table)


def names_list() -> Path:
    """Where rigour keeps its names of persons."""
    try:
        path = Path(str(distribution("rigour").locate_file(LIST)))
    except PackageNotFoundError:
        sys.exit("The list of names is missing: install rigour, at the version that requirements.lock names.")
    if not path.is_file():
        sys.exit(f"This version of rigour has no {LIST}: install the one that requirements.lock names.")
    return path
