from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.schedule import first_poll, next_poll

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
MINUTE = 60.0
HOUR = 3600.0


def wait_s(
    *,
    interval_s: float | None = None,
    every_s: float | None = None,
    silent_s: float = 0.0,
    asked_s: float | None = None,
    failures: int = 0,
    jitter: float = 0.0,
) -> float:
    """Seconds to the next poll, with 10 min by default between 2 min and 6 h."""
    newest = NOW - timedelta(seconds=silent_s)
    published = [newest - timedelta(seconds=every_s * number) for number in range(20)] if every_s else []
    due = next_poll(
        NOW,
        interval_s=interval_s,
        default_s=10 * MINUTE,
        min_s=2 * MINUTE,
        max_s=6 * HOUR,
        published=published,
        asked_s=asked_s,
        failures=failures,
        jitter=jitter,
    )
    return (due - NOW).total_seconds()


def test_an_unknown_rhythm_takes_the_default() -> None:
    assert wait_s() == 10 * MINUTE


@pytest.mark.parametrize(
    ("every_s", "expected_s"),
    [(MINUTE, 2 * MINUTE), (20 * MINUTE, 5 * MINUTE), (4 * HOUR, HOUR), (72 * HOUR, 6 * HOUR)],
)
def test_the_interval_follows_the_rhythm_within_the_bounds(every_s: float, expected_s: float) -> None:
    assert wait_s(every_s=every_s) == expected_s


def test_one_burst_is_no_rhythm_for_ever() -> None:
    """Entries that all came at the same second, a day ago."""
    due = next_poll(
        NOW,
        interval_s=None,
        default_s=600,
        min_s=120,
        max_s=6 * HOUR,
        published=[NOW - timedelta(days=1)] * 20,
    )
    assert due == NOW + timedelta(seconds=600)


@pytest.mark.parametrize("interval_s", [1.0, 300.0, 24 * HOUR])
def test_an_explicit_interval_is_honoured_even_beyond_the_bounds(interval_s: float) -> None:
    assert wait_s(interval_s=interval_s, every_s=MINUTE, asked_s=HOUR, jitter=1.0) == interval_s


@pytest.mark.parametrize(("asked_s", "expected_s"), [(MINUTE, 10 * MINUTE), (HOUR, HOUR), (48 * HOUR, 6 * HOUR)])
def test_what_the_server_asks_only_lengthens_and_within_bounds(asked_s: float, expected_s: float) -> None:
    assert wait_s(asked_s=asked_s) == expected_s


@pytest.mark.parametrize(
    ("failures", "expected_s"),
    [(1, 10 * MINUTE), (2, 20 * MINUTE), (3, 40 * MINUTE), (9, 6 * HOUR), (10**6, 6 * HOUR)],
)
def test_failures_back_off_and_never_end(failures: int, expected_s: float) -> None:
    assert wait_s(failures=failures) == expected_s


def test_a_refusal_outdoes_an_explicit_interval() -> None:
    assert wait_s(interval_s=5.0, failures=1, asked_s=HOUR) == HOUR


@given(
    st.none() | st.floats(1, 10**6),
    st.floats(1, 10**4),
    st.floats(0, 10**6),
    st.none() | st.floats(0, 10**9),
    st.integers(0, 10**9),
    st.floats(0, 1),
    st.lists(st.datetimes(timezones=st.just(UTC)), max_size=15),
)
def test_the_next_poll_is_never_too_early_and_never_too_late(
    interval_s: float | None,
    min_s: float,
    room_s: float,
    asked_s: float | None,
    failures: int,
    jitter: float,
    published: list[datetime],
) -> None:
    max_s = min_s + room_s
    due = next_poll(
        NOW,
        interval_s=interval_s,
        default_s=min_s + room_s / 2,
        min_s=min_s,
        max_s=max_s,
        published=published,
        asked_s=asked_s,
        failures=failures,
        jitter=jitter,
    )
    tick = timedelta(microseconds=1)
    assert due >= NOW + timedelta(seconds=min(min_s, interval_s or min_s)) - tick
    assert due <= NOW + timedelta(seconds=max(max_s, interval_s or 0)) + tick


@given(st.floats(0, 1))
def test_first_polls_are_spread(jitter: float) -> None:
    assert NOW <= first_poll(NOW, spread_s=30, jitter=jitter) <= NOW + timedelta(seconds=30)
