from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.feeds.schedule import UNKNOWN, Pace, Rhythm, first_poll, next_poll, next_try, rhythm_of
from bot.model import NO_HINTS, Hints

NOW = datetime(2025, 3, 3, 12, 20, tzinfo=UTC)
"""A Monday."""
MINUTE = 60.0
HOUR = 3600.0
PACE = Pace(default_s=10 * MINUTE, min_s=2 * MINUTE, max_s=6 * HOUR)


def rhythm(every_s: float, *, silent_s: float = 0.0) -> Rhythm:
    newest = NOW - timedelta(seconds=silent_s)
    return rhythm_of([newest - timedelta(seconds=every_s * number) for number in range(20)], NOW)


def wait_s(
    known: Rhythm = UNKNOWN,
    *,
    interval_s: float | None = None,
    hints: Hints = NO_HINTS,
    asked_s: float | None = None,
    retry_after_s: float | None = None,
    jitter: float = 0.0,
) -> float:
    """Seconds to the next poll after a good one."""
    pace = Pace(PACE.default_s, PACE.min_s, PACE.max_s, interval_s)
    due = next_poll(NOW, pace, known, hints=hints, asked_s=asked_s, retry_after_s=retry_after_s, jitter=jitter)
    return (due - NOW).total_seconds()


def retry_s(
    failures: int, *, interval_s: float | None = None, refused: bool = False, retry_after_s: float | None = None
) -> float:
    """Seconds to the next poll after failed ones."""
    pace = Pace(PACE.default_s, PACE.min_s, PACE.max_s, interval_s)
    due = next_try(NOW, pace, failures=failures, refused=refused, retry_after_s=retry_after_s)
    return (due - NOW).total_seconds()


def test_an_unknown_rhythm_takes_the_default() -> None:
    assert wait_s() == 10 * MINUTE


@pytest.mark.parametrize(
    ("every_s", "expected_s"),
    [(MINUTE, 2 * MINUTE), (20 * MINUTE, 5 * MINUTE), (4 * HOUR, HOUR), (72 * HOUR, 6 * HOUR)],
)
def test_the_interval_follows_the_rhythm_within_the_bounds(every_s: float, expected_s: float) -> None:
    assert wait_s(rhythm(every_s)) == expected_s


def test_a_feed_that_fell_silent_is_polled_less() -> None:
    awake, asleep = rhythm(20 * MINUTE), rhythm(20 * MINUTE, silent_s=16 * HOUR)
    assert (wait_s(awake), wait_s(asleep)) == (5 * MINUTE, 30 * MINUTE)


def test_one_burst_is_no_rhythm() -> None:
    """Entries that all came at the same second, a day ago."""
    assert wait_s(rhythm_of([NOW - timedelta(days=1)] * 20, NOW)) == 10 * MINUTE


def test_entries_of_the_future_tell_no_rhythm() -> None:
    assert rhythm_of([NOW + timedelta(hours=number) for number in range(1, 9)], NOW) == UNKNOWN


@pytest.mark.parametrize("interval_s", [1.0, 300.0, 24 * HOUR])
def test_an_explicit_interval_is_honoured_even_beyond_the_bounds(interval_s: float) -> None:
    hints = Hints(min_wait_s=HOUR, skip_hours=frozenset({12}))
    assert wait_s(rhythm(MINUTE), interval_s=interval_s, hints=hints, asked_s=HOUR, jitter=0.5) == interval_s


def test_feeds_of_one_interval_drift_apart_and_keep_it_on_average() -> None:
    waits = [wait_s(interval_s=HOUR, jitter=number / 100) for number in range(101)]
    assert len(set(waits)) == 101
    assert sum(waits) / 101 == pytest.approx(HOUR)
    assert max(waits) - min(waits) <= 0.1 * HOUR + 1e-6


def test_a_retry_after_beside_a_good_answer_outdoes_an_interval_and_the_longest_wait() -> None:
    assert wait_s(interval_s=MINUTE, retry_after_s=2 * HOUR) == 2 * HOUR
    assert wait_s(retry_after_s=10 * HOUR) == 10 * HOUR
    assert wait_s(retry_after_s=10**9) == 48 * HOUR
    assert wait_s(retry_after_s=1) == 10 * MINUTE


@pytest.mark.parametrize(("asked_s", "expected_s"), [(MINUTE, 10 * MINUTE), (HOUR, HOUR), (48 * HOUR, 6 * HOUR)])
def test_what_server_and_document_ask_only_lengthens_and_within_bounds(asked_s: float, expected_s: float) -> None:
    assert wait_s(asked_s=asked_s) == expected_s
    assert wait_s(hints=Hints(min_wait_s=asked_s)) == expected_s


def test_skipped_hours_and_days_are_left_out() -> None:
    assert wait_s(hints=Hints(skip_hours=frozenset({12, 13}))) == 100 * MINUTE  # at two o'clock
    assert wait_s(hints=Hints(skip_hours=frozenset({14}))) == 10 * MINUTE
    assert wait_s(hints=Hints(skip_days=frozenset({0}))) == 6 * HOUR  # all Monday, and six hours at most


@pytest.mark.parametrize(
    ("failures", "expected_s"),
    [(1, 10 * MINUTE), (2, 20 * MINUTE), (3, 40 * MINUTE), (9, 6 * HOUR), (10**6, 6 * HOUR)],
)
def test_failures_back_off_and_never_end(failures: int, expected_s: float) -> None:
    assert retry_s(failures) == expected_s


def test_a_refusal_is_tried_again_slowly() -> None:
    assert [retry_s(failures, refused=True) for failures in (1, 2, 3, 4)] == [HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR]


def test_retry_after_outdoes_everything_for_two_days() -> None:
    assert retry_s(1, interval_s=5.0, retry_after_s=HOUR) == HOUR
    assert retry_s(1, retry_after_s=24 * HOUR) == 24 * HOUR
    assert retry_s(1, retry_after_s=10**9) == 48 * HOUR
    assert retry_s(3, retry_after_s=1) == 40 * MINUTE


@given(
    interval_s=st.none() | st.floats(1, 10**6),
    min_s=st.floats(1, 10**4),
    room_s=st.floats(0, 10**6),
    asked_s=st.none() | st.floats(0, 10**9),
    failures=st.integers(0, 10**9),
    jitter=st.floats(0, 1),
    published=st.lists(st.datetimes(timezones=st.just(UTC)), max_size=15),
    hints=st.builds(
        Hints,
        st.none() | st.floats(0, 10**9),
        st.frozensets(st.integers(0, 23)),
        st.frozensets(st.integers(0, 6)),
    ),
)
def test_the_next_poll_is_never_too_early_and_never_too_late(
    interval_s: float | None,
    min_s: float,
    room_s: float,
    asked_s: float | None,
    failures: int,
    jitter: float,
    published: list[datetime],
    hints: Hints,
) -> None:
    pace = Pace(min_s + room_s / 2, min_s, min_s + room_s, interval_s)
    known = rhythm_of(published, NOW)
    if failures:
        due = next_try(NOW, pace, known, failures=failures, refused=failures % 2 == 0, jitter=jitter)
    else:
        due = next_poll(NOW, pace, known, hints=hints, asked_s=asked_s, jitter=jitter)
    tick = timedelta(microseconds=1)
    assert due >= NOW + timedelta(seconds=min(min_s, 0.95 * (interval_s or min_s))) - tick
    assert due <= NOW + timedelta(seconds=max(pace.max_s, 1.05 * (interval_s or 0))) + tick


@given(st.floats(0, 10**6), st.floats(0, 10**6), st.floats(0, 1))
def test_a_hint_never_shortens(hint_s: float, more_s: float, jitter: float) -> None:
    assume(hint_s + more_s < 10**6)
    short = next_poll(NOW, PACE, hints=Hints(min_wait_s=hint_s), jitter=jitter)
    assert next_poll(NOW, PACE, hints=Hints(min_wait_s=hint_s + more_s), jitter=jitter) >= short


@given(st.floats(0, 1))
def test_first_polls_are_spread(jitter: float) -> None:
    assert NOW <= first_poll(NOW, spread_s=30, jitter=jitter) <= NOW + timedelta(seconds=30)
