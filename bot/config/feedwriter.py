"""Writes to the file of feeds: edited as text, and proved before it counts.

One writer at a time (`bot/rewrite.py`). Refuses where the file is OPML, read-only or elsewhere than in the settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.config.environment import filled_in, variables
from bot.config.feedfile import append, one_line, remove
from bot.config.feeds import PlacedFeed, derived_id, read_feeds, same_url, settle_ids
from bot.config.values import is_web_url
from bot.errors import ConfigError, Problem, UsageError
from bot.model import Feed
from bot.rewrite import locked, replace_file
from bot.yamlfile import read_text

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding feeds."""

    path: Path
    added: tuple[Feed, ...]
    present: tuple[tuple[Feed, Feed], ...]
    """Those that are listed already, each with the listed one."""


def add_feeds(files: Sequence[Path], wanted: Sequence[Feed], environ: Mapping[str, str]) -> Added:
    """Append the feeds that no file lists yet to the first YAML file; those without an id get one.

    Titles, tags and addresses are written as they are given: `${NAME}` is a variable.

    Raises:
        UsageError: no file can be written; or an id is taken.
        ConfigError: a file has mistakes.
    """
    target = _first_yaml(files)
    with locked(target) as text:
        before = _read(files, {target: text}, environ)
        fresh, present = _sorted_out(wanted, before, environ)
        if not fresh:
            return Added(target, (), present)
        with _leaving(target):
            edited = append(text, fresh)
            _prove(before, _read(files, {target: edited}, environ), gained=frozenset(feed.id for feed in fresh))
        replace_file(target, edited, by_hand=one_line(fresh[0]))
        return Added(target, tuple(fresh), present)


def remove_feed(files: Sequence[Path], feed_id: str, environ: Mapping[str, str]) -> tuple[Path, Feed]:
    """Take the feed's lines out of its file.

    Raises:
        UsageError: there is no such feed, or its file cannot be written.
        ConfigError: a file has mistakes.
    """
    target = _place(_listed(files, {}, environ), feed_id)[0]
    if _is_opml(target):
        raise UsageError(f"{feed_id} stands in {target}, which is OPML: remove it there")
    with locked(target) as text:
        placed = _listed(files, {target: text}, environ)
        before = settle_ids(placed)[0]
        number, feed = _place(placed, feed_id)[1:]
        with _leaving(target):
            edited = remove(text, number)
            _prove(before, _read(files, {target: edited}, environ), lost=frozenset({feed_id}))
        replace_file(target, edited, by_hand=f"remove {feed_id}")
        return target, feed


# --- What the files say ----------------------------------------------------------------------------------------------


def _is_opml(path: Path) -> bool:
    text, _ = read_text(path)
    return text is not None and text.lstrip().startswith("<")


def _first_yaml(files: Sequence[Path]) -> Path:
    for path in files:
        if path.suffix.lower() != ".opml" and not _is_opml(path):
            return path
    raise UsageError(
        "the settings name no YAML file of feeds to write to: make an empty feeds.yaml and write feeds: [feeds.yaml, …]"
    )


def _listed(files: Sequence[Path], texts: Mapping[Path, str], environ: Mapping[str, str]) -> list[PlacedFeed]:
    """The feeds of all files in order; `texts` stand in for what the files hold."""
    placed: list[PlacedFeed] = []
    problems: list[Problem] = []
    for path in files:
        text, faults = (texts[path], []) if path in texts else read_text(path)
        feeds, more = read_feeds(text, path, environ) if text is not None else ([], [])
        placed += feeds
        problems += faults + more
    problems += settle_ids(placed)[1]
    if any(not problem.warning for problem in problems):
        raise ConfigError(problems)
    return placed


def _read(files: Sequence[Path], texts: Mapping[Path, str], environ: Mapping[str, str]) -> tuple[Feed, ...]:
    return settle_ids(_listed(files, texts, environ))[0]


def _place(placed: list[PlacedFeed], feed_id: str) -> tuple[Path, int, Feed]:
    """The feed's file, its number among the feeds of that file, and the feed."""
    for one, feed in zip(placed, settle_ids(placed)[0], strict=True):
        if feed.id == feed_id:
            return one.path, [each for each in placed if each.path == one.path].index(one), feed
    raise UsageError(f"there is no feed {feed_id}; `guetteur feeds list` shows the ids")


def _sorted_out(
    wanted: Sequence[Feed], before: Sequence[Feed], environ: Mapping[str, str]
) -> tuple[list[Feed], tuple[tuple[Feed, Feed], ...]]:
    """The new ones with their ids, and those that are there already."""
    urls = {same_url(feed.url): feed for feed in before}
    taken = {feed.id: feed for feed in before}
    fresh: list[Feed] = []
    present: list[tuple[Feed, Feed]] = []
    for feed in wanted:
        url = _comparable(feed.url, environ)
        if url in urls:
            present.append((feed, urls[url]))
            continue
        if feed.id in taken:
            raise UsageError(f"the id {feed.id} is taken, by {taken[feed.id].title or 'another feed'}; choose another")
        settled = feed if feed.id else replace(feed, id=derived_id(feed.url, taken))
        urls[url] = taken[settled.id] = settled
        fresh.append(settled)
    return fresh, tuple(present)


def _comparable(url: str, environ: Mapping[str, str]) -> str:
    """As it will be read. One that is wrong, or whose variable is not set, is refused once it is."""
    read = filled_in(url, environ)[0] if all(environ.get(name) for name in variables(url)) else url
    return same_url(read) if is_web_url(read) else url


def _prove(
    before: Sequence[Feed], after: Sequence[Feed], *, gained: frozenset[str] = NONE, lost: frozenset[str] = NONE
) -> None:
    """That nothing else changed.

    Raises:
        UsageError: it would.
    """
    old = {feed.id: feed for feed in before}
    new = {feed.id: feed for feed in after}
    renamed = sorted(old.keys() - new.keys() - lost)
    if renamed:
        # An id that was made of an address is free again, and the next feed of that address would get it.
        raise UsageError(f"the feed {renamed[0]} would get another id: write `id: {renamed[0]}` to it first")
    kept = old.keys() - lost
    if new.keys() != kept | gained or any(old[feed_id] != new[feed_id] for feed_id in kept):
        raise UsageError("the file cannot be edited without changing other feeds; edit it by hand")


@contextmanager
def _leaving(path: Path) -> Iterator[None]:
    """A refusal within says which file is left as it is; so does a mistake that the edited text would have."""
    try:
        yield
    except (UsageError, ConfigError) as error:
        raise UsageError(f"{path} is left as it is: {error}") from None
