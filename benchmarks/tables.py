"""Tables of figures, for the terminal and for docs/: what misses its goal is marked; not measured is not a nought."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

NOTHING = "–"
MARK = "<!-- What follows is written by the benchmark. -->"


@dataclass(frozen=True, slots=True)
class Goal:
    """What was asked for: at least so much, or at most."""

    value: float
    least: bool

    def shown(self, measured: float | None, form: str, unit: str = "") -> str:
        """The figure, marked where it misses the goal."""
        missed = measured is not None and (measured < self.value if self.least else measured > self.value)
        return figure(measured, form) + unit + (" ✗" if missed else "")

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.value:,}"


def least(value: float) -> Goal:
    return Goal(value, least=True)


def most(value: float) -> Goal:
    return Goal(value, least=False)


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    header: list[str]
    rows: list[list[str]]
    note: str = ""

    def for_terminal(self) -> str:
        widths = [max(len(row[at]) for row in (self.header, *self.rows)) for at in range(len(self.header))]
        lines = [self._line(self.header, widths), "  ".join("─" * width for width in widths)]
        lines += [self._line(row, widths) for row in self.rows]
        return "\n".join([self.title, "", *lines, *(["", self.note] if self.note else [])])

    def for_markdown(self) -> str:
        lines = [self.header, ["---", *["---:"] * (len(self.header) - 1)], *self.rows]
        shown = [f"| {' | '.join(line)} |" for line in lines]
        return "\n".join([f"## {self.title}", "", *shown, *(["", self.note] if self.note else [])])

    @staticmethod
    def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
        first, *others = (
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join([first, *others]).rstrip()


def page(before: str, machine: str, tables: Sequence[Table]) -> str:
    """The Markdown page with new tables; what somebody wrote above the mark stays."""
    written = before.split(MARK, maxsplit=1)[0]
    return "\n\n".join([f"{written}{MARK}", machine, *(table.for_markdown() for table in tables)]) + "\n"


def machine() -> str:
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores."


def figure(value: float | None, form: str) -> str:
    return NOTHING if value is None else format(value, form)
