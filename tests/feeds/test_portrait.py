"""A feed's portrait counts what its entries lack and how often they come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.feeds.portrait import newest_first, portrait_of
from bot.model import Entry

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


def an_entry(title: str, hours_ago: float | None = None, *, guid: str | None = None, link: str | None = None) -> Entry:
    published = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    return Entry(guid=guid, link=link, title=title, published=published)


def test_a_steady_feed() -> None:
    portrait = portrait_of([an_entry(str(n), n * 2, guid=str(n), link=f"/{n}") for n in range(1, 13)], NOW)
    assert (portrait.entries, portrait.with_guid, portrait.with_link, portrait.dated) == (12, 12, 12, 12)
    assert (portrait.repeated_guids, portrait.repeated_links, portrait.in_future) == (0, 0, 0)
    assert portrait.usual_gap_s == 7200
    assert portrait.a_day == 12
    assert portrait.newest_at == NOW - timedelta(hours=2)
    assert portrait.oldest_at == NOW - timedelta(hours=24)


def test_of_less_than_a_day_nothing_is_said_of_days() -> None:
    assert portrait_of([an_entry("a", 0.1), an_entry("b", 23)], NOW).a_day is None
    assert portrait_of([an_entry("a", 0.1), an_entry("b", 24)], NOW).a_day == 2


def test_what_is_missing_repeated_or_to_come_is_counted() -> None:
    entries = [
        an_entry("a", 1, guid="x", link="/"),
        an_entry("b", -5, guid="x", link="/"),
        an_entry("c", guid="x"),
        an_entry("d", link="/d"),
    ]
    portrait = portrait_of(entries, NOW)
    assert (portrait.with_guid, portrait.repeated_guids) == (3, 2)
    assert (portrait.with_link, portrait.repeated_links) == (3, 1)
    assert (portrait.dated, portrait.in_future, portrait.usual_gap_s) == (2, 1, None)


def test_without_entries_or_dates_there_is_no_rhythm() -> None:
    for entries in ([], [an_entry("a")], [an_entry("a", 0)]):
        portrait = portrait_of(entries, NOW)
        assert (portrait.usual_gap_s, portrait.a_day) == (None, None)


def test_the_newest_come_first_and_the_undated_last() -> None:
    entries = [an_entry("old", 9), an_entry("no date"), an_entry("new", 1)]
    assert [entry.title for entry in newest_first(entries)] == ["new", "old", "no date"]
