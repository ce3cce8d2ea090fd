from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from bot.matching.candidates import Wanted
from bot.matching.keys import watched_keys
from bot.search.query import read_query
from bot.storage.articles import index_articles
from bot.storage.database import Database
from bot.storage.pages import keep_page, wanted_pages
from bot.storage.schema import articles, feeds, word_keys, words
from bot.storage.search import articles_with, articles_with_signs, search_articles, stored_since, words_under
from bot.storage.text_index import fill, forget_words
from tests.faketime import StandingClock

START = StandingClock().now()


async def store(database: Database, *written: tuple[str, str], page: str | None = None) -> list[int]:
    """Articles with this headline and text, a minute apart; the first is the oldest."""
    async with database.transaction() as tx:
        if not (await tx.execute(select(feeds.c.id))).first():
            await tx.execute(insert(feeds).values(a_feed()))
        ids = []
        for number, (title, body) in enumerate(written):
            row = an_article(title, body, page, START + timedelta(minutes=number))
            ids.append((await tx.execute(insert(articles).values(row).returning(articles.c.id))).scalar_one())
        await index_articles(tx, ids)
    return ids


def a_feed() -> dict[str, object]:
    return {
        "id": "f", "url_digest": "", "title": "Média A", "tags": [], "active": True, "state": "ok",
        "next_poll_at": START, "last_good_at": START,
    }  # fmt: skip


def an_article(title: str, body: str, page: str | None, at: datetime) -> dict[str, object]:
    return {
        "feed_id": "f", "title": title, "text": body, "page_text": page, "published_at": at, "dated": True,
        "seen_at": at, "digest": "", "state": "done",
    }  # fmt: skip


async def found(database: Database, written: str, *, limit: int = 10, offset: int = 0) -> list[str]:
    query = read_query(written)
    assert query is not None
    async with database.read() as connection:
        hits = await search_articles(connection, query, START, limit, offset)
    return [each.stored.article.title for each in hits.page]


async def test_every_word_must_stand_there_and_none_of_the_unwanted(database: Database) -> None:
    await store(database, ("Un", "La marée haute"), ("Deux", "La marée basse à Port-Salins"), ("Trois", "Le port"))
    assert await found(database, "MAREE") == ["Deux", "Un"]
    assert await found(database, "maree port") == ["Deux"]
    assert await found(database, "maree -basse") == ["Un"]
    assert await found(database, "port -maree -x") == ["Trois"]
    assert await found(database, "sal*") == ["Deux"]
    assert await found(database, "sal") == []


async def test_a_phrase_stands_word_by_word_and_not_across_headline_and_text(database: Database) -> None:
    await store(database, ("Le procureur", "de Port-Salins"), ("Le port", "le procureur de Port-Salins parle"))
    assert await found(database, '"procureur de port"') == ["Le port"]
    assert await found(database, "“port le”") == []


async def test_scripts_without_blanks_are_found_by_any_part(database: Database) -> None:
    await store(database, ("日本", "渡辺健二氏は東京で"), ("ไทย", "นายทักษิณกล่าว"), ("한국", "김정은이"))
    assert await found(database, "健二") == ["日本"]
    assert await found(database, "健") == ["日本"]
    assert await found(database, "健東") == []
    assert await found(database, "ทักษิณ") == ["ไทย"]
    assert await found(database, "김정은") == ["한국"]
    async with database.read() as connection:
        assert len(await articles_with_signs(connection, START, 10)) == 2


async def test_pages_follow_each_other_by_publication(database: Database) -> None:
    await store(database, *((f"T{number}", "marée") for number in range(5)))
    assert await found(database, "marée", limit=2) == ["T4", "T3"]
    assert await found(database, "marée", limit=2, offset=4) == ["T0"]
    query = read_query("marée")
    assert query is not None
    async with database.read() as connection:
        hits = await search_articles(connection, query, START + timedelta(minutes=3), 10)
        stored = await stored_since(connection, START + timedelta(minutes=3))
    assert hits.total == 2
    assert (stored.articles, stored.feeds, stored.first) == (2, 1, START + timedelta(minutes=3))


async def test_the_page_of_an_article_is_searched_too_and_an_edit_replaces_what_it_said(database: Database) -> None:
    [article_id] = await store(database, ("Un", "La marée"), page="La marée emporte le Consortium Halcyon. " * 20)
    assert await found(database, "halcyon") == ["Un"]
    async with database.transaction() as tx:
        await tx.execute(update(articles).values(text="Le jusant", page_text=None))
        await index_articles(tx, [article_id])
    assert await found(database, "jusant") == ["Un"]
    assert await found(database, "halcyon") == []


async def test_what_a_page_adds_is_searched_at_once(database: Database) -> None:
    [article_id] = await store(database, ("Un", "La marée"))
    async with database.transaction() as tx:
        await tx.execute(update(articles).values(url="https://exemple.fr/un"))
        [wanted] = await wanted_pages(tx, [article_id])
        await keep_page(tx, wanted, next_at=None, text="Le Consortium Halcyon se retire.", now=START)
    assert await found(database, "halcyon marée") == ["Un"]


async def test_what_is_deleted_by_whatever_statement_leaves_the_index(database: Database) -> None:
    first, _, _ = await store(database, ("Un", "Vantadour"), ("Deux", "Vantadour"), ("Trois", "Quincampoix"))
    async with database.transaction() as tx:
        await tx.execute(delete(articles).where(articles.c.id == first))
    assert await found(database, "vantadour") == ["Deux"]
    async with database.transaction() as tx:
        await tx.execute(text("DELETE FROM feeds"))
        assert (await tx.execute(text("SELECT count(*) FROM article_words"))).scalar_one() == 0


async def test_words_that_no_article_has_any_more_are_forgotten(database: Database) -> None:
    first, _ = await store(database, ("Un", "Vantadour et Quincampoix"), ("Deux", "Quincampoix"))
    async with database.transaction() as tx:
        await tx.execute(delete(articles).where(articles.c.id == first))
        after: int | None = 0
        while after is not None:
            after = await tx.run_sync(forget_words, after, 1)
        assert sorted((await tx.execute(select(words.c.word))).scalars()) == ["deux", "quincampoix"]
        orphans = select(word_keys.c.word_id).where(word_keys.c.word_id.not_in(select(words.c.id)))
        assert (await tx.execute(orphans)).first() is None


async def test_a_name_part_is_found_in_the_spellings_of_the_vocabulary(database: Database) -> None:
    await store(database, ("Un", "Badiss Bajou parle."), ("Deux", "قال باجو"), ("Trois", "Bajou, Bajoux et Amra."))
    async with database.read() as connection:
        spellings = await words_under(connection, watched_keys("bajjou"))
        assert {"bajou", "باجو"} <= set(spellings)
        assert "amra" not in spellings
        wanted = [Wanted((frozenset({"bajou", "باجو"}),))]
        assert len(await articles_with(connection, wanted, START, 10)) == 3
        both = [Wanted((frozenset({"bajou"}), frozenset({"amra", "badiss"})))]
        assert len(await articles_with(connection, both, START, 10)) == 2
        assert await articles_with(connection, [Wanted((frozenset({"bajou"}), frozenset()))], START, 10) == []
        assert await articles_with(connection, [], START, 10) == []


async def test_an_index_is_filled_from_what_is_stored(database: Database) -> None:
    await store(database, ("Un", "La marée de Vantadour"), ("Deux", "rien"))
    async with database.transaction() as tx:
        for table in ("article_words", "word_keys", "words"):
            await tx.execute(text(f"DELETE FROM {table}"))
    assert await found(database, "marée") == []
    async with database.transaction() as tx:
        await tx.run_sync(fill)
    assert await found(database, "marée vantadour") == ["Un"]


ODD = st.lists(st.sampled_from([*"ab\"'-*():^{}|&!<>\\«»“”東の ̈é\x00ﷺ½", "NEAR", "AND", "OR"]), max_size=30).map(
    "".join
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
@given(written=ODD | st.text(max_size=30), body=ODD)
async def test_whatever_people_write_and_feeds_tell_breaks_nothing(database: Database, written: str, body: str) -> None:
    body = body.replace("\x00", "")
    [article_id] = await store(database, ("t", body))
    for asked in (written, body):
        query = read_query(asked)
        if query is not None:
            async with database.read() as connection:
                hits = await search_articles(connection, query, START, 100)
            titles = [each.stored.id for each in hits.page]
            assert asked is written or query.without or article_id in titles, asked
    async with database.transaction() as tx:
        await tx.execute(delete(articles))
