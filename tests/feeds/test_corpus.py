"""Real feeds lose no entry on their way through us; hostile ones neither break, hang nor read anything."""

from __future__ import annotations

import csv
import io
from calendar import timegm
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import feedparser

from bot.errors import ParseError
from bot.feeds.jsonfeed import is_json
from bot.feeds.parse import (
    CHARACTER_REFERENCE,
    _content_type,
    _of_feedparser,
    _possible_reference,
    parse_document,
)
from bot.markup import storable
from bot.model import Entry, ParsedFeed
from bot.worker import Worker
from tests.corpus import corpus_path, needs_corpus

DEADLINE_S = 10.0
URL = "https://phare.example/feed.xml"


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted(corpus_path("feeds", folder).rglob("*")) if path.is_file()]


def entries_of_feedparser() -> dict[Path, int]:
    """What feedparser alone found in each file, as the corpus's manifest tells it."""
    with corpus_path("feeds", "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        rows = csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {corpus_path("feeds", row["path"]): int(row["entries"]) for row in rows if row["entries"].isdigit()}


def parse(body: bytes, known: frozenset[str] = frozenset()) -> ParsedFeed:
    return parse_document(body, content_type=None, url=URL, max_items=1_000_000, known=known)


def plain(entry: Entry) -> Entry:
    return replace(entry, item=None)


def count(path: Path) -> int:
    try:
        return len(parse(path.read_bytes()).entries)
    except ParseError:
        return 0


@needs_corpus
def test_every_real_feed_gives_as_many_entries_as_feedparser_alone() -> None:
    expected = entries_of_feedparser()
    real = [path for path in files("feeds", "feeds_seq") if path in expected and not is_json(path.read_bytes())]
    assert len(real) > 400
    lost = {path.name: (count(path), expected[path]) for path in real if count(path) != expected[path]}
    assert not lost


async def through(worker: Worker, path: Path) -> ParsedFeed | str:
    """What the worker made of the file, or the code of its complaint."""
    try:
        return await worker.run(partial(parse, path.read_bytes()), deadline_s=DEADLINE_S)
    except ParseError as error:
        return error.code


@needs_corpus
async def test_real_feeds_pass_through_the_worker() -> None:
    worker = Worker()
    outcomes = {path: await through(worker, path) for path in files("feeds/fr", "feeds/ar", "feeds/huge")}
    await worker.close()
    # Two publishers really answered a web page; one of them asks whether we are human.
    assert {path.stem: found for path, found in outcomes.items() if isinstance(found, str)} == {
        "Flux_RSS_-_BFMTV_-_Strasbourg": "html",
        "Le_Figaro_-_Etudiant": "challenge",
    }


@needs_corpus
async def test_nothing_hostile_crashes_hangs_or_reads_a_file() -> None:
    worker = Worker()
    outcomes = {path: await through(worker, path) for path in files("hostile")}
    await worker.close()
    assert not {path: found for path, found in outcomes.items() if found in {"crash", "deadline"}}
    assert not [path for path, found in outcomes.items() if "root:" in repr(found)]


def polls() -> list[list[bytes]]:
    """The documents of each feed that was polled several times, in their order."""
    paths = files("feeds_seq")
    return [[path.read_bytes() for path in group] for _, group in groupby(paths, key=lambda path: path.parent)]


@needs_corpus
def test_polls_in_turn_give_what_each_document_gives_by_itself() -> None:
    reused = 0
    for documents in polls():
        kept: dict[str, Entry] = {}
        for body in documents:
            whole = parse(body)
            found = parse(body, frozenset(kept))
            fresh = {entry.item: entry for entry in found.entries if entry.item}
            assert len(fresh) == len({entry.item for entry in found.entries})
            read = {**kept, **fresh}
            assert [read[entry.item] for entry in whole.entries if entry.item] == list(whole.entries)
            assert len(found.entries) + len(found.unchanged) == len(whole.entries)
            reused += len(found.unchanged)
            kept = {item: read[item] for item in (*fresh, *found.unchanged)}
    assert reused > 3_000


def alone(body: bytes) -> ParsedFeed:
    """What `feedparser.parse` alone makes of it."""
    body = CHARACTER_REFERENCE.sub(_possible_reference, body)
    headers = {"content-location": URL, "content-type": _content_type(body, None)}
    return _of_feedparser(body, headers, 1_000_000)


@needs_corpus
def test_the_short_ways_give_what_feedparser_alone_gives() -> None:
    tried = 0
    for path in files("feeds", "feeds_seq", "hostile"):
        body = path.read_bytes()
        if is_json(body) or len(body) > 1_000_000:
            continue
        try:
            found = parse(body)
        except ParseError:
            continue
        expected = alone(body)
        tried += 1
        assert tuple(map(plain, found.entries)) == tuple(map(plain, expected.entries)), path
        assert (found.title, found.language) == (expected.title, expected.language), path
        assert (found.fault, found.complete) == (expected.fault, expected.complete), path
    assert tried > 1_000


@needs_corpus
def test_entries_hold_what_feedparser_says() -> None:
    for documents in polls():
        for body in documents:
            raw: Any = feedparser.parse(
                io.BytesIO(body),
                response_headers={"content-location": URL, "content-type": _content_type(body, None)},
                sanitize_html=False,
                resolve_relative_uris=False,
            )
            for entry, said in zip(parse(body).entries, raw["entries"], strict=True):
                assert entry.guid == (dict.get(said, "id") or None)
                assert entry.link == (dict.get(said, "link") or None)
                assert entry.published == moment(dict.get(said, "published_parsed"))
                assert entry.updated == moment(dict.get(said, "updated_parsed"))
                assert entry.content == "\n".join(filter(None, (html(part) for part in dict.get(said, "content", []))))
                assert entry.summary == html(dict.get(said, "summary_detail", {}))
                if dict.get(said, "title_detail", {}).get("type") == "text/plain":
                    assert entry.title == " ".join(said["title"].split())


def moment(parsed: Any) -> datetime | None:
    return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None


def html(detail: dict[str, str]) -> str:
    value = storable(detail.get("value", ""))
    return escape(value) if detail.get("type") == "text/plain" else value
