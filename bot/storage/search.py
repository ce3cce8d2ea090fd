"""Reads the text index: what people search for, and where a name may stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.matching.candidates import Wanted
from bot.model import StoredArticle
from bot.search.query import Part, Query, part_of
from bot.search.terms import SIGNS
from bot.storage.articles import stored_article
from bot.storage.schema import UtcTime, articles, feeds, word_keys, words
from bot.storage.text_index import quoted

_BATCH = 400
"""Keys or ids of one statement."""
MOST_FOUND = 1_000
"""Articles of a search that are put in order: nobody turns a hundred pages."""

_MATCHING = {
    "sqlite": "SELECT rowid AS id FROM article_words WHERE article_words MATCH :query ORDER BY rowid DESC",
    "postgresql": "SELECT article_id AS id FROM article_words WHERE terms @@ CAST(:query AS tsquery) "
    "ORDER BY article_id DESC",
}
"""The articles that came last come first, which both databases can do without looking at the others."""


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article of a search."""

    stored: StoredArticle
    outlet: str


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of what was found, the latest publication first."""

    page: tuple[FoundArticle, ...]
    total: int
    """Of all pages; MOST_FOUND stands for that many or more."""


async def search_articles(
    connection: AsyncConnection, query: Query, since: datetime, limit: int, offset: int = 0
) -> Hits:
    """The articles published since then that have what the query asks for."""
    found = await _published(connection, _expression(connection, query), since, MOST_FOUND)
    page = [article_id for article_id, _ in found[offset : offset + limit]]
    rows = await connection.execute(
        select(articles, feeds.c.title.label("outlet")).join(feeds).where(articles.c.id.in_(page))
    )
    by_id = {row.id: FoundArticle(stored_article(row), row.outlet or row.feed_id) for row in rows}
    return Hits(tuple(by_id[article_id] for article_id in page), len(found))


async def words_under(connection: AsyncConnection, keys: Collection[int]) -> list[str]:
    """The words of the vocabulary that are filed under one of these keys, each once."""
    found: set[str] = set()
    every = sorted(keys)
    for start in range(0, len(every), _BATCH):
        query = (
            select(words.c.word)
            .join(word_keys, word_keys.c.word_id == words.c.id)
            .where(word_keys.c.key.in_(every[start : start + _BATCH]))
        )
        found.update((await connection.execute(query)).scalars())
    return sorted(found)


async def articles_with(
    connection: AsyncConnection, wanted: Sequence[Wanted], since: datetime, limit: int
) -> list[tuple[int, datetime]]:
    """(id, publication) of articles published since then that have what one of these asks for; the latest first."""
    alternatives = [_all([_any(_parts(each), connection) for each in one.every], connection) for one in wanted]
    whole = _any_of([each for each in alternatives if each], connection)
    return await _published(connection, whole, since, limit) if whole else []


async def articles_with_signs(connection: AsyncConnection, since: datetime, limit: int) -> list[tuple[int, datetime]]:
    """The same for articles with Han, Kana or Hangul."""
    return await _published(connection, _term(Part((SIGNS,)), connection), since, limit)


async def articles_by_id(connection: AsyncConnection, ids: Sequence[int]) -> list[StoredArticle]:
    """In the order of the ids; without those that are gone."""
    rows = await connection.execute(select(articles).where(articles.c.id.in_(ids)))
    by_id = {row.id: stored_article(row) for row in rows}
    return [by_id[each] for each in ids if each in by_id]


@dataclass(frozen=True, slots=True)
class Stored:
    """What there is to search."""

    articles: int
    first: datetime | None
    """The earliest publication."""
    last: datetime | None
    feeds: int
    """Those that were read."""


async def stored_since(connection: AsyncConnection, since: datetime) -> Stored:
    """How much was published since then."""
    # Both states are named for the index on (state, published_at): nothing is read but that.
    published = articles.c.published_at
    inside = articles.c.state.in_(("new", "done")) & (published >= since)
    counted = select(func.count(), func.min(published), func.max(published)).where(inside)
    number, first, last = (await connection.execute(counted)).one()
    read = select(func.count()).select_from(feeds).where(feeds.c.active, feeds.c.last_good_at.is_not(None))
    return Stored(number, first, last, (await connection.execute(read)).scalar_one())


async def _published(
    connection: AsyncConnection, expression: str, since: datetime, limit: int
) -> list[tuple[int, datetime]]:
    """Of those that came last, `limit` at most; by publication."""
    statement = text(
        f"SELECT a.id, a.published_at FROM ({_MATCHING[connection.dialect.name]}) AS found "  # noqa: S608 - ours
        "JOIN articles AS a ON a.id = found.id WHERE a.published_at >= :since ORDER BY found.id DESC LIMIT :limit"
    ).bindparams(bindparam("since", type_=UtcTime()))
    columns = statement.columns(articles.c.id, articles.c.published_at)
    rows = await connection.execute(columns, {"query": expression, "since": since, "limit": limit})
    return sorted(((row.id, row.published_at) for row in rows), key=lambda found: (found[1], found[0]), reverse=True)


# --- The languages of the two databases ------------------------------------------------------------------------------


def _expression(connection: AsyncConnection, query: Query) -> str:
    wanted = _all([_term(part, connection) for part in query.parts], connection)
    if not query.without:
        return wanted
    unwanted = _any(query.without, connection)
    return f"({wanted}) NOT {unwanted}" if _is_sqlite(connection) else f"({wanted}) & !{unwanted}"


def _parts(words_meant: Iterable[str]) -> list[Part]:
    return [part for part in map(part_of, sorted(words_meant)) if part is not None]


def _all(terms: Sequence[str], connection: AsyncConnection) -> str:
    """Nothing where one of them asks for nothing that could be found."""
    return (" AND " if _is_sqlite(connection) else " & ").join(terms) if all(terms) else ""


def _any(parts: Sequence[Part], connection: AsyncConnection) -> str:
    return _any_of([_term(part, connection) for part in parts], connection)


def _any_of(terms: Sequence[str], connection: AsyncConnection) -> str:
    operator = " OR " if _is_sqlite(connection) else " | "
    return "(" + operator.join(f"({term})" for term in terms) + ")" if terms else ""


def _term(part: Part, connection: AsyncConnection) -> str:
    """A phrase, quoted: nothing in it is read as a command."""
    if _is_sqlite(connection):
        phrase = " ".join(part.terms).replace('"', " ")
        return f'"{phrase}"' + (" *" if part.prefix else "")
    terms = [quoted(term) for term in part.terms]
    terms[-1] += ":*" if part.prefix else ""
    return "(" + " <-> ".join(terms) + ")"


def _is_sqlite(connection: AsyncConnection) -> bool:
    return bool(connection.dialect.name == "sqlite")
