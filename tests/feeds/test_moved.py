from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.moved import NOWHERE, PROBATION, Move, after_failure, after_good_poll, feed_to_poll
from bot.model import Feed

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
OLD, NEW, OTHER = "https://phare.example/rss", "https://lephare.example/rss", "https://phare.example/rss.xml"
FEED = Feed("phare", OLD)


def polled(move: Move, moved_to: str | None, *, now: datetime = NOW, feed: Feed = FEED, url: str | None = None) -> Move:
    return after_good_poll(feed, move, polled=url or feed.url, moved_to=moved_to, now=now)


def url_to_poll(move: Move, failures: int = 0) -> str:
    return feed_to_poll(FEED, move, failures).url


def test_a_redirect_is_not_believed_at_once() -> None:
    move = polled(NOWHERE, NEW)
    assert move == Move(NEW, NOW)
    assert url_to_poll(move) == OLD


def test_a_redirect_that_held_is_remembered() -> None:
    move = polled(NOWHERE, NEW)
    almost = polled(move, NEW, now=NOW + PROBATION - timedelta(seconds=1))
    assert almost == move
    held = polled(almost, NEW, now=NOW + PROBATION)
    assert held == Move(NEW)
    assert url_to_poll(held) == NEW


@pytest.mark.parametrize(("moved_to", "then"), [(None, NOWHERE), (OTHER, Move(OTHER, NOW)), (OLD, NOWHERE)])
def test_another_answer_in_between_begins_anew(moved_to: str | None, then: Move) -> None:
    assert polled(Move(NEW, NOW - PROBATION / 2), moved_to) == then


def test_the_https_door_of_the_same_address_is_taken_at_once() -> None:
    feed = Feed("phare", "http://phare.example/rss?a=1")
    move = polled(NOWHERE, "https://phare.example/rss?a=1", feed=feed)
    assert move == Move("https://phare.example/rss?a=1")
    assert feed_to_poll(feed, move, 0).url == move.to


@pytest.mark.parametrize(
    "target",
    [
        "https://phare.example/",  # everything to the front page: the commonest mistake
        "https://www.phare.example/rss",
        "https://phare.example:8443/rss",
        "http://phare.example/rss2",
        "https://phare.example/rss?a=1",
    ],
)
def test_no_other_target_is_the_https_door(target: str) -> None:
    assert polled(NOWHERE, target, feed=Feed("phare", "http://phare.example/rss")) == Move(target, NOW)


def test_a_remembered_target_stays_while_it_answers() -> None:
    assert polled(Move(NEW), None, url=NEW) == Move(NEW)


def test_a_target_that_moves_on_is_tried_from_the_configured_url() -> None:
    move = polled(Move(NEW), OTHER, url=NEW)
    assert move == Move(OTHER, NOW)
    assert url_to_poll(move) == OLD


def test_a_target_that_leads_back_is_forgotten() -> None:
    assert polled(Move(NEW), OLD, url=NEW) == NOWHERE


def test_a_failing_target_and_the_configured_url_are_asked_in_turns() -> None:
    assert [url_to_poll(Move(NEW), failures) for failures in range(4)] == [NEW, OLD, NEW, OLD]


def test_the_configured_url_wins_when_it_answers_for_itself() -> None:
    assert polled(Move(NEW), None) == NOWHERE


def test_the_target_stays_remembered_when_the_configured_url_still_leads_there() -> None:
    assert polled(Move(NEW), NEW) == Move(NEW)


@pytest.mark.parametrize("status", [404, 410])
def test_an_old_address_that_is_no_longer_there_leaves_its_target(status: int) -> None:
    probation = Move(NEW, NOW)
    assert after_failure(FEED, probation, answered=OLD, status=status) == Move(NEW)
    assert after_failure(Feed("phare", OLD + "#top"), probation, answered=OLD, status=status) == Move(NEW)


@pytest.mark.parametrize(("answered", "status"), [(NEW, 404), (NEW, 410), (OLD, 503), (OLD, 403), (None, None)])
def test_other_failures_decide_nothing(answered: str | None, status: int | None) -> None:
    assert after_failure(FEED, Move(NEW, NOW), answered=answered, status=status) == Move(NEW, NOW)


def test_a_404_without_a_known_target_leads_nowhere() -> None:
    assert after_failure(FEED, NOWHERE, answered=OLD, status=404) == NOWHERE


def test_headers_of_a_feed_are_told_to_nobody_else() -> None:
    secret = Feed("phare", OLD, headers={"X-Key": "FAKE"})
    assert feed_to_poll(secret, Move(NEW), 0) is secret
    plain = Feed("phare", "http://phare.example/rss", headers={"X-Key": "FAKE"})
    assert feed_to_poll(plain, Move(OLD), 0).url == OLD  # the same place, and no longer in the clear


@given(
    st.lists(
        st.tuples(st.sampled_from([None, OLD, NEW, OTHER]), st.timedeltas(timedelta(minutes=1), timedelta(days=3))),
        max_size=15,
    )
)
def test_a_target_is_remembered_only_after_every_answer_of_a_week_named_it(
    answers: list[tuple[str | None, timedelta]],
) -> None:
    move, now, seen = NOWHERE, NOW, list[tuple[datetime, str | None]]()
    for moved_to, later in answers:
        now += later
        seen.append((now, moved_to))
        move = polled(move, moved_to, now=now)
        if move.to and move.since is None:
            last_other = max((when for when, target in seen if target != move.to), default=NOW)
            first = min(when for when, target in seen if target == move.to and when > last_other)
            assert now - first >= PROBATION
