"""Articles for tests: fictional, complete, and changed by keyword."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.articles.address import canonical_url
from bot.model import Article

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
TEXT = "Le juge a entendu deux témoins dans l’affaire du port, et l’audience reprend mardi matin à neuf heures."


def article(**changes: Any) -> Article:
    url = changes.get("url", "https://phare.example/justice/affaire-du-port.html")
    values: dict[str, Any] = {
        "feed_id": "phare",
        "guid": "phare-1001",
        "url": url,
        "canonical_url": canonical_url(url) if url else None,
        "title": "L’affaire du port revient devant le juge",
        "text": TEXT,
        "language": "fr",
        "published_at": NOW,
        "dated": True,
        "seen_at": NOW,
    }
    return Article(**(values | changes))
