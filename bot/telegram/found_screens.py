"""Screens of what stands in the stored articles: what /watch found, /latest, /search, the words under a /trend chart.

Built from plain data; every line is cut before it is marked up, so that a page always fits into a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.backtest import Found, Result
from bot.bidi import within
from bot.lookback import LookBack
from bot.model import Tier
from bot.telegram.digest_screen import Reader
from bot.telegram.markup import Html, bold, clean, cut, italic, join, link, plain
from bot.telegram.render import Button, Rendered
from bot.texts import day, listed, plural, text

A_PAGE = 6
"""Lines of a page: more would push the buttons off a phone's screen."""
HEADLINE = 140
OUTLET = 40
NAMES = 3
NAME = 60
LATEST = 3
"""Stories shown after /watch."""
FIRST_DAY = timedelta(days=1)
MOST_DATA = 64
"""Bytes of what a button sends back."""


@dataclass(frozen=True, slots=True)
class Line:
    """A story, or an article that is in none."""

    title: str
    url: str | None
    outlet: str
    at: datetime
    more: int = 0
    """Outlets beside the one that is shown."""
    names: tuple[str, ...] = ()
    to_check: bool = False
    """Nothing in it is more than possible."""
    muted: bool = False
    confirmed: bool = False
    """Somebody here said of a spelling in it that it is the right person."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of many, and which buttons lead to the others."""

    lines: tuple[Line, ...]
    number: int
    """From 0."""
    pages: int
    verb: str
    """`VERB:NUMBER:rest` is what a button sends."""
    rest: str = ""

    def turns(self, language: str) -> tuple[tuple[Button, ...], ...]:
        """Buttons to the pages before and behind; none where their words do not fit into a button."""
        there = [(self.number > 0, "turn.before", self.number - 1)]
        there.append((self.number < self.pages - 1, "turn.behind", self.number + 1))
        row = tuple(
            Button(text(language, key), data=data)
            for is_there, key, to in there
            if is_there and len((data := f"{self.verb}:{to}:{self.rest}").encode()) <= MOST_DATA
        )
        return (row,) if row else ()


def page_of(lines: Sequence[Line], wanted: int, verb: str, rest: str = "") -> Page:
    """The page of that number, or the nearest there is."""
    pages = max(1, -(-len(lines) // A_PAGE))
    at = min(max(wanted, 0), pages - 1)
    return Page(tuple(lines[at * A_PAGE : (at + 1) * A_PAGE]), at, pages, verb, rest)


def render_page(title: Html, remarks: Sequence[Html], page: Page, reader: Reader) -> Rendered:
    language = reader.language
    if page.pages > 1:
        of = text(language, "lists.page", page=page.number + 1, pages=page.pages)
        title = title + plain(" · " + of)
    lines = [_line(each, reader) for each in page.lines]
    return Rendered(join("\n", [title, *lines, *remarks]).markup, page.turns(language))


def _line(line: Line, reader: Reader) -> Html:
    language = reader.language
    title = cut(clean(line.title), HEADLINE)
    shown = within(language, title) if title else text(language, "alert.no-title")
    names = listed(language, [cut(clean(name), NAME) for name in line.names[:NAMES]])
    said = [
        plain(reader.when(line.at)),
        bold(plain(names)),
        link(plain(shown), line.url),
        plain(within(language, cut(clean(line.outlet), OUTLET)) + (f" +{line.more}" if line.more else "")),
        plain(text(language, "latest.to-check") if line.to_check else ""),
        plain(text(language, "latest.confirmed") if line.confirmed else ""),
        plain(text(language, "latest.muted") if line.muted else ""),
    ]
    return plain("• ") + join(" · ", said)


def left_out(articles: int, reader: Reader) -> list[Html]:
    """What is said of the articles that a verdict of this chat gives to another person."""
    return [italic(plain(plural(reader.language, "latest.left-out", articles)))] if articles else []


def no_hits(words: str, reader: Reader, stored: str) -> Rendered:
    said = text(reader.language, "search.none", words=plain(cut(clean(words), NAME)).markup, stored=stored)
    return Rendered(said)


# --- What was found for a name --------------------------------------------------------------------------------------


def lines_of(result: Result, seen: LookBack) -> list[Line]:
    """One line a story, the newest article first, with how many more outlets tell it."""
    stories: dict[int | None, list[Found]] = {}
    for each in result.found:
        stories.setdefault(each.story, []).append(each)
    return [_of_story(found, result.entry.threshold, seen) for found in stories.values()]


def _of_story(found: Sequence[Found], threshold: int, seen: LookBack) -> Line:
    shown = next((each for each in found if each.tier(threshold) is Tier.CERTAIN), found[0])
    article = shown.article.article
    outlets = {each.article.article.feed_id for each in found}
    return Line(
        article.title,
        article.url,
        seen.outlets.get(article.feed_id, article.feed_id),
        article.published_at,
        more=len(outlets) - 1,
        to_check=shown.tier(threshold) is not Tier.CERTAIN,
    )


def found_in_stock(result: Result, seen: LookBack, since: datetime, reader: Reader) -> list[str]:
    """What the stored articles say of a name, and how often that would have rung; one text a line."""
    language, began = reader.language, seen.stock.read_since
    at_threshold = next(each for each in result.levels if each.threshold == result.entry.threshold)
    if not result.found and (began is None or reader.now - began < FIRST_DAY):
        key = "watch.first-day" if began else "watch.nothing-read"
        return [text(language, key, since=reader.when(began) if began else "")]
    first = seen.complete_since or max(filter(None, (seen.stock.first, since)))
    said = [
        text(
            language,
            "watch.found",
            since=day(language, first.astimezone(reader.timezone).date(), with_year=first.year != reader.now.year),
            stock=in_stock(seen, language),
            stories=plural(language, "count.stories", at_threshold.certain_stories),
            rate=_rate(at_threshold.a_week, language, cut=seen.complete_since is not None),
        )
    ]
    if at_threshold.possible_stories:
        said.append(plural(language, "watch.found-to-check", at_threshold.possible_stories))
    said += [_line(each, reader).markup for each in lines_of(result, seen)[:LATEST]]
    if seen.bare_since:
        said.append(text(language, "watch.bare-since", since=reader.when(seen.bare_since)))
    return said


def in_stock(seen: LookBack, language: str) -> str:
    """« 41 flux, 38 200 articles »"""
    feeds, articles = (
        plural(language, "count.feeds", seen.feeds),
        plural(language, "count.articles", seen.stock.articles),
    )
    return listed(language, [feeds, articles])


def _rate(a_week: float | None, language: str, *, cut: bool) -> str:
    """`cut`: there was so much to read that the time did not suffice."""
    if a_week is None and cut:
        return text(language, "watch.rate.daily")
    if a_week is None:
        return text(language, "watch.rate.unknown")
    if not a_week:
        return text(language, "watch.rate.none")
    if a_week < 0.75:
        return text(language, "watch.rate.seldom")
    return plural(language, "watch.rate", max(1, round(a_week)))


# --- Under a chart ----------------------------------------------------------------------------------------------------


def chart_caption(
    counts: Sequence[tuple[str, int]], days: int, data: str, reader: Reader, refused: int = 0
) -> Rendered:
    """What the chart shows, in words, for those who cannot see it; below Telegram's 1,024 characters.

    Args:
        data: of the button to another period, with `{days}` for it; no button where it is too long for one.
        refused: articles that are not counted, for a verdict of this chat gives them to another person.
    """
    language = reader.language
    title = bold(plain(plural(language, "trend.title", days)))
    lines = [
        plain("• " + listed(language, [cut(clean(name), NAME), plural(language, "count.articles", count)]))
        for name, count in counts[:A_PAGE]
    ]
    note = italic(plain(text(language, "trend.note")))
    notes = [note, *left_out(refused, reader)]
    other = 30 if days > 30 else 90
    asked = data.replace("{days}", str(other), 1)
    button = Button(plural(language, "trend.days", other), data=asked)
    fits = len(asked.encode()) <= MOST_DATA
    return Rendered(join("\n", [title, *lines, *notes]).markup, ((button,),) if fits else ())
