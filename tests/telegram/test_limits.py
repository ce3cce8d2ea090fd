from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.limits import Lane, Limits

GROUP, OTHER_GROUP, PERSON = -100, -200, 7


def send_all(wanted: list[tuple[float, int]], lane: Lane = Lane.REPLY) -> list[tuple[float, int]]:
    """Send each as soon as the limits allow, one after the other: (when, chat)."""
    limits, now, sent = Limits(), 0.0, []
    for pause, chat_id in wanted:
        now += pause
        now += limits.wait_s(chat_id, now, lane)
        limits.record(chat_id, now)
        sent.append((now, chat_id))
    return sent


def most_within(times: list[float], window: float) -> int:
    return max((sum(start <= each < start + window for each in times) for start in times), default=0)


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.0, 0.01, 0.5, 20.0]), st.integers(-4, 40)), max_size=150),
    st.sampled_from(Lane),
)
def test_the_limits_are_never_broken(wanted: list[tuple[float, int]], lane: Lane) -> None:
    sent = send_all(wanted, lane)
    assert most_within([when for when, _ in sent], 1.0) <= 28
    for chat_id in {chat_id for _, chat_id in sent}:
        times = [when for when, to in sent if to == chat_id]
        assert most_within(times, 1.0) <= 1
        if chat_id < 0:
            assert most_within(times, 60.0) <= 20


def test_many_chats_are_served_at_25_a_second() -> None:
    sent = send_all([(0.0, chat_id) for chat_id in range(1, 501)])
    assert 19.9 < sent[-1][0] < 20.1


def test_a_group_keeps_room_for_replies() -> None:
    limits, now = Limits(), 0.0
    for _ in range(17):
        now += limits.wait_s(GROUP, now, Lane.BROADCAST)
        limits.record(GROUP, now)
    now += 2
    assert limits.wait_s(GROUP, now, Lane.BROADCAST) > 30
    assert limits.wait_s(GROUP, now, Lane.REPLY) == 0
    assert limits.waiting_chats(now, Lane.BROADCAST) == [GROUP]


def test_a_group_keeps_room_for_alerts_beside_edits() -> None:
    limits, now = Limits(), 0.0
    for _ in range(12):
        now += limits.wait_s(GROUP, now, Lane.EDIT)
        limits.record(GROUP, now)
    now += 2
    assert limits.wait_s(GROUP, now, Lane.EDIT) > 30
    assert limits.wait_s(GROUP, now, Lane.BROADCAST) == 0
    assert limits.waiting_chats(now, Lane.EDIT) == [GROUP]
    assert limits.waiting_chats(now, Lane.BROADCAST) == []


def test_a_refused_chat_waits_and_the_others_go_on() -> None:
    limits = Limits()
    assert not limits.refuse(GROUP, 30, 100.0)
    assert limits.wait_s(GROUP, 110.0, Lane.REPLY) == 20.0
    assert limits.wait_s(PERSON, 110.0, Lane.BROADCAST) == 0
    assert limits.waiting_chats(110.0, Lane.BROADCAST) == [GROUP]
    assert limits.waiting_chats(130.0, Lane.BROADCAST) == []


def test_three_chats_refused_at_once_are_the_bot_itself() -> None:
    limits = Limits()
    limits.refuse(1, 5, 0.0)
    limits.refuse(2, 30, 100.0)
    limits.refuse(3, 30, 100.0)
    assert limits.wait_s(PERSON, 101.0, Lane.REPLY) == 0
    assert not limits.held(101.0)
    assert limits.refuse(4, 30, 101.0)
    assert limits.held(101.0)
    assert limits.wait_s(PERSON, 101.0, Lane.REPLY) == 30.0


def test_a_refusal_without_a_chat_is_the_bots() -> None:
    limits = Limits()
    assert not limits.held(0.0)
    assert limits.refuse(None, 10, 0.0)
    assert limits.wait_s(PERSON, 4.0, Lane.REPLY) == 6.0
    assert limits.held(9.9)
    assert not limits.held(10.0)


def test_idle_chats_are_forgotten() -> None:
    limits, now = Limits(), 0.0
    for chat_id in range(1, 4000):
        now += limits.wait_s(chat_id, now, Lane.BROADCAST)
        limits.record(chat_id, now)
    assert len(limits._chats) < 1700
