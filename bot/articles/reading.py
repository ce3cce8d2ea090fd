"""When an article's page is read, when again, and what the matcher is given of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from bot.articles.clean import LEFT_OFF, MAX_TEXT_CHARS
from bot.markup import flat_text

PagePolicy = Literal["auto", "always", "never"]

SHORT_CHARS = 800
"""Feeds that give a teaser stay below it (a few sentences); those that give the article are far above."""
LONG_CHARS = 3_000
"""A page with this much text is no first version any more."""
FRESH = timedelta(days=1)
"""An article older than this names nobody new, and its page is left in peace."""
MOSTLY_THERE = 0.8
"""A page that is edited loses a sentence; a wall that asks for cookies has lost the article."""
READ_AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (20, 60, 240, 720))
"""Since the article was first seen. A breaking story is filled in within the hour, a short item by the evening."""
TEASER_END = re.compile(
    r"(?:read (?:more|on)|continue reading|lire (?:la suite|plus|l['’]article)|en savoir plus|leer más|weiterlesen"
    r"|[إا]قر[أا] المزيد|المزيد)[\s.…>→»\])]*$",
    re.IGNORECASE,
)


def wants_page(
    text: str, policy: PagePolicy, *, url: str | None, baseline: bool, published_at: datetime, now: datetime
) -> bool:
    """Whether the page of a new entry is read. `text` is what its feed gives.

    Never for a feed's first poll (`baseline`), nor for what was published longer ago than `FRESH`.
    """
    if policy == "never" or baseline or not url or now - published_at > FRESH:
        return False
    return url.startswith(("http://", "https://")) and (policy == "always" or is_teaser(text))


def is_teaser(text: str) -> bool:
    """The feed gives little: a short text, or one that says it goes on elsewhere."""
    text = text.strip()
    return len(text) < SHORT_CHARS or bool(LEFT_OFF.search(text) or TEASER_END.search(text[-80:]))


def next_reading(text_lengths: Sequence[int], first_seen_at: datetime, now: datetime) -> datetime | None:
    """When to read a page again, or None when it has been read enough.

    `text_lengths` holds the length of the text of each reading so far (0 for one that failed). Enough is a text that is
    long, or a day. A page read late (the program was down) does not make up for the readings it missed.
    """
    if not text_lengths:
        return now
    if max(text_lengths) >= LONG_CHARS:
        return None
    due = (first_seen_at + after for after in READ_AGAIN_AFTER[len(text_lengths) - 1 :])
    return next((at for at in due if at > now), None)


def takes_place(text: str, before: str) -> bool:
    """Whether what a page says now replaces what it said at an earlier reading: not when much of that is gone."""
    return len(text) >= MOSTLY_THERE * len(before)


def merged_text(feed_text: str, page_text: str) -> str:
    """Page and feed, neither said twice: the page's text after those lines of the feed that it does not hold."""
    said = flat_text(page_text)
    missing = (line for line in feed_text.split("\n") if flat_text(LEFT_OFF.sub("", line)) not in said)
    return "\n".join(filter(None, (*missing, page_text)))[:MAX_TEXT_CHARS]
