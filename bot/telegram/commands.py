"""What each command and button does: reads and writes through storage, and returns the screen to show.

Knows nothing of Telegram's objects; who is asking was settled before (`desk.py`), sending comes after (`handlers.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.matching.advice import Advice, advise, alike
from bot.matching.reasons import explain
from bot.model import Scope, WatchedName, Watchlist, chat_scope, list_scope
from bot.storage import names, why
from bot.storage.chats import save_chat
from bot.storage.people import Role, new_invitation, redeem
from bot.storage.subscriptions import scopes_followed, subscribe, unsubscribe
from bot.storage.wishes import begin_preferences
from bot.telegram import screens
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Rendered, folded
from bot.telegram.screens import Listed, said, shown
from bot.texts import text
from bot.watchlists.names import NameRefusal, parse_name

# --- Coming in ------------------------------------------------------------------------------------------------------

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
    return screens.help_page(visit.language, admin=visit.admin and visit.private)


async def invite(desk: Desk, visit: Visit, _: str) -> Rendered:
    if not visit.admin or visit.user_id is None:
        return said(visit.language, "access.admins-only")
    if not visit.private:
        return said(visit.language, "invite.private")
    async with desk.database.transaction() as tx:
        secret = await new_invitation(tx, visit.now, visit.user_id)
    return said(visit.language, "invite.link", link=f"https://t.me/{desk.bot_username}?start=join-{secret}")


# --- Watchlists -----------------------------------------------------------------------------------------------------


async def watchlists(desk: Desk, visit: Visit, page: str) -> Rendered:
    return await _lists_page(desk, visit, int(page) if page.isdecimal() else 0)


async def show_list(desk: Desk, visit: Visit, watchlist_id: str) -> Rendered:
    """One watchlist; a list that may not be seen here looks like one that does not exist."""
    async with desk.database.read() as connection:
        found = await names.watchlist(connection, watchlist_id)
        followed = await scopes_followed(connection, visit.target)
    if found is None or not visit.sees(found):
        return await _lists_page(desk, visit, 0)
    return screens.list_page(found, followed=found.scope in followed, language=visit.language)


async def follow_named(desk: Desk, visit: Visit, query: str) -> Rendered:
    """/subscribe LIST"""
    found = await _list_named(desk, visit, query)
    if found is None:
        return await _not_found(desk, visit, query)
    added = await _follow(desk, visit, found)
    return said(visit.language, "lists.subscribed" if added else "lists.already", title=shown(found.title))


async def unfollow_named(desk: Desk, visit: Visit, query: str) -> Rendered:
    """/unsubscribe LIST"""
    found = await _list_named(desk, visit, query)
    if found is None:
        return await _not_found(desk, visit, query)
    async with desk.database.transaction() as tx:
        removed = await unsubscribe(tx, visit.target, found.scope)
    return said(visit.language, "lists.unsubscribed" if removed else "lists.not-followed", title=shown(found.title))


async def press_follow(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`LIST:PAGE`, PAGE being `-` on the screen of that list alone."""
    watchlist_id, _, page = argument.partition(":")
    async with desk.database.read() as connection:
        found = await names.watchlist(connection, watchlist_id)
    if found is not None and visit.sees(found):
        await _follow(desk, visit, found)
    return await _after_press(desk, visit, watchlist_id, page)


async def press_unfollow(desk: Desk, visit: Visit, argument: str) -> Rendered:
    watchlist_id, _, page = argument.partition(":")
    async with desk.database.transaction() as tx:
        await unsubscribe(tx, visit.target, list_scope(watchlist_id))
    return await _after_press(desk, visit, watchlist_id, page)


async def _after_press(desk: Desk, visit: Visit, watchlist_id: str, page: str) -> Rendered:
    return await (show_list(desk, visit, watchlist_id) if page == "-" else watchlists(desk, visit, page))


async def _follow(desk: Desk, visit: Visit, watchlist: Watchlist) -> bool:
    async with desk.database.transaction() as tx:
        await save_chat(tx, visit.chat, visit.now)
        await begin_preferences(tx, visit.target, visit.now, visit.timezone)
        return await subscribe(tx, visit.target, watchlist.scope, visit.now, visit.user_id)


async def _lists_page(desk: Desk, visit: Visit, page: int, opening: str | None = None) -> Rendered:
    async with desk.database.read() as connection:
        lists = [each for each in await names.watchlist_rows(connection) if visit.sees(each)]
        followed = await scopes_followed(connection, visit.target)
    return screens.lists_page(lists, set(followed), page, visit.language, opening)


async def _list_named(desk: Desk, visit: Visit, query: str) -> Watchlist | None:
    """By id, by title, or by the beginning of a title if only one begins so."""
    wanted = folded(query)
    async with desk.database.read() as connection:
        lists = [each for each in await names.watchlist_rows(connection) if visit.sees(each)]
    exact = [each for each in lists if query == each.id or wanted == folded(each.title)]
    alike = [each for each in lists if wanted and folded(each.title).startswith(wanted)]
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


async def _not_found(desk: Desk, visit: Visit, query: str) -> Rendered:
    opening = text(visit.language, "lists.unknown", query=shown(query, 60)) if query else None
    return await _lists_page(desk, visit, 0, opening)


# --- Personal names -------------------------------------------------------------------------------------------------


async def watch(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/watch NAME: stored, and known to the matcher before we answer."""
    if not typed:
        return said(visit.language, "watch.ask")
    entity = parse_name(typed)
    if isinstance(entity, NameRefusal):
        return screens.refused(typed, entity, visit.language)
    name = WatchedName(scope=chat_scope(visit.target), id=entity.name, entity=entity)
    async with desk.database.transaction() as tx:
        mine = await names.names_of(tx, name.scope)
        watched = next((each for each in mine if folded(each.entity.name) == folded(name.entity.name)), None)
        if watched is None:
            await names.add_name(tx, name, visit.now, visit.user_id)
        await save_chat(tx, visit.chat, visit.now)
        await subscribe(tx, visit.target, name.scope, visit.now, visit.user_id)
        await begin_preferences(tx, visit.target, visit.now, visit.timezone)
        listed = await _listed_here(tx, visit)
    # Also when it was watched already: the same update may come again after a crash in between.
    await desk.matching.add(watched or name)
    if watched is not None:
        return said(visit.language, "watch.already", name=shown(watched.shown))
    advice, twin = await asyncio.to_thread(_looked_at, name, listed)
    return screens.watching(name, advice, twin, visit.language)


def _looked_at(name: WatchedName, listed: Sequence[Listed]) -> tuple[Advice, Listed | None]:
    """The advice on the name, and the listed name that is, or may be, the same. Not for the loop: it may take long."""
    same = (each for each in listed if folded(each.name.entity.name) == folded(name.entity.name))
    twin = next(same, None)
    if twin is None:
        found = alike(name, (each.name for each in listed))
        twin = next((each for each in listed if each.name is found), None)
    return advise(name), twin


async def unwatch(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/unwatch NAME, or the names as buttons."""
    mine = await _personal_names(desk, visit)
    chosen = next((each for each in mine if typed and folded(typed) == folded(each.shown)), None)
    if chosen is None:
        return screens.which_name(mine, visit.language, typed or None)
    return await _stop_watching(desk, visit, chosen, left=len(mine) - 1)


async def press_unwatch(desk: Desk, visit: Visit, token: str) -> Rendered:
    mine = await _personal_names(desk, visit)
    chosen = next((each for each in mine if screens.token_of(each) == token), None)
    if chosen is None:
        return said(visit.language, "unwatch.gone")
    return await _stop_watching(desk, visit, chosen, left=len(mine) - 1)


async def _stop_watching(desk: Desk, visit: Visit, name: WatchedName, *, left: int) -> Rendered:
    async with desk.database.transaction() as tx:
        await names.remove_name(tx, name.scope, name.id)
        if not left:
            await unsubscribe(tx, visit.target, name.scope)
    await desk.matching.remove(name.scope, name.id)
    return said(visit.language, "unwatch.done", name=shown(name.shown))


async def _personal_names(desk: Desk, visit: Visit) -> list[WatchedName]:
    async with desk.database.read() as connection:
        return await names.names_of(connection, chat_scope(visit.target))


async def _listed_here(connection: AsyncConnection, visit: Visit) -> list[Listed]:
    """Every name of the watchlists followed here."""
    followed = await scopes_followed(connection, visit.target)
    lists = [each for each in await names.watchlist_rows(connection) if each.scope in followed]
    return [Listed(name, each.title) for each in lists for name in await names.names_of(connection, each.scope)]


# --- What is followed, and why --------------------------------------------------------------------------------------


async def list_followed(desk: Desk, visit: Visit, _: str) -> Rendered:
    async with desk.database.read() as connection:
        followed = await scopes_followed(connection, visit.target)
        titles = {each.scope: each.title for each in await names.watchlist_rows(connection)}
    lists = [scope for scope in followed if scope.startswith("list:")]
    shown_lists = [(titles.get(scope, scope.removeprefix("list:")), scope in titles) for scope in lists]
    return screens.followed_here(shown_lists, await _personal_names(desk, visit), visit.language)


async def why_url(desk: Desk, visit: Visit, url: str) -> Rendered:
    """/why URL"""
    if not url:
        return said(visit.language, "why.ask")
    async with desk.database.read() as connection:
        explanation = await why.explain_url(connection, url)
    return await _why(desk, visit, explanation, otherwise="why.unknown-url")


async def why_message(desk: Desk, visit: Visit, message_id: int) -> Rendered:
    """/why as a reply to an alert."""
    async with desk.database.read() as connection:
        delivery = await why.delivery_of_message(connection, visit.target.chat_id, message_id)
    return said(visit.language, "why.ask") if delivery is None else await press_why(desk, visit, str(delivery))


async def press_why(desk: Desk, visit: Visit, delivery: str) -> Rendered:
    """The button under an alert; only for an alert of this chat."""
    async with desk.database.read() as connection:
        explanation = await why.explain_delivery(connection, int(delivery)) if delivery.isdecimal() else None
    told_here = explanation and any(each.target.chat_id == visit.target.chat_id for each in explanation.deliveries)
    return await _why(desk, visit, explanation if told_here else None, otherwise="why.gone")


async def _why(desk: Desk, visit: Visit, explanation: why.Explanation | None, *, otherwise: str) -> Rendered:
    if explanation is None:
        return said(visit.language, otherwise)
    async with desk.database.read() as connection:
        followed = await scopes_followed(connection, visit.target)
        titles = {each.scope: each.title for each in await names.watchlist_rows(connection)}
    return screens.render_why(
        _for_this_chat(explanation, visit, followed),
        titles,
        explain=explain,
        language=visit.language,
        timezone=visit.timezone,
        now=visit.now,
    )


def _for_this_chat(explanation: why.Explanation, visit: Visit, followed: list[Scope]) -> why.Explanation:
    """Without what other chats watch for and were told."""
    return replace(
        explanation,
        found=tuple(each for each in explanation.found if each.match.scope in followed),
        deliveries=tuple(each for each in explanation.deliveries if each.target == visit.target),
        earlier=tuple(each for each in explanation.earlier if each.target == visit.target),
    )
