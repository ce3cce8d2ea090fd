from __future__ import annotations

import io

import feedparser
import pytest

from bot.feeds.lean import Strict, decoded, parse_strictly

URL = "https://phare.example/dir/feed.xml"
HEADERS = {"content-location": URL, "content-type": "application/xml; charset=utf-8"}
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom" %s>%s<title>T</title></feed>'
RSS = '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" %s><channel>%s</channel></rss>'

LEAVES_CONTENT = "<item><description><title>x</title></description></item>"
DOCUMENTS = {
    "relative": RSS % ("", '<item><link>../a?x=1&amp;y=2</link><guid>b</guid><enclosure url="c"/></item>'),
    "base": RSS % ('xml:base="https://other.example/x/"', "<item><link>a</link></item>"),
    "base of one": ATOM % ("", '<entry xml:base="/b/"><link href="a"/><id>i</id></entry><entry><link href="a"/></entry>'),
    "plain base": RSS % ("base='https://other.example/'", "<item><link>a</link></item>"),
    "two summaries": RSS % ("", "<item><description>a</description><media:description>b</media:description></item>"),
    "typed": ATOM % ("", '<entry><title type="html">&lt;b&gt;</title><content type="text">&lt;b&gt;</content></entry>'),
    "xhtml": RSS % ("", LEAVES_CONTENT + "<item><title>&lt;b></title><description>s</description></item>"),
    "mojibake": RSS % ("", "<item><title>Ã©tÃ©</title></item>"),
    "languages": ATOM % ('xml:lang="fr"', '<entry xml:lang="en_GB"><title>a</title></entry><entry><title>b</title></entry>'),
}  # fmt: skip


def lean(document: str) -> Strict:
    parsed = parse_strictly(document.encode(), URL)
    assert parsed
    return parsed


def without_bases(found: object) -> object:
    """What we do not read: the base address that feedparser notes beside each text."""
    if isinstance(found, dict):
        return {key: without_bases(value) for key, value in found.items() if key != "base"}
    return [without_bases(value) for value in found] if isinstance(found, list) else found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_answer_is_that_of_feedparser(name: str) -> None:
    document = DOCUMENTS[name]
    expected = feedparser.parse(
        io.BytesIO(document.encode()), response_headers=HEADERS, sanitize_html=False, resolve_relative_uris=False
    )
    found = lean(document)
    assert without_bases(found.entries) == without_bases(expected["entries"])
    assert without_bases(found.feed) == without_bases(expected["feed"])
    assert found.version == expected["version"]


@pytest.mark.parametrize(
    "broken",
    [RSS % ("", "<item>"), RSS % ("", "&eacute;"), RSS % ("", "<a:b/>"), "<!DOCTYPE rss>" + RSS % ("", ""), "", "text"],
)
def test_what_the_strict_parser_does_not_take_is_not_taken(broken: str) -> None:
    assert parse_strictly(broken.encode(), URL) is None


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {"xhtml"}))
def test_items_are_read_by_themselves(name: str) -> None:
    assert lean(DOCUMENTS[name]).independent


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENTS["xhtml"],
        RSS % ("", LEAVES_CONTENT),
        RSS % ("", '<item><dc:date xmlns:dc="http://purl.org/rss/1.0/modules/content/">a</dc:date></item>'),
        RSS % ("", '<item><x:a xmlns:x="urn:x"/></item><item><title xmlns="urn:x">a</title></item>'),
    ],
)
def test_an_item_that_changes_how_the_next_is_read_is_noticed(document: str) -> None:
    assert not lean(document).independent


def test_a_namespace_under_its_usual_prefix_changes_nothing() -> None:
    dated = '<item><dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2025-03-03</dc:date></item>'
    assert lean(RSS % ("", dated + dated)).independent


def test_decoding_is_that_of_feedparser() -> None:
    body = '<?xml version="1.0" encoding="windows-1252"?><rss>é</rss>'.encode("cp1252")
    assert (
        decoded(body, {"content-type": "application/xml"})
        == "<?xml version='1.0' encoding='utf-8'?><rss>é</rss>".encode()
    )
    assert decoded(b"\x81\x8d", {"content-type": "application/xml; charset=utf-8"}) is not None
