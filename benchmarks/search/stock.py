"""Puts made-up articles into a database, with their text index, as the program itself would."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, create_engine, insert, select

from benchmarks.search.corpus import NOW, Made, Newsroom
from bot.search.terms import Indexed
from bot.storage.database import driver_url
from bot.storage.migrate import upgrade
from bot.storage.schema import articles, feeds
from bot.storage.text_index import Entry, entry_of, learn_words, write_entries

BATCH = 1_000
FEEDS = 40
READ = 2_000
"""Articles whose words are read as the program reads them. The others are made of folded words: that is quicker."""


@dataclass(frozen=True)
class Cost:
    """Seconds spent."""

    articles_s: float
    words_s: float
    """Reading the words of the first READ articles."""
    index_s: float
    """Writing index and vocabulary."""


def build(url: str, newsroom: Newsroom, number: int) -> Cost:
    """A database of `number` articles."""
    upgrade(url)
    target = driver_url(url)
    engine = create_engine(target.set(drivername="sqlite") if target.get_backend_name() == "sqlite" else target)
    spent = [0.0, 0.0, 0.0]
    with engine.begin() as connection:
        connection.execute(insert(feeds), [_feed(number) for number in range(FEEDS)])
    left = newsroom.articles(number)
    done = 0
    while batch := list(islice(left, BATCH)):
        with engine.begin() as connection:
            for at, seconds in enumerate(_store(connection, batch, done)):
                spent[at] += seconds
        done += len(batch)
        sys.stderr.write(f"\r{done:,} of {number:,} articles")
    sys.stderr.write("\n")
    with engine.begin() as connection:
        learn_words(connection, newsroom.vocabulary())
    engine.dispose()
    return Cost(*spent)


def _store(connection: Connection, batch: list[Made], done: int) -> Iterator[float]:
    began = time.perf_counter()
    rows = [_row(made, done + number) for number, made in enumerate(batch)]
    connection.execute(insert(articles), rows)
    last = select(articles.c.id).order_by(articles.c.id.desc()).limit(len(batch))
    ids = sorted(connection.execute(last).scalars())
    yield time.perf_counter() - began
    began = time.perf_counter()
    read = entry_of if done < READ else _entry_of
    entries = [read(article_id, made.title, made.text, None) for article_id, made in zip(ids, batch, strict=True)]
    yield time.perf_counter() - began if done < READ else 0.0
    began = time.perf_counter()
    write_entries(connection, entries)
    yield time.perf_counter() - began


def _entry_of(article_id: int, title: str, text: str, _: None) -> Entry:
    """Without the words that may be of names: those of all articles are learnt at the end."""
    words = [tuple(each.lower().rstrip(".").split()) for each in (title, text)]
    return Entry(article_id, Indexed(words[0], words[1], frozenset()))


def _feed(number: int) -> dict[str, Any]:
    return {
        "id": f"f{number}", "url_digest": "", "title": f"Média {number}", "tags": [], "active": True, "state": "ok",
        "next_poll_at": NOW, "last_good_at": NOW, "baseline_at": NOW,
    }  # fmt: skip


def _row(made: Made, number: int) -> dict[str, Any]:
    return {
        "feed_id": f"f{number % FEEDS}", "url": f"https://exemple.fr/{number}", "title": made.title, "text": made.text,
        "language": made.language, "published_at": made.published_at, "dated": True, "seen_at": made.published_at,
        "digest": "", "state": "done",
    }  # fmt: skip
