"""The three clocks, and steps that grow while they are short and shrink once they are long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.retention import LONG_S, LONGEST_STEP, SHORT_S, cutoffs, next_step

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


def test_each_clock_is_its_own() -> None:
    days = timedelta(days=1)
    before = cutoffs(NOW, unmatched=14 * days, matched=90 * days, decisions=1825 * days)
    assert before.unmatched == NOW - 14 * days
    assert before.matched == NOW - 90 * days
    assert before.decisions == NOW - 1825 * days
    assert before.unlisted == NOW - 90 * days


def test_a_step_that_took_long_is_halved_and_a_short_one_grows() -> None:
    assert next_step(200, LONG_S * 2) == 100
    assert next_step(200, (LONG_S + SHORT_S) / 2) == 200
    assert next_step(200, SHORT_S / 2) == 251


@given(st.integers(1, LONGEST_STEP), st.floats(0, 10))
def test_a_step_is_never_nothing_and_never_too_much(rows: int, took_s: float) -> None:
    assert 1 <= next_step(rows, took_s) <= LONGEST_STEP
