"""Real French and English article pages, beside the text that their collectors expect of them.

A page passes when every capitalised name of its expected text stands in ours. Pages of which a part is for subscribers
are counted apart: there the law is that we take less.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from bot.articles.page import Page, read_page
from bot.markup import plain_text
from bot.text import fold_text
from tests.corpus import corpus_path, needs_corpus

LANGUAGES = {"fr", "en"}
CAPITALISED = re.compile(r"\b[A-ZÀ-ÖØ-Þ]\w*(?:[’'-]\w+)*")
WITHIN_SENTENCE = re.compile(r"[\w,;’'\-)»\"”] *[«“\"(‘’']? *$")
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    name: str
    body: bytes
    url: str
    expected: str
    whole: bool
    """The expected text is the whole article's, not an excerpt."""


def html(*parts: str) -> Path:
    return corpus_path("feeds", "html", *parts)


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


@cache
def languages() -> dict[str, str]:
    with corpus_path("feeds", "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        rows = csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["path"]: row["language"] for row in rows if row["kind"] == "html-article"}


def is_asked_for(path: Path) -> bool:
    return path.exists() and languages().get(str(path.relative_to(corpus_path("feeds")))) in LANGUAGES


def samples() -> Iterator[Sample]:
    for collection in (of_scrapinghub, of_readability, of_goose, of_fundus, of_trafilatura):
        yield from collection()


def of_scrapinghub() -> Iterator[Sample]:
    for key, truth in json.loads(html("scrapinghub", "ground-truth.json").read_text("utf-8")).items():
        path = html("scrapinghub", f"{key}.html.gz")
        if is_asked_for(path):
            yield Sample(f"scrapinghub/{key[:8]}", unpacked(path), truth["url"], truth["articleBody"], whole=True)


def of_readability() -> Iterator[Sample]:
    for folder in sorted(html("readability").iterdir()):
        if is_asked_for(folder / "source.html.gz"):
            expected = plain_text(unpacked(folder / "expected.html.gz").decode())
            yield Sample(folder.name, unpacked(folder / "source.html.gz"), "http://a.example/a", expected, whole=True)


def of_goose() -> Iterator[Sample]:
    for truth in sorted(html("goose3").glob("*.json")):
        told = json.loads(truth.read_text("utf-8"))
        path = truth.with_suffix(".html.gz")
        if is_asked_for(path) and told["expected"].get("cleaned_text"):
            yield Sample(truth.stem, unpacked(path), told["url"], told["expected"]["cleaned_text"], whole=False)


def of_fundus() -> Iterator[Sample]:
    """Several versions of a site share one file of expectations: a page's is the one whose paragraphs it shows."""
    for truth in sorted(html("fundus").glob("*/*.json")):
        versions = [
            [*body["summary"], *(line for part in body["sections"] for line in part["headline"] + part["paragraphs"])]
            for told in json.loads(truth.read_text("utf-8")).values()
            if (body := told.get("body"))
        ]
        for path in filter(is_asked_for, sorted(truth.parent.glob(f"{truth.stem}_*.html.gz"))):
            body = unpacked(path)
            shown = " ".join(plain_text(body.decode("utf-8", "replace")).split())
            for lines in filter(None, versions):
                if sum(" ".join(line.split()) in shown for line in lines) > len(lines) / 2:
                    yield Sample(path.stem, body, "https://a.example/a", "\n".join(lines), whole=True)
                    break


def of_trafilatura() -> Iterator[Sample]:
    for url, told in json.loads(html("trafilatura", "evaldata.json").read_text("utf-8")).items():
        path = html("trafilatura", f"{told['file']}.gz")
        if is_asked_for(path):
            yield Sample(told["file"], unpacked(path), url, "\n".join(told["with"]), whole=False)


def names(text: str) -> set[str]:
    """Runs of two and more capitalised words, and lone ones inside a sentence (at its start every word has one)."""
    found = set()
    for line in text.replace("\xad", "").split("\n"):
        for run in re.finditer(rf"{CAPITALISED.pattern}(?: {CAPITALISED.pattern})*", line):
            before = line[: run.start()]
            words = run[0].split(" ")
            if not WITHIN_SENTENCE.search(before) and len(words) != 2:
                words = words[1:]
            if len(words) > 1 or (words and len(words[0]) > 2):
                found.add(" ".join(words))
    return found


def lost(sample: Sample, page: Page) -> set[str]:
    said = f" {fold_text(page.text)} "
    return {name for name in names(sample.expected) if f" {fold_text(name)} " not in said}


@cache
def pages() -> list[tuple[Sample, Page]]:
    return [
        (sample, read_page(sample.body, content_type=None, url=sample.url, now=NOW))
        for sample in samples()
        if names(sample.expected)
    ]


def open_pages() -> list[tuple[Sample, Page]]:
    return [(sample, page) for sample, page in pages() if not page.paywalled]


@needs_corpus
def test_the_names_of_an_article_are_found_on_its_page() -> None:
    whole = {sample.name: lost(sample, page) for sample, page in open_pages()}
    assert len(whole) > 100
    failed = {name: missing for name, missing in whole.items() if missing}
    assert len(failed) <= 0.05 * len(whole), failed


@needs_corpus
def test_little_else_than_the_article_is_read() -> None:
    """Of the words that we read, the share that is expected. Captions, which the collectors leave out, are most of it."""
    shares = []
    for sample, page in open_pages():
        if sample.whole and len(sample.expected) > 500:
            expected, read = Counter(fold_text(sample.expected).split()), Counter(fold_text(page.text).split())
            shares.append((expected & read).total() / max(1, read.total()))
    assert len(shares) > 70
    assert sum(shares) / len(shares) > 0.88


@needs_corpus
def test_of_pages_for_subscribers_less_is_taken() -> None:
    locked = [(sample, page) for sample, page in pages() if page.paywalled]
    assert len(locked) > 10
    assert [page for _, page in locked if not page.text]
