from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.traits import HOLDS, LOOK_AGAIN, MOST_SHARED, PROVEN_WITHIN, Evidence, Habit, Traits

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
STEP = timedelta(minutes=10)
CHURN = Evidence(guids_churn=True, links_churn=True, dates_churn=True, texts_churn=True, all_edited=True)


def test_one_poll_proves_nothing() -> None:
    assert not Traits().after(CHURN, NOW).guids_churn.holds(NOW)


def test_two_polls_within_a_day_prove_a_habit_for_a_week() -> None:
    traits = Traits().after(CHURN, NOW).after(Evidence(), NOW + STEP).after(CHURN, NOW + 2 * STEP)
    for habit in (traits.guids_churn, traits.links_churn, traits.dates_churn, traits.texts_churn):
        assert habit.holds(NOW + HOLDS)
        assert not habit.holds(NOW + 2 * STEP + HOLDS)


def test_two_polls_far_apart_are_two_moves_of_a_site() -> None:
    later = NOW + PROVEN_WITHIN + STEP
    assert not Traits().after(CHURN, NOW).after(CHURN, later).guids_churn.holds(later)


def test_a_proof_ends_although_what_is_not_remembered_looks_new_each_time() -> None:
    traits = Traits()
    for number in range(10):
        traits = traits.after(Evidence(guids_churn=True), NOW + number * STEP)
    assert not traits.guids_churn.holds(NOW + STEP + HOLDS)


def test_texts_that_churn_are_looked_at_now_and_then() -> None:
    traits = Traits().after(CHURN, NOW).after(CHURN, NOW + STEP)
    assert traits.may_look(NOW + 2 * STEP)
    looked = traits.after(CHURN, NOW + 2 * STEP)
    assert not looked.may_look(NOW + 3 * STEP)
    assert looked.may_look(NOW + 2 * STEP + LOOK_AGAIN)


def test_where_only_digits_churn_every_edit_is_looked_at() -> None:
    digits = Evidence(texts_churn=True)
    traits = Traits()
    for number in range(4):
        traits = traits.after(digits, NOW + number * STEP)
    assert traits.may_look(NOW + 4 * STEP)


def test_an_order_is_proven_by_two_arrivals_and_disproved_before() -> None:
    on_top, below = Evidence(newest_first=True), Evidence(newest_first=False)
    assert Traits().after(on_top, NOW).after(on_top, NOW + 20 * PROVEN_WITHIN).is_newest_first(NOW + 21 * PROVEN_WITHIN)
    assert not Traits().after(on_top, NOW).after(below, NOW).after(on_top, NOW).is_newest_first(NOW)
    proven = Traits().after(on_top, NOW).after(on_top, NOW)
    assert proven.after(below, NOW).is_newest_first(NOW)  # what is below is old, then


def test_the_latest_shared_identities_are_remembered_once() -> None:
    traits = Traits()
    for number in range(MOST_SHARED + 5):
        traits = traits.after(Evidence(shared=frozenset({"page", f"{number:03}"})), NOW)
    assert len(traits.shared) == MOST_SHARED
    assert {"page", "104"} <= set(traits.shared)
    assert "000" not in traits.shared


def test_of_a_good_feed_nothing_is_kept() -> None:
    assert Traits().after(Evidence(), NOW).to_json() is None
    assert Traits.from_json(None) == Traits()


times = st.none() | st.datetimes(timezones=st.just(UTC))
habits = st.builds(Habit, suspected_at=times, proven_at=times)


@given(
    st.builds(
        Traits,
        guids_churn=habits,
        links_churn=habits,
        dates_churn=habits,
        texts_churn=habits,
        newest_first=habits,
        looked_at=times,
        shared=st.lists(st.text("0123456789abcdef", min_size=32, max_size=32), max_size=4).map(tuple),
    )
)
def test_what_is_kept_is_read_again(traits: Traits) -> None:
    assert Traits.from_json(json.loads(json.dumps(traits.to_json()))) == traits
