"""`guetteur why`: what a person reads of an article's fate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.cli.why import lines
from bot.errors import UsageError
from bot.model import Article, DeliveryState, Match, MatchField, StoredArticle, Target, Tier, list_scope
from bot.storage.why import Explanation, Found, Told

SEEN = datetime(2026, 2, 3, 23, 30, tzinfo=UTC)
URL = "https://quai.example/1"
ARTICLE = Article("quai", None, URL, URL, "Le phare rouvre", "", "fr", SEEN, dated=True, seen_at=SEEN)
NAMED = Found(
    None, Match(list_scope("port"), "anna", "Anna Roche", "Anna Roche", MatchField.TITLE, 0, 10, 90, Tier.CERTAIN)
)
NOBODY_OWED = "Nobody was owed an alert"


def said(state: str, *deliveries: Told, found: tuple[Found, ...] = (NAMED,)) -> str:
    explanation = Explanation(StoredArticle(7, ARTICLE), "Le Quai", state, None, found, deliveries)
    return "\n".join(lines(explanation, ZoneInfo("Europe/Paris")))


def test_an_article_of_the_first_reading_is_silent_for_that_and_no_other_reason() -> None:
    told = said("baseline")
    assert "when the feed was first read" in told
    assert "searchable" not in told
    assert NOBODY_OWED not in told


def test_a_name_that_no_chat_follows_is_told_once_the_article_was_looked_at() -> None:
    assert NOBODY_OWED in said("done")
    assert NOBODY_OWED not in said("new")
    assert NOBODY_OWED not in said("done", found=())


def test_times_are_those_of_the_configured_zone() -> None:
    sent = Told(Target(1), DeliveryState.SENT, None, SEEN + timedelta(minutes=1, seconds=5))
    told = said("done", sent)
    assert "published 2026-02-04 00:30, seen 2026-02-04 00:30 (times of Europe/Paris)" in told
    assert "sent 2026-02-04 00:31:05" in told
    assert "UTC" not in told


@pytest.mark.parametrize("url", ["pas une url", "quai.example/1"])
def test_what_is_no_address_is_not_said_to_be_listed_nowhere(tmp_path: Path, url: str) -> None:
    result = CliRunner().invoke(cli, ["why", "--config", str(tmp_path / "g.yaml"), url], standalone_mode=False)
    assert isinstance(result.exception, UsageError)
    assert "is not an address" in str(result.exception)


def test_a_chat_without_access_is_said_to_have_none() -> None:
    told = said("done", Told(Target(1), DeliveryState.SUPPRESSED, "no-access", None))
    assert "chat 1: not told: this chat had no access to it (telegram.access, or visible_to of the watchlist)" in told
    assert NOBODY_OWED not in told
