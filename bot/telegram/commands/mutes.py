"""Mutes: silence a name, a story or everything for a while, see what is silenced, and lift it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rapidfuzz import fuzz
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.digest import Hidden
from bot.alerts.hit import identities_of
from bot.model import Mute, Muted, WatchedName
from bot.storage import names, wishes
from bot.storage.chats import save_chat
from bot.storage.digests import hidden_by_mutes
from bot.storage.views import Subject, subject_of
from bot.storage.waiting import hold_muted
from bot.telegram import mutes_screen as screen
from bot.telegram.desk import Desk, Visit, number_of, scopes_seen
from bot.telegram.digest_screen import Reader
from bot.telegram.mutes_screen import ALL, SPANS, STORY_FOR, token_of
from bot.telegram.render import Rendered, alert_buttons, folded
from bot.telegram.screens import said, shown
from bot.telegram.spoken import EVERYTHING, Muting, muting_of
from bot.texts import text

CLOSE = 60
"""Of 100: so near to a followed name, it is offered."""


async def mute(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/mute [name|all] [how long]"""
    followed = await _followed(desk, visit)
    wanted = muting_of(typed, visit.now, visit.timezone)
    if any(folded(each.shown) == folded(typed) for each in followed):
        wanted = Muting(typed)  # a name that ends like a time
    if wanted.everything:
        return await _mute_if_timed(desk, visit, None, wanted)
    if not wanted.who:
        return screen.whom(followed, 0, visit.language)
    found = _meant(wanted.who, followed)
    if len(found) == 1:
        return await _mute_if_timed(desk, visit, found[0], wanted)
    opening = text(visit.language, "mute.several" if found else "mute.unknown", name=shown(wanted.who, 60))
    return screen.whom(found or _near(wanted.who, followed), 0, visit.language, opening)


async def unmute(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/unmute [name|all]"""
    current = [each.mute for each in await _hidden(desk, visit)]
    wanted = folded(typed)
    if typed.casefold() in EVERYTHING:
        chosen = current
    else:
        chosen = [each for each in current if wanted and wanted in folded(each.shown)]
    lifted = [each for each in chosen if await _lift(desk, visit, each.id)]
    if typed and not lifted:
        return await _page(desk, visit, 0, text(visit.language, "muted.unknown", name=shown(typed, 60)))
    return await _page(desk, visit, 0, text(visit.language, "muted.lifted") if lifted else None)


async def press_mutes(desk: Desk, visit: Visit, page: str) -> Rendered:
    return await _page(desk, visit, number_of(page))


async def press_unmute(desk: Desk, visit: Visit, mute_id: str) -> Rendered:
    lifted = await _lift(desk, visit, number_of(mute_id))
    return await _page(desk, visit, 0, text(visit.language, "muted.lifted" if lifted else "muted.lifted-before"))


async def press_hush(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`page:N`, `TOKEN` (how long?) or `TOKEN:SPAN`."""
    whom, _, span = argument.partition(":")
    followed = await _followed(desk, visit)
    if whom == "page":
        return screen.whom(followed, number_of(span), visit.language)
    name = next((each for each in followed if token_of(each) == whom), None)
    if name is None and whom != ALL:
        return screen.whom(followed, 0, visit.language, text(visit.language, "mute.gone"))
    if span not in SPANS:
        return screen.how_long(name.shown if name else None, whom, visit.language)
    return await _mute(desk, visit, name, _end(span, visit.now))


# --- Under an alert -------------------------------------------------------------------------------------------------


async def press_alert(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`DELIVERY` opens the menu; `DELIVERY:WHAT` mutes, goes back or undoes. Only the buttons change."""
    delivery, _, chosen = argument.partition(":")
    delivery_id = number_of(delivery)
    async with desk.database.read() as connection:
        subject = await subject_of(connection, delivery_id)
    if subject is None or subject.target.chat_id != visit.target.chat_id:
        return said(visit.language, "why.gone")
    visit = replace(visit, target=subject.target)  # alerts of a closed topic are told in General
    if chosen == "back":
        return Rendered("", alert_buttons(delivery_id, visit.language))
    if chosen.startswith("undo:"):
        await _lift(desk, visit, number_of(chosen.removeprefix("undo:")))
        return Rendered("", alert_buttons(delivery_id, visit.language))
    if chosen == "story" or (chosen in SPANS and subject.name is not None):
        return await _mute_subject(desk, visit, delivery_id, subject, chosen)
    return await _menu(desk, visit, delivery_id, subject)


async def _menu(desk: Desk, visit: Visit, delivery_id: int, subject: Subject) -> Rendered:
    """What can be muted; or the undo, where it is muted already."""
    async with desk.database.read() as connection:
        current = (await wishes.current_mutes(connection, [visit.target], visit.now)).get(visit.target, [])
    name = subject.name
    there = next((each for each in current if _concerns(each, subject)), None)
    if there is not None:
        what = None if there.what is Muted.STORY else there.shown
        return Rendered("", screen.alert_muted(delivery_id, there.id, what, visit.language))
    return Rendered("", screen.alert_menu(delivery_id, name.shown if name else None, visit.language))


def _concerns(each: Mute, subject: Subject) -> bool:
    if each.what is Muted.STORY:
        return each.story_id == subject.story_id
    return subject.name is not None and each.identity in identities_of(subject.name)


async def _mute_subject(desk: Desk, visit: Visit, delivery_id: int, subject: Subject, chosen: str) -> Rendered:
    name = None if chosen == "story" else subject.name
    until = _end(STORY_FOR if name is None else chosen, visit.now)
    async with desk.database.transaction() as tx:
        if name is not None:
            mute_id = await _add(tx, visit, name, until)
        else:
            mute_id = await wishes.add_mute(
                tx,
                visit.target,
                Muted.STORY,
                shown=subject.title,
                story_id=subject.story_id,
                now=visit.now,
                until=until,
                made_by=visit.user_id,
            )
        await hold_muted(tx, visit.target, visit.now)
    rows = screen.alert_muted(delivery_id, mute_id, name.shown if name else None, visit.language)
    return Rendered("", rows)


# --- What they share ------------------------------------------------------------------------------------------------


async def _mute_if_timed(desk: Desk, visit: Visit, name: WatchedName | None, wanted: Muting) -> Rendered:
    if not wanted.timed:
        return screen.how_long(name.shown if name else None, token_of(name) if name else ALL, visit.language)
    return await _mute(desk, visit, name, wanted.until)


async def _mute(desk: Desk, visit: Visit, name: WatchedName | None, until: datetime | None) -> Rendered:
    async with desk.database.transaction() as tx:
        await save_chat(tx, visit.chat, visit.now)
        mute_id = await _add(tx, visit, name, until)
        await hold_muted(tx, visit.target, visit.now)
    return screen.muted(name.shown if name else None, until, mute_id, _reader(visit))


async def _add(tx: AsyncConnection, visit: Visit, name: WatchedName | None, until: datetime | None) -> int:
    """`name`: None for everything."""
    return await wishes.add_mute(
        tx,
        visit.target,
        Muted.NAME if name else Muted.ALL,
        shown=name.shown if name else "",
        identity=identities_of(name)[0] if name else None,
        now=visit.now,
        until=until,
        made_by=visit.user_id,
    )


async def _lift(desk: Desk, visit: Visit, mute_id: int) -> bool:
    async with desk.database.transaction() as tx:
        return await wishes.lift_mute(tx, visit.target, mute_id, visit.now)


async def _page(desk: Desk, visit: Visit, page: int, opening: str | None = None) -> Rendered:
    return screen.mutes_page(await _hidden(desk, visit), page, _reader(visit), opening)


async def _hidden(desk: Desk, visit: Visit) -> Sequence[Hidden]:
    async with desk.database.read() as connection:
        return await hidden_by_mutes(connection, visit.target, visit.now)


async def _followed(desk: Desk, visit: Visit) -> list[WatchedName]:
    """The names followed here, each person once."""
    async with desk.database.read() as connection:
        watched = await names.followed_names(connection, await scopes_seen(connection, visit))
    return list({token_of(each): each for each in reversed(watched)}.values())[::-1]


def _meant(who: str, followed: Sequence[WatchedName]) -> list[WatchedName]:
    """The name itself, or else all that have each of the words."""
    wanted = folded(who)
    exact = [each for each in followed if wanted in {folded(each.shown), folded(each.entity.name)}]
    words = set(wanted.split())
    return exact[:1] or [each for each in followed if words and words <= set(folded(each.shown).split())]


def _near(who: str, followed: Sequence[WatchedName]) -> list[WatchedName]:
    """The likeliest first; all of them when none is near."""
    scored = sorted(
        ((fuzz.WRatio(folded(who), folded(each.shown)), each) for each in followed), key=lambda one: -one[0]
    )
    return [each for score, each in scored if score >= CLOSE] or list(followed)


def _end(span: str, now: datetime) -> datetime | None:
    length = SPANS[span]
    return now + length if length is not None else None


def _reader(visit: Visit) -> Reader:
    return Reader(visit.language, visit.timezone, visit.now)
