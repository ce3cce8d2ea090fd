"""Nights and digests on the reader's own clock, over the changes of the clocks as well."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.hours import next_digest, quiet_until
from bot.model import Quiet, Rhythm

PARIS = ZoneInfo("Europe/Paris")
NIGHT = Quiet(time(22), time(7))
ZONES = ["Europe/Paris", "Africa/Casablanca", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "UTC"]


def paris(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        (paris(2026, 2, 3, 21, 59), None),
        (paris(2026, 2, 3, 22, 0), paris(2026, 2, 4, 7, 0)),
        (paris(2026, 2, 4, 3, 0), paris(2026, 2, 4, 7, 0)),
        (paris(2026, 2, 4, 7, 0), None),
        (paris(2026, 3, 28, 23, 0), paris(2026, 3, 29, 7, 0)),  # an hour is skipped this night
        (paris(2026, 10, 25, 1, 0), paris(2026, 10, 25, 7, 0)),  # and one is repeated in this
    ],
)
def test_a_night_ends_in_the_morning(now: datetime, ends: datetime | None) -> None:
    assert quiet_until(NIGHT, now, PARIS) == ends


def test_hours_within_a_day_and_none_at_all() -> None:
    lunch = Quiet(time(12), time(14))
    assert quiet_until(lunch, paris(2026, 2, 3, 13, 0), PARIS) == paris(2026, 2, 3, 14, 0)
    assert quiet_until(lunch, paris(2026, 2, 3, 15, 0), PARIS) is None
    assert quiet_until(None, paris(2026, 2, 3, 3, 0), PARIS) is None


def test_equal_times_are_a_whole_day() -> None:
    always = Quiet(time(8), time(8))
    assert quiet_until(always, paris(2026, 2, 3, 7, 0), PARIS) == paris(2026, 2, 3, 8, 0)
    assert quiet_until(always, paris(2026, 2, 3, 8, 0), PARIS) == paris(2026, 2, 4, 8, 0)


moments = st.timedeltas(timedelta(), timedelta(days=1000)).map(lambda later: datetime(2025, 1, 1, tzinfo=UTC) + later)
zones = st.sampled_from(ZONES).map(ZoneInfo)
clock = st.times().map(lambda each: each.replace(second=0, microsecond=0))


@given(moments, st.builds(Quiet, clock, clock), zones)
def test_quiet_hours_end_later_than_now_and_within_a_day(now: datetime, quiet: Quiet, zone: ZoneInfo) -> None:
    until = quiet_until(quiet, now, zone)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)


@given(moments, clock, zones)
def test_a_daily_digest_comes_at_its_hour_within_a_day(now: datetime, at: time, zone: ZoneInfo) -> None:
    due = next_digest(Rhythm.DAILY, at, now, zone)
    assert due is not None
    assert now < due <= now + timedelta(hours=25)
    local = due.astimezone(zone)
    skipped = local.replace(fold=0).utcoffset() != (due - timedelta(hours=3)).astimezone(zone).utcoffset()
    assert local.time() == at or skipped


@given(moments, zones)
def test_an_hourly_digest_comes_at_the_full_hour(now: datetime, zone: ZoneInfo) -> None:
    due = next_digest(Rhythm.HOURLY, time(8), now, zone)
    assert due is not None
    assert now < due <= now + timedelta(hours=1)
    assert due.astimezone(zone).minute in {0, 30}  # Lord Howe's clocks change by half an hour


def test_no_digest_where_none_is_wanted() -> None:
    assert next_digest(Rhythm.OFF, time(8), paris(2026, 2, 3, 7, 0), PARIS) is None
