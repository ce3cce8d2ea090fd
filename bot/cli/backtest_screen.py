"""What `guetteur backtest` says: a table of the thresholds, and examples; or all of it as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.backtest import Entry, Found, Level, Result, Stock, changed
from bot.matching.reasons import explain
from bot.model import Match, MatchField, Tier
from bot.text import sentence_around

NEWEST = 5
"""Examples of a kind; the data has all."""
OFTEN = 21
"""From so many a week on, how many a day is easier to imagine."""
FATES = {Tier.CERTAIN: "rings", Tier.POSSIBLE: "to check", None: "not found"}


def nothing_read(days: int) -> str:
    return (
        f"No stored article was published in the last {_count(days, 'day')}: "
        "ask for more with --days, or let `guetteur run` read the feeds."
    )


def lines(
    days: int, stock: Stock, results: Iterable[Result], outlets: Mapping[str, str], zone: ZoneInfo
) -> Iterator[str]:
    """For a reader in `zone`; something was read."""
    span = " to ".join(f"{each.astimezone(zone):%Y-%m-%d}" for each in (stock.first, stock.last) if each)
    yield f"Read {_count(stock.articles, 'stored article')} of the last {_count(days, 'day')} ({span})."
    for result in results:
        yield ""
        yield from _Page(result, outlets, zone).lines()


@dataclass(frozen=True, slots=True)
class _Page:
    """One entry."""

    result: Result
    outlets: Mapping[str, str]
    zone: ZoneInfo

    def lines(self) -> Iterator[str]:
        entry, found, now = self.result.entry, self.result.found, self.result.entry.threshold
        yield click.style(_heading(entry), bold=True)
        if found:
            yield from _table(self.result.levels, now)
        else:
            yield f"  No article names it, at the thresholds {', '.join(map(str, entry.thresholds))}."
        if found and self.result.levels[0].a_week is None:
            yield "  The feeds have been read for less than a day: too short to say how often."
        if self.result.outside:
            tags = ", ".join(sorted(entry.tags))
            yield f"  Left out: {_count(self.result.outside, 'article')} of feeds without the list's tags ({tags})."
        yield from self._examples("Newest that ring", [each for each in found if each.tier(now) is Tier.CERTAIN])
        yield from self._examples("Newest to check", [each for each in found if each.tier(now) is Tier.POSSIBLE])
        for other in entry.thresholds:
            if other != now:
                yield from self._examples(f"Different at {other}", changed(found, now, other), other)

    def _examples(self, title: str, found: Sequence[Found], other: int | None = None) -> Iterator[str]:
        """The newest stories, each by its first article: that is the one that rings."""
        if not found:
            return
        yield ""
        yield f"  {click.style(title, underline=True)}"
        firsts = {(each.story, self._fate(each, other)): each for each in found}  # the newest stories, oldest articles
        for (_, fate), each in list(firsts.items())[:NEWEST]:
            yield from self._example(each, fate)
        if len(firsts) > NEWEST:
            yield f"  and {len(firsts) - NEWEST:,} more (--json has them all)"

    def _fate(self, each: Found, other: int | None) -> str:
        """What becomes of it now, and at the other threshold."""
        if other is None:
            return ""
        return f"   {FATES[each.tier(self.result.entry.threshold)]} → {FATES[each.tier(other)]}"

    def _example(self, each: Found, fate: str) -> Iterator[str]:
        article, match = each.article.article, each.match(self.result.entry.threshold)
        outlet = self.outlets.get(article.feed_id) or article.feed_id
        yield f"  {article.published_at.astimezone(self.zone):%Y-%m-%d %H:%M}  {outlet}{fate}"
        in_title = match.field is MatchField.TITLE
        yield f"    {_marked(article.title, match) if in_title else _in_line(article.title)}"
        if not in_title:
            yield f"    “{_marked(article.text, match)}”"
        yield f"    {match.score}/100: {'; '.join(explain(reason, 'en') for reason in match.reasons)}"
        if article.url:
            yield click.style(f"    {article.url}", dim=True)


def _heading(entry: Entry) -> str:
    name = entry.name
    where = f"watchlist “{entry.watchlist.title}” ({entry.watchlist.id})" if entry.watchlist else "on no watchlist"
    until = f", until {name.until}" if name.until else ""
    return f"{name.shown}: {where}, {name.entity.kind}, priority {name.priority}, threshold {entry.threshold}{until}"


def _table(levels: Sequence[Level], now: int) -> Iterator[str]:
    daily = max(each.a_week or 0 for each in levels) >= OFTEN
    rows = [("threshold", "rings", "how often", "to check")]
    rows += [
        (
            f"{'now ' if each.threshold == now else ''}{each.threshold}",
            _stories(each.certain_stories, each.certain_articles),
            _rate(each.a_week, daily=daily),
            _stories(each.possible_stories, each.possible_articles),
        )
        for each in levels
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.ljust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "   ".join([f"  {first:>{widths[0]}}", *cells]).rstrip()


def _stories(stories: int, articles: int) -> str:
    return f"{_count(stories, 'story', 'stories')} ({_count(articles, 'article')})" if articles else "–"


def _rate(a_week: float | None, *, daily: bool) -> str:
    if a_week is None:
        return "–"
    if a_week == 0:
        return "never"
    rate, unit = (a_week / 7, "day") if daily else (a_week, "week")
    if rate < 1:
        return f"less than 1 a {unit}"
    return f"about {f'{rate:.1f}'.removesuffix('.0') if rate < 10 else f'{rate:,.0f}'} a {unit}"


def _marked(text: str, match: Match) -> str:
    """The sentence of the mention in one line, with the mention in brackets."""
    start, end = sentence_around(text, match.start, match.end)
    mention = click.style(f"[{_in_line(match.text)}]", bold=True)
    return _in_line(f"{text[start : match.start]}{mention}{text[match.end : end]}")


def _in_line(text: str) -> str:
    return " ".join(text.split())


def _count(number: int, word: str, words: str = "") -> str:
    return f"{number:,} {word if number == 1 else words or word + 's'}"


# --- As data ---------------------------------------------------------------------------------------------------------


def data(asked: str, days: int, stock: Stock, results: Iterable[Result], outlets: Mapping[str, str]) -> dict[str, Any]:
    """docs/backtest.md describes it."""
    return {
        "name": asked,
        "days": days,
        "articles": stock.articles,
        "first": stock.first.isoformat() if stock.first else None,
        "last": stock.last.isoformat() if stock.last else None,
        "entries": [_entry_data(result, outlets) for result in results],
    }


def _entry_data(result: Result, outlets: Mapping[str, str]) -> dict[str, Any]:
    entry = result.entry
    return {
        "watchlist": entry.watchlist.id if entry.watchlist else None,
        "entity": entry.name.id,
        "threshold": entry.threshold,
        "levels": [_level_data(each) for each in result.levels],
        "left_out": result.outside,
        "found": [_found_data(each, entry, outlets) for each in result.found],
    }


def _level_data(each: Level) -> dict[str, Any]:
    return {
        "threshold": each.threshold,
        "certain": {"articles": each.certain_articles, "stories": each.certain_stories},
        "possible": {"articles": each.possible_articles, "stories": each.possible_stories},
        "a_week": None if each.a_week is None else round(each.a_week, 2),
    }


def _found_data(each: Found, entry: Entry, outlets: Mapping[str, str]) -> dict[str, Any]:
    article = each.article.article
    return {
        "article": each.article.id,
        "story": each.story,
        "title": article.title,
        "url": article.url,
        "feed": article.feed_id,
        "outlet": outlets.get(article.feed_id) or article.feed_id,
        "published": article.published_at.isoformat(),
        "tiers": {str(threshold): each.tier(threshold) for threshold in entry.thresholds},
        "match": _match_data(each.match(entry.threshold)),
    }


def _match_data(match: Match) -> dict[str, Any]:
    return {
        "alias": match.alias,
        "text": match.text,
        "start": match.start,
        "end": match.end,
        "field": match.field.value,
        "score": match.score,
        "reasons": [{"code": each.code, "text": explain(each, "en")} for each in match.reasons],
    }
