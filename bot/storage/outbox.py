"""Alerts, what each target was told, and the deliveries owed: written with the decision, sent later from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access
from bot.alerts.decide import NO_ACCESS, Owed
from bot.alerts.outbox import BURST, LATE, together
from bot.model import CONSOLE, DeliveryState, Priority, Scope, Subscription, Target, Tier
from bot.storage.access import Doors, answerable, doors
from bot.storage.database import insert
from bot.storage.schema import alerts, chats, deliveries, messages, people, preferences, subscriptions, told

WAITING = (DeliveryState.PENDING.value, DeliveryState.UNKNOWN.value)
"""The states from which a delivery is sent."""
CATCH_UP = "catch-up"
"""The bundle of what an outage of ours held back."""
NIGHT = "night"
"""The bundle of what quiet hours held back: due when they end."""
DIGEST = "digest"
"""The bundle of what was told in a digest, or at the end of a mute; such messages are never edited."""
BUNDLED_FOR = timedelta(seconds=60)
"""After the last that joined: a start spreads the feeds over a minute."""
BUNDLED_AT_MOST = timedelta(minutes=5)
"""After the first: thousands of feeds take minutes to come back."""
MOST_BUNDLED = 12
"""Stories in one message; more make another one."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert owed to one target."""

    id: int
    alert_id: int
    target: Target
    names: tuple[tuple[Scope, str], ...]
    """(scope, name id), the leading one first."""
    attempts: int
    lost_before: bool
    created_at: datetime
    bundle: str | None = None
    """Told in one message with the target's others of the same bundle."""
    sent_at: datetime | None = None
    silent: bool = False
    """Sent without a sound."""
    why: str | None = None
    """Of a state that is not the usual one."""
    due_at: datetime | None = None

    @property
    def could_go(self) -> datetime:
        """Since when it could have gone out, but for what went wrong."""
        return self.created_at if self.attempts or self.due_at is None else self.due_at


async def live_subscriptions(tx: AsyncConnection, scopes: Sequence[Scope], access: Access) -> list[Subscription]:
    """Who follows these scopes in chats that can be reached, and whether they have access still.

    The chats stay until the transaction ends. On PostgreSQL one could else be forgotten before what it is owed is
    written, and be told of it afterwards.
    """
    of_target = (preferences.c.chat_id == subscriptions.c.chat_id) & (
        preferences.c.topic_id == subscriptions.c.topic_id
    )
    query = (
        select(subscriptions, preferences.c.ring_at_outlets, answerable().label("followed_by"), people.c.role)
        .select_from(
            subscriptions.join(chats)
            .outerjoin(preferences, of_target)
            .outerjoin(people, people.c.user_id == answerable())
        )
        .where(chats.c.state == "active", subscriptions.c.scope.in_(scopes))
        .order_by(subscriptions.c.id)
        .with_for_update(read=True, key_share=True, of=chats)
    )
    ways = await doors(tx, access, scopes)
    return [_subscription(row, ways) for row in await tx.execute(query)]


def _subscription(row: Row[Any], ways: Doors) -> Subscription:
    """`options` holds what one subscription asks for: `ring_at_outlets` and `priorities` (name id → priority)."""
    asked: Mapping[str, Any] = row.options
    outlets = asked.get("ring_at_outlets", row.ring_at_outlets)
    return Subscription(
        target=Target(row.chat_id, row.topic_id),
        scope=Scope(row.scope),
        ring_at_outlets=outlets if isinstance(outlets, int) else None,
        priorities={name_id: Priority(value) for name_id, value in asked.get("priorities", {}).items()},
        served=ways.open_to(row.chat_id, Scope(row.scope), followed_by=row.followed_by, role=row.role),
    )


async def told_in_story(connection: AsyncConnection, story_id: int) -> dict[Target, dict[str, Tier]]:
    """What each target heard of in the story, by identity."""
    found: dict[Target, dict[str, Tier]] = {}
    for row in await connection.execute(select(told).where(told.c.story_id == story_id)):
        found.setdefault(Target(row.chat_id, row.topic_id), {})[row.identity] = Tier(row.tier)
    return found


async def on_their_way(connection: AsyncConnection, story_id: int) -> set[Target]:
    """The targets to which an alert of the story is still to go out, and none went out yet."""
    query = (
        select(deliveries.c.chat_id, deliveries.c.topic_id, deliveries.c.state)
        .join(alerts)
        .where(alerts.c.story_id == story_id, deliveries.c.state.in_([*WAITING, *_ARRIVING]))
    )
    rows = (await connection.execute(query)).all()
    arrived = {Target(row.chat_id, row.topic_id) for row in rows if row.state == DeliveryState.SENT.value}
    return {Target(row.chat_id, row.topic_id) for row in rows} - arrived


async def refused_in_story(connection: AsyncConnection, story_id: int) -> set[Target]:
    """The targets of which it is kept that they had no access when the story came up."""
    query = select(deliveries.c.chat_id, deliveries.c.topic_id).join(alerts)
    rows = await connection.execute(query.where(alerts.c.story_id == story_id, deliveries.c.why == NO_ACCESS))
    return {Target(row.chat_id, row.topic_id) for row in rows}


_ARRIVING = (DeliveryState.SENDING.value, DeliveryState.SENT.value)


async def save_alert(
    tx: AsyncConnection,
    story_id: int,
    article_id: int,
    owed: Sequence[Owed],
    now: datetime,
    *,
    bundle: str | None = None,
) -> int | None:
    """An alert with its deliveries and what they tell, in the caller's transaction; None when nothing is owed.

    What is bundled waits for more of the same; what is urgent does not.
    """
    if not owed:
        return None
    last = await tx.execute(select(func.max(alerts.c.sequence)).where(alerts.c.story_id == story_id))
    values = {
        "story_id": story_id,
        "sequence": (last.scalar_one() or 0) + 1,
        "article_id": article_id,
        "created_at": now,
    }
    alert_id: int = (await tx.execute(insert(tx, alerts).values(values).returning(alerts.c.id))).scalar_one()
    for each in owed:
        await _owe(tx, alert_id, each, now, _bundle_of(each, bundle))
        await _tell(tx, story_id, alert_id, each)
    return alert_id


def _bundle_of(owed: Owed, bundle: str | None) -> str | None:
    if owed.priority is Priority.URGENT:
        return None
    return bundle if owed.due_at is None else NIGHT


async def recover_sending(
    tx: AsyncConnection, *, expired_by: datetime | None = None, without: Sequence[int] = ()
) -> int:
    """What was being sent may have arrived: all of it after a restart, else where the lease has run out by then.

    Args:
        without: deliveries that are known to be under way still.

    Returns:
        How many there were.
    """
    sending = deliveries.c.state == DeliveryState.SENDING.value
    if expired_by is not None:
        sending &= (deliveries.c.lease_until < expired_by) & deliveries.c.id.not_in(without)
    values = {
        "state": DeliveryState.UNKNOWN.value,
        "lost_answers": deliveries.c.lost_answers + 1,
        "why": "interrupted",
        "lease_until": None,
    }
    return (await tx.execute(update(deliveries).where(sending).values(values))).rowcount


async def due_targets(
    connection: AsyncConnection, now: datetime, *, waiting: Sequence[int], only: int | None, limit: int
) -> list[tuple[int, Target]]:
    """The oldest due delivery of each target, as (delivery id, target), oldest first.

    Args:
        waiting: chats to leave alone for now.
        only: the one chat to look at; None for all but the console.
    """
    chat = deliveries.c.chat_id == only if only is not None else deliveries.c.chat_id != CONSOLE.chat_id
    busy = select(deliveries.c.chat_id).where(deliveries.c.state == DeliveryState.SENDING.value)
    query = (
        select(func.min(deliveries.c.id).label("id"), deliveries.c.chat_id, deliveries.c.topic_id)
        .where(
            chat,
            deliveries.c.state.in_(WAITING),
            deliveries.c.due_at <= now,
            deliveries.c.chat_id.not_in(waiting),
            deliveries.c.chat_id.not_in(busy),
        )
        .group_by(deliveries.c.chat_id, deliveries.c.topic_id)
        .order_by("id")
        .limit(limit)
    )
    return [(row.id, Target(row.chat_id, row.topic_id)) for row in await connection.execute(query)]


async def next_due(connection: AsyncConnection, now: datetime) -> datetime | None:
    """When the next delivery that is not due yet will be."""
    later = deliveries.c.state.in_(WAITING) & (deliveries.c.due_at > now)
    due: datetime | None = (await connection.execute(select(func.min(deliveries.c.due_at)).where(later))).scalar_one()
    return due


async def claim(
    tx: AsyncConnection, delivery_id: int, now: datetime, *, lease_s: float, burst_from: int | None = None
) -> list[Delivery]:
    """Take the delivery if it is due still, and what is told together with it; nothing when somebody else did.

    `burst_from`: so many alerts that are due are one message; None: each is one.
    """
    values: dict[str, Any] = {"state": DeliveryState.SENDING.value, "lease_until": now + timedelta(seconds=lease_s)}
    mine = (deliveries.c.id == delivery_id) & deliveries.c.state.in_(WAITING) & (deliveries.c.due_at <= now)
    row = (await tx.execute(update(deliveries).where(mine).values(values).returning(deliveries))).one_or_none()
    if row is None:
        return []
    first = delivery_of(row)
    if first.bundle in _MADE_UP:
        return await _claim_together(tx, row, now, values, burst_from=burst_from)
    bundled = select(deliveries.c.id).where(_of_bundle(first.target, first.bundle)).order_by(deliveries.c.id)
    also = deliveries.c.id.in_(bundled.limit(MOST_BUNDLED - 1))
    rows = await tx.execute(update(deliveries).where(also).values(values).returning(deliveries))
    return sorted([first, *map(delivery_of, rows)], key=lambda each: each.id)


_MADE_UP = (None, BURST, LATE)
"""Bundles that are decided anew at every attempt; the others are decided with the alert."""


async def _claim_together(
    tx: AsyncConnection, row: Row[Any], now: datetime, values: dict[str, Any], *, burst_from: int | None
) -> list[Delivery]:
    """The delivery that was taken, and the target's others that are due, where so many are told in one message."""
    first = delivery_of(row)
    # What waits for nothing but the next attempt goes along: its wait was for Telegram, which is there again.
    due = (deliveries.c.due_at <= now) | deliveries.c.why.in_(["network", "answer-lost"])
    alike = (
        _waits_for(first.target)
        & due
        & (deliveries.c.bundle.is_(None) | deliveries.c.bundle.in_([BURST, LATE]))
        & (deliveries.c.priority != Priority.URGENT.value)
        & (deliveries.c.silent == row.silent)
    )
    others: Sequence[Delivery] = ()
    if row.priority != Priority.URGENT.value:
        query = select(deliveries).where(alike).order_by(deliveries.c.id).limit(MOST_BUNDLED - 1)
        others = [delivery_of(each) for each in await tx.execute(query)]
    bundle = together([each.could_go for each in (first, *others)], now, burst_from=burst_from)
    if bundle is None:
        others = ()
    if not others and bundle == first.bundle:
        return [first]
    ids = [each.id for each in (first, *others)]
    taken = update(deliveries).where(deliveries.c.id.in_(ids)).values(values | {"bundle": bundle})
    rows = await tx.execute(taken.returning(deliveries))
    return sorted(map(delivery_of, rows), key=lambda each: each.id)


async def complete_bundles(tx: AsyncConnection, now: datetime) -> None:
    """Nothing more will join what waits in bundles: it is due now."""
    waiting = deliveries.c.bundle.is_not(None) & deliveries.c.state.in_(WAITING) & (deliveries.c.due_at > now)
    await tx.execute(update(deliveries).where(waiting).values(due_at=now))


async def reschedule_night(tx: AsyncConnection, target: Target, due_at: datetime, *, silent: bool) -> int:
    """Quiet hours are others now: what they hold for this target is due then. How many that are."""
    values = {"due_at": due_at, "silent": silent}
    return (await tx.execute(update(deliveries).where(_of_bundle(target, NIGHT)).values(values))).rowcount


async def keep_the_night(tx: AsyncConnection, target: Target, now: datetime, due_at: datetime, *, silent: bool) -> None:
    """The target's hours as they are at this moment, for what is due to it: told then, or without a sound.

    Args:
        due_at: when the quiet hours end that hold now; `now` where none do.
    """
    due = _waits_for(target) & (deliveries.c.priority != Priority.URGENT.value) & (deliveries.c.due_at <= now)
    if due_at > now:
        held = {"bundle": NIGHT, "due_at": due_at, "silent": False}
        await tx.execute(update(deliveries).where(due).values(held))
    else:
        await tx.execute(update(deliveries).where(due, deliveries.c.silent != silent).values(silent=silent))


async def suppress_all_of(tx: AsyncConnection, target: Target, why: str) -> None:
    """Nothing of what waits for this target, or is held for it, is wanted any more."""
    mine = (deliveries.c.chat_id == target.chat_id) & (deliveries.c.topic_id == target.topic_id)
    open_ = deliveries.c.state.in_([*WAITING, DeliveryState.HELD.value])
    await tx.execute(update(deliveries).where(mine, open_).values(state=DeliveryState.SUPPRESSED.value, why=why))


async def release(tx: AsyncConnection, delivery_ids: Sequence[int]) -> None:
    """Back to waiting: there was no room for them in the message of their bundle."""
    if delivery_ids:
        values = {"state": DeliveryState.PENDING.value, "lease_until": None}
        await tx.execute(update(deliveries).where(deliveries.c.id.in_(delivery_ids)).values(values))


async def are_claimed(connection: AsyncConnection, taken: Sequence[Delivery]) -> bool:
    """Whether all of these are being sent still: whoever was to be told may have been erased meanwhile."""
    ids, chat_ids = [each.id for each in taken], {each.target.chat_id for each in taken}
    ours = deliveries.c.id.in_(ids) & deliveries.c.chat_id.in_(chat_ids)
    sending = ours & (deliveries.c.state == DeliveryState.SENDING.value)
    return (await connection.execute(select(func.count()).where(sending))).scalar_one() == len(ids)


async def deliveries_to(connection: AsyncConnection, target: Target, state: DeliveryState) -> list[Delivery]:
    """Every delivery to the target that is in this state, oldest first."""
    mine = (deliveries.c.chat_id == target.chat_id) & (deliveries.c.topic_id == target.topic_id)
    query = select(deliveries).where(mine, deliveries.c.state == state.value).order_by(deliveries.c.id)
    return [delivery_of(row) for row in await connection.execute(query)]


async def record_sent(
    tx: AsyncConnection,
    delivery_id: int,
    target: Target,
    message_id: int,
    now: datetime,
    *,
    shown: str | None = None,
    edit_due_at: datetime | None = None,
    bundle: str | None = None,
) -> None:
    """Telegram has it. Nothing is written of a delivery that was erased meanwhile.

    Args:
        bundle: that it was told in, where that was not known before.
        shown: digest of what the message shows.
        edit_due_at: for a story that went on while the message was on its way.
    """
    values = {"state": DeliveryState.SENT.value, "sent_at": now, "lease_until": None, "why": None}
    values |= {"bundle": bundle} if bundle else {}
    if not (await tx.execute(update(deliveries).where(_still(delivery_id, target)).values(values))).rowcount:
        return
    fresh = {"sent_at": now, "shown": shown, "edit_due_at": edit_due_at}
    row = {"chat_id": target.chat_id, "topic_id": target.topic_id, "message_id": message_id, **fresh}
    statement = insert(tx, messages).values(row)
    kept = statement.on_conflict_do_update(index_elements=["chat_id", "message_id"], set_=fresh)
    message_row = (await tx.execute(kept.returning(messages.c.id))).scalar_one()
    await tx.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(message_row=message_row))


def _still(delivery_id: int, target: Target) -> ColumnElement[bool]:
    """The delivery, if it is the one that was claimed: SQLite gives the number of an erased row to another one."""
    return (deliveries.c.id == delivery_id) & (deliveries.c.chat_id == target.chat_id)


async def record_retry(
    tx: AsyncConnection, each: Delivery, *, when: datetime, state: DeliveryState, why: str, counts: bool
) -> None:
    """Back to waiting. An `answer-lost` is remembered: it may be in the chat already."""
    values = {
        "state": state.value,
        "due_at": when,
        "lease_until": None,
        "why": why,
        "attempts": deliveries.c.attempts + int(counts),
        "lost_answers": deliveries.c.lost_answers + int(why == "answer-lost"),
    }
    await tx.execute(update(deliveries).where(_still(each.id, each.target)).values(values))


async def drop_unfollowed(tx: AsyncConnection, target: Target, delivery_ids: Sequence[int]) -> None:
    """What was on its way when its target stopped everything is not tried again."""
    mine = (subscriptions.c.chat_id == target.chat_id) & (subscriptions.c.topic_id == target.topic_id)
    waiting = deliveries.c.id.in_(delivery_ids) & deliveries.c.state.in_(WAITING)
    stopped = waiting & ~exists(select(subscriptions.c.id).where(mine))
    values = {"state": DeliveryState.SUPPRESSED.value, "why": "stopped"}
    await tx.execute(update(deliveries).where(stopped, deliveries.c.chat_id == target.chat_id).values(values))


async def close(tx: AsyncConnection, each: Delivery, state: DeliveryState, why: str, now: datetime) -> None:
    """The end of a delivery that no answer confirmed."""
    sent_at = now if state is DeliveryState.SENT else None
    values = {"state": state.value, "why": why, "lease_until": None, "sent_at": sent_at, "due_at": now}
    await tx.execute(update(deliveries).where(_still(each.id, each.target)).values(values))


async def suppress_waiting(tx: AsyncConnection, chat_id: int, why: str, now: datetime) -> None:
    """The chat cannot be reached: what waits for it is closed with the reason."""
    waiting = (deliveries.c.chat_id == chat_id) & deliveries.c.state.in_(WAITING)
    values = {"state": DeliveryState.SUPPRESSED.value, "why": why, "due_at": now}
    await tx.execute(update(deliveries).where(waiting).values(values))


async def count_due(connection: AsyncConnection, now: datetime, *, only: int | None) -> int:
    """How many deliveries are due (or being sent) to `only`, or to every chat but the console."""
    chat = deliveries.c.chat_id == only if only is not None else deliveries.c.chat_id != CONSOLE.chat_id
    sending = deliveries.c.state == DeliveryState.SENDING.value
    due = deliveries.c.state.in_(WAITING) & (deliveries.c.due_at <= now)
    return (await connection.execute(select(func.count()).where(chat, sending | due))).scalar_one()


async def sent_since(connection: AsyncConnection, since: datetime) -> list[tuple[int, datetime]]:
    """(chat, when) of every message that was sent or edited since, oldest first: what Telegram still counts."""
    query = select(messages.c.chat_id, messages.c.sent_at, messages.c.edited_at)
    rows = await connection.execute(query.where((messages.c.sent_at >= since) | (messages.c.edited_at >= since)))
    times = [(row.chat_id, when) for row in rows for when in (row.sent_at, row.edited_at) if when and when >= since]
    return sorted(times, key=lambda each: each[1])


async def held_by_telegram(connection: AsyncConnection, now: datetime) -> dict[int, datetime]:
    """The chats that Telegram told us to leave alone, and until when."""
    flood = (deliveries.c.why == "flood") & deliveries.c.state.in_(WAITING) & (deliveries.c.due_at > now)
    query = select(deliveries.c.chat_id, func.max(deliveries.c.due_at).label("until")).where(flood)
    return {row.chat_id: row.until for row in await connection.execute(query.group_by(deliveries.c.chat_id))}


async def alert_of(connection: AsyncConnection, alert_id: int) -> tuple[int, int]:
    """(story id, article id) of an alert."""
    row = (await connection.execute(select(alerts).where(alerts.c.id == alert_id))).one()
    return row.story_id, row.article_id


async def names_owed(connection: AsyncConnection, article_id: int) -> set[tuple[Scope, str]]:
    """The names that alerts about the article told somebody, or are to."""
    query = select(deliveries.c.names).join(alerts).where(alerts.c.article_id == article_id)
    found = (await connection.execute(query)).scalars()
    return {(Scope(scope), name_id) for names in found for scope, name_id in names}


async def told_before(connection: AsyncConnection, story_id: int, delivery: Delivery) -> bool:
    """Whether the target knows the story from an earlier delivery."""
    query = (
        select(func.count())
        .select_from(deliveries.join(alerts))
        .where(
            alerts.c.story_id == story_id,
            deliveries.c.id < delivery.id,
            deliveries.c.chat_id == delivery.target.chat_id,
            deliveries.c.topic_id == delivery.target.topic_id,
            deliveries.c.state == DeliveryState.SENT.value,
        )
    )
    return (await connection.execute(query)).scalar_one() > 0


async def identities_told(connection: AsyncConnection, delivery: Delivery) -> set[str]:
    """What the target heard of first, or for certain first, by this delivery."""
    query = select(told.c.identity).where(
        told.c.chat_id == delivery.target.chat_id,
        told.c.topic_id == delivery.target.topic_id,
        told.c.alert_id == delivery.alert_id,
    )
    return set((await connection.execute(query)).scalars())


async def _owe(tx: AsyncConnection, alert_id: int, each: Owed, now: datetime, bundle: str | None) -> None:
    row = {
        "alert_id": alert_id,
        "chat_id": each.target.chat_id,
        "topic_id": each.target.topic_id,
        "state": each.state.value,
        "tier": each.tier.value,
        "priority": each.priority.value,
        "names": [[hit.name.scope, hit.name.id] for hit in each.hits],
        "due_at": each.due_at or (await _bundle_due_at(tx, each.target, bundle, now) if bundle else now),
        "bundle": bundle,
        "silent": each.silent,
        "mute_id": each.mute_id,
        "attempts": 0,
        "lost_answers": 0,
        "why": each.why,
        "created_at": now,
    }
    statement = insert(tx, deliveries).values(row)
    await tx.execute(statement.on_conflict_do_nothing(index_elements=["alert_id", "chat_id", "topic_id"]))


async def _bundle_due_at(tx: AsyncConnection, target: Target, bundle: str, now: datetime) -> datetime:
    """When the bundle that waits for this target goes out: once nothing joined it for a while, all of it together."""
    waits = _of_bundle(target, bundle) & (deliveries.c.due_at > now)
    first: datetime | None = (await tx.execute(select(func.min(deliveries.c.created_at)).where(waits))).scalar_one()
    due_at = now + BUNDLED_FOR if first is None else min(now + BUNDLED_FOR, first + BUNDLED_AT_MOST)
    await tx.execute(update(deliveries).where(waits).values(due_at=due_at))
    return due_at


def _of_bundle(target: Target, bundle: str) -> ColumnElement[bool]:
    return _waits_for(target) & (deliveries.c.bundle == bundle)


def _waits_for(target: Target) -> ColumnElement[bool]:
    mine = (deliveries.c.chat_id == target.chat_id) & (deliveries.c.topic_id == target.topic_id)
    return mine & deliveries.c.state.in_(WAITING)


async def _tell(tx: AsyncConnection, story_id: int, alert_id: int, each: Owed) -> None:
    rows = [
        {
            "chat_id": each.target.chat_id,
            "topic_id": each.target.topic_id,
            "story_id": story_id,
            "identity": identity,
            "tier": tier.value,
            "alert_id": alert_id,
        }
        for identity, tier in each.told.items()
    ]
    if not rows:
        return
    statement = insert(tx, told).values(rows)
    renewed = {"tier": statement.excluded.tier, "alert_id": statement.excluded.alert_id}
    keys = ["chat_id", "topic_id", "story_id", "identity"]
    await tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=renewed))


def delivery_of(row: Row[Any]) -> Delivery:
    """From a row of `deliveries`."""
    return Delivery(
        id=row.id,
        alert_id=row.alert_id,
        target=Target(row.chat_id, row.topic_id),
        names=tuple((Scope(scope), name_id) for scope, name_id in row.names),
        attempts=row.attempts,
        lost_before=row.lost_answers > 0,
        created_at=row.created_at,
        bundle=row.bundle,
        sent_at=row.sent_at,
        silent=row.silent,
        why=row.why,
        due_at=row.due_at,
    )
