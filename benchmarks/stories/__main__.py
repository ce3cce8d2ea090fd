"""`python -m benchmarks.stories`: measures what is asked for and prints the tables."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click

from benchmarks.matching.measure import in_fresh_process
from benchmarks.stories import corpus, cost, learn, quality, report, tfidf
from benchmarks.tables import Table, machine, page

PARTS = ("quality", "cost")


def _numbers(_context: click.Context, _option: click.Parameter, given: str) -> list[int]:
    try:
        numbers = sorted({int(part.replace("_", "")) for part in given.split(",")})
    except ValueError as error:
        raise click.BadParameter("numbers with commas between them, e.g. 1000,10000") from error
    if numbers[0] < 1:
        raise click.BadParameter("a window holds at least one article")
    return numbers


def _parts(_context: click.Context, _option: click.Parameter, given: str) -> list[str]:
    parts = given.split(",")
    if unknown := [part for part in parts if part not in PARTS]:
        raise click.BadParameter(f"{', '.join(unknown)}: there are only {', '.join(PARTS)}")
    return parts


@click.command()
@click.option(
    "--sizes", default="1000,10000,100000", show_default=True, callback=_numbers, help="Articles in the window."
)
@click.option("--only", "parts", default=",".join(PARTS), show_default=True, callback=_parts, help="Parts to measure.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Renew the tables of this page too.")
def main(sizes: list[int], parts: list[str], markdown: Path | None) -> None:
    """How well and how fast articles are grouped, beside TF-IDF and the nearest neighbour.

    Reads stories/ of GUETTEUR_CORPUS and ../tools/score_stories.py beside it.
    """
    if not corpus.STORIES.is_dir() or not corpus.SCORER.is_file():
        raise click.ClickException(
            f"there is no {corpus.STORIES} or no {corpus.SCORER}; set GUETTEUR_CORPUS to the folder of the corpus"
        )
    if find_spec("sklearn") is None:
        raise click.ClickException("scikit-learn is not installed; make bench-stories installs it")
    tables = []
    for table in _tables(sizes, parts):
        tables.append(table)
        click.echo(f"\n{table.for_terminal()}\n")
    if markdown:
        before = markdown.read_text("utf-8") if markdown.exists() else ""
        markdown.write_text(page(before, machine(), tables), "utf-8")
        _say(f"The tables are in {markdown}.")


def _tables(sizes: list[int], parts: list[str]) -> Iterator[Table]:
    if "quality" in parts:
        _say("quality")
        pairs = learn.labelled_pairs()
        unseen = learn.unseen_judge(pairs, learn.measure_all(pairs))
        yield report.quality_table(
            {
                "Guetteur": quality.scores(quality.group()),
                "Guetteur, unseen": quality.scores(quality.group(unseen)),
                "TF-IDF 0.35": quality.scores(tfidf.group(0.35)),
                "TF-IDF 0.40": quality.scores(tfidf.group(0.40)),
            }
        )
    if "cost" in parts:
        ours, theirs = {}, {}
        for size in sizes:
            _say(f"cost: {size:,} articles")
            ours[size] = in_fresh_process(cost.cost, size)
            theirs[size] = in_fresh_process(tfidf.cost_ms, size, 50) if size <= tfidf.MOST else None
        yield report.cost_table(ours, theirs)


def _say(what: str) -> None:
    click.echo(what, err=True)


if __name__ == "__main__":
    main()
