"""The policy for messages that were not confirmed, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.outbox import (
    BURST,
    LATE,
    LONGEST_REST_S,
    LONGEST_UNKNOWN_WAIT_S,
    LONGEST_WAIT_S,
    GiveUp,
    RetryAt,
    after_failure,
    blames_no_chat,
    is_gone,
    outage_rest_s,
    recheck_at,
    together,
)
from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError, GuetteurError
from bot.model import DeliveryState

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)


def after(error: GuetteurError, attempts: int = 0, *, lost_before: bool = False) -> RetryAt | GiveUp:
    return after_failure(error, attempts=attempts, lost_before=lost_before, now=NOW)


def seconds(decision: RetryAt | GiveUp) -> float:
    assert isinstance(decision, RetryAt)
    return (decision.when - NOW).total_seconds()


def test_a_message_that_certainly_did_not_arrive_is_tried_again_ever_more_slowly() -> None:
    error = DeliveryError("network", "no connection")
    waits = [seconds(after(error, attempts)) for attempts in range(12)]
    assert waits[:4] == [2.0, 4.0, 8.0, 16.0]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S


def test_telegrams_own_word_is_kept_and_counts_against_nobody() -> None:
    decision = after(DeliveryError("flood", "too many", retry_after_s=37), attempts=3)
    assert decision == RetryAt(NOW + timedelta(seconds=37), DeliveryState.PENDING, "flood", counts=False)


def test_lost_answers_never_lose_the_alert_and_repeat_it_ever_more_rarely() -> None:
    decisions = [after(DeliveryUnknownError("502"), attempts, lost_before=attempts > 0) for attempts in range(12)]
    assert {isinstance(each, RetryAt) and each.state for each in decisions} == {DeliveryState.UNKNOWN}
    waits = [seconds(each) for each in decisions]
    assert waits[:3] == [5.0, 30.0, 180.0]
    assert waits[-1] == LONGEST_UNKNOWN_WAIT_S


def test_an_alert_that_breaks_us_every_time_is_given_up() -> None:
    assert after(GuetteurError("KeyError"), 10) == GiveUp(DeliveryState.FAILED, "unexpected")


def test_a_lost_answer_is_remembered_over_later_certain_failures() -> None:
    decision = after(DeliveryError("network", "no connection"), lost_before=True)
    assert isinstance(decision, RetryAt)
    assert decision.state is DeliveryState.UNKNOWN


@pytest.mark.parametrize(
    ("code", "pauses"),
    [
        ("blocked", True),
        ("kicked", True),
        ("deactivated", True),
        ("chat-not-found", True),
        ("no-rights", True),
        ("bad-request", False),
    ],
)
def test_a_permanent_error_closes_the_delivery_and_pauses_the_chat_that_caused_it(code: str, pauses: bool) -> None:
    decision = after(DeliveryError(code, "no", permanent=True))
    assert decision == GiveUp(DeliveryState.FAILED, code, pause_chat=pauses)


def test_a_moved_group_is_served_at_once_under_its_new_id() -> None:
    decision = after(ChatMovedError(-100123))
    assert (seconds(decision), isinstance(decision, RetryAt) and decision.counts) == (0.0, False)


def test_an_unexpected_error_is_tried_again() -> None:
    assert seconds(after(GuetteurError("KeyError"))) == 2.0


@given(st.integers(0, 10_000))
def test_no_number_of_failures_breaks_the_wait(attempts: int) -> None:
    assert 0 < seconds(after(DeliveryError("network", "no connection"), attempts)) <= LONGEST_WAIT_S


# --- Together -------------------------------------------------------------------------------------------------------


def minutes_ago(*minutes: int) -> list[datetime]:
    return [NOW - timedelta(minutes=each) for each in minutes]


@pytest.mark.parametrize(
    ("waiting", "burst_from", "bundle"),
    [
        (minutes_ago(0, 0, 0, 0), 5, None),
        (minutes_ago(0, 0, 0, 0, 0), 5, BURST),
        (minutes_ago(0, 0), 2, BURST),
        (minutes_ago(0), 2, None),
        (minutes_ago(0, 31), 5, LATE),
        (minutes_ago(31), 5, None),
        (minutes_ago(31, 31, 31, 31, 31, 31), None, None),
    ],
)
def test_what_is_told_together(waiting: list[datetime], burst_from: int | None, bundle: str | None) -> None:
    assert together(waiting, NOW, burst_from=burst_from) == bundle


def test_an_outage_rests_the_sender_ever_longer_and_a_minute_at_most() -> None:
    rests = [outage_rest_s(failures) for failures in range(20)]
    assert rests[:4] == [0, 0, 0, 0]
    assert rests == sorted(rests)
    assert rests[-1] == LONGEST_REST_S


def test_which_errors_blame_no_chat() -> None:
    assert blames_no_chat(DeliveryUnknownError("502"))
    assert blames_no_chat(DeliveryError("network", "no connection"))
    assert not blames_no_chat(DeliveryError("blocked", "blocked", permanent=True))
    assert not blames_no_chat(ChatMovedError(-1))


def test_chats_are_asked_about_ever_more_rarely_where_telegram_does_not_tell() -> None:
    assert recheck_at("blocked", NOW, NOW) is None
    first = recheck_at("no-rights", NOW, NOW)
    later = recheck_at("no-rights", NOW - timedelta(hours=5), NOW)
    last = recheck_at("no-rights", NOW - timedelta(days=90), NOW)
    assert [first, later, last] == [NOW + timedelta(minutes=10), NOW + timedelta(hours=5), NOW + timedelta(days=1)]


def test_who_is_gone() -> None:
    assert is_gone("deactivated", NOW, NOW)
    assert is_gone("chat-not-found", NOW - timedelta(days=7), NOW)
    assert not is_gone("chat-not-found", NOW - timedelta(days=6), NOW)
    assert not is_gone("no-rights", NOW - timedelta(days=90), NOW)
