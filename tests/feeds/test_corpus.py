"""Real feeds lose no entry on their way through us; hostile ones neither break, hang nor read anything."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

from bot.errors import ParseError
from bot.feeds.jsonfeed import is_json
from bot.feeds.parse import parse_document
from bot.model import ParsedFeed
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


def parse(body: bytes) -> ParsedFeed:
    return parse_document(body, content_type=None, url=URL, max_items=1_000_000)


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
