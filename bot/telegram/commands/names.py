"""Personal names: watch for one, and stop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.wishes import own_threshold
from bot.matching.advice import Advice, advise, alike
from bot.model import WatchedName, chat_scope
from bot.storage import names
from bot.storage.chats import save_chat
from bot.storage.subscriptions import subscribe, unsubscribe
from bot.storage.waiting import withdraw
from bot.storage.wishes import begin_preferences, preferences_of
from bot.telegram import screens
from bot.telegram.desk import Desk, Visit, scopes_seen
from bot.telegram.digest_screen import Reader
from bot.telegram.found_screens import found_in_stock
from bot.telegram.render import Rendered, folded
from bot.telegram.screens import Listed, said, shown
from bot.telegram.tries import SEARCHED, tried
from bot.texts import number
from bot.watchlists.names import NameRefusal, parse_name

MOST_NAMES = 200
"""Of one chat, all its topics together: more than a person follows, and a hundred strangers of an open bot cost no
more than one large watchlist. Longer lists are an admin's, in a file."""


async def watch(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/watch NAME: stored, and known to the matcher before we answer."""
    if not typed:
        return said(visit.language, "watch.ask")
    entity = parse_name(typed)
    if isinstance(entity, NameRefusal):
        return screens.refused(typed, entity, visit.language)
    async with desk.database.transaction() as tx:
        demand = (await preferences_of(tx, visit.target)).demand
        entity = replace(entity, threshold=own_threshold(demand))
        name = WatchedName(scope=chat_scope(visit.target), id=entity.name, entity=entity)
        mine = await names.names_of(tx, name.scope)
        watched = next((each for each in mine if folded(each.entity.name) == folded(name.entity.name)), None)
        if watched is None and len(await names.personal_names(tx, visit.target.chat_id)) >= MOST_NAMES:
            return said(visit.language, "watch.too-many", most=number(visit.language, MOST_NAMES))
        if watched is None:
            await names.add_name(tx, name, visit.now, visit.user_id)
        await save_chat(tx, visit.chat, visit.now)
        await subscribe(tx, visit.target, name.scope, visit.now, visit.user_id)
        await begin_preferences(tx, visit.target, visit.now, visit.timezone)
    # Also when it was watched already: the same update may come again after a crash in between.
    await desk.matching.add(watched or name)
    if watched is not None:
        return said(visit.language, "watch.already", name=shown(watched.shown))
    return await answer(desk, visit, name)


async def answer(desk: Desk, visit: Visit, name: WatchedName) -> Rendered:
    """What watching for the name means: its spellings, and what the stored articles would have rung."""
    async with desk.database.read() as connection:
        listed = await _listed_here(connection, visit)
    advice, twin = await asyncio.to_thread(advised, name, listed)
    return screens.watching(name, advice, twin, await in_stock_of(desk, visit, name), visit.language)


async def in_stock_of(desk: Desk, visit: Visit, name: WatchedName) -> list[str]:
    """What the stored articles say of a name, in lines."""
    result, seen = await tried(desk.database, desk.clock, name.entity, window=desk.story_window, now=visit.now)
    return found_in_stock(result, seen, visit.now - SEARCHED, Reader(visit.language, visit.timezone, visit.now))


def advised(name: WatchedName, listed: Sequence[Listed]) -> tuple[Advice, Listed | None]:
    """The advice on the name, and the listed name that is, or may be, the same. Not for the loop: it may take long."""
    same = (each for each in listed if folded(each.name.entity.name) == folded(name.entity.name))
    twin = next(same, None)
    if twin is None:
        found = alike(name, (each.name for each in listed))
        twin = next((each for each in listed if each.name is found), None)
    return advise(name), twin


async def unwatch(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/unwatch NAME, or the names as buttons."""
    mine = await personal_names(desk, visit)
    chosen = next((each for each in mine if typed and folded(typed) == folded(each.shown)), None)
    if chosen is None:
        return screens.which_name(mine, visit.language, typed or None)
    return await _stop_watching(desk, visit, chosen, left=len(mine) - 1)


async def press_unwatch(desk: Desk, visit: Visit, token: str) -> Rendered:
    mine = await personal_names(desk, visit)
    chosen = next((each for each in mine if screens.token_of(each) == token), None)
    if chosen is None:
        return said(visit.language, "unwatch.gone")
    return await _stop_watching(desk, visit, chosen, left=len(mine) - 1)


async def _stop_watching(desk: Desk, visit: Visit, name: WatchedName, *, left: int) -> Rendered:
    async with desk.database.transaction() as tx:
        await names.remove_name(tx, name.scope, name.id)
        if not left:
            await unsubscribe(tx, visit.target, name.scope)
        await withdraw(tx, visit.target, [name])
    await desk.matching.remove(name.scope, name.id)
    return said(visit.language, "unwatch.done", name=shown(name.shown))


async def personal_names(desk: Desk, visit: Visit) -> list[WatchedName]:
    async with desk.database.read() as connection:
        return await names.names_of(connection, chat_scope(visit.target))


async def _listed_here(connection: AsyncConnection, visit: Visit) -> list[Listed]:
    """Every name of the watchlists followed here."""
    followed = await scopes_seen(connection, visit)
    lists = [each for each in await names.watchlist_rows(connection) if each.scope in followed]
    return [Listed(name, each.title) for each in lists for name in await names.names_of(connection, each.scope)]
