"""By what an article is known again: guid, URL, words, at worst its title. Pure; compares nothing itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from bot.model import Article

MIN_WORDS = 12
"""Title and text shorter than this repeat for different news: « Le journal de 20 heures » comes every day."""


Kind = Literal["guid", "url", "content", "title"]


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """`digest`: 32 hexadecimal digits. A URL is everybody's, the other kinds are the feed's own.

    A title alone proves little: it counts where nothing else of a feed lasts (`articles.document`).
    """

    kind: Kind
    digest: str


def identities(article: Article) -> tuple[Identity, ...]:
    """All that the article can be known by, the most telling first; never empty."""
    found = []
    if article.guid:
        found.append(Identity("guid", _digest(article.feed_id, article.guid)))
    if article.canonical_url and _points_to_a_page(article.canonical_url):
        found.append(url_identity(article.canonical_url))
    words = _words(article)
    if len(words) >= MIN_WORDS or not (article.guid or article.canonical_url):
        found.append(Identity("content", _digest(article.feed_id, *words)))
    elif article.canonical_url:
        # Tells the short posts of a live page apart, which share its URL, and nothing else.
        found.append(Identity("content", _digest(article.feed_id, article.canonical_url, *words)))
    if title := article.title.casefold().split():
        found.append(Identity("title", _digest(article.feed_id, *title)))
    return tuple(found)


def is_brief(article: Article) -> bool:
    """Whether its words alone identify nothing, so that its content is that of its URL."""
    return len(_words(article)) < MIN_WORDS


def _words(article: Article) -> list[str]:
    return f"{article.title} {article.text}".casefold().split()


def url_identity(canonical_url: str) -> Identity:
    return Identity("url", _digest(canonical_url))


def _points_to_a_page(canonical_url: str) -> bool:
    """Some feeds link every item to the site's home page, which identifies none."""
    parts = urlsplit(canonical_url)
    return bool(parts.path.strip("/") or parts.query)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
