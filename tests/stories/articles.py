"""The labelled set as articles of feeds, and as the lines that `stories --jsonl` reads."""

from __future__ import annotations

import json

from bot.model import Article
from tests.stories.labelled import Labelled


def article(each: Labelled, place: int, feed_id: str) -> Article:
    url = f"https://{feed_id}.example/{place}"
    published = each.published
    return Article(
        feed_id, None, url, url, each.title, each.text, each.language, published, dated=True, seen_at=published
    )


def line(each: Labelled, place: int) -> bytes:
    row = {"id": place, "title": each.title, "text": each.text, "language": each.language}
    return json.dumps(row | {"published": each.published.isoformat()}).encode()
