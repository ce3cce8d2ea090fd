"""What is read of the stored articles for a name, and what is said where the time does not suffice."""

from __future__ import annotations

from datetime import timedelta

from bot.backtest import new_entry
from bot.lookback import BATCH, Budget, look_back
from bot.model import Entity
from bot.storage.database import Database
from tests.faketime import StandingClock
from tests.storage.test_search import START, store

ENTRY = new_entry(Entity("Aurélie Vantadour"))


async def test_only_articles_that_may_name_it_are_read(database: Database) -> None:
    await store(database, ("Un", "Aurelie Vantadoure parle."), ("Deux", "La marée."), ("Trois", "Sofia Vantadour"))
    told: list[str] = []
    seen = await look_back(database, [ENTRY], START, progress=told.append)
    assert [each.article.article.title for each in seen.found[0]] == ["Un"]
    assert (seen.stock.articles, seen.feeds, seen.outlets) == (3, 1, {"f": "Média A"})
    assert told == ["1 of 1 articles read that may name it …", "1 of 1 articles read that may name it …"]
    assert (seen.complete_since, seen.bare_since) == (None, None)


async def test_names_in_signs_are_read_though_no_index_finds_them(database: Database) -> None:
    await store(database, ("Un", "陈晓明说"), ("Deux", "渡辺健二氏は"))
    seen = await look_back(database, [new_entry(Entity("陳曉明"))], START)
    assert [each.article.article.title for each in seen.found[0]] == ["Un"]


async def test_the_latest_are_read_first_and_what_was_left_is_told(database: Database) -> None:
    await store(database, *((f"T{number}", "Aurélie Vantadour parle.") for number in range(BATCH + 5)))
    clock = StandingClock()
    seen = await look_back(database, [ENTRY], START, budget=Budget(clock, clock.monotonic(), 1000))
    assert len(seen.found[0]) == BATCH
    assert seen.complete_since == START + timedelta(minutes=5)
    assert seen.stock.read_since == seen.complete_since
    assert min(each.article.article.published_at for each in seen.found[0]) == seen.complete_since


async def test_a_bare_surname_is_looked_for_after_the_whole_name(database: Database) -> None:
    bare = [(f"T{number}", "Vantadour parle.") for number in range(BATCH + 5)]
    await store(database, ("Plein", "Aurélie Vantadour parle."), *bare)
    clock = StandingClock()
    seen = await look_back(database, [ENTRY], START, budget=Budget(clock, clock.monotonic(), 1000))
    assert "Plein" in {each.article.article.title for each in seen.found[0]}
    assert (seen.complete_since, seen.bare_since) == (None, START + timedelta(minutes=6))


async def test_with_time_enough_all_is_read(database: Database) -> None:
    await store(database, *((f"T{number}", "Aurélie Vantadour parle.") for number in range(BATCH + 5)))
    clock = StandingClock()
    seen = await look_back(database, [ENTRY], START, budget=Budget(clock, clock.monotonic() + 1, 1000))
    assert (len(seen.found[0]), seen.complete_since, seen.bare_since) == (BATCH + 5, None, None)


async def test_enough_is_enough(database: Database) -> None:
    await store(database, *((f"T{number}", "Aurélie Vantadour parle.") for number in range(BATCH + 5)))
    clock = StandingClock()
    seen = await look_back(database, [ENTRY], START, budget=Budget(clock, clock.monotonic() + 1, BATCH))
    assert len(seen.found[0]) == BATCH
    assert seen.complete_since == START + timedelta(minutes=5)
