from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.articles.clean import clean_entry
from bot.model import Article, Entry, Feed

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
FEED = Feed("phare", "https://phare.example/rss")


def clean(feed: Feed = FEED, feed_language: str | None = None, **entry: object) -> Article:
    values: dict[str, object] = {"guid": None, "link": None, "title": "Un titre"} | entry
    return clean_entry(Entry(**values), feed, feed_language, NOW)  # type: ignore[arg-type]  # the test's own words


@pytest.mark.parametrize(
    ("summary", "content", "text"),
    [
        ("<p>Un début</p>", "", "Un début"),
        ("", "<p>Tout</p>", "Tout"),
        ("<p>Un début</p>", "<p>Un début</p><p>et la suite.</p>", "Un début\net la suite."),
        ("Un début […]", "<p>Un début, et la suite.</p>", "Un début, et la suite."),
        ("Un début...", "<p>Un début, et la suite.</p>", "Un début, et la suite."),
        ("Un mot, puis tout, et plus", "puis tout", "Un mot, puis tout, et plus"),
        ("L’avis de la rédaction", "<p>Le récit</p>", "L’avis de la rédaction\nLe récit"),
    ],
)
def test_summary_and_content_are_said_once(summary: str, content: str, text: str) -> None:
    assert clean(summary=summary, content=content).text == text


@pytest.mark.parametrize(
    ("published", "updated", "expected", "dated"),
    [
        (NOW - timedelta(hours=1), NOW, NOW - timedelta(hours=1), True),
        (None, NOW - timedelta(hours=2), NOW - timedelta(hours=2), True),
        (NOW + timedelta(days=900), None, NOW, True),
        (None, None, NOW, False),
    ],
)
def test_times_that_can_be_true(
    published: datetime | None, updated: datetime | None, expected: datetime, dated: bool
) -> None:
    article = clean(published=published, updated=updated)
    assert (article.published_at, article.dated, article.seen_at) == (expected, dated, NOW)


@pytest.mark.parametrize(
    ("own", "configured", "document", "language"),
    [
        ("en-GB", "fr", "de", "en"),
        (None, "fr", "de", "fr"),
        (None, None, "FR_fr", "fr"),
        ("", None, "français", None),
        (None, None, None, None),
    ],
)
def test_the_nearest_language_counts(
    own: str | None, configured: str | None, document: str | None, language: str | None
) -> None:
    feed = Feed("phare", "https://phare.example/rss", language=configured)
    assert clean(feed, document, language=own).language == language


def test_an_entry_without_title_gets_a_headline() -> None:
    assert clean(title="", summary="<p>Court.</p><p>Et long.</p>").title == "Court."
    assert clean(title="", summary="mot " * 100).title.endswith("mot…")
    assert len(clean(title="", summary="x" * 500).title) == 120
    assert clean(title="").title == ""


def test_monstrous_texts_are_cut() -> None:
    article = clean(title="t" * 10**6, content="<p>" + "x" * 10**6)
    assert (len(article.title), len(article.text)) == (1_000, 200_000)


@pytest.mark.parametrize("link", [None, "", "javascript:alert(1)", "mailto:a@b.fr", "urn:x", "http://[::1", "/a"])
def test_only_the_web_is_linked(link: str | None) -> None:
    article = clean(link=link)
    assert (article.url, article.canonical_url) == (None, None)


def test_the_link_is_kept_as_given_beside_its_canonical_form() -> None:
    article = clean(link="http://www.phare.example/a/?utm_source=rss#xtor=RSS-1")
    assert article.url == "http://www.phare.example/a/?utm_source=rss#xtor=RSS-1"
    assert article.canonical_url == "https://phare.example/a"
