"""Headlines that a newspaper rewrote under one guid: the same article, also where nothing but its address lasts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.articles.changes import Changed, New
from bot.model import Article, Entry
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


def its_own(article: Article) -> str:
    """What its publisher knows it by, whatever was taken away."""
    return article.guid or (article.url or "").split("?")[0]


@needs_corpus
@pytest.mark.parametrize(("known_by", "least"), [(by_guid, 1.0), (by_address, 0.97)])
def test_an_edited_headline_is_the_same_article(known_by: Callable[[Entry], Entry], least: float) -> None:
    records = [json.loads(line) for line in EDITED.read_text(encoding="utf-8").splitlines()]
    edits = same = others = 0
    for start in range(0, len(records), LISTED):
        memory, now = Memory(), START
        batch = records[start : start + LISTED]
        for version in range(max(len(each["titles"]) for each in batch)):
            entries = [
                known_by(Entry(guid=each["guid"], link=each["guid"], title=title, summary="", published=START))
                for each in batch
                for title in each["titles"][version : version + 1] or each["titles"][-1:]
            ]
            owners = [its_own(article) for article in memory.articles]
            changes = memory.poll(entries, now + version * STEP, "phare")
            if not version:
                assert len(memory.articles) == len(changes) == len(batch), "none is known at first"
                continue
            others += sum(
                isinstance(each, Changed) and owners[each.article_id] != its_own(each.article) for each in changes
            )
            known = {each.article_id for each in changes if not isinstance(each, New)}
            edited = [each["guid"] for each in batch if version < len(each["titles"])]
            edits += len(edited)
            same += sum(owners.index(each) in known for each in edited)
    assert edits >= 490
    assert others == 0, "an edit of one article was taken for another's"
    assert same >= least * edits, f"{same} of {edits} edits are of the same article"
