"""The day of the sample newsroom as data: who publishes what when, and what stands in a feed at a moment.

Pure: reads the package's own YAML once, then decides from it and from the times it is given. Serves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

HERE = Path(__file__).parent
OPENS, CLOSES = time(6), time(22)
"""The day in the outlets' own hours; the last news comes early enough to be read before it closes."""


class Situation(StrEnum):
    """What an item is there to show; the package's docstring says what must come of each."""

    NEW_STORY = "new-story"
    SAME_STORY = "same-story"
    NEW_NAME = "new-name"
    EDITED_HEADLINE = "edited-headline"
    REPUBLISHED = "republished"
    BASELINE = "baseline"
    MISSPELT = "misspelt"
    ARABIC = "arabic"
    REORDERED = "reordered"
    POSSIBLE = "possible"
    NAMESAKE = "namesake"
    SUBSTRING = "substring"
    BROKEN_FEED = "broken-feed"
    RECOVERED = "recovered"


class FaultKind(StrEnum):
    SERVER_ERROR = "server-error"
    MALFORMED = "malformed"


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(_one_line), Field(min_length=1)]
"""Text that may be wrapped in the YAML."""


class Change(_Data):
    """From `at` on, the item stands in the feed with these values instead."""

    at: time
    shows: Situation
    title: Line | None = None
    guid: str | None = None
    query: str = ""
    """Trackers behind the link."""


class Item(_Data):
    """What an outlet publishes: at a time of the day, or so many real hours before the day began."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    """Unique in its outlet; also the last part of its page's address."""
    at: time | None = None
    hours_before: float | None = Field(default=None, gt=0)
    title: Line
    lead: Line
    text: str = ""
    """Paragraphs with an empty line between; empty means that the lead is all."""
    dated: bool = True
    shows: Situation | None = None
    changes: tuple[Change, ...] = ()

    @model_validator(mode="after")
    def _one_time(self) -> Item:
        if (self.at is None) == (self.hours_before is None):
            raise ValueError("an item has either `at` or `hours_before`")
        return self

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(" ".join(part.split()) for part in (self.text or self.lead).split("\n\n"))


class Fault(_Data):
    """The feed is broken from `since` until `until`; the article pages are not."""

    since: time
    until: time
    kind: FaultKind
    shows: Situation


class Outlet(_Data):
    id: str
    title: str
    about: Line
    language: Literal["fr", "en", "ar"]
    tags: frozenset[str]
    format: Literal["rss", "atom"]
    full_text: bool
    """Whether the feed holds the whole text or the lead only."""
    interval_s: float = Field(ge=1, le=2)
    faults: tuple[Fault, ...] = ()
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An item as it stands in a feed at a moment."""

    item: Item
    guid: str
    title: str
    query: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """How the outlets' hours map to real time: the day takes `day_s` seconds from `begins` on."""

    opened: datetime
    """When the newsroom opened; old items are dated from here, so that they keep their dates."""
    begins: datetime
    day_s: float

    def when(self, moment: time) -> datetime:
        return self.begins + timedelta(seconds=self.day_s * (_minutes(moment) / _minutes(CLOSES)))

    def published(self, item: Item) -> datetime:
        if item.at is not None:
            return self.when(item.at)
        return self.opened - timedelta(hours=item.hours_before or 0)


def _minutes(moment: time) -> int:
    """Minutes since the day opened."""
    return (moment.hour - OPENS.hour) * 60 + moment.minute - OPENS.minute


def load_outlets(folder: Path = HERE / "outlets") -> tuple[Outlet, ...]:
    """All outlets, by file name."""
    return tuple(_load(path) for path in sorted(folder.glob("*.yaml")))


def _load(path: Path) -> Outlet:
    # BaseLoader keeps scalars as written; the usual one reads 10:20 as the number 620.
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  makes strings only
    return Outlet.model_validate({"id": path.stem, **data})


def listed(outlet: Outlet, timeline: Timeline, now: datetime) -> tuple[Listed, ...]:
    """What the feed holds at `now`, newest first."""
    out = (_as_it_stands(item, timeline, now) for item in outlet.items if timeline.published(item) <= now)
    return tuple(sorted(out, key=lambda each: each.published, reverse=True))


def _as_it_stands(item: Item, timeline: Timeline, now: datetime) -> Listed:
    published = timeline.published(item)
    standing = Listed(item, item.id, item.title, "", published, published)
    for change in item.changes:
        if timeline.when(change.at) <= now:
            standing = Listed(
                item,
                change.guid or standing.guid,
                change.title or standing.title,
                change.query or standing.query,
                published,
                timeline.when(change.at),
            )
    return standing


def shows(item: Item, situation: Situation) -> bool:
    """Whether the item, or a change to it, is there for this situation."""
    return situation in {item.shows, *(change.shows for change in item.changes)}


def fault_at(outlet: Outlet, timeline: Timeline, now: datetime) -> FaultKind | None:
    for fault in outlet.faults:
        if timeline.when(fault.since) <= now < timeline.when(fault.until):
            return fault.kind
    return None


def last_change(outlets: tuple[Outlet, ...]) -> time:
    """When the last piece of news, or change to one, is out."""
    return max(moment for outlet in outlets for moment in _moments(outlet))


def _moments(outlet: Outlet) -> Iterator[time]:
    for item in outlet.items:
        if item.at is not None:
            yield item.at
        yield from (change.at for change in item.changes)
    yield from (fault.until for fault in outlet.faults)
