"""A message is edited seldom, soon, and never for nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.edits import edit_due

SENT = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


def edits_of(changes_s: list[float]) -> list[float]:
    """When a message sent at 0 is edited, its story changing at these seconds."""
    edited: list[float] = []
    due: float | None = None
    for change_s in [*sorted(changes_s), float("inf")]:
        if due is not None and due <= change_s:
            edited.append(due)
            due = None
        if due is None and change_s != float("inf"):
            last = SENT + timedelta(seconds=edited[-1]) if edited else None
            when = edit_due(SENT + timedelta(seconds=change_s), sent_at=SENT, edited_at=last)
            due = (when - SENT).total_seconds()
    return edited


def test_a_burst_of_ten_outlets_costs_few_edits() -> None:
    assert edits_of([2.0] * 9) == [22.0]
    assert len(edits_of([number * 5.0 for number in range(1, 10)])) <= 2
    assert len(edits_of([number * 30.0 for number in range(1, 10)])) <= 3


def test_a_story_that_grows_all_day_is_edited_four_times_an_hour_at_most() -> None:
    edits = edits_of([60.0 * minute for minute in range(1, 12 * 60)])
    assert len(edits) <= 12 * 4 + 6


changes = st.lists(st.floats(0, 86_400), min_size=1, max_size=60)


@given(changes)
def test_every_change_is_shown_within_a_quarter_of_an_hour(changes_s: list[float]) -> None:
    edits = edits_of(changes_s)
    for change_s in changes_s:
        assert any(change_s < edit <= change_s + 900.001 for edit in edits)


@given(changes)
def test_edits_stand_two_minutes_apart_at_least(changes_s: list[float]) -> None:
    edits = edits_of(changes_s)
    assert all(later - earlier >= 119.999 for earlier, later in pairwise(edits))
    assert len(edits) <= len(changes_s)
