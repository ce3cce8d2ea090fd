"""What the admins of the bot ask and change: its state, its feeds, the names of its lists, invitations, a word to all.

What changes something for others is written down (`admin_log`): who, what and when.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.bidi import within
from bot.config.feedwriter import add_feeds, remove_feed
from bot.errors import ConfigError, UsageError
from bot.model import Feed, Target, WatchedName, Watchlist
from bot.storage import names, people
from bot.storage.access import every_target
from bot.storage.coverage import feed_standings
from bot.storage.notices import add_chat_notice, withdraw_from
from bot.storage.questions import forget_question, question_of
from bot.telegram import admin_screen
from bot.telegram.commands.names import advised, in_stock_of
from bot.telegram.desk import Desk, Visit, number_of
from bot.telegram.markup import clean_lines, linkable, utf16_length
from bot.telegram.notices import BROADCAST
from bot.telegram.render import Button, Rendered, folded
from bot.telegram.screens import Listed, refused, said, shown
from bot.texts import number, plural, text
from bot.watchlists import writer
from bot.watchlists.names import NameRefusal, parse_name

Action = Callable[[Desk, Visit, str], Awaitable[Rendered]]
LONGEST_BROADCAST = 2_000
"""UTF-16 units: half a message, so that its preview and what is said around it fit as well."""


def for_admins(action: Action) -> Action:
    """Only for the bot's admins, and in private: what it shows is not for a group's eyes."""

    @wraps(action)
    async def guarded(desk: Desk, visit: Visit, argument: str) -> Rendered:
        if not visit.admin:
            return said(visit.language, "access.admins-only")
        if not visit.private:
            return said(visit.language, "access.in-private")
        return await action(desk, visit, argument)

    return guarded


@for_admins
async def status(desk: Desk, visit: Visit, _: str) -> Rendered:
    """/status: what the daemon itself says, as at `/healthz`."""
    if desk.health is None:
        return said(visit.language, "error")
    report = await desk.health.report()
    return admin_screen.status(report, language=visit.language, timezone=visit.timezone, now=visit.now)


# --- Feeds ----------------------------------------------------------------------------------------------------------


@for_admins
async def feeds(desk: Desk, visit: Visit, page: str) -> Rendered:
    """/feeds"""
    async with desk.database.read() as connection:
        standings = list((await feed_standings(connection, visit.now)).values())
    at = number_of(page)
    return admin_screen.feeds_page(standings, at, language=visit.language, timezone=visit.timezone, now=visit.now)


@for_admins
async def add_feed(desk: Desk, visit: Visit, url: str) -> Rendered:
    """/addfeed URL: into the first file of feeds; the daemon takes it up like any other edit."""
    if not url:
        return said(visit.language, "feeds-admin.ask")
    if not linkable(url) or "$" in url:  # a variable would hand a secret of the settings to whoever owns the address
        return said(visit.language, "feeds-admin.no-address", url=shown(url))
    try:
        result = await asyncio.to_thread(add_feeds, list(desk.feed_files), [Feed("", url)], os.environ)
    except (UsageError, ConfigError) as error:
        return said(visit.language, "feeds-admin.not-written", error=shown(str(error), 300))
    if result.present:
        return said(visit.language, "feeds-admin.present", feed=shown(result.present[0][1].id))
    [added] = result.added
    await _log(desk, visit, "add feed", feed=added.id)
    return said(visit.language, "feeds-admin.added", feed=shown(added.id))


@for_admins
async def remove_a_feed(desk: Desk, visit: Visit, feed_id: str) -> Rendered:
    """/removefeed ID"""
    if not feed_id:
        return said(visit.language, "feeds-admin.ask-id")
    async with desk.database.read() as connection:
        known = feed_id in await feed_standings(connection, visit.now)
    try:
        _, removed = await asyncio.to_thread(remove_feed, list(desk.feed_files), feed_id, os.environ)
    except (UsageError, ConfigError) as error:
        if not known:
            return said(visit.language, "feeds-admin.unknown", feed=shown(feed_id))
        return said(visit.language, "feeds-admin.not-written", error=shown(str(error), 300))
    await _log(desk, visit, "remove feed", feed=removed.id)
    return said(visit.language, "feeds-admin.removed", feed=shown(removed.id))


# --- Names of lists ---------------------------------------------------------------------------------------------------


@for_admins
async def add_name(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/addname LIST NAME, or /addname NAME and a button for the list; shown first, written once it is confirmed."""
    if not typed:
        return said(visit.language, "addname.ask")
    lists = await lists_seen(desk, visit)
    first, _, rest = typed.partition(" ")
    if rest and any(each.id == first for each in lists):
        return await _previewed(desk, visit, first, rest)
    name = parse_name(typed)
    if isinstance(name, NameRefusal):
        return refused(typed, name, visit.language)
    return admin_screen.which_list(lists, typed, visit.language)


@for_admins
async def press_add_name(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`no`, `pick:LIST` (the preview) or `write:LIST`."""
    word, _, list_id = argument.partition(":")
    async with desk.database.read() as connection:
        kept = await question_of(connection, visit.target.chat_id, visit.message_id or 0)
    if kept is None or kept.about != "addname":
        return said(visit.language, "button.expired")
    if word == "pick":
        return replace(await _previewed(desk, visit, list_id, kept.argument), asks=None)  # it is asked already
    async with desk.database.transaction() as tx:
        if not await _answered(tx, visit):
            return said(visit.language, "button.expired")
    return (
        await _add_name(desk, visit, list_id, kept.argument)
        if word == "write"
        else said(visit.language, "bulk.dropped")
    )


async def lists_seen(desk: Desk, visit: Visit) -> list[Watchlist]:
    """Those that are shown here, without their names."""
    async with desk.database.read() as connection:
        return [each for each in await names.watchlist_rows(connection) if visit.sees(each)]


async def _previewed(desk: Desk, visit: Visit, list_id: str, typed: str) -> Rendered:
    """What the name would mean on the list; nothing is written."""
    wanted = await _wanted(desk, visit, list_id, typed)
    if isinstance(wanted, Rendered):
        return wanted
    target, name = wanted
    async with desk.database.read() as connection:
        lists = [await names.watchlist(connection, each.id) for each in await names.watchlist_rows(connection)]
    seen = (each for each in lists if each is not None and visit.sees(each))
    listed = [Listed(other, each.title) for each in seen for other in each.names]
    advice, twin = await asyncio.to_thread(advised, name, listed)
    found = await in_stock_of(desk, visit, name)
    return admin_screen.new_name(name, typed, target, advice, twin, found, visit.language)


async def _add_name(desk: Desk, visit: Visit, list_id: str, typed: str) -> Rendered:
    wanted = await _wanted(desk, visit, list_id, typed)
    if isinstance(wanted, Rendered):
        return wanted
    target, _ = wanted
    try:
        added = await asyncio.to_thread(writer.add_name, desk.watchlist_file(target.scope), typed)
    except UsageError as error:
        return said(visit.language, "feedback.not-written", error=shown(str(error), 300))
    await _log(desk, visit, "add name", watchlist=list_id, name=added.id)
    return said(visit.language, "addname.added", name=shown(added.shown), title=shown(target.title))


async def _wanted(desk: Desk, visit: Visit, list_id: str, typed: str) -> tuple[Watchlist, WatchedName] | Rendered:
    """The list and the name that is new on it, or the screen that says why not."""
    async with desk.database.read() as connection:
        found = await names.watchlist(connection, list_id)
    if found is None or not visit.sees(found):
        return said(visit.language, "button.expired")
    entity = parse_name(typed)
    if isinstance(entity, NameRefusal):
        return refused(typed, entity, visit.language)
    there = next(
        (each for each in found.names if folded(typed) in {folded(each.shown), folded(each.entity.name)}), None
    )
    if there is not None:
        return said(visit.language, "addname.already", name=shown(there.shown), title=shown(found.title))
    return found, WatchedName(found.scope, entity.name, entity)


# --- Invitations ------------------------------------------------------------------------------------------------------


@for_admins
async def invite(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """/invite: a link for one person; /invite list: those that are open still."""
    if argument:
        return await _invitations(desk, visit)
    async with desk.database.transaction() as tx:
        secret = await people.new_invitation(tx, visit.now, visit.user_id or 0)
        await people.log_action(tx, visit.user_id, "invite", {}, visit.now)
    link = f"https://t.me/{desk.bot_username}?start=join-{secret}"
    others = Button(text(visit.language, "invite.button.list"), data="invites:")
    members = Button(text(visit.language, "invite.button.members"), data="members:")
    return Rendered(text(visit.language, "invite.link", link=link), ((others, members),))


@for_admins
async def press_invitations(desk: Desk, visit: Visit, digest: str) -> Rendered:
    """Revoke one, or just show them."""
    if digest:
        async with desk.database.transaction() as tx:
            if await people.revoke_invitation(tx, digest, visit.now):
                await people.log_action(tx, visit.user_id, "revoke invitation", {}, visit.now)
    return await _invitations(desk, visit)


async def _invitations(desk: Desk, visit: Visit) -> Rendered:
    async with desk.database.read() as connection:
        found = await people.open_invitations(connection, visit.now)
    return admin_screen.invitations(found, language=visit.language, timezone=visit.timezone, now=visit.now)


@for_admins
async def press_members(desk: Desk, visit: Visit, page: str) -> Rendered:
    """Who came in by an invitation."""
    return await _members(desk, visit, number_of(page))


@for_admins
async def press_member(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`USER`: asks whether to remove them; `USER:yes` does it."""
    number, _, word = argument.partition(":")
    async with desk.database.read() as connection:
        member = next((each for each in await people.members(connection) if str(each.user_id) == number), None)
    if member is None:
        return await _members(desk, visit, 0)
    if word != "yes":
        return admin_screen.remove_member(member, visit.language, by_invitation=desk.access.mode == "invite")
    async with desk.database.transaction() as tx:
        if await people.remove_member(tx, member.user_id):
            if desk.access.mode == "invite" and member.user_id not in desk.access.admins:
                await withdraw_from(tx, member.user_id)
            await people.log_action(tx, visit.user_id, "remove member", {"member": member.user_id}, visit.now)
    opening = text(visit.language, "members.removed", name=within(visit.language, shown(member.name, 60)))
    return await _members(desk, visit, 0, opening)


async def _members(desk: Desk, visit: Visit, page: int, opening: str | None = None) -> Rendered:
    async with desk.database.read() as connection:
        found = await people.members(connection)
    return admin_screen.members(found, page, opening, language=visit.language, timezone=visit.timezone, now=visit.now)


# --- A word to all ---------------------------------------------------------------------------------------------------


@for_admins
async def broadcast(_: Desk, visit: Visit, words: str) -> Rendered:
    """/broadcast WORDS: shown as it will be, sent once it is confirmed."""
    kept = clean_lines(words)
    if not kept:
        return said(visit.language, "broadcast.ask")
    if utf16_length(kept) > LONGEST_BROADCAST:
        return said(visit.language, "broadcast.too-long", most=number(visit.language, LONGEST_BROADCAST))
    return admin_screen.broadcast(kept, visit.language)


@for_admins
async def press_broadcast(desk: Desk, visit: Visit, word: str) -> Rendered:
    """Owed to every chat that follows something, through the notices: once each, within the limits."""
    async with desk.database.transaction() as tx:
        kept = await question_of(tx, visit.target.chat_id, visit.message_id or 0)
        if kept is None or kept.about != "broadcast" or not await _answered(tx, visit):
            return said(visit.language, "button.expired")
        if word != "yes":
            return said(visit.language, "broadcast.not-sent")
        targets = _one_a_chat(await every_target(tx, desk.access))
        for target in targets:
            await add_chat_notice(tx, BROADCAST, visit.now, target, words=kept.argument)
        await people.log_action(tx, visit.user_id, "broadcast", {"chats": len(targets)}, visit.now)
    return Rendered(plural(visit.language, "broadcast.sent", len(targets)))


async def _answered(tx: AsyncConnection, visit: Visit) -> bool:
    """The question of this message is no more; False when another press was faster."""
    return await forget_question(tx, visit.target.chat_id, visit.message_id or 0)


def _one_a_chat(targets: list[Target]) -> list[Target]:
    """A forum hears it once, in its General topic or the first that follows something."""
    first = sorted(targets, key=lambda each: each.topic_id, reverse=True)
    return list({target.chat_id: target for target in first}.values())


async def _log(desk: Desk, visit: Visit, action: str, **detail: str) -> None:
    async with desk.database.transaction() as tx:
        await people.log_action(tx, visit.user_id, action, detail, visit.now)
