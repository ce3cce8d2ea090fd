"""Consecutive polls of real feeds: every item is new once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.articles.changes import New
from bot.feeds.parse import parse_document
from bot.model import Entry
from tests.articles.memory import Memory
from tests.corpus import corpus_path, needs_corpus

SEQUENCES = sorted(
    {path.parent for path in corpus_path("feeds", "feeds_seq").rglob("*.xml") if len(list(path.parent.iterdir())) > 2}
)


def polls(folder: Path) -> list[tuple[datetime, tuple[Entry, ...]]]:
    return [
        (_time(path.stem), parse_document(path.read_bytes(), content_type=None, url="", max_items=10_000).entries)
        for path in sorted(folder.glob("*.xml"))
    ]


def _time(stem: str) -> datetime:
    """2026-08-13T042436, or without the seconds."""
    return datetime.strptime(stem[:15].ljust(17, "0"), "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC)


@needs_corpus
@pytest.mark.parametrize("skims", [True, False], ids=["skimmed", "whole"])
@pytest.mark.parametrize("folder", SEQUENCES, ids=lambda folder: folder.name)
def test_every_item_of_a_real_feed_is_new_once(folder: Path, skims: bool) -> None:
    memory = Memory(skims=skims)
    guids: set[str] = set()
    new: list[New] = []
    for now, entries in polls(folder):
        guids |= {each.guid or each.link or each.title for each in entries}
        new += [change for change in memory.poll(entries, now, folder.name) if isinstance(change, New)]
    twice = {
        guid: count
        for guid, count in Counter(each.article.guid or each.article.url for each in new).items()
        if count > 1
    }
    assert not twice
    assert len(guids) * 0.9 <= len(new) <= len(guids)
