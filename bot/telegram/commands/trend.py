"""/trend: mentions per day as a chart, of one name or of those that are followed here."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from bot.bidi import RIGHT_TO_LEFT
from bot.chart import Chart, Series, draw
from bot.errors import ParseError
from bot.model import Scope, Tier, WatchedName
from bot.storage.stories import mentions_since, recent_matches_of
from bot.telegram.commands.search import names_followed, names_sought, take, taken_of, wishes_here
from bot.telegram.desk import Desk, Visit
from bot.telegram.digest_screen import Reader
from bot.telegram.found_screens import chart_caption, left_out
from bot.telegram.render import Rendered
from bot.telegram.screens import refused, said, shown
from bot.texts import day, plural, text
from bot.watchlists.names import NameRefusal

PANELS = 5
"""Names of one picture, those that were mentioned most."""
PERIODS = (30, 90)
DRAWN_WITHIN_S = 20.0
"""The first chart of a worker imports matplotlib."""
TITLE = 48

Day = tuple[date, Tier]
Name = tuple[Scope, str]
"""Its scope and id."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What is drawn, as this chat takes it."""

    mentions: Mapping[str, Sequence[Day]]
    refused: int
    """Articles that are in none of it: a verdict gives them to another person."""


async def trend(desk: Desk, visit: Visit, written: str) -> Rendered:
    """/trend, or /trend NAME"""
    return await _trend(desk, visit, written, PERIODS[0])


async def press_trend(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`DAYS:NAME`"""
    days, _, written = argument.partition(":")
    return await _trend(desk, visit, written, int(days) if days in map(str, PERIODS) else PERIODS[0])


async def _trend(desk: Desk, visit: Visit, written: str, days: int) -> Rendered:
    language = visit.language
    if not written:
        counted = await _of_all(desk, visit, days)
        if counted is None:
            return said(language, "list.empty")
    else:
        sought = await names_sought(desk, visit, written)
        if isinstance(sought, NameRefusal):
            return refused(written, sought, language)
        counted = await _of_one(desk, visit, sought, days)
    mentions = counted.mentions
    last = visit.now.astimezone(visit.timezone).date()
    chosen = sorted(mentions.items(), key=lambda each: -len(each[1]))[:PANELS]
    every = [last - timedelta(days=back) for back in reversed(range(days))]
    series = tuple(_series(name, found, every) for name, found in chosen)
    if not any(sum(each.certain) + sum(each.to_check) for each in series):
        none = text(language, "trend.nothing", name=shown(written, 60)) if written else text(language, "latest.nothing")
        left = left_out(counted.refused, Reader(language, visit.timezone, visit.now))
        return Rendered("\n".join([none, *(each.markup for each in left)]))
    return await _drawn(desk, visit, series, every, written, counted.refused)


async def _drawn(
    desk: Desk, visit: Visit, series: Sequence[Series], days: Sequence[date], written: str, refused_here: int
) -> Rendered:
    language = visit.language
    chart = Chart(
        title=plural(language, "trend.title", len(days)),
        axis=text(language, "trend.axis"),
        certain=text(language, "trend.certain"),
        to_check=text(language, "trend.to-check"),
        days=tuple(day(language, each, with_year=False) for each in days),
        series=tuple(series),
        right_to_left=language in RIGHT_TO_LEFT,
    )
    counts = [(each.name, sum(each.certain) + sum(each.to_check)) for each in series]
    reader = Reader(language, visit.timezone, visit.now)
    screen = chart_caption(counts, len(days), f"trend:{{days}}:{written}", reader, refused_here)
    try:
        picture = await desk.draw(partial(draw, chart), deadline_s=DRAWN_WITHIN_S)
    except ParseError:  # the words under it say the most of it
        return screen
    return replace(screen, photo=picture)


def _series(name: str, found: Iterable[Day], days: Sequence[date]) -> Series:
    counted = Counter(found)
    return Series(
        name if len(name) <= TITLE else name[: TITLE - 1] + "…",
        tuple(counted[each, Tier.CERTAIN] for each in days),
        tuple(counted[each, Tier.POSSIBLE] for each in days),
    )


async def _of_one(desk: Desk, visit: Visit, sought: Sequence[WatchedName], days: int) -> Counted:
    since = visit.now - timedelta(days=days + 1)
    taken = [each for each in (await taken_of(desk, visit, sought))[0] if each.stored.article.published_at >= since]
    found = [
        _day(visit, each.stored.article.published_at, _best(hit.match.tier for hit in each.hits))
        for each in taken
        if each.hits
    ]
    return Counted({sought[0].entity.name: found}, sum(not each.hits for each in taken))


async def _of_all(desk: Desk, visit: Visit, days: int) -> Counted | None:
    """Of the names that are followed here, from what was found when the articles came; None where there are none."""
    followed = {(each.scope, each.id): each for each in await names_followed(desk, visit)}
    if not followed:
        return None
    since = visit.now - timedelta(days=days + 1)
    async with desk.database.read() as connection:
        rows = await mentions_since(connection, sorted({scope for scope, _ in followed}), since)
    judged = await _judged(desk, visit, followed, since)
    found: dict[str, list[Day]] = {}
    refused_in: set[int] = set()
    for each in rows:
        if each.name not in followed:
            continue
        tier = judged.get((each.name, each.article_id), each.tier)
        if tier is None:
            refused_in.add(each.article_id)
        else:
            found.setdefault(followed[each.name].shown, []).append(_day(visit, each.published_at, tier))
    return Counted(found, len(refused_in))


async def _judged(
    desk: Desk, visit: Visit, followed: Mapping[Name, WatchedName], since: datetime
) -> dict[tuple[Name, int], Tier | None]:
    """(name, article) → what this chat takes the mention for, None for another person; of the names it said so of."""
    wishes = await wishes_here(desk, visit)
    names = {(each.scope, each.name_id) for each in wishes.lessons} & followed.keys()
    if not names:
        return {}
    async with desk.database.read() as connection:
        recent = await recent_matches_of(connection, names, since)
    taken = await asyncio.to_thread(take, recent, followed, wishes)
    judged: dict[tuple[Name, int], Tier | None] = {
        ((match.scope, match.name_id), each.stored.id): None for each in recent for match in each.matches
    }
    for each in taken:
        judged |= {((hit.name.scope, hit.name.id), each.stored.id): hit.match.tier for hit in each.hits}
    return judged


def _best(tiers: Iterable[Tier]) -> Tier:
    return Tier.CERTAIN if Tier.CERTAIN in set(tiers) else Tier.POSSIBLE


def _day(visit: Visit, at: datetime, tier: Tier) -> Day:
    return at.astimezone(visit.timezone).date(), tier
