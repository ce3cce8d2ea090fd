"""Each trouble is told once, its end once; what nobody could see is a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.health import Health, State, Trouble, missed_since, to_tell, trouble
from bot.feeds.schedule import Rhythm

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def failing(failures: int, since: timedelta, state: State = State.FAILING) -> Health:
    return Health(state, failures, NOW - since)


def quiet(days: float, gap_hours: float) -> Health:
    return Health(State.OK, rhythm=Rhythm(gap_hours * 3600, NOW - timedelta(days=days)))


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (Health(State.OK), None),
        (failing(2, 5 * HOUR), None),
        (failing(9, 2 * HOUR), None),
        (failing(3, 3 * HOUR), Trouble.FAILING),
        (failing(1, HOUR, State.REFUSED), None),
        (failing(2, HOUR, State.REFUSED), Trouble.REFUSED),
        (failing(1, timedelta(), State.GONE), Trouble.GONE),
        (quiet(2.9, 0.5), None),
        (quiet(3, 0.5), Trouble.QUIET),
        (quiet(3, 24), None),
        (quiet(20, 24), Trouble.QUIET),
    ],
)
def test_what_deserves_a_word(health: Health, expected: Trouble | None) -> None:
    assert trouble(health, NOW) is expected


def test_a_night_of_failures_is_told_once_and_its_end_once() -> None:
    told: Trouble | None = None
    said = []
    for hours in range(1, 12):
        health = Health(State.FAILING, hours, NOW)
        told, news = to_tell(told, health, NOW + hours * HOUR)
        said += [told] if news else []
    for _ in range(3):
        told, news = to_tell(told, Health(State.OK), NOW + 12 * HOUR)
        said += [told] if news else []
    assert said == [Trouble.FAILING, None]


def test_a_trouble_that_was_never_told_ends_without_a_word() -> None:
    assert to_tell(None, Health(State.OK), NOW) == (None, False)


def test_a_failing_feed_that_is_refused_now_is_told_when_it_lasts() -> None:
    assert to_tell(Trouble.FAILING, failing(1, 9 * HOUR, State.REFUSED), NOW) == (Trouble.FAILING, False)
    assert to_tell(Trouble.FAILING, failing(2, 9 * HOUR, State.REFUSED), NOW) == (Trouble.REFUSED, True)


def test_a_quiet_feed_that_fails_once_is_still_only_quiet() -> None:
    still = quiet(9, 1)
    assert to_tell(Trouble.QUIET, Health(State.FAILING, 1, NOW, still.rhythm), NOW) == (Trouble.QUIET, False)
    assert to_tell(Trouble.QUIET, still, NOW) == (Trouble.QUIET, False)
    assert to_tell(Trouble.QUIET, Health(State.OK), NOW) == (None, True)


def test_an_address_that_fails_and_is_refused_in_turn_is_told_at_most_twice() -> None:
    told, said = None, []
    for hours in range(2, 40):
        state = State.REFUSED if hours % 2 else State.FAILING
        told, news = to_tell(told, Health(state, hours, NOW), NOW + hours * HOUR)
        said += [told] if news else []
    assert said == [Trouble.REFUSED]
    assert to_tell(told, Health(State.OK), NOW) == (None, True)


@given(st.lists(st.tuples(st.sampled_from(State), st.integers(1, 9), st.integers(0, 9)), max_size=30))
def test_nothing_is_told_twice_in_a_row(polls: list[tuple[State, int, int]]) -> None:
    told: Trouble | None = None
    said: list[Trouble | None] = [None]
    for state, failures, hours in polls:
        told, news = to_tell(told, Health(state, failures, NOW - hours * HOUR), NOW)
        if news:
            said.append(told)
    assert all(one != other for one, other in pairwise(said))


def missed(*, planned_min: float, late_min: float, failures: int = 0) -> bool:
    """Whether a poll planned so long after the last good one, and made so late, found a gap."""
    good = NOW - timedelta(minutes=planned_min + late_min)
    return missed_since(good, good + timedelta(minutes=planned_min), NOW, failures=failures) is not None


@pytest.mark.parametrize(
    ("planned_min", "late_min", "failures", "expected"),
    [
        (10, 5, 0, False),
        (10, 29, 0, False),
        (10, 30, 0, True),
        (360, 40, 0, False),
        (360, 1080, 0, True),
        (10, 10, 1, False),
        (10, 60, 3, True),
    ],
)
def test_a_gap_is_what_was_not_polled_as_planned(
    planned_min: float, late_min: float, failures: int, expected: bool
) -> None:
    assert missed(planned_min=planned_min, late_min=late_min, failures=failures) is expected


def test_a_feed_that_never_answered_missed_nothing() -> None:
    assert missed_since(None, NOW - 9 * HOUR, NOW, failures=4) is None
