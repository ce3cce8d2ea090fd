"""Every row of the table of Telegram's errors, driven through the real sender: one call, the right state, and back."""

from __future__ import annotations

import pytest

from bot.model import Priority, Target
from bot.storage.chats import CLOSED_FOR, is_closed, reopen_topic
from bot.storage.database import Database
from bot.storage.missed import come_back
from bot.telegram.bot import BotApplication
from tests.botapi import BotApi
from tests.telegram.post import OPEN, Post, opened_post

ANNA, BORIS, GROUP = Target(1001), Target(1002), Target(-100200)
TOPIC = Target(-100200, 7)


@pytest.fixture
async def post(botapi: BotApi, database: Database, application: BotApplication) -> Post:
    return await opened_post(botapi, database, application)


AWAY = [
    ("Forbidden: bot was blocked by the user", "paused", "blocked"),
    ("Forbidden: user is deactivated", "gone", "deactivated"),
    ("Forbidden: bot was kicked from the group chat", "paused", "kicked"),
    ("Forbidden: bot was kicked from the supergroup chat", "paused", "kicked"),
    ("Forbidden: bot was kicked from the channel chat", "paused", "kicked"),
    ("Forbidden: bot is not a member of the channel chat", "paused", "kicked"),
    ("Forbidden: the group chat was deleted", "paused", "kicked"),
    ("Forbidden: bot can't initiate conversation with a user", "paused", "blocked"),
    ("Bad Request: chat not found", "paused", "chat-not-found"),
    ("Bad Request: private chat not found", "paused", "chat-not-found"),
    ("Bad Request: need administrator rights in the channel chat", "paused", "no-rights"),
    ("Bad Request: not enough rights to send text messages to the chat", "paused", "no-rights"),
]


@pytest.mark.parametrize(("said", "state", "why"), AWAY, ids=[said for said, _, _ in AWAY])
async def test_a_chat_that_cannot_be_reached_costs_one_call_and_comes_back(
    said: str, state: str, why: str, post: Post
) -> None:
    await post.follows(ANNA)
    await post.follows(BORIS)
    post.botapi.refuse(ANNA.chat_id, said)
    await post.owe(ANNA, BORIS)
    await post.owe(ANNA, BORIS)
    await post.send()
    await post.owe(ANNA, BORIS)
    await post.send()
    assert post.calls(ANNA) == 1
    assert await post.chat_state(ANNA) == (state, why)
    assert await post.states(ANNA) == [("failed", why), ("suppressed", why)]
    assert len(post.shown(BORIS)) == 3
    post.botapi.accept(ANNA.chat_id)
    async with post.database.transaction() as tx:
        missed = await come_back(tx, ANNA.chat_id, OPEN)
    assert missed == (3 if state == "paused" else 0)
    await post.follows(ANNA)  # /start
    await post.owe(ANNA)
    await post.send()
    assert len(post.shown(ANNA)) == 1


async def test_a_group_that_moved_gets_its_alert_under_the_new_id(post: Post) -> None:
    await post.follows(GROUP, "group")
    post.botapi.migrates(post.botapi.chats[GROUP.chat_id], -100300, tell=False)
    first, second = await post.owe(GROUP), await post.owe(GROUP)
    await post.send()
    moved = Target(-100300)
    assert post.calls(GROUP) == 1
    assert [title in said for title, said in zip([first, second], post.shown(moved), strict=True)] == [True, True]
    await post.owe(moved)
    await post.send()
    assert post.calls(GROUP) == 1
    assert len(post.shown(moved)) == 3


async def test_a_closed_topic_costs_one_call_and_general_gets_its_alerts_until_it_is_back(post: Post) -> None:
    forum = post.botapi.chat(TOPIC.chat_id, "supergroup", topics={TOPIC.topic_id})
    await post.follows(TOPIC, "supergroup")
    forum.closed.add(TOPIC.topic_id)
    for _ in range(2):
        await post.owe(TOPIC)
        await post.send()
    assert [sent.topic_id for sent in post.botapi.sent] == [0, 0]
    assert post.calls(TOPIC) == 3
    forum.closed.clear()
    async with post.database.transaction() as tx:
        await reopen_topic(tx, TOPIC)
    await post.owe(TOPIC)
    await post.send()
    assert post.botapi.sent[-1].topic_id == TOPIC.topic_id


async def test_a_deleted_topic_is_tried_again_after_a_day(post: Post) -> None:
    forum = post.botapi.chat(TOPIC.chat_id, "supergroup", topics={TOPIC.topic_id})
    await post.follows(TOPIC, "supergroup")
    post.botapi.deletes_topic(forum, TOPIC.topic_id)
    await post.owe(TOPIC)
    await post.send()
    async with post.database.read() as connection:
        assert await is_closed(connection, TOPIC, post.clock.now())
        assert not await is_closed(connection, TOPIC, post.clock.now() + CLOSED_FOR)
    assert [sent.topic_id for sent in post.botapi.sent] == [0]


async def test_a_closed_general_pauses_the_chat_and_loses_nothing_silently(post: Post) -> None:
    forum = post.botapi.chat(TOPIC.chat_id, "supergroup", topics={TOPIC.topic_id})
    await post.follows(Target(TOPIC.chat_id), "supergroup")
    forum.closed.add(0)
    await post.owe(Target(TOPIC.chat_id))
    await post.send()
    assert await post.chat_state(TOPIC) == ("paused", "no-rights")


async def test_a_wrong_token_stops_nothing_for_good(post: Post) -> None:
    await post.follows(ANNA)
    post.botapi.revoke_token()
    title = await post.owe(ANNA)
    await post.send()
    assert await post.states(ANNA) == [("pending", "token")]
    assert await post.chat_state(ANNA) == ("active", None)
    post.botapi._token = "123456:FAKE-TOKEN-FOR-TESTS"
    await post.later(10)
    assert title in post.shown(ANNA)[0]


@pytest.mark.parametrize("kind", ["drop", "done-status"])
async def test_a_lost_answer_costs_one_repeat_and_loses_nothing(kind: str, post: Post) -> None:
    await post.follows(ANNA)
    post.botapi.fault("sendMessage", kind, status=500)
    title = await post.owe(ANNA)
    await post.send()
    assert await post.states(ANNA) == [("unknown", "answer-lost")]
    await post.later(6)
    assert await post.states(ANNA) == [("sent", None)]
    assert [title in said for said in post.shown(ANNA)] == [True, True]


@pytest.mark.parametrize("status", [500, 502])
async def test_a_server_error_before_anything_was_done_loses_nothing(status: int, post: Post) -> None:
    await post.follows(ANNA)
    post.botapi.fail_next("sendMessage", status)
    await post.owe(ANNA)
    await post.send()
    await post.later(6)
    assert len(post.shown(ANNA)) == 1


async def test_a_limited_group_waits_and_the_others_are_served(post: Post) -> None:
    await post.follows(GROUP, "supergroup")
    await post.follows(ANNA)
    post.botapi.flood(GROUP.chat_id, 30)
    await post.owe(GROUP, ANNA)
    await post.send()
    assert len(post.shown(ANNA)) == 1
    assert await post.states(GROUP) == [("pending", "flood")]
    assert post.botapi.statistics.sent_during_retry_after == 0


# --- Many at once, and late -----------------------------------------------------------------------------------------


async def test_a_burst_is_one_message_and_what_is_urgent_stands_alone(post: Post) -> None:
    await post.follows(ANNA)
    urgent = await post.owe(ANNA, priority=Priority.URGENT)
    titles = [await post.owe(ANNA) for _ in range(6)]
    await post.send()
    alone, bundle = post.shown(ANNA)
    assert urgent in alone
    assert "6 affaires d’un coup" in bundle
    assert all(title in bundle for title in titles)
    assert {state for state, _ in await post.states(ANNA)} == {"sent"}


async def test_a_few_alerts_come_one_by_one_but_where_the_minute_is_nearly_full(post: Post) -> None:
    await post.follows(GROUP, "supergroup")
    await post.follows(ANNA)
    post.pace.crowded = {GROUP.chat_id}
    for _ in range(3):
        await post.owe(ANNA, GROUP)
    await post.send()
    assert len(post.shown(ANNA)) == 3
    assert len(post.shown(GROUP)) == 1


async def test_what_waited_for_telegram_is_told_together_and_as_late(post: Post) -> None:
    await post.follows(ANNA)
    await post.follows(BORIS)
    post.botapi.fault("sendMessage", "status", times=None, status=502)
    titles = [await post.owe(ANNA) for _ in range(3)]
    [alone] = [await post.owe(BORIS)]
    for _ in range(60):
        await post.later(120)
    tried = post.calls(ANNA) + post.calls(BORIS)
    assert tried <= 100, "an outage is no reason to call again and again"
    post.botapi.faults.clear()
    for _ in range(20):
        await post.later(120)
    [bundle], [late] = post.shown(ANNA), post.shown(BORIS)
    assert "Retenues jusqu’ici, faute de liaison : 3 affaires" in bundle
    assert all(title in bundle for title in titles)
    assert alone in late
    assert "Retenu jusqu’ici" in late


async def test_what_is_no_longer_news_when_it_leaves_says_so(post: Post) -> None:
    await post.follows(ANNA)
    await post.owe(ANNA)
    await post.later(3 * 86_400)
    [late] = post.shown(ANNA)
    assert "ce n’est plus une nouvelle" in late


async def test_an_outage_is_tried_by_one_call_at_a_time(post: Post) -> None:
    everybody = [await post.follows(Target(2000 + number)) for number in range(12)]
    post.botapi.fault("sendMessage", "status", times=None, status=502)
    await post.owe(*everybody)
    await post.send()
    assert post.sender.is_cut_off
    assert len(post.botapi.called("sendMessage")) <= 8
    post.botapi.faults.clear()
    for _ in range(3):
        await post.later(61)
    assert len({sent.chat_id for sent in post.botapi.sent}) == 12


HOSTILE = [
    "Vantadour < & \" ' > </b> <script>",
    "Vantadour 🕵️‍♀️👩‍👩‍👧 " * 20,
    "V" * 5000,
    "Vantadour \u202e\u2067\u200f تجربة \u202c",
    "Vantadour \ud83d cassé \udc00",
    "&lt;b&gt;Vantadour&amp;",
    "\u0000\u0007Vantadour\u2028",
]


@pytest.mark.parametrize("title", HOSTILE)
async def test_every_headline_is_accepted(title: str, post: Post) -> None:
    await post.follows(ANNA)
    stored = title.encode("utf-8", "replace").decode()
    await post.owe(ANNA, title=stored)
    await post.send()
    assert await post.states(ANNA) == [("sent", None)]
    assert post.botapi.violations == []
