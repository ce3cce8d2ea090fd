"""The labelled articles of GUETTEUR_CORPUS; its `stories/README.md` explains them."""

from __future__ import annotations

import json
import os
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

CORPUS = Path(os.environ.get("GUETTEUR_CORPUS") or Path(__file__).parents[2] / ".." / "shared" / "corpus")
STORIES = CORPUS / "stories"
DOCUMENTS = STORIES / "public.docs.jsonl"
GOLD = STORIES / "public.gold.jsonl"
SCORER = CORPUS.parent / "tools" / "score_stories.py"


@dataclass(frozen=True, slots=True)
class Document:
    """An article of the stream, in order of publication."""

    id: str
    title: str
    text: str
    language: str
    published: datetime


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


@cache
def documents() -> list[Document]:
    return [
        Document(row["id"], row["title"], row["text"], row["language"], datetime.fromisoformat(row["published"]))
        for row in _rows(DOCUMENTS)
    ]


@cache
def gold() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Articles of known stories, and labelled pairs."""
    rows = _rows(GOLD)
    return [row for row in rows if "story" in row], [row for row in rows if "same" in row]


@cache
def scorer() -> dict[str, Any]:
    """The functions of the scorer that the corpus comes with."""
    return runpy.run_path(str(SCORER), run_name="score_stories")


def f1(precision: float, recall: float) -> float:
    function: Callable[[float, float], float] = scorer()["f1"]
    return function(precision, recall)
