"""`python -m benchmarks.stories`: measures what is asked for and prints the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.stories import corpus, cost, learn, quality, report, tfidf
from benchmarks.tables import Table, machine, page

PARTS = ("quality", "cost")
MOST_FOR_TFIDF = 10_000
"""More articles take minutes and gigabytes to learn the words of."""


@click.command()
@click.option("--sizes", default="1000,10000,100000", show_default=True, help="Articles in the window.")
@click.option("--only", "parts", default=",".join(PARTS), show_default=True, help="Parts to measure.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Renew the tables of this page too.")
def main(sizes: str, parts: str, markdown: Path | None) -> None:
    """How well and how fast articles are grouped, beside TF-IDF and the nearest neighbour.

    Reads stories/ of GUETTEUR_CORPUS and ../tools/score_stories.py beside it.
    """
    if not corpus.STORIES.is_dir() or not corpus.SCORER.is_file():
        raise click.ClickException(
            f"there is no {corpus.STORIES} or no {corpus.SCORER}; set GUETTEUR_CORPUS to the folder of the corpus"
        )
    tables = []
    for table in _tables(sorted(int(size.replace("_", "")) for size in sizes.split(",")), parts.split(",")):
        tables.append(table)
        click.echo(f"\n{table.for_terminal()}\n")
    if markdown:
        before = markdown.read_text("utf-8") if markdown.exists() else ""
        markdown.write_text(page(before, machine(), tables), "utf-8")


def _tables(sizes: list[int], parts: list[str]) -> Iterator[Table]:
    if "quality" in parts:
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
            click.echo(f"cost: {size:,} articles", err=True)
            ours[size] = cost.cost(size)
            texts = [f"{title}\n{text}" for title, text, _, _ in cost.stream(size)] if size <= MOST_FOR_TFIDF else []
            theirs[size] = tfidf.cost_ms(texts, 50) if texts else None
        yield report.cost_table(ours, theirs)


if __name__ == "__main__":
    main()
