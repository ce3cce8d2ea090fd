"""The whole benchmark, as it is called, on a corpus of a few sentences about nobody real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IDA = "Hier, Ida Vantadour a présenté ses vœux."


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    names = tmp_path / "names"
    names.mkdir()
    watched = {"id": "ida", "type": "person", "name": "Ida Vantadour", "aliases": []}
    text = {"id": "t1", "lang": "fr", "kind": "exact", "sub": None, "target": "ida", "positive": True, "text": IDA}
    articles = [{"id": f"a{number}", "language": "fr", "text": IDA} for number in range(4)]
    _write(names / "public.watch.jsonl", watched)
    _write(names / "public.docs.jsonl", text | {"gold": [{"id": "ida"}], "ignore": []})
    _write(names / "articles.jsonl", *articles)
    others = "\n".join(["Ida Vantadour", *(f"Otto Brisecaille{chr(97 + number)}" for number in range(20))])
    (names / "names100k.txt").write_text(others + "\n", encoding="utf-8")
    return tmp_path


def _write(file: Path, *rows: object) -> None:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def run(corpus: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.matching", *arguments],
        cwd=ROOT,
        env=os.environ | {"GUETTEUR_CORPUS": str(corpus)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_command_measures_and_writes_the_page(corpus: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    options = ("--sizes", "1,5", "--articles", "2", "--rounds", "1", "--budget", "1")
    done = run(corpus, *options, "--only", "quality,distractors,speed", "--markdown", str(page))
    assert done.returncode == 0, done.stderr
    assert "recall: exact" in done.stdout
    assert "guetteur, second pass" in done.stdout
    assert "## Distractors" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--sizes", "10,many"], "numbers with commas"),
        (["--sizes", "500", "--articles", "1"], "holds 21 names, not 500"),
        (["--articles", "4"], "leaves nothing to time"),
        (["--only", "beauty"], "there are only quality"),
    ],
)
def test_a_mistake_is_named(corpus: Path, arguments: list[str], complaint: str) -> None:
    done = run(corpus, *arguments)
    assert done.returncode != 0
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_an_absent_corpus_is_named(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert done.returncode == 1
    assert "set GUETTEUR_CORPUS" in done.stderr
