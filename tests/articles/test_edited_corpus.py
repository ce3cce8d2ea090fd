"""Headlines that a newspaper rewrote under one guid: the same article, also where nothing but its address lasts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.articles.changes import Changed, New
from bot.model import Entry
from tests.articles.memory import START, STEP, Memory
from tests.corpus import corpus_path, needs_corpus

EDITED = corpus_path("feeds", "clusters", "lemonde-2022", "edited-titles.jsonl")
LISTED = 20
"""Items of Le Monde's documents."""


def by_guid(entry: Entry) -> Entry:
    return replace(entry, link=None)


def by_address(entry: Entry) -> Entry:
    """No guid, and trackers that change with each edit."""
    return replace(entry, guid=None, link=f"{entry.link}?utm_source=rss&utm_content={len(entry.title)}#xtor=RSS-1")


@needs_corpus
@pytest.mark.parametrize(("known_by", "least"), [(by_guid, 1.0), (by_address, 0.97)])
def test_an_edited_headline_is_the_same_article(known_by: Callable[[Entry], Entry], least: float) -> None:
    records = [json.loads(line) for line in EDITED.read_text(encoding="utf-8").splitlines()]
    edits = lost = 0
    for start in range(0, len(records), LISTED):
        memory, now = Memory(), START
        batch = records[start : start + LISTED]
        for version in range(max(len(each["titles"]) for each in batch)):
            entries = [
                known_by(Entry(guid=each["guid"], link=each["guid"], title=title, summary="", published=START))
                for each in batch
                for title in each["titles"][version : version + 1] or each["titles"][-1:]
            ]
            changes = memory.poll(entries, now, "phare")
            if version:
                edits += sum(version < len(each["titles"]) for each in batch)
                lost += sum(isinstance(change, New) for change in changes)
                assert len(changes) <= len(batch)
                assert all(change.why == "edited" for change in changes if isinstance(change, Changed))
            now += STEP
    assert edits >= 490
    assert lost <= (1 - least) * edits, f"{lost} of {edits} edits made another article"
