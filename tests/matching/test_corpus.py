"""What the project was asked for first: the seed article and the seed sentences (read, never copied)."""

from __future__ import annotations

import json
from typing import Any

from bot.matching.index import matcher_of
from bot.model import Kind, Tier
from bot.text import sentence_around
from tests.corpus import corpus_path, needs_corpus
from tests.matching.names import look, watched


@needs_corpus
def test_the_seed_article_names_all_four_each_in_its_sentence() -> None:
    text = corpus_path("seed-article.txt").read_text(encoding="utf-8")
    wanted = ["Gérald Darmanin", "Mohamed Amra", "Badiss Mohammed Bajjou", "Félix Bingui"]
    found = {match.name_id: match for match in look(text, *map(watched, wanted))}
    assert sorted(found) == sorted(wanted)
    for name, match in found.items():
        first, last = sentence_around(text, match.start, match.end)
        assert (match.text, match.tier) == (name, Tier.CERTAIN)
        assert name in text[first:last]
        assert "\n" not in text[first:last]


@needs_corpus
def test_nearly_every_seed_sentence_is_read_as_labelled() -> None:
    matcher = matcher_of(
        watched(
            row["name"],
            name_id=row["id"],
            aliases=row["aliases"],
            kind=Kind.PERSON if row["type"] == "person" else Kind.ORGANISATION,
        )
        for row in rows("seed.watch.jsonl")
    )
    wrong = [row["text"] for row in rows("seed.docs.jsonl") if not is_read_right(row, matcher.find("", row["text"]))]
    assert len(wrong) <= 1, wrong


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in corpus_path("names", name).read_text(encoding="utf-8").splitlines()]


def is_read_right(row: dict[str, Any], found: list[Any]) -> bool:
    """All that is labelled is found for certain (a bare surname may be possible), and nothing else is."""
    certain = {match.name_id for match in found if match.tier is Tier.CERTAIN or row["kind"] == "surname"}
    return certain == {gold["id"] for gold in row["gold"]}
