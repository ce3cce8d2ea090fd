"""Writes the text index: the terms of each article, and the vocabulary that names are looked up in.

What an article says and its terms are written in one transaction. Deleted articles leave the index by themselves
(a trigger, a foreign key); the words that no article has any more are forgotten by `forget_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text

from bot.articles.reading import merged_text
from bot.matching.keys import written_keys
from bot.search.terms import Indexed, indexed

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
_ADD_KEY = text("INSERT INTO word_keys (key, word_id) VALUES (:key, :id) ON CONFLICT DO NOTHING")
_STORED = text("SELECT id, title, text, page_text FROM articles WHERE id > :after ORDER BY id LIMIT :limit")
_SOME_WORDS = text("SELECT id FROM words WHERE id > :after ORDER BY id LIMIT :limit")
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
    _learn(connection, sorted(frozenset().union(*(each.terms.names for each in entries))))


def fill(connection: Connection) -> None:
    """Index every stored article, a few at a time."""
    after = 0
    while rows := connection.execute(_STORED, {"after": after, "limit": STEP}).all():
        write_entries(connection, [entry_of(row.id, row.title, row.text, row.page_text) for row in rows])
        after = rows[-1].id


def forget_words(connection: Connection, after: int, limit: int) -> int | None:
    """Of the next `limit` words, delete those that no article has any more; the last one looked at, None at the end."""
    ids = connection.execute(_SOME_WORDS, {"after": after, "limit": limit}).scalars().all()
    if not ids:
        return None
    unused = f"NOT EXISTS (SELECT 1 FROM article_words WHERE {_HOLDS[connection.dialect.name]})"  # noqa: S608 - ours
    chosen = {"first": ids[0], "last": ids[-1]}
    connection.execute(text(f"DELETE FROM words WHERE id BETWEEN :first AND :last AND {unused}"), chosen)  # noqa: S608
    return int(ids[-1])


def _learn(connection: Connection, names: Sequence[str]) -> None:
    """Add the words that are new to the vocabulary, with their keys."""
    for batch in _batches(names):
        known = {word for word, _ in connection.execute(_KNOWN, {"words": batch})}
        fresh = [word for word in batch if word not in known]
        if not fresh:
            continue
        connection.execute(_ADD_WORD, [{"word": word} for word in fresh])
        added = connection.execute(_KNOWN, {"words": fresh}).all()
        keys = [{"key": key, "id": row.id} for row in added for key in sorted(written_keys(row.word))]
        if keys:
            connection.execute(_ADD_KEY, keys)


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
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
