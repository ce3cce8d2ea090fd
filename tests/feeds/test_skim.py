from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.feeds.skim import Skim, skim

RSS = b'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>T</title>%s</channel></rss>'
RDF = b'<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/"><channel><items/></channel>%s</rdf:RDF>'
ATOM = b'<!-- a feed --><feed xmlns="http://www.w3.org/2005/Atom"><id>f</id>%s</feed>\n'

A = b"<item><title>a</title></item>"
B = b"<item >b</item >"


def skimmed(document: bytes) -> Skim:
    found = skim(document)
    assert found
    return found


def items(document: bytes) -> list[bytes]:
    return [document[start:end] for start, end in skimmed(document).spans]


@pytest.mark.parametrize(
    "item",
    [
        A,
        B,
        b"<item><!-- </item><item> --></item>",
        b"<item><![CDATA[</item><entry> ]] > <item>]]></item>",
        b"<item><?php </item> ?></item>",
        b"<item xml:lang='a>b' a=\"'/>\"></item>",
        b"<item><itemId>3</itemId><items/><media:entryPoint/></item>",
    ],
)
def test_items_are_found(item: bytes) -> None:
    assert items(RSS % (b"\n" + item + b"\n" + A)) == [item, A]
    assert items(RDF % (item + A)) == [item, A]


def test_entries_of_atom_are_found() -> None:
    assert items(ATOM % b"<entry/ ><entry>b</entry>".replace(b"/ ", b"></entry")) == [
        b"<entry></entry>",
        b"<entry>b</entry>",
    ]


def test_a_feed_without_items_is_one() -> None:
    assert items(RSS % b"<!-- <item></item> -->") == []


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"<html><item></item></html>",
        b"<channel>" + A + b"</channel>",
        b"<!DOCTYPE rss>" + RSS % A,
        RSS % (b"<!ENTITY a 'b'>" + A),
        RSS % b"<item>",
        RSS % (A + b"</item>"),
        RSS % b"<item><item></item></item>",
        RSS % (A + b"<entry></entry>"),
        ATOM % A,
        RSS % b"<rss:item></rss:item>",
        RSS % (b"<item><a:entry></a:entry></item>"),
        RSS % b"<Item></Item>",
        RSS % b"<item/>",
        RSS % b"<item></item x>",
        RSS % b'<item xmlns:a="b"></item>',
        RSS % b"<item><![CDATA[</item>",
        RSS % b"<!-- " + A,
        b"<rss>" + A,
        b"<rss>" + A + b"</feed>",
        (RSS % A).decode().encode("utf-16"),
        RSS % b"<item>\x1b$B</item>",
        b"junk" + RSS % A,
    ],
)
def test_what_is_odd_is_left_to_the_parser(odd: bytes) -> None:
    assert skim(odd) is None


def test_what_is_no_item_is_kept_in_its_place() -> None:
    found = skimmed(RSS % (A + b"<ttl>1</ttl>" + B + b"<day/>"))
    assert found.around == RSS % b"<ttl>1</ttl><day/>"
    assert found.holding({1}) == RSS % (b"<ttl>1</ttl>" + B + b"<day/>")
    assert found.holding({0, 1}) == found.document


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (RSS % A, RSS % (B + b"\n" + A), True),
        (RSS % A, (RSS % A).replace(b"<title>T", b"<lastBuildDate>now</lastBuildDate><title>U"), True),
        (RSS % A, RSS % A.replace(b"a", b"b"), False),
        (RSS % A, RSS % A.replace(b"><title", b">\n<title"), False),
        (RSS % A, (RSS % A).replace(b'"2.0"', b'"0.91"'), False),
        (RSS % A, (RSS % A).replace(b"<rss", b'<rss xmlns:dc="d"'), False),
        (RSS % A, (RSS % A).replace(b"<channel", b'<channel title=">" xml:base="https://a.example/"'), False),
        (RSS % A, (RSS % A).replace(b"<channel", b"<channel xml:lang='fr'"), False),
        (RSS % A, RSS % (A + b"<language>fr</language>"), False),
        (RSS % (A + b"<language>fr</language>"), RSS % (A + b"<language><![CDATA[en]]></language>"), False),
        (RSS % (A + b"<language>fr</language>"), RSS % (b"<language>fr</language>" + A), True),
    ],
)
def test_a_digest_changes_with_the_item_and_what_it_depends_on(before: bytes, after: bytes, same: bool) -> None:
    assert (skimmed(before).digests[0] == skimmed(after).digests[-1]) is same


def test_a_digest_is_salted() -> None:
    assert skim(RSS % A, salt=b"1") != skim(RSS % A, salt=b"2")


@given(st.lists(st.text("abc<&]", max_size=5), max_size=6), st.lists(st.sampled_from([b"", b"\n", b"<!-- item -->"])))
def test_equal_items_have_equal_digests_and_no_others(titles: list[str], blanks: list[bytes]) -> None:
    listed = [b"<item><![CDATA[%s]]></item>" % title.encode() for title in titles]
    found = skimmed(RSS % b"".join(item + blank for item, blank in zip(listed, [*blanks, *[b""] * 6], strict=False)))
    assert [found.document[start:end] for start, end in found.spans] == listed
    assert len(set(found.digests)) == len(set(listed))


@given(
    st.lists(
        st.sampled_from(
            [
                "<item>",
                "</item>",
                "<entry>",
                "<![CDATA[",
                "]]>",
                "<!--",
                "-->",
                "<?",
                "?>",
                "<!",
                "<",
                ">",
                "'",
                '"',
                "/",
                "x",
            ]
        ),
        max_size=30,
    )
)
@settings(max_examples=300)
def test_spans_are_items_in_order_whatever_the_document(pieces: list[str]) -> None:
    found = skim(RSS % "".join(pieces).encode())
    if found is None:
        return
    ends = [0, *(end for _, end in found.spans)]
    assert all(end <= start for (start, _), end in zip(found.spans, ends, strict=False))
    assert all(re.match(rb"(?s)<item[\s>].*</item\s*>$", found.document[start:end]) for start, end in found.spans)


@pytest.mark.parametrize(
    "piece",
    [
        b"<item>",
        b"<item></item>",
        b"<item a='",
        b"<",
        b"<!--",
        b"<![CDATA[",
        b"<![CDATA[]]>",
        b"<?",
        b"<a lang ",
        b"<a '\"",
        b"<language>",
        b"</rss",
        b"</item",
        b"a:",
        b" ",
    ],
)
def test_a_hostile_megabyte_takes_no_longer_than_a_large_feed(piece: bytes) -> None:
    # The time-out of the suite is the limit: what is quadratic takes hours.
    many = piece * (1_000_000 // len(piece))
    for document in (RSS % many, b"<rss>" + many, many):
        skim(document)
