"""An entry as the feed gave it → an article: plain text, one URL for one page, times that can be true. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from bot.articles.address import canonical_url, is_web_address
from bot.markup import plain_text
from bot.model import Article, Entry, Feed

__all__ = ["clean_entry", "plain_text", "primary_language"]

MAX_TITLE_CHARS = 1_000
MAX_TEXT_CHARS = 200_000
HEADLINE_CHARS = 120

LEFT_OFF = re.compile(r"[\s\[(]*(?:…|\.\.\.)[\s\])]*$")
"""How a teaser ends that the content continues."""

PRIMARY_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?![A-Za-z])")


def clean_entry(entry: Entry, feed: Feed, feed_language: str | None, now: datetime) -> Article:
    """The article of an entry seen at `now`. `feed_language` is what the document says of itself."""
    text = _joined(plain_text(entry.summary), plain_text(entry.content))[:MAX_TEXT_CHARS]
    published = entry.published or entry.updated
    return Article(
        feed_id=feed.id,
        guid=entry.guid,
        url=entry.link if entry.link and is_web_address(entry.link) else None,
        canonical_url=canonical_url(entry.link) if entry.link else None,
        title=entry.title[:MAX_TITLE_CHARS] or _headline(text),
        text=text,
        language=primary_language(entry.language, feed.language, feed_language),
        published_at=min(published, now) if published else now,
        dated=published is not None,
        seen_at=now,
        item=entry.item,
    )


def _joined(summary: str, content: str) -> str:
    """Summary and content, neither said twice: most contents begin with their summary."""
    flat_summary, flat_content = " ".join(summary.split()), " ".join(content.split())
    if LEFT_OFF.sub("", flat_summary) in flat_content:
        return content
    if flat_content in flat_summary:
        return summary
    return f"{summary}\n{content}"


def _headline(text: str) -> str:
    """For an entry without a title: the beginning of its text, cut between words."""
    line = text.partition("\n")[0]
    if len(line) <= HEADLINE_CHARS:
        return line
    return line[:HEADLINE_CHARS].rpartition(" ")[0] + "…" if " " in line[:HEADLINE_CHARS] else line[:HEADLINE_CHARS]


def primary_language(*claims: str | None) -> str | None:
    """The first claim that can be read, as its primary subtag: `fr-FR` → `fr`."""
    found = (PRIMARY_LANGUAGE.match(claim.strip()) for claim in claims if claim)
    return next((match[1].lower() for match in found if match), None)
