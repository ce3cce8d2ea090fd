"""What bad feeds do, one test for each: no old item is news, and the really new one is."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.articles.changes import New, Seen
from bot.model import Entry
from tests.articles.memory import START, STEP, Memory, alerting, entry

Habit = Callable[[Entry, datetime], Entry]
"""How a feed distorts an item at the moment of a fetch."""


def noise(each: Entry, now: datetime) -> str:
    """Another for every item and fetch."""
    return f"{random.Random(f'{each.title} {now}').getrandbits(64):x}"


def no_guid(each: Entry, now: datetime) -> Entry:
    return replace(each, guid=None)


def one_guid(each: Entry, now: datetime) -> Entry:
    return replace(each, guid="https://phare.example/")


def one_guid_and_no_link(each: Entry, now: datetime) -> Entry:
    return replace(each, guid="item", link=None)


def guid_with_a_time(each: Entry, now: datetime) -> Entry:
    return replace(each, guid=f"{each.link}?{now.timestamp():.0f}")


def random_guid(each: Entry, now: datetime) -> Entry:
    return replace(each, guid=noise(each, now))


def random_guid_and_no_link(each: Entry, now: datetime) -> Entry:
    return replace(each, guid=noise(each, now), link=None)


def random_guid_and_home_page(each: Entry, now: datetime) -> Entry:
    return replace(each, guid=noise(each, now), link="https://phare.example/")


def tracker(each: Entry, now: datetime) -> Entry:
    return replace(each, link=f"{each.link}?utm_id={noise(each, now)}")


def session(each: Entry, now: datetime) -> Entry:
    return replace(each, link=f"{each.link};jsessionid={noise(each, now)}")


def dated_now(each: Entry, now: datetime) -> Entry:
    return replace(each, published=now)


def dated_in_the_future(each: Entry, now: datetime) -> Entry:
    return replace(each, published=(each.published or now) + timedelta(days=400))


def undated(each: Entry, now: datetime) -> Entry:
    return replace(each, published=None)


def counter(each: Entry, now: datetime) -> Entry:
    return replace(each, summary=f"{each.summary} il y a {(now - START) // timedelta(minutes=1)} minutes")


def advertisement(each: Entry, now: datetime) -> Entry:
    return replace(each, summary=f"{each.summary} {noise(each, now)}")


def live_page(each: Entry, now: datetime) -> Entry:
    return replace(each, link="https://phare.example/direct.html")


def all_of(*habits: Habit) -> Habit:
    def together(each: Entry, now: datetime) -> Entry:
        for habit in habits:
            each = habit(each, now)
        return each

    return together


HABITS = {
    habit.__name__: habit
    for habit in (
        no_guid,
        one_guid,
        one_guid_and_no_link,
        guid_with_a_time,
        random_guid,
        random_guid_and_no_link,
        random_guid_and_home_page,
        tracker,
        session,
        dated_now,
        dated_in_the_future,
        undated,
        counter,
        advertisement,
        live_page,
    )
} | {
    "random guid and tracker": all_of(random_guid, tracker),
    "random guid and session": all_of(random_guid, session),
    "no guid, session": all_of(no_guid, session),
    "no guid, undated": all_of(no_guid, undated),
    "random guid, dated now": all_of(random_guid, dated_now),
    "all but the words churns": all_of(random_guid, session, dated_now),
    "all but the words churns, undated": all_of(random_guid, session, undated),
    "all but the title churns": all_of(random_guid, session, dated_now, advertisement),
}

HOURS = timedelta(hours=1)


@pytest.mark.parametrize("skims", [True, False], ids=["skimmed", "whole"])
@pytest.mark.parametrize("brief", [True, False], ids=["brief", "long"])
@pytest.mark.parametrize("count", [4, 25])
@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS.keys())
def test_old_items_are_no_news_and_a_new_one_is(habit: Habit, count: int, brief: bool, skims: bool) -> None:
    memory = Memory(skims=skims)
    listed = [entry(number, at=START - number * HOURS, brief=brief) for number in range(count)]
    now = START

    def poll() -> list[str]:
        nonlocal now
        now += STEP
        return alerting(memory.poll([habit(each, now) for each in listed], now))

    assert [poll() for _ in range(5)] == [[]] * 5
    for number in (1001, 1002):
        listed = [entry(number, at=now, brief=brief), *listed[:-1]]
        assert poll() == [listed[0].title]
        assert [poll() for _ in range(4)] == [[]] * 4
    memory.forget_articles()
    assert poll() == []


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS.keys())
def test_what_is_remembered_does_not_grow_at_every_fetch(habit: Habit) -> None:
    memory = Memory()
    listed = [entry(number, at=START - number * HOURS) for number in range(30)]
    sizes = []
    for number in range(20):
        now = START + number * STEP
        memory.poll([habit(each, now) for each in listed], now)
        sizes.append(len(memory.rows))
    assert len(set(sizes[4:])) == 1


@pytest.mark.parametrize("habit", [random_guid, session], ids=["guids", "links"])
def test_a_feed_that_mends_its_ways_is_trusted_again(habit: Habit) -> None:
    memory = Memory()
    listed = [entry(number, at=START - number * HOURS) for number in range(10)]
    for number in range(4):
        now = START + number * STEP
        memory.poll([habit(each, now) for each in listed], now)
    later = START + timedelta(days=8)
    for number in range(4):
        listed = [entry(2000 + number, at=later), *listed]
        assert alerting(memory.poll(listed, later + number * STEP)) == [listed[0].title]
    (kinds,) = [
        {identity.kind for identity in change.identities}
        for change in memory.poll([entry(3000, at=later), *listed], later + 9 * STEP)
        if isinstance(change, New)
    ]
    assert kinds == {"guid", "url", "content", "title"}


# --- A feed that comes back ----------------------------------------------------------------------------------------


def as_before(each: Entry) -> Entry:
    return each


def other_guids(each: Entry) -> Entry:
    return replace(each, guid=f"node/{each.guid}")


def other_host(each: Entry) -> Entry:
    return replace(each, link=(each.link or "").replace("phare.example", "lephare.example/actu"))


def other_text(each: Entry) -> Entry:
    return replace(each, summary="Lire la suite sur le site du Phare")


def all_other(each: Entry) -> Entry:
    return other_guids(other_host(each))


def all_but_the_title(each: Entry) -> Entry:
    return other_text(all_other(each))


MOVES = [as_before, other_guids, other_host, all_other, all_but_the_title]


@pytest.mark.parametrize("brief", [True, False], ids=["brief", "long"])
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("redated", [None, dated_now, undated], ids=["dates kept", "dated now", "undated"])
def test_a_site_that_moves_tells_nothing_twice(
    move: Callable[[Entry], Entry], redated: Habit | None, brief: bool
) -> None:
    memory, now = Memory(), START
    listed = [entry(number, at=START - number * HOURS, brief=brief) for number in range(30)]
    memory.poll(listed, now)
    memory.poll([], now + STEP)
    now += 3 * STEP
    moved = [move(redated(each, now) if redated else each) for each in listed]
    assert alerting(memory.poll(moved, now)) == []
    really_new = move(entry(1001, at=now + STEP, brief=brief))
    assert alerting(memory.poll([really_new, *moved], now + STEP)) == [really_new.title]
    assert alerting(memory.poll([really_new, *moved], now + 2 * STEP)) == []


OLD = START - timedelta(days=300)
ARCHIVES: dict[str, Callable[[int, datetime], datetime | None]] = {
    "dated old": lambda number, now: OLD - number * HOURS,
    "undated": lambda number, now: None,
    "dated now": lambda number, now: now,
    "written one after the other": lambda number, now: now - number * timedelta(seconds=2),
    "dated in the future": lambda number, now: now + number * HOURS,
}


@pytest.mark.parametrize("listed_before", [0, 5, 30])
@pytest.mark.parametrize("date", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_five_hundred_old_items_are_a_comeback(
    date: Callable[[int, datetime], datetime | None], listed_before: int
) -> None:
    memory, now = Memory(), START + 5 * STEP
    before = [entry(number, at=START - number * HOURS) for number in range(listed_before)]
    memory.poll(before, START)
    memory.poll([], START + STEP)
    archive = [entry(5000 + number, at=date(number, now)) for number in range(500)]
    changes = memory.poll(archive, now)
    assert alerting(changes) == []
    assert len([change for change in changes if isinstance(change, New)]) == 500
    assert alerting(memory.poll(archive, now + STEP)) == []
    really_new = entry(1001, at=now + STEP)
    assert alerting(memory.poll([really_new, *archive], now + STEP)) == [really_new.title]


def test_a_morning_edition_after_an_empty_document_is_news() -> None:
    """The Straits Times: a day's 21 articles dated 5 o'clock, in a document that was empty the evening before."""
    memory = Memory()
    memory.poll([entry(number, at=START - number * HOURS) for number in range(20)], START)
    memory.poll([], START + STEP)
    morning = (START + timedelta(days=1)).replace(hour=5)
    edition = [entry(1000 + number, at=morning) for number in range(30)]
    assert len(alerting(memory.poll(edition, morning + 4 * HOURS))) == 30


@pytest.mark.parametrize("skims", [True, False], ids=["skimmed", "whole"])
@pytest.mark.parametrize("archived", [30, 500])
def test_an_undated_archive_below_what_is_known_is_old_and_what_stands_above_is_new(archived: int, skims: bool) -> None:
    memory = Memory(skims=skims)
    listed = [entry(number, at=None) for number in range(20)]
    memory.poll(listed, START)
    news = [entry(1000 + number, at=None) for number in range(3)]
    archive = [entry(5000 + number, at=None) for number in range(archived)]
    expected = [] if archived > 100 else sorted(each.title for each in news)
    assert sorted(alerting(memory.poll([*news, *listed, *archive], START + STEP))) == expected


def test_what_slides_back_into_an_undated_document_is_old() -> None:
    memory = Memory()
    listed = [entry(number, at=None) for number in range(10)]
    memory.poll(listed[:9], START)
    for number in (1001, 1002):  # news stands on top in this feed
        listed = [entry(number, at=None), *listed]
        assert alerting(memory.poll(listed[:9], START + number * STEP)) == [listed[0].title]
    oldest = entry(5000, at=None)
    assert alerting(memory.poll([*listed[1:9], oldest], START + 1003 * STEP)) == []


def test_a_feed_that_appends_undated_news_loses_none() -> None:
    memory = Memory()
    listed = [entry(number, at=None) for number in range(9)]
    memory.poll(listed, START)
    for number in range(4):
        listed = [*listed[1:], entry(1000 + number, at=None)]
        assert alerting(memory.poll(listed, START + (number + 1) * STEP)) == [listed[-1].title]


def test_a_moved_feed_keeps_what_it_knows() -> None:
    """Its id is the same; its URL and all its items' bytes are others."""
    memory = Memory()
    listed = [entry(number, at=START - number * HOURS) for number in range(30)]
    memory.poll(listed, START)
    moved = [replace(each, link=(each.link or "").replace("https://", "http://www."), language="fr") for each in listed]
    assert alerting(memory.poll(moved, START + STEP)) == []


# --- Catching up ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("overlap", [0, 10])
@pytest.mark.parametrize("days", [1, 5])
def test_after_an_outage_of_ours_all_that_was_published_meanwhile_is_news(days: int, overlap: int) -> None:
    memory = Memory()
    listed = [entry(number, at=START - number * HOURS) for number in range(30)]
    memory.poll(listed, START)
    back = START + timedelta(days=days)
    step = timedelta(days=days) / 40
    news = [entry(1000 + number, at=back - (number + 1) * step) for number in range(30)]
    assert sorted(alerting(memory.poll([*news, *listed[:overlap]], back))) == sorted(each.title for each in news)


def test_what_was_published_before_an_outage_of_ours_and_is_old_is_not() -> None:
    memory = Memory()
    memory.poll([entry(1)], START)
    late = entry(2, at=START - timedelta(hours=5))
    assert alerting(memory.poll([late, entry(1)], START + timedelta(days=5))) == []


def test_a_batch_that_is_published_at_once_is_news() -> None:
    memory = Memory()
    listed = [entry(number, at=START - number * HOURS) for number in range(30)]
    memory.poll(listed, START)
    batch = [entry(1000 + number, at=START + STEP) for number in range(25)]
    assert len(alerting(memory.poll([*batch, *listed[:20]], START + 2 * STEP))) == 25


def test_what_a_feed_lists_late_is_news() -> None:
    memory = Memory()
    memory.poll([entry(1)], START)
    memory.poll([entry(1)], START + STEP)
    late = entry(2, at=START - timedelta(hours=20))
    assert alerting(memory.poll([entry(1), late], START + 2 * STEP)) == [late.title]


# --- Edits ---------------------------------------------------------------------------------------------------------


def looks(memory: Memory, entries: Sequence[Entry], now: datetime) -> int:
    return len([change for change in memory.poll(entries, now) if not isinstance(change, New | Seen)])


def test_texts_that_always_change_are_looked_at_once_an_hour() -> None:
    memory = Memory()
    listed = [entry(number, at=START) for number in range(10)]
    memory.poll(listed, START)
    times = [START + (number + 1) * STEP for number in range(60)]
    counts = [looks(memory, [advertisement(each, now) for each in listed], now) for now in times]
    assert 90 <= sum(counts) <= 130  # of 600


def test_a_name_added_while_all_texts_churn_is_looked_at_although_the_text_then_rests() -> None:
    memory = Memory()
    listed = [entry(number, at=START) for number in range(10)]
    for number in range(5):
        now = START + number * STEP
        memory.poll([advertisement(each, now) for each in listed], now)
    named = [replace(each, summary=f"{each.summary} Aurélie Vantadour") for each in listed]
    found = [looks(memory, named, START + (5 + number) * STEP) for number in range(7)]
    assert sum(found) == 10


def test_a_counter_is_no_edit() -> None:
    memory = Memory()
    listed = [entry(number, at=START) for number in range(10)]
    memory.poll([counter(each, START) for each in listed], START)
    for number in range(1, 6):
        now = START + number * STEP
        assert looks(memory, [counter(each, now) for each in listed], now) == 0
    named = replace(listed[0], summary=f"{listed[0].summary} Aurélie Vantadour")
    assert looks(memory, [counter(each, START + 9 * STEP) for each in (named, *listed[1:])], START + 9 * STEP) == 1


def test_an_edit_an_hour_later_is_looked_at() -> None:
    memory = Memory()
    memory.poll([entry(1), entry(2)], START)
    named = replace(entry(1), summary=f"{entry(1).summary} Aurélie Vantadour")
    assert looks(memory, [named, entry(2)], START + 6 * STEP) == 1


# --- Live pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("skims", [True, False], ids=["skimmed", "whole"])
def test_the_second_post_of_a_live_page_is_another_article(skims: bool) -> None:
    memory = Memory(skims=skims)
    now = START
    others = [entry(number, at=START - number * HOURS) for number in range(5)]
    posts: list[Entry] = []
    memory.poll(others, now)
    for number in range(4):
        now += STEP
        posts = [live_page(entry(1000 + number, at=now), now), *posts]
        assert alerting(memory.poll([*posts, *others], now)) == [posts[0].title]
    for number in range(4, 8):  # now each post replaces the one before
        now += STEP
        post = live_page(entry(1000 + number, at=now), now)
        assert alerting(memory.poll([post, *others], now)) == [post.title]


def test_one_guid_for_the_latest_bulletin_loses_none_even_after_retention() -> None:
    memory, now = Memory(), START
    for number in range(6):
        now += STEP
        bulletin = replace(entry(number, at=now), guid="latest")
        assert alerting(memory.poll([bulletin], now)) == ([bulletin.title] if number else [])
        if number > 2:
            memory.forget_articles()


# --- Laws ----------------------------------------------------------------------------------------------------------

entries = st.lists(
    st.builds(
        Entry,
        guid=st.sampled_from([None, "a", "b", "c", ""]),
        link=st.sampled_from([None, "https://x.example/1", "https://x.example/2", "https://x.example/"]),
        title=st.sampled_from(["", entry(1).title, entry(2).title, "Grève au port", "Grève au port levée"]),
        summary=st.sampled_from(["", entry(1).summary, entry(2).summary]),
        published=st.sampled_from([None, START, START - timedelta(hours=60)]),
    ),
    max_size=8,
)


@given(st.lists(entries, min_size=1, max_size=4), st.booleans())
@settings(deadline=None)
def test_a_document_that_is_replayed_brings_nothing_new(documents: list[list[Entry]], skims: bool) -> None:
    memory, now = Memory(skims=skims), START
    for document in documents:
        for again in (False, True):
            now += STEP
            changes = memory.poll(document, now)
            assert not again or not [change for change in changes if isinstance(change, New)]


@given(st.randoms(use_true_random=False), st.integers(3, 12), st.booleans())
@settings(deadline=None, max_examples=60)
def test_guids_links_and_dates_dealt_anew_are_no_news(chance: random.Random, count: int, brief: bool) -> None:
    memory, now = Memory(), START
    listed = [entry(number, at=START - number * HOURS, brief=brief) for number in range(count)]
    memory.poll(listed, now)
    for _ in range(4):
        now += STEP
        guids = chance.sample([each.guid for each in listed], count)
        links = chance.sample([each.link for each in listed], count)
        dates = chance.sample([each.published for each in listed], count)
        dealt = [
            replace(each, guid=guid, link=link, published=date)
            for each, guid, link, date in zip(listed, guids, links, dates, strict=True)
        ]
        assert alerting(memory.poll(dealt, now)) == []


@given(st.lists(st.tuples(st.sampled_from(["phare", "balise"]), st.sampled_from(list(HABITS))), max_size=12))
@settings(deadline=None, max_examples=40)
def test_the_habits_of_one_feed_are_nothing_to_another(polls: list[tuple[str, str]]) -> None:
    together, alone, now = Memory(), Memory(), START
    for feed_id, habit in polls:
        now += STEP
        listed = [
            HABITS[habit](entry(number, at=START - number * HOURS, site=feed_id), now)
            for number in (range(6) if feed_id == "phare" else range(100, 106))
        ]
        together.poll(listed, now, feed_id)
        if feed_id == "phare":
            alone.poll(listed, now, feed_id)
    assert together.traits.get("phare") == alone.traits.get("phare")
