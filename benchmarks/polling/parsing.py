"""What parsing the polls of real feeds costs: ours, item by item, beside feedparser on each whole document.

`feeds_seq` of GUETTEUR_CORPUS holds consecutive polls of the same feeds. Each side reads every poll in order with the
same options (HTML neither cleaned nor rewritten); ours is given the digests of the poll before, as the poller does.
CPU seconds of this process; the sides take turns at each document, so that a slow moment meets them all.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, ParamSpec, TypeVar

import click
import feedparser

from bot.errors import ParseError
from bot.feeds.parse import parse_document
from bot.model import ParsedFeed

Given = ParamSpec("Given")
Result = TypeVar("Result")

URL = "https://phare.example/feed.xml"
HEADERS = {"content-location": URL, "content-type": "application/xml"}
MAX_ITEMS = 2_000
FEW = 0.1
"""Of the items new or edited: what most polls of a news feed bring."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One poll as each side read it."""

    first: bool
    """Of its feed: nothing is known yet."""
    same: bool
    """The body is that of the poll before, byte for byte: the poller parses none of it."""
    items: int
    fresh: int
    """Of the items, those new or edited."""
    feedparser_s: float
    whole_s: float
    """Ours, with nothing known."""
    ours_s: float
    """Ours, with the items of the poll before known."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Sums over polls; seconds of CPU time."""

    polls: int
    items: int
    fresh: int
    feedparser_s: float
    whole_s: float
    ours_s: float

    @property
    def ratio(self) -> float:
        """Of feedparser's cost."""
        return self.ours_s / self.feedparser_s

    @property
    def whole_ratio(self) -> float:
        return self.whole_s / self.feedparser_s


@dataclass(frozen=True, slots=True)
class Costs:
    """Identical bodies are left out of all three: neither side should have to read them."""

    every: Cost
    """Every poll, the first of each feed included."""
    few: Cost
    """Later polls in which no more than a tenth of the items is new or edited."""
    few_but_some: Cost
    """Of these, without the polls that bring nothing new at all."""
    same: int
    """Polls left out."""


def measure(corpus: Path, rounds: int = 3) -> Costs:
    """What the polls of `feeds/feeds_seq` cost; for each poll the median of the rounds counts.

    Raises:
        FileNotFoundError: there are none.
    """
    feeds = _polls(corpus / "feeds" / "feeds_seq")
    _read(feeds)  # what is compiled and imported at first use
    readings = [_median(each) for each in zip(*(_read(feeds) for _ in range(rounds)), strict=True)]
    counted = [reading for reading in readings if not reading.same]
    few = [each for each in counted if not each.first and each.items and each.fresh <= FEW * each.items]
    return Costs(
        every=_sum(counted),
        few=_sum(few),
        few_but_some=_sum(each for each in few if each.fresh),
        same=len(readings) - len(counted),
    )


def _polls(folder: Path) -> list[list[bytes]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    if not paths:
        raise FileNotFoundError(f"there are no polls at {folder}; set GUETTEUR_CORPUS to the folder above feeds/")
    return [[path.read_bytes() for path in feed] for _, feed in groupby(paths, key=lambda path: path.parent)]


def _read(feeds: Sequence[Sequence[bytes]]) -> list[Reading]:
    readings = []
    for documents in feeds:
        known: frozenset[str] = frozenset()
        before: bytes | None = None
        for body in documents:
            feedparser_s, _ = _timed(_feedparser, body)
            whole_s, _ = _timed(_ours, body)
            ours_s, parsed = _timed(_ours, body, known)
            fresh, unchanged = (len(parsed.entries), len(parsed.unchanged)) if parsed else (0, 0)
            first, same = before is None, body == before
            readings.append(Reading(first, same, fresh + unchanged, fresh, feedparser_s, whole_s, ours_s))
            known, before = _known(parsed), body
    return readings


def _known(parsed: ParsedFeed | None) -> frozenset[str]:
    if parsed is None or parsed.fault:
        return frozenset()
    return frozenset(parsed.unchanged).union(entry.item for entry in parsed.entries if entry.item)


def _timed(read: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> tuple[float, Result]:
    start = process_time()
    result = read(*given, **named)
    return process_time() - start, result


def _feedparser(body: bytes) -> Any:
    return feedparser.parse(
        io.BytesIO(body), response_headers=HEADERS, sanitize_html=False, resolve_relative_uris=False
    )


def _ours(body: bytes, known: frozenset[str] = frozenset()) -> ParsedFeed | None:
    try:
        return parse_document(body, content_type=None, url=URL, max_items=MAX_ITEMS, known=known)
    except ParseError:
        return None


def _median(rounds: Sequence[Reading]) -> Reading:
    one = rounds[0]
    return Reading(
        first=one.first,
        same=one.same,
        items=one.items,
        fresh=one.fresh,
        feedparser_s=median(each.feedparser_s for each in rounds),
        whole_s=median(each.whole_s for each in rounds),
        ours_s=median(each.ours_s for each in rounds),
    )


def _sum(readings: Iterable[Reading]) -> Cost:
    counted = list(readings)
    return Cost(
        polls=len(counted),
        items=sum(each.items for each in counted),
        fresh=sum(each.fresh for each in counted),
        feedparser_s=sum(each.feedparser_s for each in counted),
        whole_s=sum(each.whole_s for each in counted),
        ours_s=sum(each.ours_s for each in counted),
    )


def main() -> None:
    corpus = Path(os.environ.get("GUETTEUR_CORPUS") or Path(__file__).parents[2] / ".." / "shared" / "corpus")
    costs = measure(corpus)
    for name, cost in (
        ("every poll", costs.every),
        ("few changed", costs.few),
        ("few, but some", costs.few_but_some),
    ):
        click.echo(
            f"{name:14} {cost.polls:4} polls, {cost.items:6,} items, {cost.fresh:5,} fresh: feedparser "
            f"{cost.feedparser_s:.3f} s, whole {cost.whole_ratio:.3f} of it, ours {cost.ratio:.3f} of it"
        )
    click.echo(f"identical bodies left out: {costs.same}")


if __name__ == "__main__":
    main()
