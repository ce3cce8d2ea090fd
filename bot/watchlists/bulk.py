"""Many names at once: a CSV file or a pasted list → names, what is wrong with others, what to know before. Pure.

The terminal and Telegram hand over bytes or text, show the preview, and have `writer.add_names` write what is new.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.errors import Problem
from bot.matching.advice import Advice, Caution, advise, advise_list
from bot.model import THRESHOLDS, Priority, WatchedName, Watchlist
from bot.text import fold_text
from bot.watchlists.edits import NewName
from bot.watchlists.names import guess_kind, parse_name, refuse
from bot.watchlists.read import read_names
from bot.watchlists.table import delimiter_of, read_table
from bot.yamlfile import Located

PASTED = Path("the list")
"""What stands for a file where there is none."""
COLUMNS = (
    *("name", "aliases", "context", "not", "not_context", "threshold", "kind", "priority"),
    *("label", "note", "ref", "until", "id"),
)
MOST_ADVISED = 20
"""Names whose spellings are tried for a preview: each takes a moment, and nobody reads more."""

BULLET = re.compile(r"\s*(?:[-*•·–—▪◦‣●○]|\(?\d{1,4}[.)]|\(\d{1,4}\))\s+")


@dataclass(frozen=True, slots=True)
class Bulk:
    """What was handed over."""

    names: tuple[WatchedName, ...]
    problems: tuple[Problem, ...]
    """What cannot be used, and why; and warnings. The rest can."""


@dataclass(frozen=True, slots=True)
class Present:
    """A name that is watched already."""

    name: WatchedName
    there: WatchedName
    watchlist: Watchlist


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of it on one watchlist."""

    fresh: tuple[WatchedName, ...]
    """To be written."""
    listed: tuple[Present, ...]
    """On that watchlist already: left out."""
    elsewhere: tuple[Present, ...]
    """Among the fresh ones, and on another watchlist as well."""
    cautions: tuple[tuple[WatchedName, Caution], ...]
    advised: tuple[tuple[WatchedName, Advice], ...]
    """The spellings of the first fresh ones."""


# --- Reading ---------------------------------------------------------------------------------------------------------


def read_bulk(data: bytes | str, path: Path = PASTED) -> Bulk:
    """The names of a table with or without a heading, or of a list with one name a line."""
    text = data if isinstance(data, str) else decoded(data)
    text = text.lstrip("\ufeff")
    items, problems = read_table(text, path) if _is_table(text) else _listed(text, path)
    names, faults = read_names(items, path)
    return Bulk(tuple(map(_without_refused_aliases, names)), tuple(sorted([*problems, *faults])))


def decoded(data: bytes) -> str:
    """UTF-8, UTF-16 (as some spreadsheets save), else Windows-1252, in which every byte is a character."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if data[1:2] == b"\0":
        return data.decode("utf-16-le", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _is_table(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return False
    delimiter = delimiter_of(text)
    if "name" in [cell.strip().strip('"').casefold() for cell in lines[0].split(delimiter)]:
        return True
    divided = sum(delimiter in line for line in lines)
    bulleted = sum(BULLET.match(line) is not None for line in lines)
    return divided == len(lines) and bulleted < len(lines)


def _listed(text: str, path: Path) -> tuple[list[Located], list[Problem]]:
    """One name a line, without bullets and numbers; lines that hold several names are told."""
    items: list[Located] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        name = name_on(line)
        if not name or name.startswith("#"):
            continue
        refusal = parse_name(name)
        if getattr(refusal, "code", "") == "several":
            problems.append(Problem(path, number, 1, f"“{name}” reads like several names", "write one a line"))
            continue
        items.append(Located(name, number, 1))
    return items, problems


def name_on(line: str) -> str:
    """What a line of a list says, without its bullet or number."""
    return BULLET.sub("", line, count=1).strip() if BULLET.match(line) else line.strip()


def _without_refused_aliases(name: WatchedName) -> WatchedName:
    """Those were complained about; the name can be used without them."""
    entity = name.entity
    good = tuple(
        each for each in entity.aliases if (no := refuse(each, entity.kind)) is None or no.code == "given-name"
    )
    return replace(name, entity=replace(entity, aliases=good))


# --- What would become of it ------------------------------------------------------------------------------------------


def preview(bulk: Bulk, target: Watchlist | None, others: Iterable[Watchlist]) -> Preview:
    """On the watchlist `target` (None: a new one), beside the `others`."""
    here = _called(target) if target else {}
    elsewhere = [_called(each) for each in others if target is None or each.id != target.id]
    fresh: list[WatchedName] = []
    listed: list[Present] = []
    twice: list[Present] = []
    for name in bulk.names:
        if (there := _among(here, name)) is not None:
            listed.append(there)
            continue
        fresh.append(name)
        twice += [found for names in elsewhere if (found := _among(names, name)) is not None]
    return Preview(
        tuple(fresh),
        tuple(listed),
        tuple(twice),
        tuple(advise_list(fresh)),
        tuple((name, advise(name)) for name in fresh[:MOST_ADVISED]),
    )


def _called(watchlist: Watchlist) -> dict[str, tuple[WatchedName, Watchlist]]:
    return {
        fold_text(called): (name, watchlist)
        for name in reversed(watchlist.names)
        for called in (*name.entity.aliases, name.id, name.shown, name.entity.name)
    }


def _among(called: dict[str, tuple[WatchedName, Watchlist]], name: WatchedName) -> Present | None:
    found = called.get(fold_text(name.entity.name)) or called.get(fold_text(name.id))
    return Present(name, *found) if found else None


# --- Writing ---------------------------------------------------------------------------------------------------------


def to_write(name: WatchedName) -> NewName:
    """As an entry of a watchlist: only what is not the default."""
    said = keys_of(name)
    defaults = {
        "threshold": str(THRESHOLDS["normal"]),
        "kind": guess_kind(name.entity.name).value,
        "priority": Priority.NORMAL.value,
    }
    kept = {key: value for key, value in said.items() if value != defaults.get(key) and key != "name"}
    return NewName(name.entity.name, kept)


def keys_of(name: WatchedName) -> dict[str, str | Sequence[str]]:
    """Everything that is said about a name, under the keys of a watchlist; what is empty is left out."""
    entity = name.entity
    said: dict[str, str | Sequence[str] | None] = {
        "name": entity.name,
        "aliases": entity.aliases,
        "context": entity.context,
        "not": entity.excluded,
        "not_context": entity.excluded_context,
        "threshold": str(entity.threshold),
        "kind": entity.kind.value,
        "priority": name.priority.value,
        "label": name.label,
        "note": name.note,
        "ref": name.ref,
        "until": name.until.isoformat() if name.until else None,
        "id": name.id if name.explicit_id else None,
    }
    return {key: value for key, value in said.items() if value}


def write_table(watchlists: Iterable[Watchlist]) -> str:
    """The names as CSV with a heading, which `read_bulk` and `names_file` read; `|` between several values."""
    written = io.StringIO()
    table = csv.DictWriter(written, ("x-watchlist", *COLUMNS), lineterminator="\n")
    table.writeheader()
    for watchlist in watchlists:
        for name in watchlist.names:
            cells = {key: value if isinstance(value, str) else "|".join(value) for key, value in keys_of(name).items()}
            table.writerow({"x-watchlist": watchlist.id, **cells})
    return written.getvalue()
