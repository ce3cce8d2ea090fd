"""Leaving: everything that is followed here stops, once somebody has confirmed it."""

from __future__ import annotations

from bot.model import chat_scope
from bot.storage import names, wishes
from bot.storage.outbox import suppress_all_of
from bot.storage.subscriptions import scopes_followed, unsubscribe_all
from bot.telegram.desk import Desk, Visit
from bot.telegram.render import Button, Rendered
from bot.telegram.screens import said
from bot.texts import plural, text

STOPPED = "stopped"
"""Why a delivery was not sent: nothing is followed there any more."""


async def stop(desk: Desk, visit: Visit, _: str) -> Rendered:
    """/stop: asks first."""
    async with desk.database.read() as connection:
        followed = await scopes_followed(connection, visit.target)
        own = await names.names_of(connection, chat_scope(visit.target))
    if not followed and not own:
        return said(visit.language, "stop.nothing")
    lists = sum(scope.startswith("list:") for scope in followed)
    counts = {
        "lists": plural(visit.language, "count.lists", lists),
        "names": plural(visit.language, "count.names", len(own)),
    }
    yes = Button(text(visit.language, "stop.button.yes"), data="stop:yes")
    no = Button(text(visit.language, "stop.button.no"), data="settings:")
    return Rendered(text(visit.language, "stop.sure", **counts), ((yes, no),))


async def press_stop(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """What waits or is held for this target is closed with the reason; its wishes are kept for when it comes back."""
    if argument != "yes":
        return await stop(desk, visit, "")
    scope = chat_scope(visit.target)
    async with desk.database.transaction() as tx:
        own = await names.remove_names(tx, scope)
        await unsubscribe_all(tx, visit.target)
        await wishes.rest(tx, visit.target, visit.now)
        await suppress_all_of(tx, visit.target, STOPPED)
    for name in own:
        await desk.matching.remove(scope, name.id)
    return said(visit.language, "stop.done")
