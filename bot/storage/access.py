"""What chats follow and may be told of now. Subscriptions stay when access ends, and serve again once it is back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.access import Access, may_be_told
from bot.model import CONSOLE, Scope, Target, Watchlist
from bot.storage.chats import ACTIVE
from bot.storage.names import lists_of
from bot.storage.people import Role
from bot.storage.schema import chats, people, subscriptions, watched_names


@dataclass(frozen=True, slots=True)
class Doors:
    """What the decision needs beside the subscription itself."""

    access: Access
    lists: Mapping[Scope, Watchlist]
    former: Mapping[int, frozenset[int]]
    """Chat → the ids it had before."""

    def open_to(self, chat_id: int, scope: Scope, *, followed_by: int | None, role: str | None) -> bool:
        """Whether the chat may be told of the scope.

        Args:
            followed_by: whom it counts on, as `answerable` has it.
            role: of that person, as it is stored.
        """
        return may_be_told(
            self.access,
            self.lists.get(scope),
            chat_ids={chat_id, *self.former.get(chat_id, ())},
            user_id=followed_by,
            private=is_private(chat_id),
            admin=role == Role.ADMIN,
            member=role is not None,
        )


def is_private(chat_id: int) -> bool:
    """Telegram numbers a private chat like its user; groups and channels have negative ids."""
    return chat_id > 0


def answerable() -> ColumnElement[int]:
    """Of a row of `subscriptions`: in private whose chat it is, elsewhere who followed it there."""
    return case((subscriptions.c.chat_id > 0, subscriptions.c.chat_id), else_=subscriptions.c.made_by)


async def doors(
    connection: AsyncConnection, access: Access, scopes: Collection[Scope], chat_id: int | None = None
) -> Doors:
    """To these scopes. `chat_id`: the one chat that is asked about; None for many."""
    former: defaultdict[int, set[int]] = defaultdict(set)
    if chat_id is None or not is_private(chat_id):  # a private chat never moves
        here = chats.c.moved_to.is_not(None) if chat_id is None else chats.c.moved_to == chat_id
        moved = select(chats.c.chat_id, chats.c.moved_to).where(here)
        for row in await connection.execute(moved):
            former[row.moved_to].add(row.chat_id)
    lists = await lists_of(connection, scopes)
    return Doors(access, lists, {chat_id: frozenset(ids) for chat_id, ids in former.items()})


async def followers(connection: AsyncConnection, scope: Scope, access: Access) -> list[Target]:
    """Where the scope is followed, in chats that can be reached and have access to it."""
    return [target for target, _ in await _served(connection, subscriptions.c.scope == scope, access)]


async def every_target(connection: AsyncConnection, access: Access) -> list[Target]:
    """Everybody who follows something in a chat that can be reached and has access to it, the console apart."""
    served = await _served(connection, subscriptions.c.chat_id != CONSOLE.chat_id, access)
    return list(dict.fromkeys(target for target, _ in served))


async def scopes_served(
    connection: AsyncConnection, chat_id: int, access: Access, *, topic_id: int | None = None
) -> list[Scope]:
    """What the chat, or one topic of it, follows and may be told of now, oldest first."""
    here = subscriptions.c.chat_id == chat_id
    if topic_id is not None:
        here &= subscriptions.c.topic_id == topic_id
    served = await _served(connection, here, access, reached=False, chat_id=chat_id)
    return list(dict.fromkeys(scope for _, scope in served))


async def count_names_served(connection: AsyncConnection, target: Target, access: Access) -> int:
    """How many names are looked for on behalf of this target."""
    served = await scopes_served(connection, target.chat_id, access, topic_id=target.topic_id)
    query = select(func.count()).where(watched_names.c.scope.in_(served))
    return int((await connection.execute(query)).scalar_one())


async def _served(
    connection: AsyncConnection,
    which: ColumnElement[bool],
    access: Access,
    *,
    reached: bool = True,
    chat_id: int | None = None,
) -> list[tuple[Target, Scope]]:
    """The subscriptions that serve now, oldest first. `reached`: in chats that can be reached."""
    query = (
        select(subscriptions, answerable().label("followed_by"), people.c.role)
        .select_from(subscriptions.join(chats).outerjoin(people, people.c.user_id == answerable()))
        .where(which, *([chats.c.state == ACTIVE] if reached else []))
        .order_by(subscriptions.c.id)
    )
    rows = (await connection.execute(query)).all()
    ways = await doors(connection, access, {Scope(row.scope) for row in rows}, chat_id)
    return [
        (Target(row.chat_id, row.topic_id), Scope(row.scope))
        for row in rows
        if ways.open_to(row.chat_id, Scope(row.scope), followed_by=row.followed_by, role=row.role)
    ]


async def scopes_closed(
    connection: AsyncConnection, target: Target, scopes: Collection[Scope], access: Access
) -> frozenset[Scope]:
    """Of these scopes, followed here still or not, those of which nothing may be told here now."""
    mine = (subscriptions.c.chat_id == target.chat_id) & (subscriptions.c.topic_id == target.topic_id)
    query = select(subscriptions.c.scope, subscriptions.c.made_by).where(mine, subscriptions.c.scope.in_(scopes))
    made_by = {Scope(row.scope): row.made_by for row in await connection.execute(query)}
    counted_on = {scope: target.chat_id if is_private(target.chat_id) else made_by.get(scope) for scope in scopes}
    known = select(people.c.user_id, people.c.role).where(people.c.user_id.in_({*counted_on.values()} - {None}))
    roles = {row.user_id: row.role for row in await connection.execute(known)}
    ways = await doors(connection, access, scopes, target.chat_id)
    return frozenset(
        scope
        for scope, who in counted_on.items()
        if not ways.open_to(target.chat_id, scope, followed_by=who, role=roles.get(who) if who is not None else None)
    )
