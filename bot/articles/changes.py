"""What a poll brought, compared with what is known: new, changed or seen. Pure; the order of entries does not matter.

Decides what is an article that we have. Does not decide who hears of it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from rapidfuzz import fuzz

from bot.feeds.identity import Identity, identities
from bot.model import Article

SIMILAR_TITLES = 50.0
"""Of 490 headlines that Le Monde rewrote under one guid, 5 % fall below; of pairs of unrelated ones, 2 % reach it."""


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What is stored under an identity."""

    article_id: int | None
    """None when the article was deleted and only the memory of it is kept."""
    feed_id: str
    """The feed that listed the identity: the polled one if it did, else any other."""
    title: str
    digest: str
    """Of the stored title and text, by `article_digest`."""
    canonical_url: str | None
    owner_id: str | None = None
    """The feed whose title and text are stored; None: `feed_id`. Only its edits count, else two feeds that word one
    article differently would edit it in turns for ever."""


@dataclass(frozen=True, slots=True)
class New:
    article: Article
    alerts: bool
    """False for a baseline (the feed's first poll) and for what is older than `max_age`."""
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Worth another look: its feed edited it, or another feed lists it for the first time."""

    article_id: int
    article: Article
    why: Literal["edited", "listed-elsewhere"]
    identities: tuple[Identity, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    article_id: int | None
    identities: tuple[Identity, ...]


Change = New | Changed | Seen


@dataclass(slots=True)
class _Item:
    """One article of the document, under all the identities that it was listed by."""

    article: Article
    identities: set[Identity] = field(default_factory=set)


def decide_changes(
    articles: Sequence[Article],
    known: Mapping[Identity, KnownArticle],
    *,
    first_poll: bool,
    now: datetime,
    max_age: timedelta,
) -> list[Change]:
    """One change for each article of one feed's document.

    Args:
        known: what is stored under the articles' identities: guid and content of this feed, URLs of any feed.
        first_poll: nothing of this document alerts anybody.
    """
    changes: dict[int | str, Change] = {}
    for number, item in enumerate(_items(articles)):
        fresh = not first_poll and item.article.published_at >= now - max_age
        change = _decide(item, _find(item, known), fresh=fresh)
        key = f"item {number}" if isinstance(change, New) or change.article_id is None else change.article_id
        changes[key] = _joined(changes[key], change) if key in changes else change
    return list(changes.values())


def article_digest(article: Article) -> str:
    """Equal while the article says the same; blanks do not count. 32 hexadecimal digits."""
    words = "\n".join(" ".join(part.split()) for part in (article.title, article.text))
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()


def _decide(item: _Item, before: KnownArticle | None, *, fresh: bool) -> Change:
    article, listed = item.article, tuple(sorted(item.identities))
    if before is None:
        return New(article, fresh, listed)
    if before.article_id is None or not fresh:
        return Seen(before.article_id, listed)
    if before.feed_id != article.feed_id:
        return Changed(before.article_id, article, "listed-elsewhere", listed)
    is_owner = (before.owner_id or before.feed_id) == article.feed_id
    if is_owner and before.digest != article_digest(article):
        return Changed(before.article_id, article, "edited", listed)
    return Seen(before.article_id, listed)


def _joined(first: Change, second: Change) -> Change:
    """Two items of one document turn out to be one stored article: the first decides."""
    return replace(first, identities=tuple(sorted({*first.identities, *second.identities})))


def _find(item: _Item, known: Mapping[Identity, KnownArticle]) -> KnownArticle | None:
    for identity in _by_weight(item.identities):
        before = known.get(identity)
        if before and not (identity.kind == "guid" and _is_reused(item.article, before.canonical_url, before.title)):
            return before
    return None


def _is_reused(article: Article, url: str | None, title: str) -> bool:
    """Whether a guid now stands for another article: some feeds have one guid for all, or one for a slot."""
    if not url or not article.canonical_url or url == article.canonical_url:
        return False
    return not _similar(article.title, title)


def _similar(title: str, other: str) -> bool:
    return fuzz.token_set_ratio(title.casefold(), other.casefold()) >= SIMILAR_TITLES


# --- One document --------------------------------------------------------------------------------------------------


def _items(articles: Iterable[Article]) -> list[_Item]:
    """The articles of a document, each once, in an order that does not depend on the document's."""
    ordered = sorted(articles, key=_rank)
    shared = _shared_urls(ordered)
    items: list[_Item] = []
    listed: dict[Identity, _Item] = {}
    for article in ordered:
        own = [identity for identity in identities(article) if identity not in shared]
        item = _twin(article, own, listed)
        if item is None:
            item = _Item(article)
            items.append(item)
        item.identities.update(own)
        for identity in own:
            listed.setdefault(identity, item)
    return items


def _rank(article: Article) -> tuple[object, ...]:
    """The newest and fullest version first; the rest only makes the order total."""
    return (
        -article.published_at.timestamp(),
        -len(article.text),
        article.title,
        article.text,
        article.url or "",
        article.guid or "",
        article.language or "",
    )


def _twin(article: Article, own: Iterable[Identity], listed: Mapping[Identity, _Item]) -> _Item | None:
    for identity in own:
        item = listed.get(identity)
        if item and not (
            identity.kind == "guid" and _is_reused(article, item.article.canonical_url, item.article.title)
        ):
            return item
    return None


def _shared_urls(articles: Iterable[Article]) -> set[Identity]:
    """URLs that identify nothing in this document: items with other guids and other headlines share them.

    Live blogs and bulletins link every post to one page.
    """
    users: defaultdict[Identity, list[Article]] = defaultdict(list)
    for article in articles:
        for identity in identities(article):
            if identity.kind == "url":
                users[identity].append(article)
    return {identity for identity, group in users.items() if _differ(group)}


def _differ(group: Sequence[Article]) -> bool:
    first = group[0]
    return any(
        (other.guid is None or other.guid != first.guid) and not _similar(other.title, first.title)
        for other in group[1:]
    )


def _by_weight(found: Iterable[Identity]) -> list[Identity]:
    order = {"guid": 0, "url": 1, "content": 2}
    return sorted(found, key=lambda identity: (order[identity.kind], identity.digest))
