"""Watchlist files → watchlists, with every complaint about them.

All the forms that people write are brought into one, a mapping with `name`, and read from there. Never writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import Problem
from bot.model import Entity, Kind, Scope, WatchedName, Watchlist, list_scope
from bot.text import fold
from bot.watchlists.models import NameEntry, WatchlistFile
from bot.watchlists.names import clean_name, guess_kind, refuse
from bot.watchlists.table import read_table
from bot.yamlfile import Located, parse, quote, read, read_text
from bot.yamlmodel import as_data, fields_of, fill, nearest

WATCHLIST_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")

_KEYS = frozenset(fields_of(NameEntry))


def read_folder(folder: Path) -> tuple[tuple[Watchlist, ...], list[Problem]]:
    """Every good watchlist of a folder (`*.yaml`, `*.yml`; sorted by id) and every problem of all of them."""
    watchlists: dict[str, Watchlist] = {}
    problems: list[Problem] = []
    files = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"} and path.name[0] != ".")
    for path in files:
        watchlist, faults = read_watchlist(path)
        problems += faults
        if watchlist is not None and watchlist.id in watchlists:
            wrong = f"there is a {path.stem}.yaml and a {path.stem}.yml"
            problems.append(Problem(path, 1, 1, wrong, "rename one: the name of the file is the watchlist's id"))
        elif watchlist is not None:
            watchlists[watchlist.id] = watchlist
    if not files:
        problems.append(Problem(folder, 1, 1, "no watchlist is here", "add a file like justice.yaml", warning=True))
    return tuple(watchlists.values()), problems


def read_watchlist(path: Path) -> tuple[Watchlist | None, list[Problem]]:
    """The watchlist of a file and what is wrong with it; None if it cannot be used."""
    text, problems = read_text(path)
    return parse_watchlist(text, path) if text is not None else (None, problems)


def parse_watchlist(text: str, path: Path) -> tuple[Watchlist | None, list[Problem]]:
    """The same for a text that is to stand in the file."""
    root, problems = parse(text, path)
    if not WATCHLIST_ID.fullmatch(path.stem):
        proper = re.sub(r"[^a-z0-9_]+", "-", fold(path.stem)).strip("-_")[:48] or "watchlist"
        wrong = "the file's name is the watchlist's id: small letters, digits, - and _ (up to 48)"
        problems.append(Problem(path, 1, 1, wrong, f"name it {proper}.yaml"))
    if root is None:
        return None, problems
    reader = _Reader(path, list_scope(path.stem), problems)
    watchlist = reader.read(root)
    usable = all(problem.warning for problem in reader.problems)
    return (watchlist if usable else None), reader.problems


def read_names(items: Iterable[Located], path: Path) -> tuple[list[WatchedName], list[Problem]]:
    """Names from elsewhere, in the shapes of a watchlist's entries; those that cannot be used are left out."""
    reader = _Reader(path, list_scope("bulk"), [])
    for item in items:
        reader.read_item(item)
    return reader.names, reader.problems


def unknown_tags(path: Path, watchlist: Watchlist, known: frozenset[str]) -> list[Problem]:
    """A warning for every tag of the watchlist that no feed has. `path` is its file, read again only if need be."""
    missing = sorted(watchlist.tags - known)
    if not missing:
        return []
    root, _ = read(path)
    node = root.value.get("tags") if root is not None and isinstance(root.value, dict) else None
    place = node or Located("", 1, 1)
    problems = []
    for tag in missing:
        near = nearest(tag, sorted(known))
        mend = f"did you mean {near}?" if near else "give it to a feed, or delete it here"
        problems.append(place.problem(path, f"no feed has the tag {tag}", mend, warning=True))
    return problems


def places_of_names(path: Path) -> Mapping[str, Located]:
    """Where each name of a watchlist stands, by its id; for a file that was read before, and is read again."""
    root, _ = read(path)
    if root is None:
        return {}
    reader = _Reader(path, list_scope(path.stem), [])
    reader.read(root)
    return reader.ids


@dataclass(slots=True)
class _Reader:
    """Reads one file; gathers its names and problems."""

    path: Path
    scope: Scope
    problems: list[Problem]
    head: WatchlistFile = field(default_factory=WatchlistFile)
    names: list[WatchedName] = field(default_factory=list)
    ids: dict[str, Located] = field(default_factory=dict)
    folded: dict[str, Located] = field(default_factory=dict)

    def read(self, root: Located) -> Watchlist | None:
        keys = root.value if isinstance(root.value, dict) else {}
        if isinstance(root.value, str) and not root.is_null:
            self._complain(root, "a text, not a list of names", "begin each name with “- ” on a line of its own")
            return None
        listed = root if isinstance(root.value, list) else keys.get("names")
        self._read_head(Located({k: v for k, v in keys.items() if k != "names"}, root.line, root.column))
        for item in self._items(listed):
            self.read_item(item)
        self._read_names_file(keys.get("names_file"))
        if not self.names and not self.problems:
            self._complain(root, "there are no names", "add some below “names:”, each after “- ”", warning=True)
        return Watchlist(
            id=self.path.stem,
            title=self.head.title or self.path.stem,
            names=tuple(self.names),
            description=self.head.description or "",
            tags=frozenset(tag.casefold() for tag in self.head.tags),
            visible_to=self.head.visible_to,
        )

    def _complain(self, node: Located, wrong: str, mend: str, *, warning: bool = False) -> None:
        self.problems.append(node.problem(self.path, wrong, mend, warning=warning))

    def _read_head(self, node: Located) -> None:
        """All but the names. When it is wrong the names are read with the defaults, to tell their problems as well."""
        head, problems = fill(WatchlistFile, node, self.path)
        self.problems += problems
        self.head = head or self.head

    def _items(self, listed: Located | None) -> list[Located]:
        """The names as a list, whether written as list or as mapping."""
        if listed is None or (isinstance(listed.value, str) and listed.is_null):
            return []
        if isinstance(listed.value, list):
            return listed.value
        if isinstance(listed.value, dict):
            return [
                Located({key: node}, *(node.key_at or (node.line, node.column))) for key, node in listed.value.items()
            ]
        self._complain(listed, "the names are one text", "begin each name with “- ” on a line of its own")
        return []

    def _read_names_file(self, node: Located | None) -> None:
        name = self.head.names_file
        if name is None or node is None:
            return
        file = self.path.parent / name
        if Path(name).name != name:
            self._complain(node, "names_file is a file beside this one", f"write {Path(name).name} and put it here")
        elif not file.is_file():
            self._complain(node, f"{name} is not there", "put it beside this file, or mend the name")
        else:
            text, problems = read_text(file)
            rows, faults = read_table(text, file) if text is not None else ([], [])
            self.problems += problems + faults
            for row in rows:
                self.read_item(row)

    # --- One name ----------------------------------------------------------------------------------------------------

    def read_item(self, item: Located) -> None:
        if isinstance(item.value, str):
            self._add(item, item, None)
        elif isinstance(item.value, list):
            self._complain(item, "a list inside the list of names", "write the name first: - name: …")
        elif (entry := self._named(item, item.value)) is not None:
            self._read_entry(*entry)

    def _named(self, item: Located, keys: dict[str, Located]) -> tuple[Located, dict[str, Located]] | None:
        """The node of the name, and the entry with `name` in it, whichever way it was written."""
        if "name" in keys:
            return keys["name"], keys
        strangers = [key for key in keys if key not in _KEYS and not key.startswith("x-")]
        if len(strangers) != 1:
            return item, keys
        stranger = strangers[0]
        node = keys[stranger]
        name = Located(stranger, *(node.key_at or (node.line, node.column)), path=node.path)
        if isinstance(node.value, dict):
            return name, {**{key: one for key, one in keys.items() if key != stranger}, **node.value, "name": name}
        if node.is_null:
            return name, {**{key: one for key, one in keys.items() if key != stranger}, "name": name}
        if nearest(stranger, sorted(_KEYS)) is not None:
            return item, keys
        self._explain_colon(name, stranger, node)
        return None

    def _explain_colon(self, name: Located, key: str, node: Located) -> None:
        """`- Opération: Mains propres`, or `- Mohamed Amra: [La Mouche]`."""
        wrong = "a colon and a space make this a “key: value”"
        if isinstance(node.value, str):
            self._complain(name, wrong, f"if it is one name, write - {quote(f'{key}: {node.value}')}")
        else:
            self._complain(name, wrong, f"write - {key}: {{aliases: [{', '.join(map(str, as_data(node)))}]}}")

    def _read_entry(self, name: Located, keys: dict[str, Located]) -> None:
        node = Located(keys, name.line, name.column, path=name.path)
        self._warn_of_cuts(keys)
        entry, problems = fill(NameEntry, node, self.path)
        self.problems += problems
        if entry is not None:
            self._add(name, keys["name"], entry)

    def _warn_of_cuts(self, keys: dict[str, Located]) -> None:
        for key, node in keys.items():
            if key != "name":
                for one in node.value if isinstance(node.value, list) else [node]:
                    self._check_cut(one)

    def _check_cut(self, node: Located, before: str = "") -> None:
        """` #2` is a comment to YAML. Before a digit that is surely a mistake; else it may be a comment in a hurry."""
        if not node.cut:
            return
        paste = quote(f"{node.value} {node.cut}")
        wrong = f"YAML takes “{node.cut}” for a comment and drops it"
        mend = f"write {before}{paste}, or a space after # if it is a comment"
        self._complain(node, wrong, mend, warning=not node.cut[1].isdigit())

    def _add(self, place: Located, written: Located, entry: NameEntry | None) -> None:
        """Check the name itself and take it in."""
        self._check_cut(written, "name: " if entry else "- ")
        name = clean_name(str(written.value))
        kind = (entry.kind if entry else None) or self.head.kind
        if written.lines > 1:
            mend = "begin each name with “- ” on a line of its own, and look at the quotes"
            self._complain(place, f"one name over {written.lines} lines: “{name[:80]}”", mend)
            return
        refusal = refuse(name, kind)
        if refusal is not None:
            self._complain(place, refusal.wrong, refusal.mend)
            return
        if written.plain and "," in name and entry is None:
            mend = "if these are several, write each on a line of its own"
            self._complain(place, f"“{name}” is read as one name", mend, warning=True)
        watched = self._watched(name, kind or guess_kind(name), entry)
        self._check_aliases(place, watched)
        if self._is_new(place, watched):
            self.names.append(watched)

    def _watched(self, name: str, kind: Kind, entry: NameEntry | None) -> WatchedName:
        head = self.head
        if entry is None:
            entity = Entity(name, kind, context=head.context, threshold=head.threshold)
            return WatchedName(self.scope, name, entity, priority=head.priority)
        aliases = tuple(dict.fromkeys(alias for one in entry.aliases if (alias := clean_name(one)) != name and alias))
        entity = Entity(
            name=name,
            kind=kind,
            aliases=aliases,
            context=entry.context if "context" in entry.model_fields_set else head.context,
            excluded=entry.not_,
            excluded_context=entry.not_context,
            threshold=head.threshold if entry.threshold is None else entry.threshold,
        )
        return WatchedName(
            scope=self.scope,
            id=entry.id or name,
            entity=entity,
            explicit_id=entry.id is not None,
            label=entry.label,
            note=entry.note,
            ref=entry.ref,
            priority=entry.priority or head.priority,
            until=entry.until,
        )

    def _check_aliases(self, place: Located, watched: WatchedName) -> None:
        for alias in watched.entity.aliases:
            if (refusal := refuse(alias, watched.entity.kind)) is not None:
                mend = f"{refusal.mend}, or leave this alias out"
                self._complain(place, f"alias: {refusal.wrong}", mend, warning=refusal.code == "given-name")

    def _is_new(self, place: Located, watched: WatchedName) -> bool:
        """Ids are unique in a list; a name that differs in case and accents alone is worth a word."""
        first = self.ids.setdefault(watched.id, place)
        if first is not place:
            what = f"the id {watched.id}" if watched.explicit_id else f"“{watched.id}”"
            self._complain(place, f"{what} stands here twice (first on line {first.line})", "remove one")
            return False
        first = self.folded.setdefault(fold(watched.entity.name), place)
        if first is not place:
            wrong = f"“{watched.entity.name}” stands on line {first.line} too, but for accents, case or id"
            self._complain(place, wrong, "remove one, unless these are two people", warning=True)
        return True
