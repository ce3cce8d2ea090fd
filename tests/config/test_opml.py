"""OPML that we write is read back as the same feeds."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.config.feeds import read_feeds
from bot.config.opml import write_opml
from bot.markup import storable
from bot.model import Feed

words = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: storable(text).strip())
tags = words.map(lambda tag: tag.casefold().translate({ord(","): None, ord("/"): None}).strip()).filter(bool)


@st.composite
def listed(draw: st.DrawFn) -> list[Feed]:
    urls = draw(
        st.lists(st.from_regex(r"https://[a-z]{1,8}\.example/[!-~]{0,20}", fullmatch=True), unique=True, min_size=1)
    )
    return [
        Feed(
            "", url, draw(words), draw(st.sampled_from([None, "fr", "zh-hant"])), draw(st.frozensets(tags, max_size=3))
        )
        for url in urls
    ]


@given(listed())
def test_what_is_written_is_read_back(feeds: list[Feed]) -> None:
    placed, problems = read_feeds(write_opml(feeds), Path("o.opml"), {})
    assert problems == []
    assert [one.feed for one in placed] == feeds


def test_a_feed_without_a_title_is_shown_by_its_address_and_has_none_when_read() -> None:
    text = write_opml([Feed("a", "https://a.example/rss?x=1&y=2")])
    assert 'text="https://a.example/rss?x=1&amp;y=2"' in text
    [placed] = read_feeds(text, Path("o.opml"), {})[0]
    assert placed.feed == Feed("", "https://a.example/rss?x=1&y=2")


def test_ids_intervals_and_headers_are_not_written() -> None:
    text = write_opml([Feed("secret-id", "https://a.example/", interval_s=60, headers={"X-Key": "s3cret"})])
    assert "secret" not in text
    assert "s3cret" not in text
    assert "60" not in text
