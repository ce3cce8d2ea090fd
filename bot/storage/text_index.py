"""Writes the text index: the terms of each article, and the vocabulary that names are looked up in.

What an article says and its terms are written in one transaction. Deleted articles leave the index by themselves
(a trigger, a foreign key); the words that no article has any more are forgotten by `forget_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, bindparam, text

from bot.articles.reading import merged_text
from bot.matching.keys import written_keys
from bot.search.terms import Indexed, indexed

Thing = TypeVar("Thing")

STEP = 500
"""Articles that are read and indexed at once when the index is filled: a few megabytes."""
_BATCH = 400
"""Parameters of one statement."""
_LAST_POSITION = 16_383
_MOST_POSITIONS = 255
"""What PostgreSQL remembers of where a term stands."""
_BETWEEN = 10
"""Places left free between headline and text: no phrase goes on from one to the other."""

_WRITE = {
    "sqlite": text("INSERT OR REPLACE INTO article_words (rowid, title, text) VALUES (:id, :title, :text)"),
    "postgresql": text(
        "INSERT INTO article_words (article_id, terms) VALUES (:id, CAST(:terms AS tsvector)) "
        "ON CONFLICT (article_id) DO UPDATE SET terms = excluded.terms"
    ),
}
_KNOWN = text("SELECT word, id FROM words WHERE word IN :words").bindparams(bindparam("words", expanding=True))
_ADD_WORD = text("INSERT INTO words (word) VALUES (:word) ON CONFLICT DO NOTHING")
# In the drivers' own words: SQLAlchemy would spend more on the parameters of fifteen rows a word than the database.
_ADD_KEY = {
    "sqlite": "INSERT INTO word_keys (key, word_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
    "postgresql": "INSERT INTO word_keys (key, word_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
}
_DROP_KEY = {
    "sqlite": "DELETE FROM word_keys WHERE key = ? AND word_id = ?",
    "postgresql": "DELETE FROM word_keys WHERE key = %s AND word_id = %s",
}
_STORED = text("SELECT id, title, text, page_text FROM articles WHERE id > :after ORDER BY id LIMIT :limit")
_SOME_WORDS = "SELECT id, word, {unused} AS unused FROM words WHERE id > :after ORDER BY id LIMIT :limit"
_FORGET = text("DELETE FROM words WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))
_HOLDS = {
    "sqlite": """article_words MATCH '"' || replace(words.word, '"', ' ') || '"'""",
    "postgresql": r"""terms @@ CAST('''' || replace(replace(words.word, '\', '\\'), '''', '''''') || '''' AS tsquery)""",  # noqa: E501
}
"""Whether an article has the word."""


class Entry(NamedTuple):
    """An article with its terms."""

    article_id: int
    terms: Indexed


def entry_of(article_id: int, title: str, body: str, page_text: str | None) -> Entry:
    """What the index has of an article, which the matcher reads in the same words. Some tenths of a millisecond."""
    return Entry(article_id, indexed(title, merged_text(body, page_text) if page_text else body))


def write_entries(connection: Connection, entries: Sequence[Entry]) -> None:
    """Put these articles into the index, in place of what it had of them."""
    if not entries:
        return
    dialect = connection.dialect.name
    shape = _row if dialect == "sqlite" else _vector
    connection.execute(_WRITE[dialect], [shape(each) for each in entries])
    learn_words(connection, sorted(frozenset().union(*(each.terms.names for each in entries))))


def fill(connection: Connection) -> None:
    """Index every stored article, a few at a time."""
    after = 0
    while rows := connection.execute(_STORED, {"after": after, "limit": STEP}).all():
        write_entries(connection, [entry_of(row.id, row.title, row.text, row.page_text) for row in rows])
        after = rows[-1].id


def forget_words(connection: Connection, after: int, limit: int) -> int | None:
    """Of the next `limit` words, delete those that no article has any more; the last one looked at, None at the end."""
    dialect = connection.dialect.name
    unused = f"NOT EXISTS (SELECT 1 FROM article_words WHERE {_HOLDS[dialect]})"  # noqa: S608 - ours
    looked_at = connection.execute(text(_SOME_WORDS.format(unused=unused)), {"after": after, "limit": limit}).all()
    if not looked_at:
        return None
    gone = [row for row in looked_at if row.unused]
    for batch in _batches(gone):
        connection.execute(_FORGET, {"ids": [row.id for row in batch]})
        connection.exec_driver_sql(_DROP_KEY[dialect], _keys_of(batch))
    return int(looked_at[-1].id)


def learn_words(connection: Connection, names: Sequence[str]) -> None:
    """Add the words that are new to the vocabulary, with their keys."""
    for batch in _batches(names):
        known = {word for word, _ in connection.execute(_KNOWN, {"words": batch})}
        fresh = [word for word in batch if word not in known]
        if not fresh:
            continue
        connection.execute(_ADD_WORD, [{"word": word} for word in fresh])
        added = connection.execute(_KNOWN, {"words": fresh}).all()
        connection.exec_driver_sql(_ADD_KEY[connection.dialect.name], _keys_of(added))


def _keys_of(rows: Iterable[Row[Any]]) -> list[tuple[int, int]]:
    """(key, word) for the rows of some words; every word has keys."""
    return [(key, row.id) for row in rows for key in sorted(written_keys(row.word))]


def _batches(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    left = iter(things)
    while batch := list(islice(left, _BATCH)):
        yield batch


# --- The rows ----------------------------------------------------------------------------------------------------


def _row(entry: Entry) -> dict[str, Any]:
    return {"id": entry.article_id, "title": " ".join(entry.terms.title), "text": " ".join(entry.terms.text)}


def _vector(entry: Entry) -> dict[str, Any]:
    """A tsvector as PostgreSQL writes it: terms with their places, headline first."""
    places: dict[str, list[str]] = {}
    behind_title = len(entry.terms.title) + _BETWEEN
    for begin, terms in ((1, entry.terms.title), (behind_title, entry.terms.text)):
        for place, term in enumerate(terms, begin):
            known = places.setdefault(term, [])
            if len(known) < _MOST_POSITIONS:
                known.append(str(min(place, _LAST_POSITION)))
    vector = " ".join(f"{quoted(term)}:{','.join(dict.fromkeys(each))}" for term, each in places.items())
    return {"id": entry.article_id, "terms": vector}


def quoted(term: str) -> str:
    """A term in a tsvector or a tsquery, whatever it is made of."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
