"""The articles that /latest and /trend turn over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.model import Tier, list_scope
from bot.storage.database import Database
from bot.storage.stories import mentions_since, recent_matches, recent_matches_of
from tests.storage.stories import a_story

NOW = datetime(2026, 2, 3, 8, 0, tzinfo=UTC)
JUSTICE, CRIME = list_scope("justice"), list_scope("crime")


async def test_by_scope_or_by_name_the_latest_first(database: Database) -> None:
    for hours, scope, name in ((1, JUSTICE, "amra"), (2, JUSTICE, "bingui"), (3, CRIME, "amra"), (99, JUSTICE, "amra")):
        await a_story(database, scope, NOW - timedelta(hours=hours), name_id=name, title=f"{name} {hours}")
    since = NOW - timedelta(hours=48)
    async with database.read() as connection:
        of_list = await recent_matches(connection, [JUSTICE], since)
        of_name = await recent_matches_of(connection, {(JUSTICE, "amra")}, since)
        mentions = await mentions_since(connection, [JUSTICE], since)
    assert [each.stored.article.title for each in of_list] == ["amra 1", "bingui 2"]
    assert [each.stored.article.title for each in of_name] == ["amra 1"]
    assert {(each.name, each.article_id, each.tier) for each in mentions} == {
        ((JUSTICE, "amra"), of_list[0].stored.id, Tier.CERTAIN),
        ((JUSTICE, "bingui"), of_list[1].stored.id, Tier.CERTAIN),
    }
