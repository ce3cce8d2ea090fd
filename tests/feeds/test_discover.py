"""A page's feeds are found as its publisher names them, whatever else stands in the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.discover import FeedLink, feed_links, kind_of, well_known

HERE = "https://phare.example/actu/page.html"


def links(html: str | bytes, url: str = HERE) -> list[str]:
    page = html.encode() if isinstance(html, str) else html
    return [link.url for link in feed_links(page, url)]


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="alternate" type="application/rss+xml" href="/rss.xml">',
        "<link rel=alternate type=application/rss+xml href=/rss.xml>",
        "<LINK HREF='../rss.xml' TYPE='Application/Atom+XML; charset=utf-8' REL='Alternate'>",
        '<link rel="nofollow ALTERNATE" type="application/feed+json" href="https://phare.example/rss.xml#top"/>',
        '<body><p><link rel="alternate" type="application/rdf+xml" href=" //phare.example/rss.xml ">',
        '<base href="https://phare.example/"><base href="/x/"><link rel=alternate type=application/rss+xml href=rss.xml>',
    ],
)
def test_a_named_feed_is_found_however_it_is_written(tag: str) -> None:
    assert links(f"<!doctype html><html><head>{tag}</head></html>") == ["https://phare.example/rss.xml"]


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="stylesheet" type="text/css" href="/a.css">',
        '<link rel="alternate" hreflang="en" href="/en/">',
        '<link rel="alternate" type="application/json+oembed" href="/o">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="application/rss+xml" href="">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/rss+xml" href="file:///etc/hostname">',
        '<link rel="alternate" type="application/rss+xml" href="http://[::1/">',
        '<link rel="alternate" type="application/rss+xml" href="page.html#x">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/rss.xml"> -->',
    ],
)
def test_what_is_no_feed_of_the_page_is_not_found(tag: str) -> None:
    assert links(f"<html><head>{tag}</head></html>") == []


def test_feeds_come_in_the_order_of_the_page_each_once_and_the_doubtful_last() -> None:
    page = "".join(
        f'<link rel="alternate" type="application/{kind}" href="{path}">'
        for kind, path in [("json", "/api"), ("rss+xml", "/a"), ("atom+xml", "/b"), ("rss+xml", "/a"), ("json", "/b")]
    )
    assert links(page) == [f"https://phare.example/{path}" for path in ("a", "b", "api")]


def test_titles_are_read_in_the_encoding_of_the_page() -> None:
    tag = '<link rel="alternate" type="application/rss+xml" title=" Brèves \n du port " href="/a">'
    expected = (FeedLink("https://phare.example/a", "Brèves du port"),)
    assert feed_links(tag.encode(), HERE) == expected
    assert feed_links(f'<meta charset="windows-1252">{tag}'.encode("cp1252"), HERE) == expected


@given(st.binary(max_size=300), st.sampled_from([HERE, "https://phare.example", "http://[", ""]))
def test_no_page_breaks_it(page: bytes, url: str) -> None:
    for link in feed_links(b'<link rel=alternate type="application/rss+xml" href="' + page, url):
        assert link.url.startswith(("http://", "https://"))


def test_the_usual_places_are_of_the_sites_root_and_not_the_page_itself() -> None:
    assert well_known(HERE)[:2] == ("https://phare.example/feed", "https://phare.example/rss")
    assert "https://phare.example/feed" not in well_known("https://phare.example/feed")


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (b'<?xml version="1.0"?><rss xmlns:a="x" version="2.0">', "RSS 2.0"),
        (b"<rss version='0.91'>", "RSS 0.91"),
        (b"<rss>", "RSS"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "Atom"),
        (b'<a:feed xmlns:a="http://www.w3.org/2005/Atom">', "Atom"),
        (b'<feed version="0.3">', "Atom 0.3"),
        (b"<rdf:RDF xmlns:rdf='x'>", "RSS 1.0 (RDF)"),
        (b'\xef\xbb\xbf {"version": "https://jsonfeed.org/version/1.1"}', "JSON Feed"),
        ("<rss version='2.0'>".encode("utf-16"), "RSS 2.0"),
        (b"", "unknown"),
    ],
)
def test_the_kind_of_a_document(document: bytes, kind: str) -> None:
    assert kind_of(document) == kind
