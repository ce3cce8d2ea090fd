"""A small labelled set of invented news (labelled.yaml): what grouping must not fall behind of."""

from __future__ import annotations

import pytest

from tests.stories.labelled import Labelled, Score, group, labelled, score

ALIKE = ({"strike tram", "strike teachers"}, {"verdict one", "verdict two"})
"""Told in the same words on one day, in one town, but for who it is about: joined, as word by word they are one. Each
names its own people, so that whoever watches for one of them is told all the same (`test_editing`)."""


def told(*, without: frozenset[str] = frozenset()) -> tuple[Labelled, ...]:
    return tuple(each for each in labelled() if each.event not in without)


def scored(articles: tuple[Labelled, ...]) -> Score:
    return score(articles, [story for story, _ in group(articles)])


def test_no_two_events_are_joined_and_none_is_hidden() -> None:
    found = scored(told(without=frozenset(second for _, second in map(sorted, ALIKE))))
    assert (found.wrong, found.hidden) == ((), ())


def test_of_all_only_what_is_told_in_the_same_words_is_joined() -> None:
    found = scored(told())
    assert found.precision >= 0.94
    assert set(found.hidden) <= set().union(*ALIKE)


def test_every_event_is_told_once_in_a_language_and_most_pairs_are_found() -> None:
    found = scored(told())
    assert found.told_again == ()
    assert found.recall == 1.0


def test_an_event_told_in_three_languages_is_one_story() -> None:
    articles = told()
    stories = {story for each, (story, _) in zip(articles, group(articles), strict=True) if each.event == "karsiyane"}
    assert len(stories) == 1


def later_stages() -> list[str]:
    return sorted({each.event for each in labelled() if each.follows})


@pytest.mark.parametrize("event", later_stages())
def test_a_later_stage_is_a_story_of_its_own_that_follows_the_earlier_one(event: str) -> None:
    articles = told()
    place = next(place for place, each in enumerate(articles) if each.event == event)
    story, assignment = group(articles)[place]
    assert story == place
    assert assignment.follows is not None
    assert articles[assignment.follows].event == articles[place].follows


def test_the_same_day_gives_the_same_stories() -> None:
    assert group(told()) == group(told())


def test_the_labels_are_sound() -> None:
    events = {each.event for each in labelled()}
    assert {each.follows for each in labelled() if each.follows} <= events
    assert {each.language for each in labelled()} == {"fr", "en", "ar"}
