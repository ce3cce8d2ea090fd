"""What a digest holds, and whether it is worth sending. Pure; the words and the HTML come later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import AlertView, Blindness, Mute


@dataclass(frozen=True, slots=True)
class Line:
    """A story of a digest."""

    delivery_id: int
    view: AlertView
    kept: bool = False
    """Quiet hours had kept it until the morning."""

    @property
    def name(self) -> str:
        return self.view.mentions[0].shown


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many stories a mute hides so far."""

    mute: Mute
    stories: int


@dataclass(frozen=True, slots=True)
class FeedsRead:
    """What the feeds that a target's lists look at did meanwhile: silence is explained."""

    feeds: int
    articles: int
    quiet: tuple[tuple[str, datetime], ...] = ()
    """(title, its last article) of feeds that have published nothing for long."""
    failing: tuple[tuple[str, datetime], ...] = ()
    """(title, since when) of feeds that cannot be read."""
    refused: tuple[str, ...] = ()
    """Titles of feeds whose publisher does not want us, or that were taken down."""
    blind: Blindness | None = None
    """A time in which our own trouble kept us from the feeds."""

    @property
    def whole(self) -> bool:
        """Nothing is missing."""
        return not (self.quiet or self.failing or self.refused or self.blind)


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything since the last one that concerns a target."""

    told: tuple[Line, ...]
    """What rang already."""
    waiting: tuple[Line, ...]
    """What was to wait for the digest."""
    to_check: tuple[Line, ...]
    hidden: tuple[Hidden, ...]
    feeds: FeedsRead

    @property
    def is_empty(self) -> bool:
        return not (self.told or self.waiting or self.to_check or self.hidden)

    @property
    def is_news(self) -> bool:
        """Whether it says anything that did not ring: only then does it ring itself."""
        return bool(self.waiting or self.to_check)

    @property
    def stories(self) -> int:
        return len(self.told) + len(self.waiting) + len(self.to_check)

    @property
    def articles(self) -> int:
        return sum(len(line.view.outlets) for line in (*self.told, *self.waiting, *self.to_check))


def by_name(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """The lines under the name that leads each; the name with most stories first, then as they came."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.name, []).append(line)
    return sorted(groups.items(), key=lambda group: -len(group[1]))
