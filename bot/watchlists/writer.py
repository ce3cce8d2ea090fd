"""Writes names to watchlist files: edited as text, proved by reading again, replaced as a whole.

One writer at a time (`bot/rewrite.py`), so that of two who write at once neither loses a name. Refuses, in words for
the person who asked, where the file has mistakes, is read-only, or says so already. Decides nothing about names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bot.errors import UsageError
from bot.model import WatchedName, Watchlist
from bot.rewrite import locked, replace_file
from bot.text import fold_text
from bot.watchlists import edits
from bot.watchlists.edits import NewName
from bot.watchlists.read import parse_watchlist
from bot.yamlfile import quote, scalar


def add_name(path: Path, name: str, aliases: Sequence[str] = ()) -> WatchedName:
    """Write the name at the end of its list.

    Raises:
        UsageError: it is there already, or cannot be watched; or the file cannot be written.
    """
    return add_names(path, [NewName(name, {"aliases": aliases} if aliases else {})])[0]


def add_names(path: Path, new: Sequence[NewName]) -> list[WatchedName]:
    """Write all of them, or none.

    Raises:
        UsageError: as `add_name`, about the first that cannot be written.
    """
    with locked(path) as text:
        before = _good(path, text)
        called = _called(before.names)
        for each in new:
            if (there := called.get(fold_text(each.name))) is not None:
                raise UsageError(f"{there.shown} is on {before.title} already")
        edited = edits.add(text, new)
        added = _proved(path, before, edited, number=len(new), touched=None)
        replace_file(path, edited, by_hand=f"- {scalar(new[0].name)}")
    return added


def create_watchlist(path: Path, title: str) -> None:
    """An empty watchlist.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"title: {scalar(title)}\nnames:\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); make it where it comes from") from error


def remove_name(path: Path, name: str) -> WatchedName:
    """Take the name out, with its own lines.

    Raises:
        UsageError: it is not there; or the file cannot be written.
    """
    with locked(path) as text:
        before = _good(path, text)
        gone, number = _placed(path, before, text, name)
        edited = edits.remove(text, number)
        after = _good(path, edited, left=True)
        if after.names != tuple(each for each in before.names if each is not gone) or _head(after) != _head(before):
            raise _cannot(path)
        replace_file(path, edited, by_hand=f"remove {gone.entity.name}")
    return gone


def add_alias(path: Path, name: str, alias: str) -> WatchedName:
    """Another way to write the name."""
    return _extend(path, name, "aliases", alias, lambda each: each.entity.aliases)


def add_exclusion(path: Path, name: str, phrase: str) -> WatchedName:
    """`not`: a mention in a sentence with this phrase is not one."""
    return _extend(path, name, "not", phrase, lambda each: each.entity.excluded)


def add_namesake_context(path: Path, name: str, word: str) -> WatchedName:
    """`not_context`: with this word near, it is the namesake."""
    return _extend(path, name, "not_context", word, lambda each: each.entity.excluded_context)


def _extend(path: Path, name: str, key: str, word: str, said: Callable[[WatchedName], Sequence[str]]) -> WatchedName:
    """Add a word to what is said of the name, and prove that nothing else changed; nothing where it is said already."""
    with locked(path) as text:
        before = _good(path, text)
        old, number = _placed(path, before, text, name)
        if word in said(old):
            return old
        edited = edits.extend(text, number, key, [word])
        [new] = _proved(path, before, edited, number=1, touched=old)
        if set(said(new)) != {*said(old), word}:
            raise _cannot(path)
        replace_file(path, edited, by_hand=f"{old.entity.name}: {key}: {quote(word)}")
    return new


# --- Proving ---------------------------------------------------------------------------------------------------------


def _good(path: Path, text: str, *, left: bool = False) -> Watchlist:
    """What the text says.

    Args:
        left: it is the edited text, and the file stays as it is where that is wrong.
    """
    watchlist, problems = parse_watchlist(text, path)
    wrong = next((problem for problem in sorted(problems) if not problem.warning), None)
    if watchlist is None or wrong is not None:
        said = f"{path} is left as it is: {wrong.wrong}; {wrong.mend}" if left and wrong else str(wrong)
        raise UsageError(said if left else f"mend the file first: {said}")
    return watchlist


def _proved(
    path: Path, before: Watchlist, edited: str, *, number: int, touched: WatchedName | None
) -> list[WatchedName]:
    """The names that are new, or new in what is said of them, when all others are what they were."""
    after = _good(path, edited, left=True)
    known = {each.id: each for each in before.names if each is not touched}
    rest = [each for each in after.names if each.id in known]
    others = [each for each in after.names if each.id not in known]
    same = all(known[each.id] == each for each in rest) and len(rest) == len(known)
    moved = touched is not None and others and others[0].id != touched.id
    if not same or len(others) != number or _head(after) != _head(before) or moved:
        raise _cannot(path)
    return others


def _head(watchlist: Watchlist) -> Watchlist:
    return replace(watchlist, names=())


def _called(names: Sequence[WatchedName]) -> dict[str, WatchedName]:
    """By id, name and label; case and accents do not matter."""
    return {fold_text(one): each for each in reversed(names) for one in (each.id, each.entity.name, each.shown)}


def _find(watchlist: Watchlist, name: str) -> WatchedName | None:
    exact = next((each for each in watchlist.names if name in {each.id, each.entity.name}), None)
    return exact or _called(watchlist.names).get(fold_text(name))


def _placed(path: Path, watchlist: Watchlist, text: str, name: str) -> tuple[WatchedName, int]:
    """The name, and its number among the entries of the file."""
    found = _find(watchlist, name)
    if found is None:
        raise UsageError(f"{name} is not on {watchlist.title}")
    number = watchlist.names.index(found)
    if number >= edits.count(text):  # names of the table come after those of the file
        raise UsageError(f"{found.shown} stands in the table that {path} names: edit it there")
    return found, number


def _cannot(path: Path) -> UsageError:
    return UsageError(f"{path} is left as it is: it cannot be edited without changing other lines; edit it by hand")
