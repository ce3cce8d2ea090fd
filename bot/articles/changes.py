"""What a poll brought, compared with what is known: new, changed or seen. Pure.

Decides what is an article that we have, and whether it is news. Does not decide who hears of it. The order of entries
matters only to what is undated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.articles.document import (
    NO_NEWSROOM,
    Item,
    KnownArticle,
    Listing,
    article_digest,
    is_bunch,
    is_edited,
    list_items,
)
from bot.feeds.identity import Identity, Kind
from bot.feeds.traits import TRUSTED, Traits
from bot.model import Article

__all__ = ["Change", "Changed", "KnownArticle", "New", "Seen", "article_digest", "decide_changes", "observed"]

CLOCKS = timedelta(hours=1)
"""How far a publisher's clock, or its cache, may be behind ours: what it dates a little before the last good poll may
have come after it."""
LOOK_BACK = timedelta(days=7)
"""However long a feed did not answer: what is older is history, not news."""
COMEBACK = 20
"""So many unseen items at once, with nothing to say when they were published, are an archive, no news."""
EDITION = 100
"""So many items of one round moment, at most, are a newspaper's edition of that morning."""
HARDLY = 5
"""It is a comeback when the unseen are more than so many times what was known of the document."""


@dataclass(frozen=True, slots=True)
class New:
    article: Article
    alerts: bool
    """False for a baseline (the feed's first poll, a comeback) and for what is old."""
    identities: tuple[Identity, ...]
    items: tuple[tuple[Identity, str], ...] = ()
    """From which item each of the identities was read, where that is known."""
    known_by: Mapping[Identity, Kind] = field(default_factory=dict, compare=False)
    """By what each identity that did not come with the article was taken for its own: for those who ask why."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Worth another look: its feed edited it, or another feed lists it for the first time."""

    article_id: int
    article: Article
    why: Literal["edited", "listed-elsewhere"]
    identities: tuple[Identity, ...]
    items: tuple[tuple[Identity, str], ...] = ()
    known_by: Mapping[Identity, Kind] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Seen:
    article_id: int | None
    identities: tuple[Identity, ...]
    items: tuple[tuple[Identity, str], ...] = ()
    """Empty for an edit that is not looked at yet: the item must be read again."""
    known_by: Mapping[Identity, Kind] = field(default_factory=dict, compare=False)


Change = New | Changed | Seen


def decide_changes(
    articles: Sequence[Article],
    known: Mapping[Identity, KnownArticle],
    *,
    first_poll: bool,
    now: datetime,
    max_age: timedelta,
    last_good_at: datetime | None = None,
    traits: Traits = TRUSTED,
    unchanged: Collection[str] = (),
    tail: int = 0,
) -> list[Change]:
    """One change for each article of one feed's document; no identity in two of them.

    Args:
        articles: in the document's order.
        known: what is stored under the articles' identities: URLs of any feed, all else of this feed.
        first_poll: nothing of this document alerts anybody.
        last_good_at: the last poll of the feed that was answered, before this one: what was published since is news,
            however long our outage was.
        traits: what the feed's earlier polls showed of it (`observed`).
        unchanged: digests of the items that the document lists as before and that are not among `articles`.
        tail: how many of `articles` stand below every unchanged item.
    """
    listing = list_items(articles, known, traits, now=now, last_good_at=last_good_at, unchanged=unchanged)
    newest_first = traits.is_newest_first(now)
    old = _old(listing, unchanged=len(unchanged), tail_at=len(articles) - tail, newest_first=newest_first)
    caught_up = max(last_good_at - CLOCKS, now - LOOK_BACK) if last_good_at else now
    since = min(now - max_age, caught_up)
    changes: dict[int | str, Change] = {}
    for number, item in enumerate(listing.items):
        fresh = not first_poll and item.article.published_at >= since
        change = _decide(item, fresh=fresh and number not in old, may_look=traits.may_look(now))
        key = f"item {number}" if isinstance(change, New) or change.article_id is None else change.article_id
        changes[key] = _joined(changes[key], change) if key in changes else change
    return list(changes.values())


def observed(
    articles: Sequence[Article],
    known: Mapping[Identity, KnownArticle],
    *,
    now: datetime,
    last_good_at: datetime | None = None,
    traits: Traits = TRUSTED,
    unchanged: Collection[str] = (),
    tail: int = 0,
) -> Traits:
    """What the feed may not be trusted for from the next poll on; arguments as of `decide_changes`."""
    listing = list_items(articles, known, traits, now=now, last_good_at=last_good_at, unchanged=unchanged)
    placed = _is_newest_first(listing, unchanged=len(unchanged), tail_at=len(articles) - tail)
    return traits.after(replace(listing.evidence, newest_first=placed), now)


def _decide(item: Item, *, fresh: bool, may_look: bool) -> Change:
    article, before, listed = item.article, item.before, tuple(sorted(item.identities))
    items = tuple((identity, digest) for identity in listed if (digest := item.identities[identity]))
    why = item.known_by
    if before is None:
        return New(article, fresh, listed, items, why)
    if before.article_id is None or not fresh:
        return Seen(before.article_id, listed, items, why)
    if before.feed_id != article.feed_id:
        return Changed(before.article_id, article, "listed-elsewhere", listed, items, why)
    if not is_edited(article, before):
        return Seen(before.article_id, listed, items, why)
    if may_look:
        return Changed(before.article_id, article, "edited", listed, items, why)
    return Seen(before.article_id, listed, known_by=why)


def _joined(first: Change, second: Change) -> Change:
    """Two items of one document turn out to be one stored article: the first decides."""
    return replace(
        first,
        identities=tuple(sorted({*first.identities, *second.identities})),
        items=tuple(sorted({**dict(second.items), **dict(first.items)}.items())),
        known_by={**second.known_by, **first.known_by},
    )


# --- Undated, or dated all at once ---------------------------------------------------------------------------------


def _old(listing: Listing, *, unchanged: int, tail_at: int, newest_first: bool) -> set[int]:
    """Numbers of the unseen items that are old although no date says so.

    They are, when very many come at once to a document of which hardly anything is known, or when they stand below all
    that is known. A batch that a magazine publishes at once, above its former articles, is news.
    """
    silent = _silent(listing)
    overlap = unchanged + sum(item.before is not None for item in listing.items)
    if len(silent) >= COMEBACK and len(silent) > HARDLY * overlap:
        return silent
    if not overlap:
        return set()
    bottom = _bottom(listing, unchanged=unchanged, tail_at=tail_at)
    below = {number for number in silent if listing.items[number].place >= bottom}
    return below if newest_first or len(below) >= COMEBACK else set()


def _is_newest_first(listing: Listing, *, unchanged: int, tail_at: int) -> bool | None:
    silent = _silent(listing)
    if not silent or not (unchanged or any(item.before for item in listing.items)):
        return None
    bottom = _bottom(listing, unchanged=unchanged, tail_at=tail_at)
    return all(listing.items[number].place < bottom for number in silent)


def _bottom(listing: Listing, *, unchanged: int, tail_at: int) -> int:
    """The first place below every item that was listed before."""
    below_known = 1 + max((item.place for item in listing.items if item.before), default=-1)
    return max(below_known, tail_at) if unchanged else below_known


def _silent(listing: Listing) -> set[int]:
    """Numbers of the unseen items of which nobody says when they were published."""
    unseen = {number: item.article for number, item in enumerate(listing.items) if item.before is None}
    dated = sorted((article.published_at, number) for number, article in unseen.items() if article.dated)
    silent = {number for number, article in unseen.items() if not article.dated}
    margin = len(dated) // 20  # a twentieth at either end may be dated otherwise
    core = [time for time, _ in dated[margin : len(dated) - margin]]
    if len(dated) >= COMEBACK and is_bunch(core) and not _is_edition(core, listing.items[dated[0][1]].article.seen_at):
        slack = NO_NEWSROOM * len(dated)
        silent |= {number for time, number in dated if core[0] - slack <= time <= core[-1] + slack}
    return silent


def _is_edition(times: Sequence[datetime], seen_at: datetime) -> bool:
    """Whether an editor dated them, all for 5 o'clock, hours ago; a machine writes the second at which it runs."""
    moment = times[0]
    is_round = moment.minute % 5 == 0 and moment.second == moment.microsecond == 0
    return is_round and set(times) == {moment} and len(times) <= EDITION and seen_at - moment >= CLOCKS
