"""What an entry would have alerted among stored articles: at its threshold, and at a little less and more. Pure.

An entry is tried inside its own watchlist, for names compete inside one scope: a mention that a longer name of the list
takes would not have alerted. Each threshold is a scope of its own, which holds the whole list with that one threshold
changed; the matcher keeps the names that are the same once, however many scopes ask for them. A name of no list is
tried alone, like the first `/watch` of a chat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.matching.index import matcher_of
from bot.model import Entity, Match, Scope, StoredArticle, Tier, WatchedName, Watchlist
from bot.stories.group import Grouping, read
from bot.text import fold_text

MARGIN = 5
"""How far below and above its threshold an entry is tried: strict, normal and wide lie 7 apart."""

NEW = Scope("new")
"""Where a name of no watchlist is tried."""

SHORTEST_SPAN = timedelta(days=1)
"""News of less than a day says nothing about a week."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name to try, with the watchlist that it stands on; None for a new name."""

    name: WatchedName
    watchlist: Watchlist | None = None

    @property
    def threshold(self) -> int:
        return self.name.entity.threshold

    @property
    def thresholds(self) -> tuple[int, ...]:
        """Its own, and MARGIN less and more, kept between 0 and 100; ascending, each once."""
        return tuple(sorted({max(self.threshold - MARGIN, 0), self.threshold, min(self.threshold + MARGIN, 100)}))

    def at(self, threshold: int, scope: Scope) -> Iterable[WatchedName]:
        """The names of its list, moved to `scope`; its own with this threshold."""
        for each in self.watchlist.names if self.watchlist else (self.name,):
            entity = replace(each.entity, threshold=threshold) if each.id == self.name.id else each.entity
            yield replace(each, scope=scope, entity=entity)

    @property
    def tags(self) -> frozenset[str]:
        """Of the feeds that its list looks at; none means all feeds."""
        return self.watchlist.tags if self.watchlist else frozenset()

    def looks_at(self, article_tags: frozenset[str]) -> bool:
        """Whether its list looks at an article whose feeds have these tags."""
        return not self.tags or bool(self.tags & article_tags)


def listed_entries(written: str, watchlists: Iterable[Watchlist]) -> list[Entry]:
    """The entries that go by this name, label, id or alias, in every list; case and accents do not matter."""
    wanted = fold_text(written)
    return [Entry(name, each) for each in watchlists for name in each.names if wanted and wanted in _called(name)]


def new_entry(entity: Entity) -> Entry:
    return Entry(WatchedName(NEW, entity.name, entity))


def _called(name: WatchedName) -> set[str]:
    return {fold_text(each) for each in (name.id, name.shown, name.entity.name, *name.entity.aliases)}


class Trial:
    """The matcher of the running bot, with each entry at each of its thresholds. Reads no article twice."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._tried = {
            Scope(f"{number}/{threshold}"): (number, entry, threshold)
            for number, entry in enumerate(entries)
            for threshold in entry.thresholds
        }
        self._matcher = matcher_of(
            name for scope, (_, entry, threshold) in self._tried.items() for name in entry.at(threshold, scope)
        )

    def find(self, title: str, text: str, language: str | None) -> dict[int, dict[int, Match]]:
        """Threshold → match, by the number of the entry; what is not found is left out."""
        found: dict[int, dict[int, Match]] = {}
        for match in self._matcher.find(title, text, language):
            number, entry, threshold = self._tried[match.scope]
            if match.name_id == entry.name.id:
                found.setdefault(number, {})[threshold] = match
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """An article that names an entry, at one of its thresholds at least."""

    article: StoredArticle
    story: int | None
    """The stored story of the article; None when it has none, for nobody on a watchlist was new in it."""
    at: Mapping[int, Match]
    """By threshold."""

    def tier(self, threshold: int) -> Tier | None:
        match = self.at.get(threshold)
        return match.tier if match else None

    def match(self, threshold: int) -> Match:
        """The match at this threshold; where there is none, at the lowest."""
        return self.at.get(threshold) or self.at[min(self.at)]


def with_stories(found: Iterable[Found], window: timedelta) -> list[Found]:
    """Every article with a story, the newest article first.

    Articles without a stored one are grouped as the running bot would; the stories made here count down from -1.
    """
    grouped: list[Found] = []
    grouping = Grouping(window)
    made = 0
    for each in sorted(found, key=_order):
        article = each.article.article
        grouping.slide(article.published_at)
        facts = read(article)
        story = grouping.assign(facts).story_id if each.story is None else each.story
        if story is None:
            made += 1
            story = -made
        grouping.keep(each.article.id, story, article.title, facts)
        grouped.append(replace(each, story=story))
    return grouped[::-1]


def _order(found: Found) -> tuple[datetime, str, int]:
    """In which the editor looks at articles: by publication and URL."""
    return found.article.article.published_at, found.article.article.url or "", found.article.id


@dataclass(slots=True)
class Stock:
    """Which articles are stored."""

    articles: int = 0
    first: datetime | None = None
    """The earliest publication."""
    last: datetime | None = None
    read_since: datetime | None = None
    """From when on, within the days that were asked for, the feeds were read; None when they never were."""


@dataclass(frozen=True, slots=True)
class Level:
    """What one threshold makes of the articles. A story rings once, however many articles tell it."""

    threshold: int
    certain_articles: int
    certain_stories: int
    possible_articles: int
    possible_stories: int
    """Stories that never ring: nothing in them is more than possible."""
    a_week: float | None
    """Stories that ring; None when the feeds have not been read for long enough."""


@dataclass(frozen=True, slots=True)
class Result:
    """One entry, tried."""

    entry: Entry
    found: tuple[Found, ...]
    """With their stories; the newest first."""
    levels: tuple[Level, ...]
    """By threshold, ascending."""
    outside: int
    """Articles that were found in feeds at which its list does not look; they are in none of the counts."""


def result_of(
    entry: Entry, found: Iterable[Found], *, outside: int, stock: Stock, window: timedelta, now: datetime
) -> Result:
    """`window`: an article joins no story that has been silent for longer."""
    grouped = with_stories(found, window)
    read_since = stock.read_since or now
    levels = tuple(level(grouped, threshold, read_since=read_since, now=now) for threshold in entry.thresholds)
    return Result(entry, tuple(grouped), levels, outside)


def level(found: Sequence[Found], threshold: int, *, read_since: datetime, now: datetime) -> Level:
    """What `threshold` makes of articles with stories.

    The rate counts what was published since the feeds are read, `read_since`: of the time before, a feed's first poll
    brings only what it still lists.
    """
    certain = [each for each in found if each.tier(threshold) is Tier.CERTAIN]
    possible = [each for each in found if each.tier(threshold) is Tier.POSSIBLE]
    ringing = _stories(certain)
    came = _stories(each for each in certain if each.article.article.published_at >= read_since)
    span = now - read_since
    return Level(
        threshold,
        certain_articles=len(certain),
        certain_stories=len(ringing),
        possible_articles=len(possible),
        possible_stories=len(_stories(possible) - ringing),
        a_week=len(came) * (timedelta(days=7) / span) if span >= SHORTEST_SPAN else None,
    )


def changed(found: Iterable[Found], before: int, after: int) -> list[Found]:
    """What another threshold makes something else of; what rings at either first, else in the order given."""
    moved = [each for each in found if each.tier(before) is not each.tier(after)]
    return sorted(moved, key=lambda each: Tier.CERTAIN not in {each.tier(before), each.tier(after)})


def _stories(found: Iterable[Found]) -> set[int | None]:
    return {each.story for each in found}
