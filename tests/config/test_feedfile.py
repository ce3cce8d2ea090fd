"""Edits of a file of feeds touch what they are about and not a byte beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.config.feedfile import append, as_read, literal, one_line, remove
from bot.config.feeds import read_feeds
from bot.errors import UsageError
from bot.model import Feed

HERE = Path("feeds.yaml")
NEW = Feed("new", "https://new.example/rss?a=1&b=#x: y", "L'Écho: « du matin »", "fr", frozenset({"a", "b c"}), 300.0)


def feeds_of(text: str) -> list[Feed]:
    placed, problems = read_feeds(text, HERE, {"KEY": "s3cret"})
    assert problems == []
    return [one.feed for one in placed]


# --- Files as people write them --------------------------------------------------------------------------------------


ENTRIES = (
    "- https://{n}.example/\n",
    "-   'https://{n}.example/'   # plain\n",
    '- {{id: f{n}, url: "https://{n}.example/", title: L\'Express, tags: [a, "b, c"]}}\n',
    "- {{url: https://{n}.example/,\n   title: Deux lignes}} # after\n",
    "- url: https://{n}.example/\n  title: Le Phare  # its name\n",
    "-\n  # why we read it\n  url: https://{n}.example/\n\n  tags:\n  - a\n  # the second\n  - b\n",
    "- title: >\n    Deux\n    lignes\n\n  url: https://{n}.example/\n  # still inside\n",
    "- x-note: |\n    - not: an entry\n    # no comment\n\n  url: https://{n}.example/\n",
    '- url: "https://{n}.example/${{KEY}}"\n  headers: {{Authorization: "Bearer ${{KEY}}"}}\n',
)
BETWEEN = ("", "\n", "# --- Maroc ---\n", "\n# a\n#b\n\n", "   \n", "# - https://old.example/\n")
HEADS = ("", "---\n", "# The feeds\n\n", "# a\n---\n# b\n")
TAILS = ("", "# the end", "\n", "...\n", "# vim: ts=2\n", "...\n# after\n")


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file of feeds in any style, indented or not, with any line ends, and with or without a last newline."""
    parts = [draw(st.sampled_from(HEADS))]
    entries = draw(st.integers(0, 4))
    for number in range(entries):
        parts.append(draw(st.sampled_from(ENTRIES)).format(n=number))
        parts.append(draw(st.sampled_from(BETWEEN)))
    parts.append(draw(st.sampled_from(TAILS).filter(lambda tail: entries or not tail.startswith("..."))))
    text = "".join(parts)
    if draw(st.booleans()):
        marks = ("---", "...")
        text = "".join(
            line if line.startswith(marks) or not line.strip() else f"  {line}"
            for line in text.splitlines(keepends=True)
        )
    if draw(st.booleans()):
        text = text.rstrip("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


texts = st.text(st.characters(codec="utf-8"), max_size=30)
new_feeds = st.builds(
    Feed,
    id=st.from_regex(r"new[a-z0-9._-]{0,9}", fullmatch=True),
    url=st.from_regex(r"https://new\.example/[!-~]{0,30}", fullmatch=True).map(literal),
    title=texts.map(literal),
    language=st.sampled_from([None, "fr", "no", "zh-hant"]),
    tags=st.frozensets(texts.map(lambda tag: literal(tag).casefold().strip()).filter(bool), max_size=3),
    interval_s=st.sampled_from([None, 90.0, 300.0, 5400.0]),
)


def read(feed: Feed) -> Feed:
    tags = frozenset(map(as_read, feed.tags))
    return Feed(feed.id, as_read(feed.url), as_read(feed.title), feed.language, tags, feed.interval_s)


@given(st.text("${}a", max_size=12))
def test_a_text_from_elsewhere_is_read_as_it_was(text: str) -> None:
    assert as_read(literal(text)) == text


@given(files(), new_feeds)
def test_what_is_added_is_read_back_and_the_others_are_as_before(text: str, feed: Feed) -> None:
    before, after = feeds_of(text), feeds_of(append(text, [feed]))
    assert after == [*before, read(feed)]


@given(files(), st.lists(new_feeds, min_size=1, max_size=3))
def test_adding_and_removing_again_gives_back_every_byte(text: str, feeds: list[Feed]) -> None:
    number = len(feeds_of(text))
    edited = append(text, feeds)
    for _ in feeds:
        edited = remove(edited, number)
    assert edited == text


@given(files(), st.data())
def test_removing_takes_one_feed_and_no_line_that_is_not_its_own(text: str, data: st.DataObject) -> None:
    before = feeds_of(text)
    # Of a file without `---`, its only entry cannot go and leave `...`: whoever writes proves the text first.
    assume(len(before) > ("..." in text))
    number = data.draw(st.integers(0, len(before) - 1))
    edited = remove(text, number)
    assert feeds_of(edited) == before[:number] + before[number + 1 :]
    kept = iter(text.splitlines())
    assert all(line in kept for line in edited.splitlines()), "the lines that stay are in their order, unchanged"
    for comment in ("--- Maroc ---", "The feeds", "old.example", "vim"):
        assert edited.count(comment) == text.count(comment)


# --- By example ------------------------------------------------------------------------------------------------------


def test_an_entry_is_written_like_the_one_before_it() -> None:
    assert append("- {url: https://a.example}\n", [NEW]).splitlines()[1] == one_line(NEW)
    assert append("  - https://a.example\n", [NEW]).splitlines()[1] == f"  {one_line(NEW)}"
    assert append("- url: https://a.example\n", [NEW]).splitlines()[1:] == [
        "- id: new",
        '  url: "https://new.example/rss?a=1&b=#x: y"',
        '  title: "L\'Écho: « du matin »"',
        "  language: fr",
        "  tags: [a, b c]",
        "  interval: 5m",
    ]


def test_comments_inside_an_entry_go_with_it_and_those_around_stay() -> None:
    text = "# above\n- url: https://a.example # of the line\n  # inside\n  title: A\n  # inside, last\n# below\n- https://b\n"
    assert remove(text, 0) == "# above\n# below\n- https://b\n"


@pytest.mark.parametrize(
    "text", ["[]\n", "[https://a.example]\n", "- {url: x}", "url: https://a.example\n", "https://a\n"]
)
def test_what_is_not_a_list_by_lines_is_refused(text: str) -> None:
    if text.startswith("- "):
        assert append(text, [NEW]).startswith(text)
        return
    with pytest.raises(UsageError, match="one entry a line"):
        append(text, [NEW])
