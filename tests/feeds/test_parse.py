from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds.parse import parse_document
from bot.model import ParsedFeed

DATA = Path(__file__).parent / "data"
RSS = (DATA / "full.rss").read_bytes()


def parse(body: bytes, *, content_type: str | None = None, max_items: int = 50) -> ParsedFeed:
    return parse_document(body, content_type=content_type, url="https://phare.example/feed/rss", max_items=max_items)


def item(title: str, *, encoding: str = "utf-8", declared: str = "") -> bytes:
    text = f'{declared}<rss version="2.0"><channel><item><title>{title}</title></item></channel></rss>'
    return text.encode(encoding)


@pytest.mark.parametrize("path", sorted(DATA.glob("*[!n]")), ids=lambda path: path.name)
def test_documents_give_what_stands_beside_them(path: Path) -> None:
    expected = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    found = dataclasses.asdict(parse(path.read_bytes()))
    # How the parser words a fault is its own affair.
    found["fault"] = found["fault"] is not None or None
    # What polling makes of a document is tried below, and in test_hints.py.
    for key in ("unchanged", "hints"):
        del found[key]
    for entry in found["entries"]:
        del entry["item"]
    assert json.loads(json.dumps(found, default=lambda moment: moment.isoformat())) == expected


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!DOCTYPE html><html><body>Page introuvable</body></html>", "html"),
        (b"\xef\xbb\xbf<html><body>", "html"),
        (b"<!-- wall --><HTML><p>Only for subscribers", "html"),
        (b"<!doctype html><title>Just a moment...</title>", "challenge"),
        (b"<html><script src='https://ct.captcha-delivery.com/c.js'></script></html>", "challenge"),
        (b"<html><p>A guard: captcha-delivery</p>" + b"<p>Une page d'accueil</p>" * 5_000 + b"</html>", "html"),
        (b'{"error": "no"}', "not-a-feed"),
        (b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'></rdf:RDF>", "not-a-feed"),
        (b"<opml version='2.0'/>", "not-a-feed"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "not-a-feed"),
        (b"http://127.0.0.1:1/feed.xml", "not-a-feed"),
    ],
)
def test_what_is_no_feed_is_told_apart(body: bytes, code: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body)
    assert caught.value.code == code


def test_a_path_is_not_opened() -> None:
    with pytest.raises(ParseError):
        parse(str(DATA / "full.rss").encode())


def test_external_entities_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("FAKE-SECRET")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    assert "FAKE-SECRET" not in repr(parse(item("a &x; b", declared=doctype)))


def test_only_the_first_items_are_taken() -> None:
    body = b"<rss version='2.0'><channel>%s</channel></rss>" % b"".join(
        b"<item><title>%d</title></item>" % number for number in range(9)
    )
    assert [entry.title for entry in parse(body, max_items=2).entries] == ["0", "1"]


@pytest.mark.parametrize("share", [0.6, 0.8, 0.97])
def test_a_cut_document_gives_its_entries_and_says_so(share: float) -> None:
    parsed = parse(RSS[: int(len(RSS) * share)])
    assert parsed.entries[0].guid == "phare-1001"
    assert not parsed.complete
    assert parsed.fault


def test_a_cut_rdf_document_is_not_saved_by_its_closed_channel() -> None:
    body = (DATA / "full.rdf").read_bytes()
    assert not parse(body[: body.index(b"</item>")]).complete


def test_what_follows_the_end_is_no_cut() -> None:
    assert parse(RSS + b"\n<!-- 0.2 s --><script>track()</script>").complete


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (item("Été à Évry"), "text/xml; charset=iso-8859-1"),
        (item("Été à Évry", declared='<?xml version="1.0" encoding="iso-8859-1"?>'), None),
        (item("Été à Évry"), "text/html"),
        (item("Été à Évry", encoding="cp1252", declared='<?xml version="1.0" encoding="utf-8"?>'), "text/xml"),
        (item("Été à Évry", encoding="cp1252"), "text/xml; charset=windows-1252"),
        (item("Été à Évry", encoding="utf-8-sig"), None),
        (item("Été à Évry", encoding="cp1252", declared='<?xml version="1.0" encoding="\u20ac"?>'), None),
        (item("Été à Évry", encoding="cp1252", declared='<?xml version="1.0" encoding="undefined"?>'), None),
        (item("Été à Évry", encoding="utf-16", declared='<?xml version="1.0" encoding="utf-8"?>'), None),
    ],
)
def test_encodings_that_contradict_each_other(body: bytes, content_type: str | None) -> None:
    assert parse(body, content_type=content_type).entries[0].title == "Été à Évry"


@given(st.integers(0, len(RSS)), st.binary(max_size=12), st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_damaged_documents_give_storable_text_or_a_parse_error(at: int, junk: bytes, lost: int) -> None:
    try:
        parsed = parse(RSS[:at] + junk + RSS[at + lost :])
    except ParseError:
        return
    text = repr([dataclasses.astuple(entry) for entry in parsed.entries]) + parsed.title
    text.encode()
    assert all("\0" not in (entry.title + entry.summary + entry.content) for entry in parsed.entries)


@given(st.text(alphabet="&#xXdD8045;<>/ab0000000", max_size=40))
@settings(max_examples=150, deadline=None)
def test_no_character_reference_breaks_a_title(title: str) -> None:
    try:
        entries = parse(item(title)).entries
    except ParseError:
        return
    for entry in entries:
        entry.title.encode()
