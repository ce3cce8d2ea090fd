from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.reading import (
    LONG_CHARS,
    SHORT_CHARS,
    is_teaser,
    merged_text,
    next_reading,
    takes_place,
    wants_page,
)

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
URL = "https://lephare.example/a"
LONG = "Une phrase entière du journal. " * 60


def wants(text: str = "Court.", /, policy: str = "auto", **changes: Any) -> bool:
    asked: dict[str, Any] = {"url": URL, "baseline": False, "published_at": NOW, "now": NOW, **changes}
    return wants_page(text, policy, **asked)  # type: ignore[arg-type]  # the test's own words


def test_a_short_text_wants_its_page_and_a_long_one_does_not() -> None:
    assert wants("x" * (SHORT_CHARS - 1))
    assert not wants(LONG)


@pytest.mark.parametrize(
    "end", ["…", "...", "[…]", "Read more", "Lire la suite →", "Continue reading »", "اقرأ المزيد"]
)
def test_a_text_that_goes_on_elsewhere_is_a_teaser(end: str) -> None:
    assert is_teaser(LONG + end)


def test_the_policy_decides_over_length() -> None:
    assert wants(LONG, "always")
    assert not wants("", "never")


@pytest.mark.parametrize(
    "change",
    [{"baseline": True}, {"url": None}, {"url": "ftp://a.example/x"}, {"url": "magnet:?x"},
     {"published_at": NOW - timedelta(days=2)}],
)  # fmt: skip
def test_some_pages_are_never_read(change: dict[str, Any]) -> None:
    assert not wants(policy="always", **change)


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_short_page_is_read_again_a_few_times_within_a_day() -> None:
    readings = []
    now: datetime | None = NOW
    while now is not None:
        readings.append(now)
        now = next_reading([100] * len(readings), NOW, now)
    assert readings == [NOW, after(20), after(60), after(240), after(720)]


def test_a_long_page_and_an_old_one_are_read_enough() -> None:
    assert next_reading([100, LONG_CHARS], NOW, after(20)) is None
    assert next_reading([100], NOW, after(24 * 60)) is None


def test_a_page_never_read_is_read_now_and_missed_readings_are_not_made_up_for() -> None:
    assert next_reading([], NOW, after(3)) == after(3)
    assert next_reading([0], NOW, after(61)) == after(240)


@given(st.lists(st.integers(0, LONG_CHARS - 1), min_size=1), st.integers(0, 3_000))
def test_no_reading_is_due_in_the_past_or_after_a_day(lengths: list[int], minutes: int) -> None:
    due = next_reading(lengths, NOW, after(minutes))
    assert due is None or after(minutes) < due <= NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("length", "before", "expected"), [(0, 0, True), (5, 0, True), (100, 100, True), (80, 100, True), (79, 100, False)]
)
def test_a_page_that_lost_much_of_its_text_takes_no_place(length: int, before: int, expected: bool) -> None:
    assert takes_place("x" * length, "y" * before) is expected


def test_feed_and_page_are_merged_without_repetition() -> None:
    page = "Le port rouvre.\nLa préfète l’a dit mardi."
    assert merged_text("Le port rouvre. …", page) == page
    assert merged_text("Le port rouvre.\nPhoto : G. Malavoy", page) == f"Photo : G. Malavoy\n{page}"
    assert merged_text("Le port.", "") == "Le port."
    assert merged_text("", page) == page


@given(st.text("ab \n…", max_size=40), st.text("ab \n…", max_size=40))
def test_no_word_of_either_is_lost(feed: str, page: str) -> None:
    merged = merged_text(feed, page)
    assert page in merged
    assert merged_text(feed, merged) == merged
    assert set(feed.replace("…", " ").split()) <= {part for word in merged.split() for part in pieces(word)}


def pieces(word: str) -> set[str]:
    """What a word of one text may be inside a word of the other."""
    return {word[start:end] for start in range(len(word)) for end in range(start + 1, len(word) + 1)}
