from __future__ import annotations

import dataclasses
import json
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds.parse import parse_document
from bot.model import ParsedFeed

DATA = Path(__file__).parent / "data"
RSS = (DATA / "full.rss").read_bytes()


def parse(
    body: bytes, *, content_type: str | None = None, max_items: int = 50, known: frozenset[str] = frozenset()
) -> ParsedFeed:
    url = "https://phare.example/feed/rss"
    return parse_document(body, content_type=content_type, url=url, max_items=max_items, known=known)


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
    for key in ("unchanged", "tail", "hints"):
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
        ("<rss version='2.0' xmlns:a='b\u00a0c'><channel><item><a:b/></item></channel></rss>".encode(), "not-a-feed"),
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


@pytest.mark.parametrize("page", [b"<!---->" * 500 + b"<p>", b"<html>" + b"<p>" * 1_000_000])
def test_a_page_is_told_at_once_however_hostile(page: bytes) -> None:
    # The time-out of the suite is the limit.
    with pytest.raises(ParseError):
        parse(page)


def test_a_feed_inside_a_page_is_taken_as_feedparser_takes_it() -> None:
    assert parse(b"<html>" + item("a") + b"</html>").entries[0].title == "a"


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


# --- Items that were read before -------------------------------------------------------------------------------------

NAMESPACES = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
TEXTS = st.text(alphabet="aé<>&;]'\" Ã©\n", max_size=8).map(escape) | st.sampled_from(
    ["<![CDATA[<item> & </item>]]>", "&lt;b&gt;x&lt;/b&gt;", "<!-- <item> -->", "/rel?a=1&amp;b=2", "&#233;&#0;"]
)
FIELDS = st.sampled_from(
    [
        "title",
        "link",
        "guid",
        'guid isPermaLink="false"',
        "description",
        "media:description",
        "media:title",
        "pubDate",
        "dc:date",
        "dc:language",
        "category",
        'source url="https://other.example/"',
        'description xml:lang="en"',
        'title xml:base="https://other.example/"',
    ]
)
FIELD = st.tuples(FIELDS, TEXTS | st.just("Mon, 03 Mar 2025 08:15:00 GMT")).map(
    lambda field: f"<{field[0]}>{field[1]}</{field[0].split()[0]}>"
)
ITEMS = st.lists(FIELD, max_size=6).map(lambda fields: f"<item>{''.join(fields)}</item>")


def document(items: list[str], root: str, head: str, tail: str) -> bytes:
    return f'<rss version="2.0" {NAMESPACES}{root}><channel>{head}{" ".join(items)}{tail}</channel></rss>'.encode()


@given(
    st.lists(ITEMS, max_size=6),
    st.sampled_from(["", ' xml:lang="de"', ' xml:base="/base/"']),
    st.sampled_from(["", "<language>fr</language>", "<title>T</title>"]),
    st.sampled_from(["", "<language>fr</language>", "<image><title>i</title></image>"]),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_what_is_fresh_and_what_was_known_are_the_whole(
    items: list[str], root: str, head: str, tail: str, data: st.DataObject
) -> None:
    body = document(items, root, head, tail)
    whole = parse(body)
    digests = [entry.item for entry in whole.entries if entry.item]
    assert len(digests) in {0, len(items)}
    known = frozenset(data.draw(st.lists(st.sampled_from(digests)))) if digests else frozenset[str]()
    found = parse(body, known=known)
    assert found.entries == tuple(entry for entry in whole.entries if entry.item not in known)
    assert found.unchanged == tuple(digest for digest in digests if digest in known)
    assert (found.fault, found.complete) == (whole.fault, whole.complete)
    if found.entries:
        assert (found.title, found.language) == (whole.title, whole.language)


@given(st.lists(ITEMS, max_size=5), st.lists(ITEMS, max_size=5))
@settings(max_examples=100, deadline=None)
def test_an_entry_kept_from_an_earlier_document_is_the_one_of_the_later(before: list[str], after: list[str]) -> None:
    after = [*after, *before[1:]]
    kept = {entry.item: entry for entry in parse(document(before, "", "", "")).entries if entry.item}
    later = parse(document(after, "", "<title>T</title>", ""), known=frozenset(kept))
    whole = parse(document(after, "", "<title>T</title>", ""))
    read = {entry.item: entry for entry in later.entries} | kept
    if whole.entries and whole.entries[0].item and not whole.fault:
        assert [read[entry.item] for entry in whole.entries] == list(whole.entries)
    assert len(later.entries) + len(later.unchanged) == len(whole.entries)


def test_where_all_is_known_nothing_is_parsed() -> None:
    known = frozenset(entry.item for entry in parse(RSS).entries if entry.item)
    again = parse(RSS.replace(b"<language>", b"<ttl>30</ttl><language>"), known=known)
    assert (again.entries, len(again.unchanged), again.title) == ((), 2, "")
    assert again.hints.min_wait_s == 1800


def test_an_edited_item_is_fresh() -> None:
    known = frozenset(entry.item for entry in parse(RSS).entries if entry.item)
    again = parse(RSS.replace(b"3 metres", b"4 metres"), known=known)
    assert [entry.title for entry in again.entries] == ["Tides are < 4 metres & falling"]
    assert len(again.unchanged) == 1
    assert (again.title, again.language) == ("Le Phare & la Digue", "fr-FR")


def test_a_fault_in_what_is_new_has_the_whole_parsed() -> None:
    known = frozenset(entry.item for entry in parse(RSS).entries if entry.item)
    again = parse(RSS.replace(b"<item>", b"<item><title>a <b></title></item><item>", 1), known=known)
    assert len(again.entries) == 3
    assert again.fault
    assert not again.unchanged
    assert {entry.item for entry in again.entries} == {None}


def test_the_encoding_is_decided_by_the_whole_document() -> None:
    text = "<rss version='2.0'><channel><item><title>{}</title></item><item><title>Été</title></item></channel></rss>"
    first = parse(text.format("a").encode("cp1252"))
    again = parse(text.format("b").encode("cp1252"), known=frozenset(filter(None, [first.entries[1].item])))
    assert [entry.title for entry in first.entries] == ["a", "Été"]
    assert [entry.title for entry in again.entries] == ["b"]
    assert again.unchanged == (first.entries[1].item,)
    # The same bytes mean something else beside a title in UTF-8 that makes it all Latin-1, and the other way round.
    assert not parse(text.format("b").encode(), known=frozenset({first.entries[0].item or ""})).unchanged


def test_a_moved_feed_is_read_anew() -> None:
    def read(url: str, known: frozenset[str] = frozenset()) -> ParsedFeed:
        return parse_document(RSS, content_type=None, url=url, max_items=50, known=known)

    known = frozenset(entry.item for entry in read("https://phare.example/feed").entries if entry.item)
    assert (
        read("https://other.example/feed", known).entries[0].link
        == "https://other.example/justice/affaire-du-port.html"
    )


def test_items_beyond_the_limit_are_neither_parsed_nor_unchanged() -> None:
    known = frozenset(entry.item for entry in parse(RSS).entries if entry.item)
    assert len(parse(RSS, known=known, max_items=1).unchanged) == 1
    assert len(parse(RSS, max_items=1).entries) == 1


def test_hints_are_read_with_the_entries() -> None:
    ttl = RSS.replace(b"<language>", b"<ttl>30</ttl><language>")
    assert parse(ttl).hints.min_wait_s == 1800
    assert (
        parse(ttl.replace(b"</channel>", b"<ttl>60</ttl></channel>").replace(b"<ttl>30</ttl>", b"")).hints.min_wait_s
        == 3600
    )
    assert parse(ttl.replace(b"Tides", b"Tides <b>")).hints.min_wait_s == 1800
