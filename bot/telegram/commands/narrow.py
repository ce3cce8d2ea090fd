"""The buttons under the answer to /watch: the whole name, an organisation, every spelling, words of the context."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from bot.matching.advice import advise
from bot.model import Kind, Question, WatchedName, chat_scope
from bot.storage import names
from bot.telegram import screens
from bot.telegram.commands.names import answer, personal_names
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Rendered
from bot.telegram.screens import said, shown, token_of
from bot.watchlists.names import MAX_LENGTH

MORE = 20
"""Examples of each kind beyond those of the short answer."""
MOST_CONTEXT = 20
LONGEST_WORD = 60


async def press_only(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`TOKEN:NAME`: the name in full, which NAME gives where only a surname was watched."""
    token, _, whole = argument.partition(":")
    name = await _name(desk, visit, token)
    if name is None:
        return said(visit.language, "unwatch.gone")
    entity = replace(name.entity, name=whole or name.entity.name, in_full=True)
    return await _changed(desk, visit, name, replace(name, id=entity.name, entity=entity))


async def press_organisation(desk: Desk, visit: Visit, token: str) -> Rendered:
    """It is no person: its first word is no given name, and its last alone says nothing."""
    name = await _name(desk, visit, token)
    if name is None:
        return said(visit.language, "unwatch.gone")
    entity = replace(name.entity, kind=Kind.ORGANISATION, in_full=False)
    return await _changed(desk, visit, name, replace(name, entity=entity))


async def press_spellings(desk: Desk, visit: Visit, token: str) -> Rendered:
    name = await _name(desk, visit, token)
    if name is None:
        return said(visit.language, "unwatch.gone")
    advice = await asyncio.to_thread(advise, name, more=MORE)
    return screens.all_spellings(name, advice, visit.language)


async def press_context(desk: Desk, visit: Visit, token: str) -> Rendered:
    name = await _name(desk, visit, token)
    if name is None:
        return said(visit.language, "unwatch.gone")
    asked = said(visit.language, "watch.ask-context", name=shown(name.shown))
    return replace(asked, asks=Question("context", token))


async def hear_context(desk: Desk, visit: Visit, token: str, written: str) -> Rendered:
    """Words that answer the question which `press_context` asked."""
    name = await _name(desk, visit, token)
    if name is None:
        return said(visit.language, "unwatch.gone")
    found = dict.fromkeys(word.strip()[:LONGEST_WORD] for word in re.split(r"[,;،\n]", written[: 10 * MAX_LENGTH]))
    words = [word for word in found if word][:MOST_CONTEXT]
    entity = replace(name.entity, context=tuple(dict.fromkeys((*name.entity.context, *words)))[:MOST_CONTEXT])
    return await _changed(desk, visit, name, replace(name, entity=entity))


async def _name(desk: Desk, visit: Visit, token: str) -> WatchedName | None:
    return next((each for each in await personal_names(desk, visit) if token_of(each) == token), None)


async def _changed(desk: Desk, visit: Visit, before: WatchedName, after: WatchedName) -> Rendered:
    """Watch for it so from now on, and say what that means."""
    scope = chat_scope(visit.target)
    async with desk.database.transaction() as tx:
        if after.id != before.id:
            await names.remove_name(tx, scope, before.id)
        await names.add_name(tx, after, visit.now, visit.user_id)
    if after.id != before.id:
        await desk.matching.remove(scope, before.id)
    await desk.matching.add(after)
    return await answer(desk, visit, after)
