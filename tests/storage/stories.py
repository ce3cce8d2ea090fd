"""Stories in the tables, for tests that need one to exist."""

from __future__ import annotations

import itertools
from datetime import datetime

from sqlalchemy import insert

from bot.clock import SystemClock
from bot.model import Scope
from bot.storage import schema
from bot.storage.database import Database

_numbers = itertools.count(1)


async def a_story(
    database: Database, scope: Scope, now: datetime | None = None, *, name_id: str = "x", title: str = ""
) -> int:
    """A story of one article in which a name of the scope was found; its id."""
    number, now = next(_numbers), now or SystemClock().now()
    feed = {
        "id": f"f{number}", "url_digest": "0", "title": "", "tags": [], "active": True, "state": "ok",
        "next_poll_at": now,
    }  # fmt: skip
    article = {
        "feed_id": f"f{number}", "title": title or f"Titre {number}", "text": "", "published_at": now, "dated": True,
        "seen_at": now, "digest": "", "state": "done", "baseline": False,
    }  # fmt: skip
    async with database.transaction() as tx:
        await tx.execute(insert(schema.feeds).values(feed))
        article_id = (
            await tx.execute(insert(schema.articles).values(article).returning(schema.articles.c.id))
        ).scalar_one()
        story = {"title": f"Titre {number}", "first_at": now, "last_at": now}
        story_id: int = (
            await tx.execute(insert(schema.stories).values(story).returning(schema.stories.c.id))
        ).scalar_one()
        joined = {"article_id": article_id, "story_id": story_id, "joined_at": now, "why": ["new-story", {}]}
        await tx.execute(insert(schema.story_articles).values(joined))
        match = {
            "article_id": article_id, "scope": scope, "name_id": name_id, "alias": name_id, "text": name_id, "field": "title",
            "start": 0, "end": len(name_id), "score": 100, "tier": "certain", "reasons": [],
        }  # fmt: skip
        await tx.execute(insert(schema.matches).values(match))
    return story_id
