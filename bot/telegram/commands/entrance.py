"""Coming in: start, one-time links, help."""

from __future__ import annotations

from bot.storage.chats import save_chat
from bot.storage.people import Role, redeem
from bot.telegram import help_screen, screens
from bot.telegram.commands.lists import show_list
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Rendered
from bot.telegram.screens import said

DOORS = {"claim-": (Role.ADMIN, "start.claimed"), "join-": (Role.MEMBER, "start.joined")}
"""How a one-time link's payload begins → the role it gives and the sentence that says so."""


async def enter(desk: Desk, visit: Visit, payload: str) -> Rendered | None:
    """/start by a one-time link; None for any other payload. In private only: a link in a group is everybody's."""
    door = next((prefix for prefix in DOORS if payload.startswith(prefix)), None)
    if door is None or not visit.private or visit.user_id is None:
        return None
    role, opening = DOORS[door]
    async with desk.database.transaction() as tx:
        secret = payload.removeprefix(door)
        given = await redeem(tx, secret, role, visit.user_id, visit.user_name, visit.now)
        if given is None and not visit.welcome:
            return said(visit.language, "start.bad-link")
        await save_chat(tx, visit.chat, visit.now)
    return screens.welcome(visit.language, opening if given is role else None)


async def start(desk: Desk, visit: Visit, payload: str) -> Rendered:
    if visit.private:
        async with desk.database.transaction() as tx:
            await save_chat(tx, visit.chat, visit.now)
    if payload.startswith("list-"):
        return await show_list(desk, visit, payload.removeprefix("list-"))
    return screens.welcome(visit.language)


async def help_page(_: Desk, visit: Visit, __: str) -> Rendered:
    return help_screen.help_page(visit.language, admin=visit.admin and visit.private)
