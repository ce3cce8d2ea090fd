"""Watchlists: browse and follow them, and see what is followed."""

from __future__ import annotations

from bot.model import Scope, Watchlist, list_scope
from bot.storage import names
from bot.storage.chats import save_chat
from bot.storage.subscriptions import scopes_followed, subscribe, unsubscribe
from bot.storage.waiting import withdraw
from bot.storage.wishes import begin_preferences
from bot.telegram import screens
from bot.telegram.commands.names import personal_names
from bot.telegram.desk import Desk, Visit, number_of
from bot.telegram.render import Rendered, folded
from bot.telegram.screens import said, shown
from bot.texts import text


async def watchlists(desk: Desk, visit: Visit, page: str) -> Rendered:
    return await _lists_page(desk, visit, number_of(page))


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
    found = await _list_named(desk, visit, query, followed=True)
    if found is None:
        return await _not_found(desk, visit, query)
    removed = await _unfollow(desk, visit, found.scope)
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
    await _unfollow(desk, visit, list_scope(watchlist_id))
    return await _after_press(desk, visit, watchlist_id, page)


async def _after_press(desk: Desk, visit: Visit, watchlist_id: str, page: str) -> Rendered:
    return await (show_list(desk, visit, watchlist_id) if page == "-" else watchlists(desk, visit, page))


async def _follow(desk: Desk, visit: Visit, watchlist: Watchlist) -> bool:
    async with desk.database.transaction() as tx:
        await save_chat(tx, visit.chat, visit.now)
        await begin_preferences(tx, visit.target, visit.now, visit.timezone)
        return await subscribe(tx, visit.target, watchlist.scope, visit.now, visit.user_id)


async def _unfollow(desk: Desk, visit: Visit, scope: Scope) -> bool:
    async with desk.database.transaction() as tx:
        removed = await unsubscribe(tx, visit.target, scope)
        await withdraw(tx, visit.target, await names.names_of(tx, scope))
    return removed


async def _lists_page(desk: Desk, visit: Visit, page: int, opening: str | None = None) -> Rendered:
    async with desk.database.read() as connection:
        lists = [each for each in await names.watchlist_rows(connection) if visit.sees(each)]
        followed = await scopes_followed(connection, visit.target)
    return screens.lists_page(lists, set(followed), page, visit.language, opening)


async def _list_named(desk: Desk, visit: Visit, query: str, *, followed: bool = False) -> Watchlist | None:
    """By id, by title, or by the beginning of a title if only one begins so.

    `followed`: one that is followed here may be left though it may not be seen any more.
    """
    wanted = folded(query)
    async with desk.database.read() as connection:
        mine = await scopes_followed(connection, visit.target) if followed else ()
        lists = [each for each in await names.watchlist_rows(connection) if visit.sees(each) or each.scope in mine]
    exact = [each for each in lists if query == each.id or wanted == folded(each.title)]
    alike = [each for each in lists if wanted and folded(each.title).startswith(wanted)]
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


async def _not_found(desk: Desk, visit: Visit, query: str) -> Rendered:
    opening = text(visit.language, "lists.unknown", query=shown(query, 60)) if query else None
    return await _lists_page(desk, visit, 0, opening)


async def list_followed(desk: Desk, visit: Visit, _: str) -> Rendered:
    async with desk.database.read() as connection:
        followed = await scopes_followed(connection, visit.target)
        known = {each.scope: each for each in await names.watchlist_rows(connection)}
    shown_lists: list[tuple[str, str | None]] = []
    for scope in (each for each in followed if each.startswith("list:")):
        found = known.get(scope)
        silent = "paused" if found is None else None if visit.sees(found) else "closed"
        shown_lists.append((found.title if found else scope.removeprefix("list:"), silent))
    return screens.followed_here(shown_lists, await personal_names(desk, visit), visit.language)
