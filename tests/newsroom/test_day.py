"""The day as data: complete, consistent, and true to the rule about real names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from itertools import combinations

import pytest

from bot import newsroom
from bot.newsroom.day import (
    CLOSES,
    OPENS,
    FaultKind,
    Item,
    Outlet,
    Situation,
    Timeline,
    fault_at,
    last_change,
    listed,
    load_outlets,
    shows,
)

OUTLETS = load_outlets()
PIECES = [(outlet, item) for outlet in OUTLETS for item in outlet.items]
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = Timeline(opened=START - timedelta(seconds=5), begins=START, day_s=40.0)

REAL_NAMES = re.compile(r"darmanin|\bamra\b|baj+ou|bingui|عمرة|بجو|درمان", re.IGNORECASE)
READ_AGAINST_THE_FACTS = {"transferts-aout", "visite-rabat", "bajou-tanger", "judicial-cooperation"}
"""Items whose every statement about the real names was compared with what was widely reported."""


def the(item_id: str) -> tuple[Outlet, Item]:
    return next((outlet, item) for outlet, item in PIECES if item.id == item_id)


def all_text(item: Item) -> str:
    return "\n".join([item.title, item.lead, item.text, *(change.title or "" for change in item.changes)])


def words(item: Item) -> set[str]:
    return {word for word in re.findall(r"\w+", f"{item.title} {item.text or item.lead}".casefold()) if len(word) > 3}


def alike(one: Item, other: Item) -> float:
    mine, theirs = words(one), words(other)
    return len(mine & theirs) / len(mine | theirs)


def showing(*situations: Situation) -> list[Item]:
    return [item for _, item in PIECES if any(shows(item, situation) for situation in situations)]


def test_ids_are_unique() -> None:
    assert len({outlet.id for outlet in OUTLETS}) == len(OUTLETS)
    for outlet in OUTLETS:
        guids = [item.id for item in outlet.items]
        guids += [change.guid for item in outlet.items for change in item.changes if change.guid]
        assert len(set(guids)) == len(guids)


def test_three_languages_and_both_formats_are_there() -> None:
    assert {outlet.language for outlet in OUTLETS} == {"fr", "en", "ar"}
    assert {outlet.format for outlet in OUTLETS} == {"rss", "atom"}
    assert all(outlet.tags for outlet in OUTLETS)


def test_the_scripts_fit_the_languages() -> None:
    for outlet, item in PIECES:
        assert bool(re.search("[\u0600-\u06ff]", item.title)) == (outlet.language == "ar"), item.id


@pytest.mark.parametrize("situation", Situation)
def test_every_situation_is_in_the_data_and_explained(situation: Situation) -> None:
    in_faults = any(fault.shows is situation for outlet in OUTLETS for fault in outlet.faults)
    assert showing(situation) or in_faults
    assert f"\n    {situation} " in (newsroom.__doc__ or "")


def test_real_names_stand_only_where_the_facts_were_checked() -> None:
    assert {item.id for _, item in PIECES if REAL_NAMES.search(all_text(item))} == READ_AGAINST_THE_FACTS


def test_every_outlet_has_old_entries_for_the_first_poll() -> None:
    for outlet in OUTLETS:
        before = listed(outlet, DAY, START)
        assert before
        assert all(entry.published < DAY.opened for entry in before)


def test_most_of_the_day_is_about_nobody_in_particular() -> None:
    assert sum(item.shows is None for _, item in PIECES) > len(PIECES) / 2


def test_all_news_is_out_some_time_before_the_day_closes() -> None:
    moments = [item.at for _, item in PIECES if item.at]
    assert min(moments) > OPENS
    assert max(moments) <= last_change(OUTLETS) < CLOSES
    assert timedelta(seconds=3) < DAY.when(CLOSES) - DAY.when(last_change(OUTLETS))


def test_a_day_takes_as_many_seconds_as_it_is_given() -> None:
    assert DAY.when(OPENS) == START
    assert DAY.when(CLOSES) == START + timedelta(seconds=40)
    assert DAY.when(time(14)) == START + timedelta(seconds=20)


def test_news_appears_at_its_time_and_stays_the_newest_first() -> None:
    outlet, item = the("vantadour-terminal")
    moment = DAY.when(item.at or OPENS)
    assert item not in [entry.item for entry in listed(outlet, DAY, moment - timedelta(milliseconds=1))]
    assert listed(outlet, DAY, moment)[0].item is item
    dates = [entry.published for entry in listed(outlet, DAY, DAY.when(CLOSES))]
    assert dates == sorted(dates, reverse=True)
    assert len(dates) == len(outlet.items)


def test_an_edited_headline_keeps_its_guid_and_a_republished_page_its_text() -> None:
    outlet, item = the("vantadour-terminal")

    def at(moment: datetime) -> tuple[str, str, str]:
        entry = next(entry for entry in listed(outlet, DAY, moment) if entry.item is item)
        return entry.guid, entry.title, entry.query

    edit, again = (DAY.when(change.at) for change in item.changes)
    first, edited, republished = at(edit - timedelta(milliseconds=1)), at(edit), at(again)
    assert first[0] == edited[0] != republished[0]
    assert first[1] != edited[1] == republished[1]
    assert (first[2], edited[2]) == ("", "")
    assert "utm_source=" in republished[2]


def test_the_same_story_is_alike_in_words_and_differs_in_text() -> None:
    story = showing(Situation.NEW_STORY, Situation.SAME_STORY, Situation.NEW_NAME)
    for one, other in combinations(story, 2):
        assert 0.4 < alike(one, other) < 0.9
        assert one.title != other.title
    rest = [item for _, item in PIECES if item not in story]
    assert max(alike(one, other) for one in story for other in rest) < 0.15


def test_the_story_is_told_by_three_outlets_one_after_the_other() -> None:
    times = {outlet.id: item.at for outlet, item in PIECES if item in showing(Situation.SAME_STORY)}
    (first,) = showing(Situation.NEW_STORY)
    assert len(times) == 2
    assert all(at and first.at and at > first.at for at in times.values())


def test_a_feed_breaks_in_two_ways_and_publishes_meanwhile() -> None:
    (broken,) = [outlet for outlet in OUTLETS if outlet.faults]
    assert [fault.kind for fault in broken.faults] == [FaultKind.SERVER_ERROR, FaultKind.MALFORMED]
    (late,) = showing(Situation.RECOVERED)
    assert late.at
    assert fault_at(broken, DAY, DAY.when(late.at)) is FaultKind.SERVER_ERROR
    assert fault_at(broken, DAY, DAY.when(broken.faults[1].until)) is None


def test_what_must_not_fire_holds_no_watched_name_but_in_part() -> None:
    (namesake,), (substring,), (possible,) = map(showing, (Situation.NAMESAKE, Situation.SUBSTRING, Situation.POSSIBLE))
    assert not re.search(r"Aurélie|(?<!Bastien )Vantadour", all_text(namesake))
    assert not re.search(r"\bMartin\b|Darmanin", all_text(substring))
    assert re.search(r"Mme Martin\b", all_text(possible))
    assert not re.search(r"Hélène|juge|Halcyon|Port-Salins|instruction", all_text(possible))
