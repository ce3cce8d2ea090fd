from __future__ import annotations

from bot.feeds.identity import Identity, identities, url_identity
from bot.model import Article
from tests.articles.samples import article


def of_kind(which: Article, kind: str) -> Identity | None:
    return next((identity for identity in identities(which) if identity.kind == kind), None)


def test_an_article_is_known_by_guid_url_words_and_title() -> None:
    found = identities(article())
    assert [identity.kind for identity in found] == ["guid", "url", "content", "title"]
    assert all(len(identity.digest) == 32 for identity in found)


def test_guids_and_words_belong_to_their_feed_and_urls_to_everybody() -> None:
    here, there = article(), article(feed_id="balise")
    assert of_kind(here, "guid") != of_kind(there, "guid")
    assert of_kind(here, "content") != of_kind(there, "content")
    assert of_kind(here, "title") != of_kind(there, "title")
    assert of_kind(here, "url") == of_kind(there, "url") == url_identity(here.canonical_url or "")


def test_blanks_and_case_do_not_change_the_words() -> None:
    assert of_kind(article(text="UN  mot " * 10), "content") == of_kind(article(text="un mot\n" * 10), "content")


def test_daily_slots_with_one_title_stay_apart() -> None:
    monday = article(guid="jt-1", url="https://phare.example/jt/1", title="Le journal de 20 heures", text="")
    tuesday = article(guid="jt-2", url="https://phare.example/jt/2", title="Le journal de 20 heures", text="")
    assert {identity.kind for identity in set(identities(monday)) & set(identities(tuesday))} == {"title"}
    monday, tuesday = (article(guid=guid, url=None, title="Le journal", text="") for guid in ("jt-1", "jt-2"))
    assert {identity.kind for identity in set(identities(monday)) & set(identities(tuesday))} == {"title"}


def test_a_sites_home_page_identifies_nothing() -> None:
    assert of_kind(article(url="https://phare.example/"), "url") is None
    assert of_kind(article(url="https://phare.example/?p=12"), "url") is not None


def test_everything_can_be_known_again() -> None:
    assert identities(article(guid=None, url=None, title="", text=""))
    short = article(guid=None, url="https://phare.example/", title="Bref", text="")
    assert of_kind(short, "content") is not None
