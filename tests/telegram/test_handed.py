"""What people hand over without a command: links that they paste or forward are asked about."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from bot.feeds.identity import url_identity
from bot.storage import schema
from bot.texts import text
from tests.telegram.newsroom import ADA, ADMIN, EVE, NOW, Newsroom

URL = "https://phare.example/un"


@pytest.fixture
async def article(newsroom: Newsroom) -> str:
    """The address of an article that a feed listed."""
    feed = {
        "id": "a", "url_digest": "0", "title": "Le Phare", "tags": [], "active": True, "state": "ok",
        "next_poll_at": NOW(),
    }  # fmt: skip
    stored = {
        "id": 1, "feed_id": "a", "title": "Un titre", "text": "", "published_at": NOW(), "dated": True,
        "seen_at": NOW(), "digest": "0" * 32, "state": "done",
    }  # fmt: skip
    known = {"feed_id": "a", "kind": "url", "digest": url_identity(URL).digest, "article_id": 1, "listed_at": NOW()}
    async with newsroom.database.transaction() as tx:
        for table, row in ((schema.feeds, feed), (schema.articles, stored), (schema.identities, known)):
            await tx.execute(insert(table).values(row))
    return URL


async def last(newsroom: Newsroom) -> str:
    await newsroom.settle()
    return newsroom.botapi.texts(ADA.id)[-1]


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ("Vu ? https://phare.example/un?utm_source=x", ("https://phare.example/un?utm_source=x", "")),
        ("😀 phare.example/un", ("phare.example/un", "")),
        ("Un titre, à lire", ("Un titre", URL)),
    ],
)
@pytest.mark.parametrize("caption", [False, True])
@pytest.mark.parametrize("forwarded", [False, True])
async def test_a_link_in_private_is_asked_about(
    newsroom: Newsroom, article: str, words: str, link: tuple[str, str], caption: bool, forwarded: bool
) -> None:
    newsroom.botapi.hands_over(ADA, words, link, caption=caption, forwarded=forwarded)
    assert (await last(newsroom)).startswith("Pourquoi cet article ?\nUn titre")


async def test_a_link_that_no_feed_listed_and_words_without_one(newsroom: Newsroom) -> None:
    newsroom.botapi.hands_over(ADA, "https://x.example/y", ("https://x.example/y", ""))
    assert await last(newsroom) == text("fr", "why.unknown-url")
    newsroom.botapi.hands_over(ADA, "bonjour", caption=True)
    assert (await last(newsroom)).startswith(text("fr", "words.what")[:20])


async def test_why_in_answer_to_a_message_with_a_link(newsroom: Newsroom, article: str) -> None:
    forwarded = newsroom.botapi.hands_over(EVE, "Un titre", ("Un titre", URL))
    newsroom.botapi.replies(ADA, "/why", forwarded)
    assert (await last(newsroom)).startswith("Pourquoi cet article ?\nUn titre")
    plain = newsroom.botapi.hands_over(EVE, "rien")
    newsroom.botapi.replies(ADA, "/why", plain)
    assert (await last(newsroom)).startswith("Répondez /why à une de mes alertes")


async def test_strangers_learn_nothing_by_a_link(newsroom: Newsroom, article: str) -> None:
    newsroom.botapi.hands_over(EVE, URL, (URL, ""))
    await newsroom.settle()
    assert newsroom.botapi.texts(EVE.id) == [text("fr", "access.refused")]


async def test_a_forwarded_post_of_many_lines_is_no_list(newsroom: Newsroom) -> None:
    newsroom.botapi.hands_over(ADMIN, "Odile Karsenti\nTomás Berenguel\nPaul Exemple", forwarded=True)
    await newsroom.settle()
    assert newsroom.botapi.texts(ADMIN.id)[-1].startswith(text("fr", "words.what")[:20])
