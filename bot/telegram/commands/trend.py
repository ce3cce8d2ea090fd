"""/trend: mentions per day as a chart, of one name or of those that are followed here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from bot.bidi import RIGHT_TO_LEFT
from bot.chart import Chart, Series, draw
from bot.errors import ParseError
from bot.model import Entity, Tier
from bot.storage.stories import mentions_since
from bot.telegram.commands.search import entity_named, names_followed
from bot.telegram.desk import Desk, Visit
from bot.telegram.digest_screen import Reader
from bot.telegram.found_screens import chart_caption
from bot.telegram.render import Rendered
from bot.telegram.screens import refused, said, shown
from bot.telegram.tries import tried
from bot.texts import day, plural, text
from bot.watchlists.names import NameRefusal

PANELS = 5
"""Names of one picture, those that were mentioned most."""
PERIODS = (30, 90)
DRAWN_WITHIN_S = 20.0
"""The first chart of a worker imports matplotlib."""
TITLE = 48

Day = tuple[date, Tier]


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
        mentions = await _of_all(desk, visit, days)
        if mentions is None:
            return said(language, "list.empty")
    else:
        entity = await entity_named(desk, visit, written)
        if isinstance(entity, NameRefusal):
            return refused(written, entity, language)
        mentions = {entity.name: await _of_one(desk, visit, entity)}
    last = visit.now.astimezone(visit.timezone).date()
    chosen = sorted(mentions.items(), key=lambda each: -len(each[1]))[:PANELS]
    every = [last - timedelta(days=back) for back in reversed(range(days))]
    series = tuple(_series(name, found, every) for name, found in chosen)
    if not any(sum(each.certain) + sum(each.to_check) for each in series):
        return said(language, "trend.nothing", name=shown(written, 60)) if written else said(language, "latest.nothing")
    return await _drawn(desk, visit, series, every, written)


async def _drawn(desk: Desk, visit: Visit, series: Sequence[Series], days: Sequence[date], written: str) -> Rendered:
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
    screen = chart_caption(counts, len(days), f"trend:{{days}}:{written}", Reader(language, visit.timezone, visit.now))
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


async def _of_one(desk: Desk, visit: Visit, entity: Entity) -> list[Day]:
    result, _ = await tried(desk.database, desk.clock, entity, window=desk.story_window, now=visit.now)
    threshold = result.entry.threshold
    found = ((each.article.article.published_at, each.tier(threshold)) for each in result.found)
    return [_day(visit, at, tier) for at, tier in found if tier is not None]


async def _of_all(desk: Desk, visit: Visit, days: int) -> dict[str, list[Day]] | None:
    """Of the names that are followed here, from what was found when the articles came; None where there are none."""
    followed = {(each.scope, each.id): each for each in await names_followed(desk, visit)}
    if not followed:
        return None
    async with desk.database.read() as connection:
        scopes = sorted({scope for scope, _ in followed})
        rows = await mentions_since(connection, scopes, visit.now - timedelta(days=days + 1))
    found: dict[str, list[Day]] = {}
    for scope, name_id, tier, at in rows:
        if (scope, name_id) in followed:
            found.setdefault(followed[scope, name_id].shown, []).append(_day(visit, at, tier))
    return found


def _day(visit: Visit, at: datetime, tier: Tier) -> Day:
    return at.astimezone(visit.timezone).date(), tier
