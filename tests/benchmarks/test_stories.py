"""The benchmark of stories: its tables, what it learns, and the whole of it as it is called, on an invented day."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.stories import corpus, learn, report
from benchmarks.stories.cost import Cost
from benchmarks.stories.learn import Pair
from benchmarks.stories.quality import Score
from bot.stories import words
from bot.stories.likeness import ACROSS, LEARNT, MEASURES
from tests.corpus import needs_corpus
from tests.stories.labelled import START, labelled

ROOT = Path(__file__).parents[2]
INSTALLED_BY = "make bench-stories installs it"
GOOD = Score(1.0, 1.0, 1.0, hidden=0, repeated=0, wrong=0)

SCORER = """
def f1(p, r): return 2 * p * r / (p + r) if p + r else 0.0

def clusters(name, rows, pred):
    told = len({pred[row["id"]] for row in rows})
    print(f"{name:12s} {len(rows)} articles: B-cubed P=0.990 R=0.980 F1=0.985  alerts hidden 0/9  repeated {told}")
"""
"""Prints as the corpus's own does; its figures are made up."""

RETOLD = (
    ("mayor", 5.5, "fr", "Tarnwick : la maire Odile Carrowmore démissionne",
     "Odile Carrowmore a quitté lundi la mairie de Tarnwick après un contrat de 12 millions pour le port."),
    ("mayor", 5.6, "fr", "Contrat du port : Odile Carrowmore quitte la mairie de Tarnwick",
     "La maire de Tarnwick, Odile Carrowmore, a démissionné lundi. Le contrat du port portait sur 12 millions."),
)  # fmt: skip
"""The mayor's story in another language: two families tell theirs in two."""
TOLD = ((each.event, each.at, each.language, each.title, each.text) for each in labelled())
DAY = tuple(sorted((*TOLD, *RETOLD), key=lambda each: each[1]))
FAMILIES = {"captain": "ferry", "other ferry": "ferry", "namesake": "mayor", "trial": "factory"}
"""Event → family, where it is another's; the kinds of weather and of index are one family each."""
SETS = {"ferry": "ecb", "mayor": "followup"}


def score_table(**by_name: Score) -> dict[str, list[str]]:
    scored = dict.fromkeys(report.REQUIRED, GOOD) | {name.replace("_", " "): each for name, each in by_name.items()}
    return {row[0]: row[1:] for row in report.quality_table({"ours": scored}).rows}


def cost_rows(**median_ms: float) -> dict[str, list[str]]:
    ours = {int(size[1:]): Cost(ms, 2 * ms, int(size[1:]) / 200, 1.0) for size, ms in median_ms.items()}
    return {row[0]: row[1:] for row in report.cost_table(ours, dict.fromkeys(ours)).rows}


# --- The tables --------------------------------------------------------------------------------------------------


def test_what_is_met_bears_no_mark() -> None:
    assert "✗" not in str(score_table())


@pytest.mark.parametrize(
    ("name", "score", "marked"),
    [
        ("ecb", Score(0.949, 0.7, 0.839, hidden=3, repeated=50), [True, False, True, True]),
        ("one_language", Score(0.879, 0.7, 0.799, wrong=14), [True, False, True, False]),
        ("copy", Score(0.98, 0.969, 0.9, hidden=4, repeated=1), [False, True, False, True]),
        ("followup", Score(0.98, 0.9, 0.94, hidden=1, repeated=7), [False, False, False, False]),
        ("xlang", Score(0.949, 0.3, 0.5, wrong=3), [True, False, False, False]),
        ("xlang-mt", Score(0.1, 0.1, 0.1, wrong=9), [False, False, False, False]),
    ],
)
def test_each_set_is_held_against_what_is_required_of_it(name: str, score: Score, marked: list[bool]) -> None:
    cells = score_table(**{name: score})[f"{name.replace('_', ' ')}: ours"]
    assert ["✗" in cell for cell in cells] == [*marked, False, False]


def test_what_is_required_and_what_is_aimed_at_can_be_read() -> None:
    table = score_table()
    assert table["ecb: required"] == ["≥ 0.95", "–", "≥ 0.84", "≤ 2", "–", "–"]
    assert table["ecb: aim"] == ["–", "–", "≥ 0.89", "–", "–", "–"]
    assert "xlang-mt: required" not in table


def test_an_article_may_cost_twice_as_much_in_the_largest_window_and_ten_milliseconds() -> None:
    table = cost_rows(_1000=2.0, _10000=4.0, _100000=10.5)
    assert table["required"][:2] == ["≤ 10.0", "≤ 2.0"]
    assert table["1,000"][:2] == ["2.0", "1.00"]
    assert table["10,000"][:2] == ["4.0", "2.00"]
    assert table["100,000"][:2] == ["10.5 ✗", "5.25 ✗"]


def test_memory_is_told_by_the_thousand_articles_and_what_was_not_measured_is_left_open() -> None:
    _, _, slowest, theirs, window, by_thousand, _ = cost_rows(_10000=4.0)["10,000"]
    assert (slowest, theirs, window, by_thousand) == ("8.0", "–", "50", "5.0")


# --- Learning ----------------------------------------------------------------------------------------------------


def test_the_committed_weights_are_written_as_learning_writes_them() -> None:
    assert learn.as_module(LEARNT) == learn.WEIGHTS.read_text("utf-8")


def test_each_measure_is_weighed() -> None:
    assert (len(LEARNT.within), len(LEARNT.across)) == (len(MEASURES), len(ACROSS))


@needs_corpus
def test_the_committed_table_of_common_words_is_what_the_corpus_teaches() -> None:
    assert learn.common_words() == words.COMMON.read_text("utf-8")


def test_what_tells_events_apart_is_weighed_and_what_does_not_is_not() -> None:
    pytest.importorskip("sklearn", reason=INSTALLED_BY)
    pairs = [
        Pair(number, number + 1, same=number % 2 == 0, kind="ecb", across=across)
        for number in range(40)
        for across in (False, True)
    ]
    measured = {each: [float(each.same), each.one // 2 % 2, 0.0] for each in pairs}
    learnt = learn.learn(pairs, measured, [True] * len(pairs))
    for weighed, bias in ((learnt.within, learnt.bias), (learnt.across, learnt.across_bias)):
        assert weighed[0] > 1
        assert weighed[1:] == pytest.approx((0, 0), abs=0.01)
        assert bias < 0 < bias + weighed[0]


def test_what_is_kept_back_teaches_nothing() -> None:
    pytest.importorskip("sklearn", reason=INSTALLED_BY)
    pairs = [
        Pair(number, number + 1, same=number % 2 == 0, kind="ecb", across=across)
        for number in range(80)
        for across in (False, True)
    ]
    measured = {each: [float(each.same) if each.one < 40 else float(not each.same)] for each in pairs}
    first, second = (
        learn.learn(pairs, measured, [(each.one < 40) is half for each in pairs]) for half in (True, False)
    )
    assert first.within[0] > 0 > second.within[0]


# --- The whole ---------------------------------------------------------------------------------------------------


def family(event: str) -> str:
    return FAMILIES.get(event) or event.split(maxsplit=1)[0]


@pytest.fixture
def invented(tmp_path: Path) -> Path:
    """A folder such as GUETTEUR_CORPUS names, with the scorer beside it."""
    stories = tmp_path / "corpus" / "stories"
    stories.mkdir(parents=True)
    documents: list[dict[str, str]] = []
    gold: list[dict[str, str | bool]] = []
    for number, (event, hours, language, title, text) in enumerate(DAY):
        published = (START + timedelta(hours=hours)).isoformat()
        told = {"id": f"d{number}", "title": title, "text": text, "language": language, "published": published}
        documents.append(told)
        name = SETS.get(family(event), "copy")
        gold.append({"id": f"d{number}", "story": event, "set": name, "family": family(event)})
    one, other, *_ = (f"d{number}" for number, each in enumerate(DAY) if each[0] == "mayor")
    gold += [{"a": one, "b": other, "same": True, "set": name} for name in ("xlang", "xlang-mt", "semeval-fr")]
    for file, rows in (("public.docs.jsonl", documents), ("public.gold.jsonl", gold)):
        (stories / file).write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "score_stories.py").write_text(SCORER, "utf-8")
    return tmp_path / "corpus"


def run(folder: Path, *arguments: str, module: str = "benchmarks.stories") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *arguments]
    environment = os.environ | {"GUETTEUR_CORPUS": str(folder)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_one_command_measures_and_writes_the_page(invented: Path, tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason=INSTALLED_BY)
    page = tmp_path / "page.md"
    page.write_text("# What somebody wrote\n\n", "utf-8")
    done = run(invented, "--sizes", "30,6", "--markdown", str(page))
    assert done.returncode == 0, done.stderr
    assert "ecb: Guetteur, unseen" in done.stdout
    written = page.read_text("utf-8")
    assert written.startswith("# What somebody wrote\n")
    assert "| one language: TF-IDF 0.35 |" in written
    rows = [line for line in written.partition("## Cost of an article")[2].splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows[-2:]] == ["| 6", "| 30"]


def test_learning_shows_what_it_reaches_and_writes_nothing_unasked(invented: Path) -> None:
    pytest.importorskip("sklearn", reason=INSTALLED_BY)
    before = learn.WEIGHTS.read_text("utf-8"), words.COMMON.read_text("utf-8")
    done = run(invented, module="benchmarks.stories.learn")
    assert done.returncode == 0, done.stderr
    assert [line.partition(":")[0] for line in done.stdout.splitlines()[1:]] == ["learnt from", "unseen"]
    assert (learn.WEIGHTS.read_text("utf-8"), words.COMMON.read_text("utf-8")) == before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--sizes", "many"], "numbers with commas"),
        (["--sizes", "0"], "at least one article"),
        (["--only", "beauty"], "there are only quality"),
    ],
)
def test_a_mistake_is_named(invented: Path, arguments: list[str], complaint: str) -> None:
    done = run(invented, *arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("missing", [corpus.STORIES.name, "tools"])
def test_an_absent_corpus_is_named(tmp_path: Path, missing: str) -> None:
    """The articles, or the scorer beside them."""
    (tmp_path / ("tools" if missing == "stories" else "corpus/stories")).mkdir(parents=True)
    done = run(tmp_path / "corpus")
    assert done.returncode == 1
    assert "set GUETTEUR_CORPUS" in done.stderr
    assert "Traceback" not in done.stderr
