"""Names from a CSV file beside the watchlist (`names_file`), in the shape that YAML entries have. Pure.

The first line may name the columns (any keys of a name, `name` among them); without it they are name, aliases, id and
kind. Commas, semicolons or tabs separate columns, `|` or a quoted `;` several values in one.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from bot.errors import Problem
from bot.watchlists.models import NameEntry
from bot.yamlfile import Located
from bot.yamlmodel import fields_of, unknown_key

DEFAULT_COLUMNS = ("name", "aliases", "id", "kind")
SEVERAL = frozenset({"aliases", "context", "not", "not_context"})


def read_table(text: str, path: Path) -> tuple[list[Located], list[Problem]]:
    """One located mapping a row; every node knows its own file."""
    rows, problems = _rows(text, path)
    columns = list(DEFAULT_COLUMNS)
    if rows and "name" in (heading := [cell.strip().casefold() for cell in rows[0][1]]):
        columns, (first, _), rows = heading, rows[0], rows[1:]
        known = fields_of(NameEntry)
        problems += [
            Problem(path, first, 1, f"there is no column {column}", unknown_key(NameEntry, column))
            for column in columns
            if column and column not in known and not column.startswith("x-")
        ]
    return [_entry(line, dict(zip(columns, cells, strict=False)), path) for line, cells in rows], problems


def delimiter_of(text: str) -> str:
    """What separates the columns: what the first line holds most of."""
    first = text.lstrip().split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _rows(text: str, path: Path) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """The rows that hold anything, each with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        return rows, [Problem(path, line, 1, f"this is not CSV ({error})", "save the table again as CSV UTF-8")]
    return rows, []


def _entry(line: int, cells: dict[str, str], path: Path) -> Located:
    def located(value: str | list[Located]) -> Located:
        return Located(value, line, 1, key_at=(line, 1), path=path)

    values: dict[str, Located] = {}
    for column, cell in cells.items():
        if column in SEVERAL:
            values[column] = located([located(part.strip()) for part in re.split(r"[|;]", cell) if part.strip()])
        elif column == "name" or (cell.strip() and column in fields_of(NameEntry)):
            values[column] = located(cell.strip())
    return Located(values, line, 1, path=path)
