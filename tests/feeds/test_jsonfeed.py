from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds.parse import parse_document
from bot.model import Entry, ParsedFeed

URL = "https://phare.example/feed.json"
VERSION = "https://jsonfeed.org/version/1.1"


def parse(body: bytes, max_items: int = 50) -> ParsedFeed:
    return parse_document(body, content_type="text/html", url=URL, max_items=max_items)


def feed(*items: object, **more: object) -> bytes:
    return json.dumps({"version": VERSION, "title": "Le  Phare", "items": items, **more}).encode()


def entry(**item: object) -> Entry:
    return parse(feed(item)).entries[0]


def test_an_item_becomes_an_entry() -> None:
    body = feed(
        {
            "id": "phare-1",
            "url": "/port.html",
            "external_url": "https://other.example/",
            "title": "L’affaire\n du port",
            "content_html": "<p>Deux témoins.</p>",
            "content_text": "ignored",
            "summary": "Un < deux",
            "date_published": "2025-03-03T08:15:00+01:00",
            "date_modified": "2025-03-03T09:00:00Z",
            "language": "en",
        },
        language="fr-FR",
    )
    parsed = parse(b"\xef\xbb\xbf \n" + body)
    assert parsed == ParsedFeed(
        entries=(
            Entry(
                guid="phare-1",
                link="https://phare.example/port.html",
                title="L’affaire du port",
                summary="Un &lt; deux",
                content="<p>Deux témoins.</p>",
                published=datetime(2025, 3, 3, 7, 15, tzinfo=UTC),
                updated=datetime(2025, 3, 3, 9, 0, tzinfo=UTC),
                language="en",
            ),
        ),
        title="Le Phare",
        language="fr-FR",
    )


def test_text_becomes_html_that_says_the_same() -> None:
    assert entry(content_text="a < b\nc").content == "a &lt; b<br>\nc"


def test_the_other_page_is_the_link_where_there_is_no_own() -> None:
    assert entry(external_url="https://other.example/a").link == "https://other.example/a"


def test_the_language_of_the_feed_is_not_repeated() -> None:
    assert parse(feed({"language": "fr"}, language="fr")).entries[0].language is None


@pytest.mark.parametrize(
    ("written", "guid"), [("12", "12"), ("1.50", "1.50"), ("9" * 5_000, "9" * 5_000), ("null", None)]
)
def test_an_id_may_be_a_number(written: str, guid: str | None) -> None:
    body = b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": %s}]}' % written.encode()
    assert parse(body).entries[0].guid == guid


@pytest.mark.parametrize(
    "item",
    [
        {"title": 3},
        {"url": "http://["},
        {"date_published": "hier"},
        {"date_published": "0001-01-01T00:00:00+14:00"},
        {"date_published": "1970-01-01T00:00:00Z"},
        {"title": ["a"]},
    ],
)
def test_what_is_wrong_in_an_item_is_left_out(item: dict[str, Any]) -> None:
    found = entry(**item)
    assert (found.link, found.published) == (None, None)


def test_what_is_no_item_is_left_out_and_told() -> None:
    parsed = parse(feed("a", {"id": "1"}, None))
    assert [entry.guid for entry in parsed.entries] == ["1"]
    assert parsed.fault


def test_a_feed_without_items_is_empty() -> None:
    assert parse(feed()).entries == ()


def test_only_the_first_items_are_taken() -> None:
    assert [entry.guid for entry in parse(feed({"id": "1"}, {"id": "2"}, {"id": "3"}), 2).entries] == ["1", "2"]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"version": "https://jsonfeed.org/version/1"}',
        b'{"version": "https://jsonfeed.org/version/1", "items": {}}',
        b'{"version": "2", "items": []}',
        b'{"items": []}',
        feed({"id": "1"})[:-1],
        feed({"id": "1"}) + b"<!-- -->",
        b'{"a":' * 100_000,
        b'{"a": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_json_feed_or_breaks_off_is_no_feed(body: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body)
    assert caught.value.code == "not-a-feed"


@given(st.integers(1, len(feed({"id": "1", "title": "a\\b"}))))
def test_no_cut_document_is_taken_for_a_whole_one(lost: int) -> None:
    with pytest.raises(ParseError):
        parse(feed({"id": "1", "title": "a\\b"})[:-lost])


def test_a_list_is_no_feed() -> None:
    with pytest.raises(ParseError):
        parse(b"[1]")


@given(st.dictionaries(st.sampled_from(["id", "title", "summary", "url", "content_html"]), st.text(max_size=20)))
def test_strings_are_storable(item: dict[str, str]) -> None:
    found = repr(entry(**item))
    found.encode()
    assert "\\x00" not in found
