"""What an edit of the files changes: two loaded configurations → names, watchlists, feeds and keys that differ. Pure.

Says which keys wait for a restart and whether a change removes so much that somebody should be asked first. Applies
nothing: `bot/reload.py` does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bot.config import Loaded, Settings
from bot.model import Feed, Scope, WatchedName, Watchlist

AT_RESTART = frozenset(
    {
        "telegram.token",
        "telegram.token_file",
        "telegram.base_url",
        "telegram.base_file_url",
        "telegram.webhook",
        "network.telegram_proxy",
        "storage.url",
        "web.listen",
        "web.password",
        "heartbeat.url",
        "heartbeat.every",
    }
)
"""Keys of what is opened once, at a start: the line to Telegram, the database, the dashboard's port, the heartbeat."""
FEWEST = 4
"""Of two or three names somebody may take away two without being asked."""


@dataclass(frozen=True, slots=True)
class Changes:
    """From one good configuration to the next."""

    new_lists: tuple[Watchlist, ...] = ()
    gone_lists: tuple[Watchlist, ...] = ()
    kept_lists: tuple[Watchlist, ...] = ()
    """Those that something changed of: the title, who sees it, or names; as they are now."""
    came: tuple[WatchedName, ...] = ()
    """Names to look for from now on; those of new watchlists among them."""
    went: tuple[tuple[Scope, str], ...] = ()
    """Scope and id of the names to look for no more; those of vanished watchlists among them."""
    altered: tuple[WatchedName, ...] = ()
    """Names that stay, with something else said of them."""
    new_feeds: tuple[Feed, ...] = ()
    gone_feeds: tuple[Feed, ...] = ()
    altered_feeds: tuple[Feed, ...] = ()
    keys: tuple[str, ...] = ()
    """Of the settings, dotted: what counts at once."""
    keys_at_restart: tuple[str, ...] = ()
    removes_most: bool = False
    """More than half of the names, or of the feeds."""

    def __bool__(self) -> bool:
        return self.touches_names or self.touches_feeds or bool(self.keys or self.keys_at_restart)

    @property
    def touches_names(self) -> bool:
        return bool(self.new_lists or self.gone_lists or self.kept_lists)

    @property
    def touches_feeds(self) -> bool:
        return bool(self.new_feeds or self.gone_feeds or self.altered_feeds)

    @property
    def is_doubtful(self) -> bool:
        """It may be a file that is half written, or about to be put in another's place."""
        return self.removes_most or bool(self.gone_lists or self.gone_feeds)


def compare(before: Loaded, after: Loaded, started: Settings | None = None) -> Changes:
    """What has to change so that what was `before` is `after`.

    Args:
        started: the settings of the last start. A key that is as it was then waits for no restart.
    """
    old, new = {each.id: each for each in before.watchlists}, {each.id: each for each in after.watchlists}
    names, now = _names(before), _names(after)
    feeds, listed = {each.id: each for each in before.feeds}, {each.id: each for each in after.feeds}
    went = tuple(key for key in names if key not in now)
    gone_feeds = tuple(each for each in before.feeds if each.id not in listed)
    keys = sorted(_differing(before.settings, after.settings))
    waiting = set(_differing(started or before.settings, after.settings))
    return Changes(
        new_lists=tuple(each for each in after.watchlists if each.id not in old),
        gone_lists=tuple(each for each in before.watchlists if each.id not in new),
        kept_lists=tuple(each for each in after.watchlists if each.id in old and old[each.id] != each),
        came=tuple(name for key, name in now.items() if key not in names),
        went=went,
        altered=tuple(name for key, name in now.items() if key in names and names[key] != name),
        new_feeds=tuple(each for each in after.feeds if each.id not in feeds),
        gone_feeds=gone_feeds,
        altered_feeds=tuple(each for each in after.feeds if each.id in feeds and feeds[each.id] != each),
        keys=tuple(key for key in keys if not waits_for_restart(key)),
        keys_at_restart=tuple(key for key in keys if waits_for_restart(key) and key in waiting),
        removes_most=_is_most(len(went), len(names)) or _is_most(len(gone_feeds), len(feeds)),
    )


def version_of(loaded: Loaded) -> str:
    """Equal for files that say the same of names and feeds: 16 hexadecimal digits, which fit into a button."""
    said = hashlib.blake2b(digest_size=8)
    for (scope, name_id), name in sorted(_names(loaded).items()):
        said.update(f"{scope}\0{name_id}\0{name.entity.key}\0".encode())
    for feed in sorted(loaded.feeds, key=lambda each: each.id):
        said.update(f"{feed.id}\0{feed.url}\0".encode())
    return said.hexdigest()


def _names(loaded: Loaded) -> dict[tuple[Scope, str], WatchedName]:
    return {(name.scope, name.id): name for each in loaded.watchlists for name in each.names}


def _is_most(gone: int, of: int) -> bool:
    return of >= FEWEST and gone * 2 > of


def waits_for_restart(key: str) -> bool:
    """Whether an edit of the key (dotted) counts from the next start only."""
    return any(key == each or key.startswith(f"{each}.") for each in AT_RESTART)


def _differing(before: BaseModel, after: BaseModel, within: str = "") -> Iterator[str]:
    """The keys, dotted, whose values are not the same."""
    old, new = _values(before), _values(after)
    for key in old:
        one, other = old[key], new[key]
        if isinstance(one, BaseModel) and isinstance(other, BaseModel):
            yield from _differing(one, other, f"{within}{key}.")
        elif one != other:
            yield f"{within}{key}"


def _values(model: BaseModel) -> Mapping[str, Any]:
    return {key: getattr(model, key) for key in type(model).model_fields}
