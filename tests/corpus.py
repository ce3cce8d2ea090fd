"""Where the shared test material lives, for tests that read it: data only, never copied into the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

CORPUS = Path(os.environ.get("GUETTEUR_CORPUS") or Path(__file__).parents[1] / ".." / "shared" / "corpus").resolve()

Test = TypeVar("Test", bound=Callable[..., object])


def corpus_path(*parts: str) -> Path:
    return CORPUS.joinpath(*parts)


def needs_corpus(test: Test) -> Test:
    """Marks a test `corpus` and skips it, saying why, where the material is absent."""
    skip = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no test material at {CORPUS} (GUETTEUR_CORPUS names it)")
    marked: Test = pytest.mark.corpus(skip(test))
    return marked
