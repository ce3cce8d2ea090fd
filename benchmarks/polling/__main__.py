"""`python -m benchmarks.polling`: measures what is asked for and prints the tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.polling import parsing, report, run
from benchmarks.tables import Table, machine, page

CORPUS = Path(os.environ.get("GUETTEUR_CORPUS") or Path(__file__).parents[2] / ".." / "shared" / "corpus")
PARTS = ("polling", "parsing")


def _numbers(_context: click.Context, _option: click.Parameter, given: str) -> list[int]:
    try:
        numbers = sorted({int(part.replace("_", "")) for part in given.split(",")})
    except ValueError as error:
        raise click.BadParameter("numbers with commas between them, e.g. 1000,5000") from error
    if numbers[0] < 1:
        raise click.BadParameter("there is nothing to poll without a feed")
    return numbers


def _parts(_context: click.Context, _option: click.Parameter, given: str) -> list[str]:
    parts = given.split(",")
    if unknown := [part for part in parts if part not in PARTS]:
        raise click.BadParameter(f"{', '.join(unknown)}: there are only {', '.join(PARTS)}")
    return parts


@click.command()
@click.option("--feeds", "sizes", default="1000,5000", show_default=True, callback=_numbers, help="Numbers of feeds.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1), help="Of the later cycles.")
@click.option("--only", "parts", default=",".join(PARTS), show_default=True, callback=_parts, help="Parts to measure.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Renew the tables of this page too.")
def main(sizes: list[int], rounds: int, parts: list[str], markdown: Path | None) -> None:
    """What polling costs, beside the package reader: a first fetch, nothing new, and 5 % of the feeds with a new item.

    The feeds are invented ones, published on loopback. All of it takes about 10 minutes; --feeds 200 gives a first
    idea in one. Then the cost of parsing consecutive polls of the real feeds of GUETTEUR_CORPUS, beside feedparser.
    """
    tables = []
    for table in _tables(parts, sizes, rounds):
        tables.append(table)
        click.echo(f"\n{table.for_terminal()}\n")
    if markdown:
        before = markdown.read_text("utf-8") if markdown.exists() else ""
        markdown.write_text(page(before, machine(), tables), "utf-8")
        _say(f"The tables are in {markdown}.")


def _tables(parts: list[str], sizes: list[int], rounds: int) -> Iterator[Table]:
    if "polling" in parts:
        yield from _polling(sizes, rounds)
    if "parsing" in parts:
        if not (CORPUS / "feeds" / "feeds_seq").is_dir():
            _say("parsing: left out, there are no real feeds; set GUETTEUR_CORPUS to their folder")
            return
        _say("parsing: consecutive polls of real feeds")
        yield report.parsing_table(parsing.measure(CORPUS, rounds))


def _polling(sizes: list[int], rounds: int) -> Iterator[Table]:
    sides = [side for side in run.PROGRAMS if run.is_installed(side)]
    with run.publisher() as origins:
        for feeds in sizes:
            results = []
            for side in sides:
                _say(f"polling: {feeds:,} feeds, {side}")
                results.append(run.measured(side, origins, feeds, rounds))
            yield report.polling_table(results)


def _say(what: str) -> None:
    click.echo(what, err=True)


if __name__ == "__main__":
    main()
