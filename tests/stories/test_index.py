"""The window: what is found by what is shared, and that what leaves it leaves nothing behind."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

from bot.stories.features import facts_of, hours
from bot.stories.index import READ_BACK, Member, Window

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
LONG_AGO_H = 0.0


def member(article: int, title: str, text: str = "", *, story: int | None = None, after_h: float = 0) -> Member:
    facts = facts_of(title, text, "fr", NOW + timedelta(hours=after_h))
    return Member(article, article if story is None else story, title, facts)


def stories_near(window: Window, title: str) -> set[int]:
    return set(window.near(member(-1, title).facts, LONG_AGO_H))


def test_a_story_is_found_by_a_word_that_it_shares() -> None:
    window = Window()
    window.add(member(1, "Le musée de Lanvaux cambriolé"))
    window.add(member(2, "Orage sur Sainte-Ombre"))
    assert stories_near(window, "Procès de Lanvaux") == {1}


def test_an_article_of_which_nothing_is_left_is_found_by_nothing() -> None:
    window = Window()
    for version in ("Le musée de Lanvaux cambriolé", "Le château de Kerdrel cambriolé"):
        window.add(member(1, version))
    assert len(window) == 1
    assert stories_near(window, "Procès de Lanvaux") == set()
    window.remove(1)
    assert (len(window), window._postings, window._stories) == (0, {}, {})


def test_a_frequent_word_leads_to_the_newest_that_hold_it() -> None:
    window = Window()
    for number in range(READ_BACK + 1):
        window.add(member(number, "Lanvaux", story=int(number > 0), after_h=number / 60))
    assert stories_near(window, "Procès de Lanvaux") == {1}
    window.remove(0)  # what the word has forgotten already
    assert len(window) == READ_BACK


def test_a_story_that_goes_on_keeps_its_beginning() -> None:
    window = Window()
    window.add(member(1, "Le musée de Lanvaux cambriolé", story=1))
    window.add(member(2, "Orage sur Sainte-Ombre", story=2))
    window.add(member(3, "Musée de Lanvaux : trois suspects", story=1, after_h=60))
    window.forget_before(hours(NOW) + 1)
    assert [article in window for article in (1, 2, 3)] == [True, False, True]
    window.forget_before(hours(NOW) + 61)
    assert (len(window), window._postings) == (0, {})


def test_an_article_of_a_window_takes_a_few_kilobytes() -> None:
    """Of 160 words; of the program that holds the window, nothing else grows with it."""
    told = [
        " ".join(f"mot{(7 * number + place) % 997} Nom{place % 29}" for place in range(80)) for number in range(200)
    ]
    read = [member(number, each[:60], each) for number, each in enumerate(told)]  # what each word costs once
    del read
    window = Window()
    tracemalloc.start()
    try:
        for number, each in enumerate(told):
            window.add(member(number, each[:60], each))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / len(told) < 8_000
