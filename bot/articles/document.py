"""One document of a feed beside what is known: each article once, with what it is known as. Pure.

What an identity is worth is settled here: a guid for all items, the URL of a live page, or a link with a session in it
identify nothing, whatever `feeds.identity` makes of them.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from bot.feeds.identity import Identity, Kind, identities, is_brief
from bot.feeds.traits import Evidence, Traits
from bot.model import Article

SIMILAR_TITLES = 50.0
"""Of 490 headlines that Le Monde rewrote under one guid, 5 % fall below; of pairs of unrelated ones, 2 % reach it."""
FEWEST = 3
"""Items that must show a habit of the feed, beside half of all those that could."""
NO_NEWSROOM = timedelta(seconds=15)
"""No feed publishes faster for long: what is dated closer together was dated by a machine, all at once."""
DIGITS = re.compile(r"\d+")


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
    item: str | None = None
    """Digest of the item that gave `feed_id` the identity."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """An article where it stands in the document."""

    article: Article
    place: int
    identities: tuple[Identity, ...]

    def of_kind(self, kind: str) -> list[Identity]:
        return [each for each in self.identities if each.kind == kind]


@dataclass(slots=True)
class Item:
    """One article of the document, under all the identities that it was listed by."""

    article: Article
    place: int
    """In the document, from 0 at the top."""
    identities: dict[Identity, str | None] = field(default_factory=dict)
    """With the digests of the items that gave them."""
    known_by: dict[Identity, Kind] = field(default_factory=dict)
    """By what the identities that did not come with `article` were taken for its own."""
    before: KnownArticle | None = None
    """What it is known as; None: unseen."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A document's items, in an order that does not depend on the document's, and what they show of the feed."""

    items: tuple[Item, ...]
    evidence: Evidence


def article_digest(article: Article) -> str:
    """Equal while the article says the same; blanks and digits do not count. 32 hexadecimal digits.

    Digits name nobody, and "3 minutes ago", "128 comments" would be an edit at every fetch.
    """
    words = "\n".join(" ".join(DIGITS.sub("", part).split()) for part in (article.title, article.text))
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()


def is_bunch(times: Collection[datetime]) -> bool:
    """Whether all were dated at once, as by a machine that wrote down the time of its own run."""
    return bool(times) and max(times) - min(times) <= NO_NEWSROOM * len(times)


def is_edited(article: Article, before: KnownArticle) -> bool:
    """Whether the feed that owns the stored words now words it otherwise."""
    owns = before.feed_id == article.feed_id == (before.owner_id or before.feed_id)
    return owns and before.digest != article_digest(article)


def list_items(
    articles: Sequence[Article],
    known: Mapping[Identity, KnownArticle],
    traits: Traits,
    *,
    now: datetime,
    last_good_at: datetime | None,
    unchanged: Collection[str],
) -> Listing:
    """The document's articles, each once, with what is known of them; see `decide_changes` for the arguments."""
    dates_lie = traits.dates_churn.holds(now)
    entries = [
        _Entry(_undated(each) if dates_lie else each, place, identities(each)) for place, each in enumerate(articles)
    ]
    entries.sort(key=lambda each: _rank(each.article))
    shared = _shared(entries) | _beside_unchanged(entries, known, frozenset(unchanged))
    reused = _reused(entries, known, traits, now)
    items = _merged(entries, {*traits.shared, *(identity.digest for identity in shared)}, traits, now)
    for item in items:
        if identity := _find(item, known, traits, now):
            _recognise(item, known[identity], identity.kind)
    _believe_titles(items, known, traits, now=now, last_good_at=last_good_at, unchanged=len(unchanged))
    before = {item.place: item.before for item in items if item.before}
    listed = [
        (replace(each, article=articles[each.place]), before[each.place]) for each in entries if each.place in before
    ]
    evidence = _evidence(listed, known, last_good_at=last_good_at, unchanged=len(unchanged))
    return Listing(tuple(items), replace(evidence, shared=frozenset(each.digest for each in shared | reused)))


# --- Each article once ---------------------------------------------------------------------------------------------


def _merged(entries: Sequence[_Entry], worthless: Collection[str], traits: Traits, now: datetime) -> list[Item]:
    items: list[Item] = []
    listed: dict[Identity, Item] = {}
    for entry in entries:
        own = _worth(entry, worthless, traits, now)
        telling = [each for each in own if each.kind != "title"] or own
        twin = _twin(entry.article, telling, listed, traits, now)
        item = listed[twin] if twin else None
        if item is None:
            item = Item(entry.article, entry.place)
            items.append(item)
        item.place = min(item.place, entry.place)
        for identity in own:
            # A reused guid, or the title of a slot, may stand here twice: it belongs to the first.
            if listed.setdefault(identity, item) is item and identity not in item.identities:
                item.identities[identity] = entry.article.item
                if twin:
                    item.known_by[identity] = twin.kind
    return items


def _worth(entry: _Entry, worthless: Collection[str], traits: Traits, now: datetime) -> Sequence[Identity]:
    """The identities that may be believed and are worth remembering; never none of those there are."""
    links_churn = traits.links_churn.holds(now)
    churns = {
        "guid": traits.guids_churn.holds(now),
        "url": links_churn,
        "content": traits.texts_churn.holds(now) or (links_churn and _is_of_its_link(entry.article)),
    }
    kept = [each for each in entry.identities if each.digest not in worthless and not churns.get(each.kind)]
    return kept or entry.identities


def _is_of_its_link(article: Article) -> bool:
    """Whether its content counts as that of its link only."""
    return is_brief(article) and article.canonical_url is not None


def _undated(article: Article) -> Article:
    return replace(article, published_at=article.seen_at, dated=False)


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
        article.item or "",
    )


def _twin(
    article: Article, own: Iterable[Identity], listed: Mapping[Identity, Item], traits: Traits, now: datetime
) -> Identity | None:
    """Under which the article stands in the document already."""
    for identity in own:
        item = listed.get(identity)
        if item is None:
            continue
        other = item.article
        if identity.kind != "guid" or not _is_reused(article, other.canonical_url, other.title, traits, now):
            return identity
    return None


def _shared(entries: Iterable[_Entry]) -> set[Identity]:
    """Guids and URLs that identify nothing in this document: items that differ in all else share them.

    Live blogs and bulletins link every post to one page; some feeds have one guid for all.
    """
    users: defaultdict[Identity, list[Article]] = defaultdict(list)
    for entry in entries:
        for identity in entry.identities:
            if identity.kind in {"guid", "url"}:
                users[identity].append(entry.article)
    return {identity for identity, group in users.items() if _differ(identity, group)}


def _differ(identity: Identity, group: Sequence[Article]) -> bool:
    first = group[0]
    return any(_other(first, each, identity) and not similar_titles(first.title, each.title) for each in group[1:])


def _other(first: Article, second: Article, identity: Identity) -> bool:
    if identity.kind == "url":
        return second.guid is None or second.guid != first.guid
    return first.canonical_url is None or first.canonical_url != second.canonical_url


def _beside_unchanged(
    entries: Iterable[_Entry], known: Mapping[Identity, KnownArticle], unchanged: frozenset[str]
) -> set[Identity]:
    """URLs of articles whose first user still stands in the document as it was: a live page that got another post."""
    found: set[Identity] = set()
    for entry in entries:
        if any(guid in known for guid in entry.of_kind("guid")):
            continue
        for url in entry.of_kind("url"):
            before = known.get(url)
            stands = before is not None and before.item in unchanged and before.feed_id == entry.article.feed_id
            if before and stands and not similar_titles(entry.article.title, before.title):
                found.add(url)
    return found


def _reused(
    entries: Iterable[_Entry], known: Mapping[Identity, KnownArticle], traits: Traits, now: datetime
) -> set[Identity]:
    """Guids that stood for another article before."""
    return {
        guid
        for entry in entries
        for guid in entry.of_kind("guid")
        if (before := known.get(guid)) and _is_reused(entry.article, before.canonical_url, before.title, traits, now)
    }


# --- What it is known as -------------------------------------------------------------------------------------------


def _find(item: Item, known: Mapping[Identity, KnownArticle], traits: Traits, now: datetime) -> Identity | None:
    """Under which the item is known."""
    own = sorted(item.identities, key=lambda each: (_WEIGHT[each.kind], each.digest))
    only_a_title = all(each.kind == "title" for each in own)
    for identity in own:
        before = known.get(identity)
        if before is None or (identity.kind == "title" and not only_a_title):
            continue
        if identity.kind != "guid" or not _is_reused(item.article, before.canonical_url, before.title, traits, now):
            return identity
    return None


def _recognise(item: Item, before: KnownArticle, by: Kind) -> None:
    item.before = before
    item.known_by = dict.fromkeys(item.identities, by)


_WEIGHT = {"guid": 0, "url": 1, "content": 2, "title": 3}


def _is_reused(article: Article, url: str | None, title: str, traits: Traits, now: datetime) -> bool:
    """Whether a guid now stands for another article: some feeds have one guid for all, or one for a slot."""
    if not url or not article.canonical_url or url == article.canonical_url or traits.links_churn.holds(now):
        return False
    return not similar_titles(article.title, title)


def similar_titles(title: str, other: str) -> bool:
    return fuzz.token_set_ratio(title.casefold(), other.casefold()) >= SIMILAR_TITLES


def _believe_titles(
    items: Sequence[Item],
    known: Mapping[Identity, KnownArticle],
    traits: Traits,
    *,
    now: datetime,
    last_good_at: datetime | None,
    unchanged: int,
) -> None:
    """Where most of a document is known by its titles and by nothing else, it is the same document.

    A site that moves to another system may give all its articles other guids, links and texts at once. A title known by
    itself proves nothing: "The eight o'clock news" comes every day.
    """
    by_title: list[tuple[Item, KnownArticle]] = []
    for item in items:
        for identity in item.identities if item.before is None else ():
            before = known.get(identity)
            if before and identity.kind == "title" and before.feed_id == item.article.feed_id:
                by_title.append((item, before))
    always = traits.guids_churn.holds(now) and traits.links_churn.holds(now)
    if not always:
        said_new = [each.article.published_at for each, _ in by_title if _is_dated_after(each.article, last_good_at)]
        if not is_bunch(said_new):
            by_title = [each for each in by_title if not _is_dated_after(each[0].article, last_good_at)]
        if not _most(len(by_title), len(items) + unchanged):
            return
    for item, before in by_title:
        _recognise(item, before, "title")


def _is_dated_after(article: Article, time: datetime | None) -> bool:
    return article.dated and time is not None and article.published_at > time


def _most(count: int, total: int) -> bool:
    return count >= FEWEST and 2 * count >= total


# --- What it shows of the feed -------------------------------------------------------------------------------------


def _evidence(
    listed: Sequence[tuple[_Entry, KnownArticle]],
    known: Mapping[Identity, KnownArticle],
    *,
    last_good_at: datetime | None,
    unchanged: int,
) -> Evidence:
    """Counts the articles that this very feed listed before; what is unchanged shows that nothing churns."""
    again = [(entry, before) for entry, before in listed if before.feed_id == entry.article.feed_id]

    def most(shown: Iterable[bool]) -> bool:
        return _most(sum(shown), len(again) + unchanged)

    def unknown(kind: str) -> Iterator[bool]:
        return (any(identity not in known for identity in entry.of_kind(kind)) for entry, _ in again)

    return Evidence(
        guids_churn=most(unknown("guid")),
        links_churn=most(unknown("url")),
        dates_churn=most(_is_dated_after(entry.article, last_good_at) for entry, _ in again),
        texts_churn=most(unknown("content")),
        all_edited=most(is_edited(entry.article, before) for entry, before in again),
    )
