"""What becomes of deliveries that wait, or are held, when their target wants something else, or may have less, from now
on; and the last decision before one is sent.

What new alerts become is decided with them (`alerts/decide.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access
from bot.alerts.decide import NO_ACCESS
from bot.alerts.hit import Hit, identities_of
from bot.alerts.hours import in_peace
from bot.alerts.wishes import muted_by
from bot.model import DeliveryState, Mute, Priority, Scope, Target, Tier, WatchedName
from bot.storage import names
from bot.storage.access import scopes_closed
from bot.storage.chats import chat_of
from bot.storage.outbox import (
    CATCH_UP,
    NIGHT,
    WAITING,
    Delivery,
    alert_of,
    close,
    delivery_of,
    keep_the_night,
    told_in_story,
)
from bot.storage.schema import deliveries, told
from bot.storage.subscriptions import priorities_of, scopes_followed
from bot.storage.views import hits_of
from bot.storage.wishes import current_mutes, preferences_of

OPEN = (*WAITING, DeliveryState.HELD.value)
"""The states of what is still to be told."""


async def withdraw(tx: AsyncConnection, target: Target, dropped: Sequence[WatchedName]) -> None:
    """These names are no longer followed here: what was to be told about nothing else is closed.

    Who follows the same person by another list hears of it still, as that list has it.
    """
    followed = await names.followed_names(tx, await scopes_followed(tx, target))
    wanted = {(name.scope, name.id) for name in followed}
    by_identity = {identity: (name.scope, name.id) for name in followed for identity in identities_of(name)}
    gone = {(name.scope, name.id): by_identity.get(identities_of(name)[0]) for name in dropped}
    for each in await _in_states(tx, target, OPEN):
        if gone.keys().isdisjoint(each.names):
            continue
        kept = [key if key in wanted else gone.get(key) for key in each.names]
        left = list(dict.fromkeys(key for key in kept if key is not None))
        removed = {"state": DeliveryState.SUPPRESSED.value, "why": "name-removed"}
        await _change(tx, each.id, OPEN, _names(left) if left else removed)


async def admit(tx: AsyncConnection, claimed: Sequence[Delivery], access: Access, now: datetime) -> list[Delivery]:
    """Of deliveries to one target that were claimed, what it may still be told; the rest is closed with the reason."""
    closed = await _closed(tx, claimed, access)
    admitted = []
    for each in claimed:
        left = tuple(name for name in each.names if name[0] not in closed)
        if left != each.names:
            await _untell(tx, each, closed)
        if not left:
            await close(tx, each, DeliveryState.SUPPRESSED, NO_ACCESS, now)
            continue
        if left != each.names:
            await _change(tx, each.id, (DeliveryState.SENDING.value,), _names(left))
        admitted.append(replace(each, names=left))
    return admitted


async def close_held(tx: AsyncConnection, target: Target, access: Access) -> None:
    """What is held here and was decided while the target had access, which it has no more, is told no more."""
    held = await _in_states(tx, target, (DeliveryState.HELD.value,))
    closed = await _closed(tx, held, access)
    for each in held if closed else ():
        left = tuple(name for name in each.names if name[0] not in closed)
        gone = {"state": DeliveryState.SUPPRESSED.value, "why": NO_ACCESS}
        if left != each.names:
            await _untell(tx, each, closed)
            await _change(tx, each.id, (DeliveryState.HELD.value,), _names(left) if left else gone)


async def _untell(tx: AsyncConnection, delivery: Delivery, closed: Collection[Scope]) -> None:
    """What was never told of these scopes does not count as told: a story that goes on rings once access is back."""
    _, article_id = await alert_of(tx, delivery.alert_id)
    hits = [hit.name for hit in await hits_of(tx, article_id) if (hit.name.scope, hit.name.id) in delivery.names]
    kept = {each for name in hits if name.scope not in closed for each in identities_of(name)}
    gone = {each for name in hits if name.scope in closed for each in identities_of(name)} - kept
    here = (told.c.chat_id == delivery.target.chat_id) & (told.c.topic_id == delivery.target.topic_id)
    await tx.execute(delete(told).where(here, told.c.alert_id == delivery.alert_id, told.c.identity.in_(gone)))


async def _closed(tx: AsyncConnection, owed: Sequence[Delivery], access: Access) -> frozenset[Scope]:
    """The scopes of these deliveries to one target of which it may be told no more."""
    scopes = {scope for each in owed for scope, _ in each.names}
    return await scopes_closed(tx, owed[0].target, scopes, access) if owed else frozenset()


def _names(left: Sequence[tuple[Scope, str]]) -> dict[str, Any]:
    return {"names": [[scope, name_id] for scope, name_id in left]}


async def heed_hours(tx: AsyncConnection, target: Target, now: datetime, zone: ZoneInfo) -> None:
    """Decide again whether what is due here rings, which may be long after it was owed; what is urgent does.

    `zone`: of a chat that chose none.
    """
    chat = await chat_of(tx, target.chat_id)
    here = ZoneInfo(chat.timezone) if chat and chat.timezone else zone
    due_at, silent = in_peace((await preferences_of(tx, target)).quiet, now, here)
    await keep_the_night(tx, target, now, due_at, silent=silent)


async def hold_muted(tx: AsyncConnection, target: Target, now: datetime) -> None:
    """What waits, and would not have rung under the mutes that are in force now, is held until they end."""
    mutes = (await current_mutes(tx, [target], now)).get(target, [])
    if not mutes:
        return
    priorities = await priorities_of(tx, target)
    for each in await _in_states(tx, target, WAITING):
        mute = await _silencing(tx, each, mutes, priorities)
        if mute is not None:
            values = {"state": DeliveryState.HELD.value, "why": "muted", "mute_id": mute.id}
            await _change(tx, each.id, WAITING, values)


async def _silencing(
    tx: AsyncConnection,
    delivery: Delivery,
    mutes: Sequence[Mute],
    priorities: Mapping[tuple[Scope, str], Priority],
) -> Mute | None:
    """The mute that holds the delivery back; None while one of its names rings in spite of them."""
    story_id, article_id = await alert_of(tx, delivery.alert_id)
    heard = (await told_in_story(tx, story_id)).get(delivery.target, {})
    hits = [
        _as_told(hit, heard, priorities)
        for hit in await hits_of(tx, article_id)
        if (hit.name.scope, hit.name.id) in delivery.names
    ]
    silencing = [muted_by(hit, story_id, mutes) for hit in hits]
    if any(hit.rings and mute is None for hit, mute in zip(hits, silencing, strict=True)):
        return None
    return next((mute for mute in silencing if mute is not None), None)


def _as_told(hit: Hit, told: Mapping[str, Tier], priorities: Mapping[tuple[Scope, str], Priority]) -> Hit:
    """With the tier and the urgency that the name has for the target."""
    tiers = [told[identity] for identity in identities_of(hit.name) if identity in told]
    priority = priorities.get((hit.name.scope, hit.name.id), hit.name.priority)
    match = replace(hit.match, tier=tiers[0]) if tiers else hit.match
    return Hit(replace(hit.name, priority=priority), match)


async def ring_after_all(tx: AsyncConnection, target: Target, now: datetime, *, due_at: datetime, silent: bool) -> None:
    """No digest comes for what waited for one: it is told in one message, now or with the rest of the night.

    Names that are for the digest alone stay; whoever wants no digest finds them in what is latest.
    """
    bundle = NIGHT if due_at > now else CATCH_UP
    for_digest = deliveries.c.state == DeliveryState.HELD.value
    for_digest &= (deliveries.c.why == "digest") & (deliveries.c.priority != Priority.DIGEST.value)
    mine = (deliveries.c.chat_id == target.chat_id) & (deliveries.c.topic_id == target.topic_id)
    values = {"state": DeliveryState.PENDING.value, "why": None, "bundle": bundle, "due_at": due_at, "silent": silent}
    await tx.execute(update(deliveries).where(mine, for_digest).values(values))
    await hold_muted(tx, target, now)


async def _in_states(tx: AsyncConnection, target: Target, states: Collection[str]) -> list[Delivery]:
    mine = (deliveries.c.chat_id == target.chat_id) & (deliveries.c.topic_id == target.topic_id)
    query = select(deliveries).where(mine, deliveries.c.state.in_(states)).order_by(deliveries.c.id)
    return [delivery_of(row) for row in await tx.execute(query)]


async def _change(tx: AsyncConnection, delivery_id: int, states: Collection[str], values: Mapping[str, Any]) -> None:
    """Unless it is under way meanwhile."""
    still = (deliveries.c.id == delivery_id) & deliveries.c.state.in_(states)
    await tx.execute(update(deliveries).where(still).values(values))
