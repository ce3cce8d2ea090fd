"""A feed and what is remembered of it, for tests: storage's rules in a dictionary, and the skimming of documents."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.articles.changes import Change, Changed, KnownArticle, New, article_digest, decide_changes, observed
from bot.articles.clean import clean_entry
from bot.feeds.identity import Identity, identities
from bot.feeds.traits import Traits
from bot.model import Article, Entry, Feed

START = datetime(2025, 3, 3, 12, tzinfo=UTC)
STEP = timedelta(minutes=10)
MAX_AGE = timedelta(hours=48)


@dataclass(slots=True)
class Row:
    article_id: int | None
    item: str | None


@dataclass(slots=True)
class Memory:
    """What is stored of the feeds: identities by feed, articles by id."""

    skims: bool = True
    """Whether items that are listed byte for byte as at the last poll are left out, as the parser may."""
    rows: dict[Identity, dict[str, Row]] = field(default_factory=dict)
    """By identity and the feed that listed it."""
    articles: list[Article] = field(default_factory=list)
    traits: dict[str, Traits] = field(default_factory=dict)
    last_good_at: dict[str, datetime] = field(default_factory=dict)
    listed: dict[str, set[str | None]] = field(default_factory=dict)

    def poll(self, entries: Sequence[Entry], now: datetime, feed_id: str = "phare") -> list[Change]:
        """T1, as the poller does it."""
        entries = [replace(each, item=_digest(each)) for each in entries]
        same = self.listed.get(feed_id, set()) if self.skims else set()
        feed = Feed(feed_id, "https://phare.example/rss")
        fresh = [each for each in entries if each.item not in same]
        last_same = max((place for place, each in enumerate(entries) if each.item in same), default=-1)
        articles = [clean_entry(each, feed, None, now) for each in fresh]
        unchanged = [each.item for each in entries if each.item and each.item in same]
        known = self.known(feed_id, articles)
        traits, last_good_at = self.traits.get(feed_id, Traits()), self.last_good_at.get(feed_id)
        tail = len(entries) - 1 - last_same
        changes = decide_changes(
            articles,
            known,
            first_poll=last_good_at is None,
            now=now,
            max_age=MAX_AGE,
            last_good_at=last_good_at,
            traits=traits,
            unchanged=unchanged,
            tail=tail,
        )
        seen = observed(
            articles, known, now=now, last_good_at=last_good_at, traits=traits, unchanged=unchanged, tail=tail
        )
        self.traits[feed_id] = Traits.from_json(seen.to_json())
        self.last_good_at[feed_id] = now
        for change in changes:
            self._save(feed_id, change)
        items = {listing[feed_id].item for listing in self.rows.values() if feed_id in listing}
        self.listed[feed_id] = items & {each.item for each in entries} - {None}
        return changes

    def known(self, feed_id: str, articles: Sequence[Article]) -> dict[Identity, KnownArticle]:
        found: dict[Identity, KnownArticle] = {}
        for identity in {identity for each in articles for identity in identities(each)}:
            for owner, row in sorted(self.rows.get(identity, {}).items(), key=lambda each: each[0] == feed_id):
                if owner == feed_id or identity.kind == "url":
                    found[identity] = self._known(owner, row)
        return found

    def forget_articles(self) -> None:
        """Retention: the articles are deleted, the identities stay."""
        for listing in self.rows.values():
            for row in listing.values():
                row.article_id = None

    def _known(self, owner: str, row: Row) -> KnownArticle:
        if row.article_id is None:
            return KnownArticle(None, owner, "", "", None, None, row.item)
        stored = self.articles[row.article_id]
        digest = article_digest(stored)
        return KnownArticle(row.article_id, owner, stored.title, digest, stored.canonical_url, stored.feed_id, row.item)

    def _save(self, feed_id: str, change: Change) -> None:
        if isinstance(change, New):
            self.articles.append(change.article)
            article_id: int | None = len(self.articles) - 1
        else:
            article_id = change.article_id
        if isinstance(change, Changed) and change.why == "edited":
            self.articles[change.article_id] = change.article
        items = dict(change.items)
        for identity in change.identities:
            row = self.rows.setdefault(identity, {}).setdefault(feed_id, Row(article_id, None))
            row.item = items.get(identity, row.item)


def alerting(changes: Sequence[Change]) -> list[str]:
    """The titles of what is news."""
    return [change.article.title for change in changes if isinstance(change, New) and change.alerts]


def entry(number: int, *, at: datetime | None = START, brief: bool = False, site: str = "phare") -> Entry:
    """The item `number` of a well-behaved feed, unlike any other; brief: a headline and no text."""
    return Entry(
        guid=f"{site}-{number}",
        link=f"https://{site}.example/{number}.html",
        title=_words(number, 5),
        summary="" if brief else _words(number + 100_000, 20),
        published=at,
    )


def _words(seed: int, count: int) -> str:
    chance = random.Random(seed)
    syllables = [consonant + vowel for consonant in "bcdfgklmnprstvz" for vowel in "aeiou"]
    return " ".join("".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(count)).capitalize()


def _digest(entry: Entry) -> str:
    return hashlib.blake2b(repr(entry).encode(), digest_size=16).hexdigest()
