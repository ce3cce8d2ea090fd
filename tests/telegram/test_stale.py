from __future__ import annotations

from typing import Any

from bot.model import Target, list_scope
from bot.telegram.handlers import catch_up
from bot.telegram.stale import repeated, showing
from tests.telegram.newsroom import ADA, Newsroom


def command(number: int, text: str, user: int = 7, chat: int = 7, **more: Any) -> dict[str, Any]:
    return {"update_id": number, "message": {"from": {"id": user}, "chat": {"id": chat}, "text": text, **more}}


def press(number: int, data: str, user: int = 7, message: int = 1) -> dict[str, Any]:
    under = {"message_id": message, "chat": {"id": -5}}
    query = {"id": f"p{number}", "from": {"id": user}, "data": data, "message": under}
    return {"update_id": number, "callback_query": query}


def test_of_what_was_said_or_pressed_again_the_last_counts() -> None:
    updates = [
        command(1, "/list"),
        command(2, "/list"),
        command(3, "/list", user=8),
        command(4, "/watch Amra"),
        command(5, "/why", reply_to_message={"message_id": 1}),
        command(6, "/why", reply_to_message={"message_id": 2}),
        command(7, "bonjour"),
        command(8, "bonjour"),
        press(9, "follow:quais:0"),
        press(10, "follow:quais:0"),
        press(11, "unfollow:quais:0"),
        press(12, "follow:quais:0", user=8),
        {"update_id": 13},
    ]
    assert repeated(updates) == {1, 9}


def test_presses_that_only_show_something_are_known() -> None:
    updates = [press(1, "why:5"), press(2, "follow:quais:0"), command(3, "/why")]
    assert showing(updates, {"why"}) == {1}


async def test_old_presses_are_found_out_by_one_call_and_done_once_without_an_answer(newsroom: Newsroom) -> None:
    newsroom.botapi.allowed = set()  # the running loop is to see none of them
    updates = [press(number, "follow:justice:0", message=5) for number in range(1, 201)]
    updates += [press(number, "why:1", user=number) for number in range(201, 301)]
    bot = newsroom.bot
    needless = await catch_up(newsroom.desk, bot, updates)
    assert len(newsroom.botapi.called("answerCallbackQuery")) == 1
    assert {update["update_id"] for update in updates} - set(needless) == {200}
    assert newsroom.desk.late == {200}


async def test_a_press_that_is_fresh_is_answered_once(newsroom: Newsroom) -> None:
    botapi = newsroom.botapi
    page = await newsroom.ask(ADA, "/watchlists")
    await newsroom.settle()
    await newsroom.stop()
    data = page.button("Justice")
    fresh = botapi.presses(ADA, page, data)
    await newsroom.start()
    await botapi.until(lambda: fresh in botapi.answered)
    await newsroom.settle()
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("justice")]
    assert len(botapi.called("answerCallbackQuery")) == 1
    assert botapi.unanswered_callbacks == set()


async def test_stale_presses_after_a_downtime_do_no_harm(newsroom: Newsroom) -> None:
    botapi = newsroom.botapi
    page = await newsroom.ask(ADA, "/watchlists")
    await newsroom.settle()
    await newsroom.stop()
    data = page.button("Justice")
    for _ in range(60):
        botapi.presses(ADA, page, data)
        botapi.presses(ADA, page, "why:1")
    botapi.expire_presses()
    edits = len(botapi.called("editMessageText"))
    sent = len(botapi.sent)
    await newsroom.start()
    await newsroom.settle()
    assert await newsroom.followed(Target(ADA.id)) == [list_scope("justice")]
    assert len(botapi.called("answerCallbackQuery")) <= 2  # one a batch of a hundred
    assert len(botapi.called("editMessageText")) - edits <= 2
    assert len(botapi.sent) == sent


async def test_a_press_is_answered_before_it_is_known_who_may(newsroom: Newsroom) -> None:
    botapi = newsroom.botapi
    group = botapi.chat(-300, "supergroup", admins={ADA.id})
    page = await newsroom.ask(ADA, "/watchlists", group)
    botapi.fault("getChatMember", "late", late_s=1.3)
    press = botapi.presses(ADA, page, page.button("Justice"))
    await botapi.until(lambda: press in botapi.answered)
    assert await newsroom.followed(Target(-300)) == []
    await newsroom.settle()
    assert await newsroom.followed(Target(-300)) == [list_scope("justice")]
