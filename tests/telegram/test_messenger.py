from __future__ import annotations

import asyncio

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.errors import ChatMovedError, DeliveryError, DeliveryUnknownError
from bot.model import Target
from bot.telegram.bot import BotApplication
from bot.telegram.messenger import TelegramMessenger, translate
from bot.telegram.render import Button
from tests.botapi import BotApi, User

ADA = User(7001)
WHY = ((Button("Pourquoi ?", data="why:1"),),)


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "permanent"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), "blocked", True),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), "blocked", True),
        (Forbidden("Forbidden: user is deactivated"), "deactivated", True),
        (Forbidden("Forbidden: bot was kicked from the supergroup chat"), "kicked", True),
        (Forbidden("Forbidden: bot is not a member of the channel chat"), "kicked", True),
        (Forbidden("Forbidden: the group chat was deleted"), "kicked", True),
        (Forbidden("Forbidden: something new"), "no-rights", True),
        (BadRequest("Bad Request: chat not found"), "chat-not-found", True),
        (BadRequest("Bad Request: private chat not found"), "chat-not-found", True),
        (BadRequest("Bad Request: need administrator rights in the channel chat"), "no-rights", True),
        (BadRequest("Bad Request: not enough rights to send text messages to the chat"), "no-rights", True),
        (BadRequest("Bad Request: message thread not found"), "topic-gone", True),
        (BadRequest("Bad Request: TOPIC_CLOSED"), "topic-gone", True),
        (BadRequest("Bad Request: can't parse entities: …"), "bad-request", True),
        (BadRequest("Message is not modified: specified new message content …"), "not-modified", True),
        (BadRequest("Message to edit not found"), "message-gone", True),
        (BadRequest("Message can't be edited"), "message-gone", True),
        (InvalidToken("Unauthorized"), "token", False),
        (NetworkError("Too Many Requests"), "flood", False),
        (caused(NetworkError("…"), httpx.ConnectError("…")), "network", False),
        (caused(TimedOut(), httpx.ConnectTimeout("…")), "network", False),
        (caused(TimedOut(), httpx.PoolTimeout("…")), "network", False),
        (caused(NetworkError("…"), httpx.ProxyError("…")), "network", False),
    ],
)
def test_what_was_certainly_not_sent(error: TelegramError, code: str, permanent: bool) -> None:
    translated = translate(error)
    assert isinstance(translated, DeliveryError)
    assert (translated.code, translated.permanent) == (code, permanent)


@pytest.mark.parametrize(
    "error",
    [
        caused(TimedOut(), httpx.ReadTimeout("…")),
        caused(TimedOut(), httpx.WriteTimeout("…")),
        caused(NetworkError("…"), httpx.ReadError("…")),
        caused(NetworkError("…"), httpx.RemoteProtocolError("…")),
        NetworkError("Bad Gateway (502)"),
        NetworkError("Internal Server Error (500)"),
        NetworkError("Service Unavailable (503)"),
        NetworkError("Gateway Timeout (504)"),
        TelegramError("Invalid server response"),
    ],
)
def test_what_may_have_been_sent(error: TelegramError) -> None:
    assert isinstance(translate(error), DeliveryUnknownError)


def test_waits_and_moves_carry_their_values() -> None:
    flood, moved = translate(RetryAfter(17)), translate(ChatMigrated(-1001))
    assert isinstance(flood, DeliveryError)
    assert (flood.code, flood.retry_after_s, flood.permanent) == ("flood", 17.0, False)
    assert isinstance(moved, ChatMovedError)
    assert moved.new_chat_id == -1001


async def test_a_message_arrives_as_it_was_meant(botapi: BotApi, application: BotApplication) -> None:
    botapi.chat(-100, "supergroup", topics={12})
    messenger = TelegramMessenger(application.bot)
    number = await messenger.send(Target(-100, 12), "<b>A &amp; B</b>", WHY, silent=True)
    [sent] = botapi.sent
    assert (sent.message_id, sent.text, sent.topic_id, sent.silent) == (number, "A & B", 12, True)
    assert sent.button("Pourquoi") == "why:1"


async def test_an_answer_stands_alone_where_the_message_is_gone(botapi: BotApi, application: BotApplication) -> None:
    botapi.chat(ADA.id, "private")
    messenger = TelegramMessenger(application.bot)
    first = await messenger.send(Target(ADA.id), "Une affaire", ())
    await messenger.send(Target(ADA.id), "Un nom de plus", (), reply_to=first)
    botapi.sent[0].deleted = True
    await messenger.send(Target(ADA.id), "Encore un", (), reply_to=first)
    assert [message.reply_to for message in botapi.sent] == [0, first, 0]


async def test_an_edit_takes_the_place_of_the_message_and_its_buttons(
    botapi: BotApi, application: BotApplication
) -> None:
    botapi.chat(-100, "supergroup", topics={12})
    messenger = TelegramMessenger(application.bot)
    number = await messenger.send(Target(-100, 12), "<b>A</b>", WHY)
    await messenger.edit(Target(-100, 12), number, "<b>A</b> &amp; B", WHY)
    [shown] = botapi.sent
    assert (shown.text, shown.edits, shown.button("Pourquoi")) == ("A & B", 1, "why:1")
    await messenger.edit(Target(-100, 12), number, "<b>A</b> &amp; B", ())
    assert shown.buttons == [], "what is left out is gone"


async def test_an_edit_that_changes_nothing_or_comes_too_late_says_so(
    botapi: BotApi, application: BotApplication
) -> None:
    botapi.chat(ADA.id, "private")
    messenger = TelegramMessenger(application.bot)
    number = await messenger.send(Target(ADA.id), "Bonjour", WHY)
    with pytest.raises(DeliveryError) as same:
        await messenger.edit(Target(ADA.id), number, "Bonjour", WHY)
    botapi.drop_next_answer("editMessageText")
    with pytest.raises(DeliveryUnknownError):
        await messenger.edit(Target(ADA.id), number, "Bonsoir", WHY)
    assert botapi.texts(ADA.id) == ["Bonsoir"]
    botapi.sent[0].deleted = True
    with pytest.raises(DeliveryError) as gone:
        await messenger.edit(Target(ADA.id), number, "Bonne nuit", WHY)
    botapi.refuse(ADA.id, "Forbidden: bot was blocked by the user")
    with pytest.raises(DeliveryError) as blocked:
        await messenger.edit(Target(ADA.id), number, "Bonne nuit", WHY)
    assert [error.value.code for error in (same, gone, blocked)] == ["not-modified", "message-gone", "blocked"]


async def test_edits_in_a_group_leave_room_for_alerts(botapi: BotApi, application: BotApplication) -> None:
    botapi.chat(-100, "supergroup")
    messenger = TelegramMessenger(application.bot)
    numbers = [await messenger.send(Target(-100), f"Affaire {number}", ()) for number in range(13)]
    edits = asyncio.gather(*(messenger.edit(Target(-100), number, "2 médias", WHY) for number in numbers))
    for number in range(3):
        await messenger.send(Target(-100), f"Alerte {number}", ())
    methods = [method for method, _ in botapi.calls if method in {"sendMessage", "editMessageText"}]
    assert methods == ["sendMessage"] * 16
    await edits
    assert sum(message.edits for message in botapi.sent) == 13


async def test_a_lost_answer_is_not_taken_for_a_failure(botapi: BotApi, application: BotApplication) -> None:
    botapi.chat(ADA.id, "private")
    botapi.drop_next_answer("sendMessage")
    with pytest.raises(DeliveryUnknownError):
        await TelegramMessenger(application.bot).send(Target(ADA.id), "Bonjour", ())
    assert botapi.texts(ADA.id) == ["Bonjour"]


@pytest.mark.parametrize("status", [200, 500, 502, 503, 504])
async def test_an_answer_that_says_nothing_is_not_taken_for_a_failure(
    status: int, botapi: BotApi, application: BotApplication
) -> None:
    botapi.chat(ADA.id, "private")
    botapi.fail_next("sendMessage", status)
    with pytest.raises(DeliveryUnknownError):
        await TelegramMessenger(application.bot).send(Target(ADA.id), "Bonjour", ())


async def test_refusals_come_through_as_telegram_says_them(botapi: BotApi, application: BotApplication) -> None:
    messenger = TelegramMessenger(application.bot)
    botapi.chat(-5, "group")
    botapi.migrates(botapi.chats[-5], -1005, tell=False)
    with pytest.raises(ChatMovedError):
        await messenger.send(Target(-5), "Bonjour", ())
    with pytest.raises(DeliveryError, match="Chat not found"):
        await messenger.send(Target(404), "Bonjour", ())
    botapi.chat(ADA.id, "private")
    botapi.flood(ADA.id, 30)
    with pytest.raises(DeliveryError) as flood:
        await messenger.send(Target(ADA.id), "Bonjour", ())
    assert flood.value.retry_after_s == pytest.approx(30.0, abs=3)
