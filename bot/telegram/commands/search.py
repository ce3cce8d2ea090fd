"""What stands in the stored articles: /search by words, /latest by the names that are followed here, or by one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.alerts.hit import Hit, once_each
from bot.alerts.wishes import Wishes, heard, is_confirmed, muted_by
from bot.backtest import new_entry
from bot.model import Scope, StoredArticle, Tier, WatchedName
from bot.search.query import read_query
from bot.storage import names
from bot.storage.search import MOST_FOUND, Hits, search_articles, stored_since
from bot.storage.stories import Recent, recent_matches
from bot.storage.wishes import wishes_of
from bot.telegram.desk import Desk, Visit, number_of, scopes_seen
from bot.telegram.digest_screen import Reader
from bot.telegram.found_screens import A_PAGE, Line, Page, left_out, no_hits, page_of, render_page
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
    sought = await names_sought(desk, visit, written)
    if isinstance(sought, NameRefusal):
        return refused(written, sought, visit.language)
    return await _latest_of(desk, visit, sought, wanted)


async def names_sought(desk: Desk, visit: Visit, written: str) -> Sequence[WatchedName] | NameRefusal:
    """As it is watched here, in each list that has it, whatever its rules; else as /watch would take it."""
    wanted = folded(written)
    here = [
        each
        for each in await names_followed(desk, visit)
        if wanted in {folded(each.shown), folded(each.entity.name), *map(folded, each.entity.aliases)}
    ]
    if here:
        return here
    entity = parse_name(written)
    return entity if isinstance(entity, NameRefusal) else [new_entry(entity).name]


async def names_followed(desk: Desk, visit: Visit) -> list[WatchedName]:
    """Of every list that is followed here, and those of this chat or topic."""
    async with desk.database.read() as connection:
        followed = await scopes_seen(connection, visit)
        return [name for scope in followed for name in await names.names_of(connection, scope)]


@dataclass(frozen=True, slots=True)
class Taken:
    """An article, and what this chat takes the matches in it for; none where all are other persons."""

    stored: StoredArticle
    outlet: str
    story_id: int
    """Below zero where the article is in no stored story."""
    hits: tuple[Hit, ...]


async def taken_of(desk: Desk, visit: Visit, sought: Sequence[WatchedName]) -> tuple[list[Taken], Wishes]:
    """The stored articles that name somebody, the latest first, by the verdicts and wishes of this chat."""
    entity = sought[0].entity
    result, seen = await tried(desk.database, desk.clock, entity, window=desk.story_window, now=visit.now)
    wishes = await wishes_here(desk, visit)
    taken = []
    for each in result.found:
        article, match = each.article.article, each.at.get(result.entry.threshold)
        if match is not None:
            hits = [Hit(name, match) for name in sought]
            kept = heard(hits, wishes, article, each.article.id, {}).accepted
            outlet = seen.outlets.get(article.feed_id, article.feed_id)
            taken.append(Taken(each.article, outlet, each.story or -each.article.id, kept))
    return taken, wishes


async def _latest_of(desk: Desk, visit: Visit, sought: Sequence[WatchedName], wanted: int) -> Rendered:
    language, reader, name = visit.language, _reader(visit), sought[0].entity.name
    taken, wishes = await taken_of(desk, visit, sought)
    lines, remarks = _by_story(taken, wishes, named=False), left_out(_refused(taken), reader)
    if not lines:
        none = text(language, "latest.none", name=shown(name, 60))
        return Rendered("\n".join([none, *(each.markup for each in remarks)]))
    title = bold(plain(text(language, "latest.title-of", name=name)))
    return render_page(title, remarks, page_of(lines, wanted, "latest", name), reader)


async def _latest_here(desk: Desk, visit: Visit, wanted: int) -> Rendered:
    language, reader = visit.language, _reader(visit)
    followed = {(each.scope, each.id): each for each in await names_followed(desk, visit)}
    if not followed:
        return said(language, "list.empty")
    async with desk.database.read() as connection:
        recent = await recent_matches(connection, sorted({scope for scope, _ in followed}), visit.now - SEARCHED)
    wishes = await wishes_here(desk, visit)
    taken = await asyncio.to_thread(take, recent, followed, wishes)
    lines, remarks = _by_story(taken, wishes, named=True), left_out(_refused(taken), reader)
    if not lines:
        nothing = text(language, "latest.nothing")
        return Rendered("\n".join([nothing, *(each.markup for each in remarks)]))
    title = bold(plain(text(language, "latest.title")))
    return render_page(title, remarks, page_of(lines, wanted, "latest"), reader)


def take(recent: Sequence[Recent], followed: Mapping[tuple[Scope, str], WatchedName], wishes: Wishes) -> list[Taken]:
    """The articles as this chat takes their matches."""
    taken = []
    for each in recent:
        hits = [Hit(followed[at], match) for match in each.matches if (at := (match.scope, match.name_id)) in followed]
        kept = heard(hits, wishes, each.stored.article, each.stored.id, {}).accepted
        if hits:
            taken.append(Taken(each.stored, each.outlet, each.story_id or -each.stored.id, kept))
    return taken


def _by_story(taken: Sequence[Taken], wishes: Wishes, *, named: bool) -> list[Line]:
    """One line a story: without other persons, with what is muted told as such; `named`: whom it names."""
    stories: dict[int, list[Taken]] = {}
    for each in taken:
        if each.hits:
            stories.setdefault(each.story_id, []).append(each)
    return [_line_of(told, wishes, named=named) for told in stories.values()]


def _line_of(told: Sequence[Taken], wishes: Wishes, *, named: bool) -> Line:
    every = [hit for each in told for hit in each.hits]
    hits = once_each(every)
    certain = (each for each in told if any(hit.match.tier is Tier.CERTAIN for hit in each.hits))
    shown_one = told[0] if named else next(certain, told[0])  # of one name, the article that says it best
    article = shown_one.stored.article
    return Line(
        article.title,
        article.url,
        shown_one.outlet,
        article.published_at,
        more=len({each.stored.article.feed_id for each in told}) - 1,
        names=tuple(hit.name.shown for hit in hits) if named else (),
        to_check=all(hit.match.tier is Tier.POSSIBLE for hit in hits),
        muted=all(muted_by(hit, told[0].story_id, wishes.mutes) is not None for hit in hits),
        confirmed=any(is_confirmed(hit, wishes.lessons) for hit in every),
    )


def _refused(taken: Sequence[Taken]) -> int:
    """Articles in which nobody is left, by a verdict."""
    return sum(not each.hits for each in taken)


async def wishes_here(desk: Desk, visit: Visit) -> Wishes:
    async with desk.database.read() as connection:
        return (await wishes_of(connection, [visit.target], visit.now, visit.timezone))[visit.target]


def _reader(visit: Visit) -> Reader:
    return Reader(visit.language, visit.timezone, visit.now)
