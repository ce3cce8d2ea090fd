"""What stands in the stored articles: /search by words, /latest by the names that are followed here, or by one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.alerts.hit import Hit, once_each
from bot.alerts.wishes import Wishes, heard, muted_by
from bot.model import Entity, Scope, Tier, WatchedName
from bot.search.query import read_query
from bot.storage import names
from bot.storage.search import MOST_FOUND, Hits, search_articles, stored_since
from bot.storage.stories import Recent, recent_matches
from bot.storage.wishes import wishes_of
from bot.telegram.desk import Desk, Visit, number_of, scopes_seen
from bot.telegram.digest_screen import Reader
from bot.telegram.found_screens import A_PAGE, Line, Page, lines_of, no_hits, page_of, render_page
from bot.telegram.markup import bold, italic, plain
from bot.telegram.render import Rendered, folded
from bot.telegram.screens import refused, said, shown
from bot.telegram.tries import SEARCHED, tried
from bot.texts import listed, number, plural, text
from bot.watchlists.names import NameRefusal, parse_name

# --- /search --------------------------------------------------------------------------------------------------------


async def search(desk: Desk, visit: Visit, written: str) -> Rendered:
    """/search WORDS"""
    return await _search(desk, visit, written, 0)


async def press_search(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`PAGE:WORDS`"""
    page, _, written = argument.partition(":")
    return await _search(desk, visit, written, number_of(page))


async def _search(desk: Desk, visit: Visit, written: str, wanted: int) -> Rendered:
    language, reader, since = visit.language, _reader(visit), visit.now - SEARCHED
    query = read_query(written)
    if query is None:
        return said(language, "search.ask")
    async with desk.database.read() as connection:
        hits = await search_articles(connection, query, since, A_PAGE, wanted * A_PAGE)
        stored = await stored_since(connection, since)
    if not hits.page:
        feeds = plural(language, "count.feeds", stored.feeds)
        return no_hits(written, reader, listed(language, [feeds, plural(language, "count.articles", stored.articles)]))
    many = number(language, MOST_FOUND) + "+" if hits.total >= MOST_FOUND else ""
    found = many or plural(language, "count.articles", hits.total)
    title = bold(plain(text(language, "search.title", found=found)))
    page = Page(_lines(hits), wanted, -(-hits.total // A_PAGE), "search", written)
    too_long = page.pages > 1 and not page.turns(language)
    return render_page(title, [italic(plain(text(language, "search.too-long")))] if too_long else [], page, reader)


def _lines(hits: Hits) -> tuple[Line, ...]:
    return tuple(
        Line(each.stored.article.title, each.stored.article.url, each.outlet, each.stored.article.published_at)
        for each in hits.page
    )


# --- /latest --------------------------------------------------------------------------------------------------------


async def latest(desk: Desk, visit: Visit, written: str) -> Rendered:
    """/latest, or /latest NAME: of a name that is followed here, or of any other."""
    return await _latest(desk, visit, written, 0)


async def press_latest(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`PAGE:` and the name, if it is about one."""
    page, _, written = argument.partition(":")
    return await _latest(desk, visit, written, number_of(page))


async def _latest(desk: Desk, visit: Visit, written: str, wanted: int) -> Rendered:
    if not written:
        return await _latest_here(desk, visit, wanted)
    entity = await entity_named(desk, visit, written)
    if isinstance(entity, NameRefusal):
        return refused(written, entity, visit.language)
    return await _latest_of(desk, visit, entity, wanted)


async def entity_named(desk: Desk, visit: Visit, written: str) -> Entity | NameRefusal:
    """As it is watched here, whatever its rules; else as /watch would take it."""
    wanted = folded(written)
    for each in await names_followed(desk, visit):
        if wanted in {folded(each.shown), folded(each.entity.name), *map(folded, each.entity.aliases)}:
            return each.entity
    return parse_name(written)


async def names_followed(desk: Desk, visit: Visit) -> list[WatchedName]:
    """Of every list that is followed here, and those of this chat or topic."""
    async with desk.database.read() as connection:
        followed = await scopes_seen(connection, visit)
        return [name for scope in followed for name in await names.names_of(connection, scope)]


async def _latest_of(desk: Desk, visit: Visit, entity: Entity, wanted: int) -> Rendered:
    language, reader = visit.language, _reader(visit)
    result, seen = await tried(desk.database, desk.clock, entity, window=desk.story_window, now=visit.now)
    lines = lines_of(result, seen)
    if not lines:
        return said(language, "latest.none", name=shown(entity.name, 60))
    page = page_of(lines, wanted, "latest", entity.name)
    title = bold(plain(text(language, "latest.title-of", name=entity.name)))
    return render_page(title, [], page, reader)


async def _latest_here(desk: Desk, visit: Visit, wanted: int) -> Rendered:
    language = visit.language
    followed = {(each.scope, each.id): each for each in await names_followed(desk, visit)}
    if not followed:
        return said(language, "list.empty")
    async with desk.database.read() as connection:
        recent = await recent_matches(connection, sorted({scope for scope, _ in followed}), visit.now - SEARCHED)
        wishes = (await wishes_of(connection, [visit.target], visit.now, visit.timezone))[visit.target]
    lines = await asyncio.to_thread(_by_story, recent, followed, wishes)
    if not lines:
        return said(language, "latest.nothing")
    title = bold(plain(text(language, "latest.title")))
    return render_page(title, [], page_of(lines, wanted, "latest"), _reader(visit))


def _by_story(
    recent: Sequence[Recent], followed: Mapping[tuple[Scope, str], WatchedName], wishes: Wishes
) -> list[Line]:
    """One line a story, as this chat takes its matches: without other persons, with what is muted told as such."""
    stories: dict[int, list[tuple[Recent, list[Hit]]]] = {}
    for each in recent:
        hits = [Hit(followed[at], match) for match in each.matches if (at := (match.scope, match.name_id)) in followed]
        kept = heard(hits, wishes, each.stored.article, each.stored.id, {}).accepted
        if kept:
            stories.setdefault(each.story_id or -each.stored.id, []).append((each, list(kept)))
    return [_line_of(story_id, told, wishes) for story_id, told in stories.items()]


def _line_of(story_id: int, told: Sequence[tuple[Recent, list[Hit]]], wishes: Wishes) -> Line:
    newest, _ = told[0]
    hits = once_each([hit for _, found in told for hit in found])
    article = newest.stored.article
    return Line(
        article.title,
        article.url,
        newest.outlet,
        article.published_at,
        more=len({each.stored.article.feed_id for each, _ in told}) - 1,
        names=tuple(hit.name.shown for hit in hits),
        to_check=all(hit.match.tier is Tier.POSSIBLE for hit in hits),
        muted=all(muted_by(hit, story_id, wishes.mutes) is not None for hit in hits),
    )


def _reader(visit: Visit) -> Reader:
    return Reader(visit.language, visit.timezone, visit.now)
