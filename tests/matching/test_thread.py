"""The matcher's thread: in order, and never in the way of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.matching import MatchingThread
from tests.matching.names import watched

ARTICLE = ("", "Aldebert Quincampoix et Aurélie Vantadour", "fr")


@pytest.fixture
async def thread() -> AsyncIterator[MatchingThread]:
    thread = MatchingThread()
    yield thread
    thread.close()


async def names(thread: MatchingThread) -> list[str]:
    [found] = await thread.match([ARTICLE])
    return [match.name_id for match in found]


async def test_names_come_and_go(thread: MatchingThread) -> None:
    assert await names(thread) == []
    await thread.add(watched("Aldebert Quincampoix"))
    await thread.add(watched("Aurélie Vantadour"))
    assert await names(thread) == ["Aldebert Quincampoix", "Aurélie Vantadour"]
    await thread.remove(watched("Aurélie Vantadour").scope, "Aurélie Vantadour")
    assert await names(thread) == ["Aldebert Quincampoix"]
    await thread.replace([watched("Aurélie Vantadour")])
    assert await names(thread) == ["Aurélie Vantadour"]


async def test_answers_come_one_a_document_in_order(thread: MatchingThread) -> None:
    await thread.replace([watched("Aldebert Quincampoix")])
    found = await thread.match([("", "rien", None), ARTICLE, ("Aldebert Quincampoix", "", None)])
    assert [len(each) for each in found] == [0, 1, 1]


async def test_the_loop_turns_while_the_thread_reads(thread: MatchingThread) -> None:
    await thread.replace([watched("Aldebert Quincampoix")])
    reading = asyncio.ensure_future(thread.match([("", "Quincampoix, " * 40_000, None)]))
    turns = 0
    while not reading.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 3
    await reading
