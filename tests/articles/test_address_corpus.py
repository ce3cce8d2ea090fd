"""Links of real feeds: no two articles are taken for one by their address."""

from __future__ import annotations

from collections import defaultdict
from urllib.parse import urldefrag, urlsplit

from bot.articles.address import canonical_url
from bot.articles.document import similar_titles
from bot.errors import ParseError
from bot.feeds.parse import parse_document
from bot.model import Entry
from tests.corpus import corpus_path, needs_corpus

FEEDS = sorted(path for path in corpus_path("feeds", "feeds").rglob("*") if path.is_file())
LEAST = 4_000


@needs_corpus
def test_no_two_articles_of_a_real_feed_have_one_canonical_url() -> None:
    links, joined = 0, []
    for path in FEEDS:
        try:
            entries = parse_document(path.read_bytes(), content_type=None, url="", max_items=10_000).entries
        except ParseError:
            continue  # broken feeds are there on purpose
        doors: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.link and (canonical := canonical_url(entry.link)):
                doors[canonical].append(entry)
                links += 1
        joined += [(path.name, url) for url, several in doors.items() if not _is_home(url) and _are_several(several)]
    assert links > LEAST
    assert joined == []


def _are_several(entries: list[Entry]) -> bool:
    """Articles of unlike titles under links that differ before the fragment."""
    first = entries[0]
    return any(
        urldefrag(str(each.link)).url != urldefrag(str(first.link)).url and not similar_titles(each.title, first.title)
        for each in entries[1:]
    )


def _is_home(canonical: str) -> bool:
    """It identifies nothing (`bot.feeds.identity`)."""
    return urlsplit(canonical).path == urlsplit(canonical).query == ""
