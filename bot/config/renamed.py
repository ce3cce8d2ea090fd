"""Keys of the settings that have another name by now: for a year the former one works and is warned about. Pure.

Works on the located tree, as `config.environment` does; the environment's variables follow the keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.errors import Problem
from bot.yamlfile import Located


@dataclass(frozen=True, slots=True)
class Renamed:
    """`old` and `new` are dotted: `section.key`, or a key at the top."""

    old: str
    new: str
    since: date


RENAMED: tuple[Renamed, ...] = ()
"""None so far. A test asks for an entry's removal once it is a year old."""


def follow_renamed(root: Located, path: Path, table: Sequence[Renamed] = RENAMED) -> list[Problem]:
    """Move what is written under a former name to its new one, in place; what stands there already wins."""
    problems = []
    for each in table:
        holder, name = _split(root, each.old)
        if holder is None or name not in holder:
            continue
        node = holder.pop(name)
        line, column = node.key_at or (node.line, node.column)
        wrong = f"{each.old} is called {each.new} since {each.since:%Y-%m-%d}"
        problems.append(Problem(node.path or path, line, column, wrong, f"write {each.new}", warning=True))
        _place(root, each.new, node)
    return problems


def follow_renamed_variables(environ: Mapping[str, str], table: Sequence[Renamed] = RENAMED) -> dict[str, str]:
    """The environment with the variables of former names under their new ones."""
    named = dict(environ)
    for each in table:
        old, new = (f"GUETTEUR_{key.replace('.', '__').upper()}" for key in (each.old, each.new))
        if old in named:
            named.setdefault(new, named.pop(old))
    return named


def _split(root: Located, key: str) -> tuple[dict[str, Located] | None, str]:
    """The mapping that may hold the dotted key, and the key's last part."""
    *sections, name = key.split(".")
    holder: Located | None = root
    for section in sections:
        holder = holder.value.get(section) if holder is not None and isinstance(holder.value, dict) else None
    return (holder.value, name) if holder is not None and isinstance(holder.value, dict) else (None, name)


def _place(root: Located, key: str, node: Located) -> None:
    *sections, name = key.split(".")
    for section in sections:
        if not isinstance(root.value, dict):
            return  # the section is no mapping: that is complained of where it stands
        root = root.value.setdefault(section, Located({}, node.line, node.column, key_at=node.key_at))
    if isinstance(root.value, dict):
        root.value.setdefault(name, node)
