"""How a chat or topic wants to be told: digests, quiet hours, language, time zone and the rest, typed or by buttons.

Language and zone are the chat's, everything else the topic's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import time
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerts.hours import in_peace
from bot.alerts.wishes import own_threshold
from bot.model import THRESHOLDS, Preferences, Priority, Quiet, Rhythm, Rings, Target, chat_scope
from bot.storage import names, wishes
from bot.storage.chats import save_chat, set_language, set_timezone
from bot.storage.outbox import reschedule_night
from bot.storage.subscriptions import priorities_of, scopes_followed, set_priority
from bot.storage.waiting import ring_after_all
from bot.telegram import settings_screen as screen
from bot.telegram.commands.lists import list_followed
from bot.telegram.commands.names import unwatch
from bot.telegram.desk import Desk, Visit, number_of, scopes_seen
from bot.telegram.digest_screen import Reader
from bot.telegram.mutes_screen import token_of
from bot.telegram.render import Button, Rendered, folded
from bot.telegram.screens import shown
from bot.telegram.spoken import digest_of, quiet_of
from bot.telegram.zones import USUAL, zone_named, zone_of_place, zones_like
from bot.texts import LANGUAGES, language_name, own_name, text

Page = Callable[[Desk, Visit, str], Awaitable[Rendered]]


# --- Commands -------------------------------------------------------------------------------------------------------


async def settings(desk: Desk, visit: Visit, _: str) -> Rendered:
    """/settings"""
    async with desk.database.read() as connection:
        followed = await scopes_followed(connection, visit.target)
        own = await names.names_of(connection, chat_scope(visit.target))
        here = (await wishes.wishes_of(connection, [visit.target], visit.now, visit.timezone))[visit.target]
        next_at = await wishes.next_digest_of(connection, visit.target)
    lists = sum(scope.startswith("list:") for scope in followed)
    now = screen.Situation(here.preferences, lists, len(own), len(here.mutes), len(here.lessons), next_at)
    return screen.settings_page(now, _reader(visit), desk.served)


async def quiet(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/quiet [22:00-07:00 [silent] | off]"""
    if not typed:
        return await _quiet_page(desk, visit)
    hours = quiet_of(typed)
    if hours is None:
        return await _quiet_page(desk, visit, text(visit.language, "quiet.unread", typed=shown(typed, 60)))
    await _change(desk, visit, lambda wanted: replace(wanted, quiet=hours if isinstance(hours, Quiet) else None))
    return await _quiet_page(desk, visit, text(visit.language, "settings.done"))


async def digest(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/digest [off | hourly | daily [HH:MM]]"""
    async with desk.database.read() as connection:
        usual = (await wishes.preferences_of(connection, visit.target)).digest_at
    if not typed:
        return await _digest_page(desk, visit)
    said = digest_of(typed, usual)
    if said is None:
        return await _digest_page(desk, visit, text(visit.language, "digest.unread", typed=shown(typed, 60)))
    await _change(desk, visit, partial(_with_rhythm, rhythm=said[0], at=said[1]))
    return await _digest_page(desk, visit, text(visit.language, "settings.done"))


async def timezone(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/timezone [Europe/Paris | a city or country]: set at once where it can be only one, else asked about."""
    if not typed:
        return screen.zone_page(_reader(visit))
    zone = zone_named(typed) or zone_of_place(typed)
    if zone is not None:
        return await _set_zone(desk, visit, zone)
    like = zones_like(typed)
    opening = text(visit.language, "zone.perhaps" if like else "zone.unknown", typed=shown(typed, 60))
    return screen.zone_page(_reader(visit), like or USUAL, opening)


async def language(desk: Desk, visit: Visit, typed: str) -> Rendered:
    """/language [fr | en | ar, or what it is called in any of them]"""
    if not typed:
        return screen.language_page(visit.language)
    wanted = next((each for each in LANGUAGES if folded(typed) in _called(each)), None)
    if wanted is None:
        return screen.language_page(visit.language, text(visit.language, "language.unknown", typed=shown(typed, 60)))
    return await _set_language(desk, visit, wanted)


def _called(code: str) -> set[str]:
    return {code, folded(own_name(code)), *(folded(language_name(each, code) or code) for each in LANGUAGES)}


# --- Pages and presses ----------------------------------------------------------------------------------------------


async def press_page(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`PAGE[:NUMBER]`; what is no page is the first one."""
    page, _, number = argument.partition(":")
    return await PAGES.get(page, settings)(desk, visit, number)


async def press_names(desk: Desk, visit: Visit, _: str) -> Rendered:
    """The names added here, to let one go, with a way back."""
    choice = await unwatch(desk, visit, "")
    back = Button(text(visit.language, "button.back"), data="settings:names")
    return replace(choice, buttons=(*choice.buttons, (back,)))


async def press_set(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`WHAT:VALUE`; a value that is none changes nothing and shows what is."""
    what, _, value = argument.partition(":")
    return await SETTERS.get(what, settings)(desk, visit, value)


async def _names_page(desk: Desk, visit: Visit, _: str) -> Rendered:
    return screen.names_page((await list_followed(desk, visit, "")).html, visit.language)


async def _urgency_page(desk: Desk, visit: Visit, page: str) -> Rendered:
    async with desk.database.read() as connection:
        followed = await names.followed_names(connection, await scopes_seen(connection, visit))
        priorities = await priorities_of(connection, visit.target)
    once = list({token_of(each): each for each in reversed(followed)}.values())[::-1]
    return screen.urgency_page(once, priorities, number_of(page), visit.language)


async def _quiet_page(desk: Desk, visit: Visit, opening: str | None = None) -> Rendered:
    return screen.quiet_page(await _wanted(desk, visit), visit.language, opening)


async def _digest_page(desk: Desk, visit: Visit, opening: str | None = None) -> Rendered:
    async with desk.database.read() as connection:
        wanted = await wishes.preferences_of(connection, visit.target)
        next_at = await wishes.next_digest_of(connection, visit.target)
    return screen.digest_page(wanted, next_at, _reader(visit), opening)


async def _demand_page(desk: Desk, visit: Visit, _: str) -> Rendered:
    return screen.demand_page(await _wanted(desk, visit), visit.language)


async def _again_page(desk: Desk, visit: Visit, _: str) -> Rendered:
    return screen.again_page(await _wanted(desk, visit), visit.language)


async def _locale_page(_: Desk, visit: Visit, __: str) -> Rendered:
    return screen.locale_page(_reader(visit))


async def _show_quiet(desk: Desk, visit: Visit, _: str) -> Rendered:
    return await _quiet_page(desk, visit)


async def _show_digest(desk: Desk, visit: Visit, _: str) -> Rendered:
    return await _digest_page(desk, visit)


async def _show_zone(_: Desk, visit: Visit, __: str) -> Rendered:
    return screen.zone_page(_reader(visit))


PAGES: Mapping[str, Page] = {
    "names": _names_page,
    "urgency": _urgency_page,
    "quiet": _show_quiet,
    "digest": _show_digest,
    "demand": _demand_page,
    "again": _again_page,
    "locale": _locale_page,
    "zone": _show_zone,
}


# --- Setting --------------------------------------------------------------------------------------------------------


async def _set_quiet(desk: Desk, visit: Visit, value: str) -> Rendered:
    hours = quiet_of(value)
    if value in {"held", "silent"}:
        await _change(desk, visit, partial(_with_night, held=value == "held"))
    elif hours is not None:
        await _change(desk, visit, partial(_with_hours, hours=hours))
    return await _quiet_page(desk, visit)


async def _set_digest(desk: Desk, visit: Visit, value: str) -> Rendered:
    wanted = await _wanted(desk, visit)
    said = digest_of(value, wanted.digest_at)
    if said is not None:
        await _change(desk, visit, partial(_with_rhythm, rhythm=said[0], at=said[1]))
    return await _digest_page(desk, visit)


async def _set_rings(desk: Desk, visit: Visit, value: str) -> Rendered:
    if value in set(Rings):
        await _change(desk, visit, partial(_with_rings, rings=Rings(value)))
    return await _digest_page(desk, visit)


async def _set_demand(desk: Desk, visit: Visit, value: str) -> Rendered:
    """The names of this chat's own are looked for anew, with the threshold that this means."""
    if value in THRESHOLDS:
        await _change(desk, visit, lambda wanted: replace(wanted, demand=value))
        async with desk.database.transaction() as tx:
            own = await names.set_threshold(tx, chat_scope(visit.target), own_threshold(value), visit.now)
        for name in own:
            await desk.matching.add(name)
    return await _demand_page(desk, visit, "")


async def _set_again(desk: Desk, visit: Visit, value: str) -> Rendered:
    outlets = next((each for each in screen.OUTLETS if str(each) == value), None)
    if outlets is not None or value == "off":
        await _change(desk, visit, lambda wanted: replace(wanted, ring_at_outlets=outlets))
    return await _again_page(desk, visit, "")


async def _set_urgency(desk: Desk, visit: Visit, value: str) -> Rendered:
    """`TOKEN:URGENCY:PAGE`; the same person in two lists is told alike."""
    token, urgency, page = [*value.split(":"), "", ""][:3]
    if urgency in set(Priority):
        async with desk.database.transaction() as tx:
            followed = await names.followed_names(tx, await scopes_seen(tx, visit))
            for name in followed:
                if token_of(name) == token:
                    await set_priority(tx, visit.target, name.scope, name.id, Priority(urgency))
    return await _urgency_page(desk, visit, page)


async def _set_language(desk: Desk, visit: Visit, code: str) -> Rendered:
    if code in LANGUAGES:
        async with desk.database.transaction() as tx:
            await save_chat(tx, visit.chat, visit.now)
            await set_language(tx, visit.target.chat_id, code)
        visit = replace(visit, language=code)
    return screen.locale_page(_reader(visit))


async def _set_zone(desk: Desk, visit: Visit, value: str) -> Rendered:
    """Digests and quiet hours of every topic follow the new clock, and with them what the night holds."""
    name = zone_named(value)
    if name is None:
        return screen.zone_page(_reader(visit))
    zone = ZoneInfo(name)
    async with desk.database.transaction() as tx:
        await save_chat(tx, visit.chat, visit.now)
        await set_timezone(tx, visit.target.chat_id, name)
        for target in await wishes.move_to_zone(tx, visit.target.chat_id, visit.now, zone):
            quiet_hours = (await wishes.preferences_of(tx, target)).quiet
            await _reschedule(tx, target, quiet_hours, replace(visit, timezone=zone))
    return screen.zone_page(_reader(replace(visit, timezone=zone)), opening=text(visit.language, "settings.done"))


SETTERS: Mapping[str, Page] = {
    "quiet": _set_quiet,
    "digest": _set_digest,
    "rings": _set_rings,
    "demand": _set_demand,
    "again": _set_again,
    "urgency": _set_urgency,
    "language": _set_language,
    "zone": _set_zone,
}


async def _change(desk: Desk, visit: Visit, change: Callable[[Preferences], Preferences]) -> None:
    async with desk.database.transaction() as tx:
        await save_chat(tx, visit.chat, visit.now)
        before = await wishes.preferences_of(tx, visit.target)
        wanted = await wishes.change_preferences(tx, visit.target, change, visit.now, visit.timezone)
        if wanted.quiet != before.quiet:
            await _reschedule(tx, visit.target, wanted.quiet, visit)
        if before.rings is Rings.DIGEST and wanted.rings is Rings.AT_ONCE:
            due_at, silent = in_peace(wanted.quiet, visit.now, visit.timezone)
            await ring_after_all(tx, visit.target, visit.now, due_at=due_at, silent=silent)


async def _reschedule(tx: AsyncConnection, target: Target, hours: Quiet | None, visit: Visit) -> None:
    """What the night holds comes when the quiet hours that hold now end, or at once."""
    due_at, silent = in_peace(hours, visit.now, visit.timezone)
    await reschedule_night(tx, target, due_at, silent=silent)


def _with_night(wanted: Preferences, *, held: bool) -> Preferences:
    return replace(wanted, quiet=replace(wanted.quiet, held=held)) if wanted.quiet else wanted


def _with_hours(wanted: Preferences, *, hours: Quiet | bool) -> Preferences:
    """By button: whether it is held or silent stays as it was."""
    if isinstance(hours, Quiet) and wanted.quiet:
        hours = replace(hours, held=wanted.quiet.held)
    return replace(wanted, quiet=hours if isinstance(hours, Quiet) else None)


def _with_rhythm(wanted: Preferences, *, rhythm: Rhythm, at: time) -> Preferences:
    """Without digests, nothing can wait for one: what waited rings again at once."""
    rings = Rings.AT_ONCE if rhythm is Rhythm.OFF else wanted.rings
    return replace(wanted, digest=rhythm, digest_at=at, rings=rings)


def _with_rings(wanted: Preferences, *, rings: Rings) -> Preferences:
    """What waits for a digest needs one."""
    waits = rings is Rings.DIGEST and wanted.digest is Rhythm.OFF
    return replace(wanted, rings=rings, digest=Rhythm.DAILY if waits else wanted.digest)


async def _wanted(desk: Desk, visit: Visit) -> Preferences:
    async with desk.database.read() as connection:
        return await wishes.preferences_of(connection, visit.target)


def _reader(visit: Visit) -> Reader:
    return Reader(visit.language, visit.timezone, visit.now)
