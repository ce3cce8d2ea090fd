"""What Telegram shows of the bot: every command in every language, and nothing told twice."""

from __future__ import annotations

import pytest

from bot.storage.database import Database
from bot.telegram.bot import BotApplication
from bot.telegram.handlers import COMMANDS
from bot.telegram.menu import Menu, offers_of
from bot.texts import LANGUAGES, text
from tests.botapi import BotApi
from tests.telegram.newsroom import ADMIN, Newsroom


@pytest.fixture
def menu(application: BotApplication, database: Database) -> Menu:
    return Menu(application.bot, database, list(offers_of(COMMANDS)), language="fr")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_line_in_the_menu(command: str, language: str) -> None:
    assert 1 <= len(text(language, f"menu.{command}")) <= 256


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_profile_fits(language: str) -> None:
    assert len(text(language, "profile.description")) <= 512
    assert len(text(language, "profile.about")) <= 120


async def test_commands_are_told_per_scope_and_language(botapi: BotApi, menu: Menu) -> None:
    botapi.chat(ADMIN.id, "private")
    await menu.tell([ADMIN.id])
    shown = {key: {each["command"] for each in listed} for key, listed in botapi.commands.items()}
    everybody = {name for name, command in COMMANDS.items() if not command.admin}
    for code in ["", *LANGUAGES]:
        assert shown["default", code] == everybody
        assert shown[f"chat:{ADMIN.id}", code] == set(COMMANDS)
        assert shown["all_group_chats", code] < shown["all_chat_administrators", code] < everybody
        assert not {name for name in shown["all_group_chats", code] if COMMANDS[name].changes}
        assert botapi.descriptions["description", code] == text(code or "fr", "profile.description")
        assert botapi.descriptions["short_description", code] == text(code or "fr", "profile.about")


async def test_nothing_is_told_twice_and_a_failure_is_made_good(botapi: BotApi, menu: Menu) -> None:
    botapi.fail_next("setMyCommands", 502)
    await menu.tell([ADMIN.id])  # who never pressed Start: no chat, no commands
    told = len(botapi.calls)
    botapi.chat(ADMIN.id, "private")
    await menu.tell([ADMIN.id])
    assert len(botapi.calls) - told == 1 + len(["", *LANGUAGES])
    told = len(botapi.calls)
    await menu.tell([ADMIN.id])
    assert len(botapi.calls) == told


async def test_who_becomes_an_admin_is_shown_the_commands_for_admins(newsroom: Newsroom, menu: Menu) -> None:
    await menu.tell_admin(ADMIN.id)
    assert not newsroom.botapi.commands
    await newsroom.ask(ADMIN, "/start")
    await newsroom.settle()
    assert (f"chat:{ADMIN.id}", "fr") in newsroom.botapi.commands
