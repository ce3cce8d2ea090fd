"""Every kind of chat: who may, what happens when rights go and come back, topics that close, groups that move."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.model import Target, list_scope
from bot.storage import schema
from bot.storage.chats import Chat as StoredChat
from bot.storage.chats import is_closed, pause_chat, save_chat
from bot.storage.notices import waiting_notices
from bot.storage.subscriptions import makers_of, subscribe
from bot.telegram.recheck import Rechecker
from bot.texts import text
from tests.botapi import Chat, User
from tests.faketime import StandingClock
from tests.storage.stories import a_story
from tests.telegram.newsroom import ADA, ADMIN, EVE, NOW, Newsroom

GROUP, CHANNEL, TOPIC = -100200, -100500, 77
JUSTICE = list_scope("justice")


async def followed_group(newsroom: Newsroom, kind: str = "supergroup", chat_id: int = GROUP) -> Chat:
    group = newsroom.botapi.chat(chat_id, kind, admins={ADA.id})
    newsroom.botapi.adds(ADA, group, status="administrator" if kind == "channel" else "member")
    await newsroom.settle()
    async with newsroom.database.transaction() as tx:
        await subscribe(tx, Target(chat_id), JUSTICE, NOW(), ADA.id)
    return group


async def reason(newsroom: Newsroom, chat_id: int) -> str | None:
    async with newsroom.database.read() as connection:
        query = select(schema.chats.c.state_reason).where(schema.chats.c.chat_id == chat_id)
        why: str | None = (await connection.execute(query)).scalar_one()
    return why


async def test_a_group_that_restricts_the_bot_is_paused_and_told_what_it_missed(newsroom: Newsroom) -> None:
    group = await followed_group(newsroom)
    newsroom.botapi.appoints(ADA, group, "restricted", writes=False)
    await newsroom.settle()
    assert (await newsroom.state(GROUP), await reason(newsroom, GROUP)) == ("paused", "no-rights")
    await a_story(newsroom.database, JUSTICE)
    calls = len(newsroom.botapi.called("sendMessage", GROUP))
    newsroom.botapi.appoints(ADA, group, "restricted", writes=True)
    await newsroom.settle()
    assert await newsroom.state(GROUP) == "active"
    [back] = newsroom.botapi.texts(GROUP)[calls:]
    assert "1 affaire" in back
    assert "/latest" in back


async def test_a_channel_needs_the_right_to_post_and_its_readers_are_not_greeted(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/start")
    channel = await followed_group(newsroom, "channel", CHANNEL)
    assert newsroom.botapi.texts(CHANNEL) == []
    assert "/watchlists" in newsroom.botapi.texts(ADA.id)[-1]
    newsroom.botapi.appoints(ADA, channel, "administrator", writes=False)
    await newsroom.settle()
    assert await reason(newsroom, CHANNEL) == "no-rights"
    newsroom.botapi.appoints(ADA, channel, "administrator", writes=True)
    await newsroom.settle()
    assert await newsroom.state(CHANNEL) == "active"


async def test_who_set_a_channel_up_is_told_when_its_rights_are_lost_once(newsroom: Newsroom) -> None:
    channel = await followed_group(newsroom, "channel", CHANNEL)
    newsroom.botapi.appoints(ADA, channel, "administrator", writes=False)
    await newsroom.settle()
    newsroom.botapi.appoints(ADA, channel, "administrator", writes=False)
    await newsroom.settle()
    async with newsroom.database.read() as connection:
        waiting = await waiting_notices(connection, 9)
    assert [(each.kind, each.target) for each in waiting] == [
        ("chat-no-rights", None), ("chat-no-rights", Target(ADA.id)),
    ]  # fmt: skip


async def test_who_does_not_want_us_is_not_told_of_rights(newsroom: Newsroom) -> None:
    await followed_group(newsroom, "channel", CHANNEL)
    async with newsroom.database.transaction() as tx:
        await save_chat(tx, StoredChat(ADA.id, "private", "Ada"), NOW())
        await pause_chat(tx, ADA.id, "blocked")
        assert await makers_of(tx, CHANNEL) == []


async def test_who_blocked_the_bot_and_comes_back_hears_how_much_was_missed_once(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/start")
    async with newsroom.database.transaction() as tx:
        await subscribe(tx, Target(ADA.id), JUSTICE, NOW(), ADA.id)
    newsroom.botapi.blocks(ADA)
    await newsroom.settle()
    assert await reason(newsroom, ADA.id) == "blocked"
    await a_story(newsroom.database, JUSTICE)
    await a_story(newsroom.database, JUSTICE)
    await a_story(newsroom.database, list_scope("secret"))
    before = len(newsroom.botapi.sent_to(ADA.id))
    newsroom.botapi.unblocks(ADA)
    await newsroom.settle()
    await newsroom.ask(ADA, "/start")
    await newsroom.settle()
    missed, _ = newsroom.botapi.texts(ADA.id)[before:]
    assert "2 affaires" in missed
    assert "/latest" in missed
    newsroom.botapi.blocks(ADA)
    newsroom.botapi.unblocks(ADA)
    await newsroom.settle()
    assert len(newsroom.botapi.sent_to(ADA.id)) == before + 2, "nothing was missed this time"


async def test_a_command_brings_a_paused_chat_back(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/start")
    async with newsroom.database.transaction() as tx:
        await pause_chat(tx, ADA.id, "chat-not-found", NOW())
    await newsroom.ask(ADA, "/list")
    await newsroom.settle()
    assert await newsroom.state(ADA.id) == "active"


async def test_an_answer_that_may_not_be_sent_pauses_the_group_by_one_call(newsroom: Newsroom) -> None:
    group = await followed_group(newsroom)
    newsroom.botapi.says(ADA, "/list", group)
    await newsroom.settle()
    group.writable = False
    calls = len(newsroom.botapi.called("sendMessage", GROUP))
    newsroom.botapi.says(ADA, "/list", group)
    await newsroom.settle()
    assert len(newsroom.botapi.called("sendMessage", GROUP)) == calls + 1
    assert await reason(newsroom, GROUP) == "no-rights"
    async with newsroom.database.read() as connection:
        kinds = (await connection.execute(select(schema.notices.c.kind))).scalars().all()
    assert kinds == ["chat-no-rights"] * 2  # for those who run the bot, and for who set the group up


# --- Topics ---------------------------------------------------------------------------------------------------------


async def test_topics_that_close_and_reopen_are_followed(newsroom: Newsroom) -> None:
    forum = newsroom.botapi.chat(GROUP, "supergroup", topics={TOPIC}, admins={ADA.id})
    newsroom.botapi.adds(ADA, forum)
    newsroom.botapi.closes(ADA, forum, TOPIC)
    await newsroom.settle()
    target = Target(GROUP, TOPIC)
    async with newsroom.database.read() as connection:
        assert await is_closed(connection, target, NOW())
    newsroom.botapi.reopens(ADA, forum, TOPIC)
    await newsroom.settle()
    async with newsroom.database.read() as connection:
        assert not await is_closed(connection, target, NOW())


async def test_general_takes_messages_without_an_id(newsroom: Newsroom) -> None:
    forum = newsroom.botapi.chat(GROUP, "supergroup", topics={TOPIC}, admins={ADA.id})
    general = await newsroom.ask(ADA, "/list", forum)
    inside = await newsroom.ask(ADA, "/list", forum, topic=TOPIC)
    assert (general.topic_id, inside.topic_id) == (0, TOPIC)


# --- Who may --------------------------------------------------------------------------------------------------------


async def test_a_button_pressed_by_somebody_else_is_answered_politely(newsroom: Newsroom) -> None:
    group = await followed_group(newsroom)
    page = await newsroom.ask(ADA, "/watchlists", group)
    said = await newsroom.press(User(8123, "Passant"), page, "Justice")
    assert said == text("fr", "access.group-admins")
    assert await newsroom.followed(Target(GROUP)) == [JUSTICE]


async def test_an_anonymous_admin_may_and_plain_words_do_not_reach_us(newsroom: Newsroom) -> None:
    group = newsroom.botapi.chat(GROUP, "supergroup")
    newsroom.botapi.adds(ADA, group)
    await newsroom.settle()
    before = len(newsroom.botapi.sent)
    newsroom.botapi.says(EVE, "bonjour tout le monde", group)
    await newsroom.ask(ADA, "/subscribe justice", group, anonymous=True)
    assert await newsroom.followed(Target(GROUP)) == [JUSTICE]
    assert len(newsroom.botapi.sent) == before + 1


@pytest.mark.parametrize("tell", [True, False])
async def test_a_group_that_moves_is_followed_once_and_wholly(newsroom: Newsroom, *, tell: bool) -> None:
    group = newsroom.botapi.chat(-200, "group", admins={ADA.id})
    await newsroom.ask(ADA, "/subscribe justice", group)
    await newsroom.settle()
    new = newsroom.botapi.migrates(group, GROUP, tell=tell)
    if not tell:
        newsroom.botapi.says(ADA, "/list", group)  # the answer's refusal tells it
    await newsroom.settle()
    assert await newsroom.followed(Target(GROUP)) == [JUSTICE]
    assert await newsroom.followed(Target(-200)) == []
    assert await newsroom.state(-200) == "moved"
    calls = len(newsroom.botapi.called("sendMessage", -200))
    await newsroom.ask(ADA, "/list", new)
    assert len(newsroom.botapi.called("sendMessage", -200)) == calls


# --- What Telegram does not tell ------------------------------------------------------------------------------------


def rechecker(newsroom: Newsroom, clock: StandingClock) -> Rechecker:
    from bot.telegram.messenger import TelegramMessenger

    return Rechecker(
        newsroom.database,
        newsroom.bot,
        TelegramMessenger(newsroom.bot),
        clock,
        language="fr",
        access=newsroom.desk.access,
    )


async def test_rights_that_a_whole_group_gets_back_are_noticed(newsroom: Newsroom) -> None:
    group = await followed_group(newsroom)
    clock = StandingClock()
    async with newsroom.database.transaction() as tx:
        await pause_chat(tx, GROUP, "no-rights", clock.now(), recheck_at=clock.now())
    group.writable = False
    checks = rechecker(newsroom, clock)
    assert await checks.recheck_due() == 0
    assert await checks.recheck_due() == 0, "not due again at once"
    assert len(newsroom.botapi.called("getChat")) == 1
    group.writable = True
    clock.advance(601)
    assert await checks.recheck_due() == 1
    assert await newsroom.state(GROUP) == "active"


async def test_a_chat_that_is_not_found_for_a_week_is_gone(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/start")
    clock = StandingClock()
    async with newsroom.database.transaction() as tx:
        await pause_chat(tx, ADA.id, "chat-not-found", clock.now(), recheck_at=clock.now())
    del newsroom.botapi.chats[ADA.id]
    checks = rechecker(newsroom, clock)
    for _ in range(30):
        await checks.recheck_due()
        clock.advance(86_400 / 2)
    assert await newsroom.state(ADA.id) == "gone"
    assert len(newsroom.botapi.called("getChat")) < 14
    newsroom.botapi.chat(ADA.id, "private")
    await newsroom.ask(ADA, "/start")
    assert await newsroom.state(ADA.id) == "active"
    assert ADMIN.id not in newsroom.botapi.chats
