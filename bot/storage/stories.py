"""Stories, their articles, and the matches found in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Match, MatchField, Reason, Scope, StoredArticle, Tier
from bot.storage.articles import stored_article
from bot.storage.database import insert
from bot.storage.schema import articles, feeds, matches, stories, story_articles


async def save_matches(tx: AsyncConnection, article_id: int, found: Sequence[Match]) -> None:
    """What was found in the article as it is now, in place of what was found before."""
    await tx.execute(delete(matches).where(matches.c.article_id == article_id))
    rows = [
        {
            "article_id": article_id,
            "scope": match.scope,
            "name_id": match.name_id,
            "alias": match.alias,
            "text": match.text,
            "field": match.field.value,
            "start": match.start,
            "end": match.end,
            "score": match.score,
            "tier": match.tier.value,
            "reasons": [[reason.code, dict(reason.values)] for reason in match.reasons],
        }
        for match in found
    ]
    if rows:
        await tx.execute(insert(tx, matches), rows)


async def matches_of(connection: AsyncConnection, article_id: int) -> list[Match]:
    """In the order of the text: title first."""
    query = select(matches).where(matches.c.article_id == article_id)
    found = [_match(row) for row in await connection.execute(query)]
    return sorted(found, key=lambda match: (match.field is MatchField.TEXT, match.start, match.scope, match.name_id))


def _match(row: Row[Any]) -> Match:
    return Match(
        scope=Scope(row.scope),
        name_id=row.name_id,
        alias=row.alias,
        text=row.text,
        field=MatchField(row.field),
        start=row.start,
        end=row.end,
        score=row.score,
        tier=Tier(row.tier),
        reasons=tuple(Reason(code, values) for code, values in row.reasons),
    )


@dataclass(frozen=True, slots=True)
class Recent:
    """An article with what was found in it, and its story if it has one."""

    stored: StoredArticle
    outlet: str
    story_id: int | None
    matches: tuple[Match, ...]


MOST_RECENT = 200
"""Articles that /latest turns over."""
MOST_JUDGED = 1_000
"""Articles of names that somebody corrected, which /trend looks at once more."""


async def recent_matches(connection: AsyncConnection, scopes: Sequence[Scope], since: datetime) -> list[Recent]:
    """The articles published since then in which a name of these scopes was found, the latest first."""
    return await _recent(connection, matches.c.scope.in_(scopes), since, MOST_RECENT)


async def recent_matches_of(
    connection: AsyncConnection, names: Collection[tuple[Scope, str]], since: datetime
) -> list[Recent]:
    """The same of these names (scope, id) alone, and of many more articles."""
    return await _recent(connection, tuple_(matches.c.scope, matches.c.name_id).in_(names), since, MOST_JUDGED)


async def _recent(connection: AsyncConnection, wanted: ColumnElement[bool], since: datetime, most: int) -> list[Recent]:
    inside = select(matches.c.article_id).where(wanted)
    query = (
        select(articles, feeds.c.title.label("outlet"), story_articles.c.story_id)
        .join(feeds, feeds.c.id == articles.c.feed_id)
        .outerjoin(story_articles, story_articles.c.article_id == articles.c.id)
        .where(articles.c.id.in_(inside), articles.c.published_at >= since)
        .order_by(articles.c.published_at.desc(), articles.c.id.desc())
        .limit(most)
    )
    rows = (await connection.execute(query)).all()
    found = await connection.execute(select(matches).where(matches.c.article_id.in_([row.id for row in rows]), wanted))
    by_article: dict[int, list[Match]] = {}
    for row in found:
        by_article.setdefault(row.article_id, []).append(_match(row))
    return [
        Recent(stored_article(row), row.outlet or row.feed_id, row.story_id, tuple(by_article.get(row.id, ())))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Mention:
    """That a name was found in an article."""

    name: tuple[Scope, str]
    """Its scope and id."""
    article_id: int
    tier: Tier
    published_at: datetime


async def mentions_since(connection: AsyncConnection, scopes: Sequence[Scope], since: datetime) -> list[Mention]:
    """Every article published since then in which a name of these scopes was found."""
    query = (
        select(matches.c.scope, matches.c.name_id, matches.c.tier, matches.c.article_id, articles.c.published_at)
        .join(articles, articles.c.id == matches.c.article_id)
        .where(matches.c.scope.in_(scopes), articles.c.published_at >= since)
    )
    rows = await connection.execute(query)
    return [Mention((Scope(row.scope), row.name_id), row.article_id, Tier(row.tier), row.published_at) for row in rows]


async def story_of(connection: AsyncConnection, article_id: int) -> int | None:
    query = select(story_articles.c.story_id).where(story_articles.c.article_id == article_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def current_articles(connection: AsyncConnection, since: datetime) -> list[tuple[int, StoredArticle]]:
    """(story, article) of every story that had an article published since then, in order of publication and URL."""
    query = (
        select(articles, story_articles.c.story_id)
        .select_from(articles.join(story_articles).join(stories))
        .where(stories.c.last_at >= since)
        .order_by(articles.c.published_at, articles.c.url, articles.c.id)
    )
    return [(row.story_id, stored_article(row)) for row in await connection.execute(query)]


async def is_stored(connection: AsyncConnection, story_id: int) -> bool:
    """Whether the story was not forgotten meanwhile (`retention`, an erased person)."""
    return (await connection.execute(select(stories.c.id).where(stories.c.id == story_id))).first() is not None


@dataclass(frozen=True, slots=True)
class ToldArticle:
    """An article of a story, as a list shows it."""

    id: int
    outlet: str
    title: str
    url: str | None
    language: str | None
    published_at: datetime
    why: Reason
    """Why it stands in the story."""


@dataclass(frozen=True, slots=True)
class ToldStory:
    """A story with its articles, the oldest first."""

    id: int
    title: str
    first_at: datetime
    last_at: datetime
    follows_id: int | None
    follows: str | None
    """The headline of the story that this one follows."""
    articles: tuple[ToldArticle, ...]


async def told_stories(connection: AsyncConnection, since: datetime, *, limit: int | None = None) -> list[ToldStory]:
    """The stories that had an article published since then, the newest first; `limit`: only so many."""
    earlier = stories.alias("earlier")
    query = (
        select(stories, earlier.c.title.label("follows"))
        .outerjoin(earlier, stories.c.follows_id == earlier.c.id)
        .where(stories.c.last_at >= since)
        .order_by(stories.c.last_at.desc(), stories.c.id.desc())
        .limit(limit)
    )
    found = list(await connection.execute(query))
    chosen = stories.c.last_at >= since if limit is None else stories.c.id.in_([row.id for row in found])
    by_story = await _told_articles(connection, chosen)
    return [
        ToldStory(
            row.id, row.title, row.first_at, row.last_at, row.follows_id, row.follows, tuple(by_story.get(row.id, ()))
        )
        for row in found
    ]


async def _told_articles(connection: AsyncConnection, chosen: ColumnElement[bool]) -> dict[int, list[ToldArticle]]:
    query = (
        select(articles, story_articles, feeds.c.title.label("feed_title"))
        .select_from(articles.join(story_articles).join(stories).join(feeds, articles.c.feed_id == feeds.c.id))
        .where(chosen)
        .order_by(articles.c.published_at, articles.c.url, articles.c.id)
    )
    found: dict[int, list[ToldArticle]] = {}
    for row in await connection.execute(query):
        told = ToldArticle(
            id=row.id,
            outlet=row.feed_title or row.feed_id,
            title=row.title,
            url=row.url,
            language=row.language,
            published_at=row.published_at,
            why=Reason(*row.why),
        )
        found.setdefault(row.story_id, []).append(told)
    return found


async def articles_of(connection: AsyncConnection, story_id: int) -> list[StoredArticle]:
    """The articles of a story, oldest first; by URL where they are equally old, whichever feed was read first."""
    query = (
        select(articles)
        .join(story_articles)
        .where(story_articles.c.story_id == story_id)
        .order_by(articles.c.published_at, articles.c.url, articles.c.id)
    )
    return [stored_article(row) for row in await connection.execute(query)]


async def names_any(connection: AsyncConnection, story_id: int, names: Collection[tuple[Scope, str]]) -> bool:
    """Whether an article of the story names one of these (scope, name id); not when the story is no longer stored."""
    query = (
        select(matches.c.id)
        .join(story_articles, story_articles.c.article_id == matches.c.article_id)
        .where(story_articles.c.story_id == story_id, tuple_(matches.c.scope, matches.c.name_id).in_(names))
        .limit(1)
    )
    return (await connection.execute(query)).first() is not None


async def followed_by(connection: AsyncConnection, story_id: int) -> int | None:
    """The earlier story that this one follows."""
    query = select(stories.c.follows_id).where(stories.c.id == story_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def title_followed(connection: AsyncConnection, story_id: int) -> str | None:
    """The headline of the earlier story that this one follows."""
    earlier = stories.alias("earlier")
    query = select(earlier.c.title).join(stories, stories.c.follows_id == earlier.c.id).where(stories.c.id == story_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def begin_story(
    tx: AsyncConnection, first: StoredArticle, why: Reason, now: datetime, *, follows: int | None = None
) -> int:
    """A new story of one article; `follows` is the story of an earlier stage."""
    article = first.article
    values = {
        "language": article.language,
        "title": article.title,
        "first_at": article.published_at,
        "last_at": article.published_at,
        "follows_id": follows,
    }
    story_id: int = (await tx.execute(insert(tx, stories).values(values).returning(stories.c.id))).scalar_one()
    await _join(tx, story_id, first, why, now)
    return story_id


async def join_story(tx: AsyncConnection, story_id: int, article: StoredArticle, why: Reason, now: datetime) -> None:
    await _join(tx, story_id, article, why, now)
    at = article.article.published_at
    later = (stories.c.id == story_id) & (stories.c.last_at < at)
    await tx.execute(update(stories).where(later).values(last_at=at))


async def _join(tx: AsyncConnection, story_id: int, article: StoredArticle, why: Reason, now: datetime) -> None:
    row = {"article_id": article.id, "story_id": story_id, "joined_at": now, "why": [why.code, dict(why.values)]}
    await tx.execute(insert(tx, story_articles).values(row))
