"""`python -m benchmarks.matching`: measures what is asked for and prints the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.matching import corpus, hostile, memory, quality, report, speed
from benchmarks.matching.measure import in_fresh_process
from benchmarks.matching.methods import METHODS, OURS
from benchmarks.tables import Table, machine, page

PARTS = ("quality", "distractors", "speed", "setup", "changes", "hostile")


def _numbers(_context: click.Context, _option: click.Parameter, given: str) -> list[int]:
    try:
        numbers = sorted({int(part.replace("_", "")) for part in given.split(",")})
    except ValueError as error:
        raise click.BadParameter("numbers with commas between them, e.g. 10,1000") from error
    if numbers[0] < 1:
        raise click.BadParameter("a watchlist holds at least one name")
    return numbers


def _parts(_context: click.Context, _option: click.Parameter, given: str) -> list[str]:
    parts = given.split(",")
    if unknown := [part for part in parts if part not in PARTS]:
        raise click.BadParameter(f"{', '.join(unknown)}: there are only {', '.join(PARTS)}")
    return parts


@click.command()
@click.option("--sizes", default="10,1000,10000,100000", show_default=True, callback=_numbers, help="Numbers of names.")
@click.option(
    "--articles",
    "read_first",
    default=600,
    show_default=True,
    type=click.IntRange(min=0),
    help="Articles read before the others are timed.",
)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1), help="Of the speed; medians count.")
@click.option("--budget", "budget_s", default=60.0, show_default=True, help="Seconds a method may take at one size.")
@click.option("--only", "parts", default=",".join(PARTS), show_default=True, callback=_parts, help="Parts to measure.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Renew the tables of this page too.")
def main(
    sizes: list[int], read_first: int, rounds: int, budget_s: float, parts: list[str], markdown: Path | None
) -> None:
    """How well and how fast watched names are found, beside what one would use instead.

    Reads names/ of GUETTEUR_CORPUS. All of it takes about 20 minutes of one core; --budget 10 gives a first idea.
    """
    if not corpus.NAMES.is_dir():
        raise click.ClickException(
            f"there are no labelled texts at {corpus.NAMES}; set GUETTEUR_CORPUS to their folder"
        )
    if read_first >= len(corpus.articles()):
        raise click.ClickException(
            f"--articles {read_first} leaves nothing to time of {len(corpus.articles())} articles"
        )
    corpus.watched_names(sizes[-1])  # says now, not in ten minutes, that there are not as many
    tables = []
    for table in _tables(parts, sizes, read_first, rounds, budget_s):
        tables.append(table)
        click.echo(f"\n{table.for_terminal()}\n")
    if markdown:
        before = markdown.read_text("utf-8") if markdown.exists() else ""
        markdown.write_text(page(before, machine(), tables), "utf-8")
        _say(f"The tables are in {markdown}.")


def _tables(parts: list[str], sizes: list[int], read_first: int, rounds: int, budget_s: float) -> Iterator[Table]:
    largest = sizes[-1]
    if "quality" in parts:
        yield report.quality_table(_qualities(len(corpus.labelled_names()), budget_s))
    filled = [size for size in sizes if size > len(corpus.labelled_names())]
    if "distractors" in parts and filled:
        yield report.distractor_table({size: _qualities(size, budget_s) for size in filled})
    if "speed" in parts:
        timed = len(corpus.articles()) - read_first
        yield report.speed_table(speed.speeds(sizes, read_first, rounds, budget_s, _say), sizes, timed)
    if "setup" in parts:
        yield report.setup_table(_setups(sizes), sizes)
    if "changes" in parts:
        _say(f"changes: {largest:,} names")
        yield report.change_table(largest, *in_fresh_process(memory.changes, largest))
    if "hostile" in parts:
        _say(f"hostile texts: {largest:,} names")
        yield report.hostile_table(largest, in_fresh_process(hostile.ordeals, largest, budget_s))


def _qualities(size: int, budget_s: float) -> dict[str, quality.Quality]:
    found = {}
    for method in METHODS:
        if method.installed and method.takes(size):
            _say(f"quality: {size:,} names, {method.name}")
            # Ours is read to the end: its figures are held against goals.
            limit_s = float("inf") if method is OURS else budget_s
            find = method.prepare(corpus.watched_names(size))
            found[method.name] = quality.quality_of(find, corpus.labelled_texts(), limit_s)
    return found


def _setups(sizes: list[int]) -> dict[tuple[str, int], memory.Setup]:
    found = {}
    for size in sizes:
        for at, method in enumerate(METHODS):
            if method.installed and method.takes(size):
                _say(f"set-up: {size:,} names, {method.name}")
                found[method.name, size] = in_fresh_process(memory.setup, at, size)
    return found


def _say(what: str) -> None:
    click.echo(what, err=True)


if __name__ == "__main__":
    main()
