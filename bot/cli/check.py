"""`guetteur check`: every mistake in the files people edit, one a line; and the spellings that a name accepts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from bot.backtest import listed_entries
from bot.cli import EXIT_USAGE, config_option
from bot.cli.advice_screen import NEW, data, lines
from bot.config import load
from bot.errors import ConfigError, Problem, UsageError
from bot.matching.advice import Advice, Caution, advise, advise_list
from bot.matching.advice_words import MENDS, caution_words
from bot.model import WatchedName, Watchlist
from bot.watchlists import NameRefusal, parse_name, places_of_names, read_folder
from bot.yamlfile import Located

MOST_COMMON_SURNAMES = 3
"""So many frequent surnames of one file are told one by one."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, and what is wrong with it; `feeds` is None where only watchlists were asked for."""

    problems: tuple[Problem, ...]
    watchlists: tuple[Watchlist, ...] = ()
    feeds: int | None = None
    advised: tuple[tuple[WatchedName, Advice], ...] = ()
    """The names whose spellings were asked for."""

    @property
    def good(self) -> bool:
        return all(problem.warning for problem in self.problems)


@click.command()
@config_option
@click.argument("name", required=False)
@click.option(
    "--watchlists",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Check only the watchlists of this folder; needs no configuration.",
)
@click.option("--names", "all_names", is_flag=True, help="Also show the spellings that every name accepts and refuses.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(config_path: Path, name: str | None, folder: Path | None, *, all_names: bool, as_json: bool) -> int:
    """Tell every mistake in the settings, feeds and watchlists.

    Each stands on a line as FILE:LINE:COLUMN: what is wrong; what to do. Warnings tell of names that are common,
    ambiguous or listed twice. Exit code 0 when all is good (warnings do not count), 2 when not. The bot's token is not
    needed.

    With NAME, say instead which spellings that name accepts and refuses. NAME is on your watchlists (by name, id, label
    or alias), or else any name, which is tried as /watch would take it.
    """
    if name is not None:
        report = _advised_on(name, folder, config_path)
        click.echo(_as_json(report) if as_json else "\n\n".join(_blocks(report)))
        return 0
    report = _check_folder(folder) if folder is not None else _check_all(config_path)
    if all_names:
        every = (each for watchlist in report.watchlists for each in watchlist.names)
        report = replace(report, advised=tuple((each, advise(each)) for each in every))
    click.echo(_as_json(report) if as_json else _as_text(report))
    return 0 if report.good else EXIT_USAGE


def _check_folder(folder: Path) -> Report:
    watchlists, problems = read_folder(folder)
    return Report(tuple(sorted([*problems, *_cautions(folder, watchlists)])), watchlists)


def _check_all(path: Path) -> Report:
    try:
        loaded = load(path, os.environ, need_token=False)
    except ConfigError as error:
        return Report(tuple(error.problems))
    folder = loaded.settings.watchlists
    here = Path.cwd()
    cautions = _cautions(folder.relative_to(here) if folder.is_relative_to(here) else folder, loaded.watchlists)
    return Report(tuple(sorted([*loaded.warnings, *cautions])), loaded.watchlists, len(loaded.feeds))


# --- Names ------------------------------------------------------------------------------------------------------------


def _advised_on(written: str, folder: Path | None, config_path: Path) -> Report:
    """The entries that go by this name, else the name as /watch would take it."""
    lists: Sequence[Watchlist] = ()
    if folder is not None:
        lists = read_folder(folder)[0]
    elif config_path.exists():
        lists = load(config_path, os.environ, need_token=False).watchlists
    names = [entry.name for entry in listed_entries(written, lists)]
    if not names:
        entity = parse_name(written)
        if isinstance(entity, NameRefusal):
            raise UsageError(f"check: {entity.wrong}; {entity.mend}")
        names = [WatchedName(NEW, entity.name, entity)]
    return Report((), tuple(lists), advised=tuple((name, advise(name)) for name in names))


def _cautions(folder: Path, watchlists: Iterable[Watchlist]) -> Iterator[Problem]:
    """What to know about the names of each list, as warnings where they stand."""
    for watchlist in watchlists:
        advised = advise_list(watchlist.names)
        if advised:
            [file] = list(folder.glob(f"{watchlist.id}.y*ml"))[:1]
            yield from _placed(_gathered(advised), file, places_of_names(file))


def _placed(
    advised: Iterable[tuple[WatchedName, Caution]], file: Path, places: Mapping[str, Located]
) -> Iterator[Problem]:
    nowhere = Located("", 1, 1)
    for name, caution in advised:
        wrong = caution_words(caution, "en")
        if caution.other is not None and caution.other.id in places:
            wrong += f" (line {places[caution.other.id].line})"
        yield places.get(name.id, nowhere).problem(file, wrong, MENDS[caution.code], warning=True)


def _gathered(advised: Sequence[tuple[WatchedName, Caution]]) -> Iterator[tuple[WatchedName, Caution]]:
    """One warning for the many names whose surname is frequent: in a long list they would hide the others."""
    common = [name for name, caution in advised if caution.code == "common-surname"]
    for name, caution in advised:
        if caution.code != "common-surname" or len(common) <= MOST_COMMON_SURNAMES:
            yield name, caution
        elif name is common[0]:
            names = ", ".join(each.shown for each in common[:MOST_COMMON_SURNAMES])
            yield name, Caution("common-surnames", {"number": str(len(common)), "names": names})


# --- What is printed --------------------------------------------------------------------------------------------------


def _blocks(report: Report) -> Iterator[str]:
    return ("\n".join(lines(name, advice)) for name, advice in report.advised)


def _as_text(report: Report) -> str:
    names = [f"{block}\n" for block in _blocks(report)]
    return "\n".join([*names, *map(str, report.problems), _summary(report)])


def _summary(report: Report) -> str:
    warnings = sum(problem.warning for problem in report.problems)
    if not report.good:
        errors = len(report.problems) - warnings
        files = len({problem.path for problem in report.problems})
        also = f" and {_count(warnings, 'warning')}" if warnings else ""
        return f"{_count(errors, 'mistake')}{also} in {_count(files, 'file')}"
    names = sum(len(watchlist.names) for watchlist in report.watchlists)
    parts = [] if report.feeds is None else [_count(report.feeds, "feed")]
    parts += [_count(len(report.watchlists), "watchlist"), _count(names, "name")]
    verdict = _count(warnings, "warning") if warnings else "all good"
    return f"{', '.join(parts)}: {verdict}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _as_json(report: Report) -> str:
    problems = [
        {
            "file": str(problem.path),
            "line": problem.line,
            "column": problem.column,
            "wrong": problem.wrong,
            "mend": problem.mend,
            "warning": problem.warning,
        }
        for problem in report.problems
    ]
    names = sum(len(watchlist.names) for watchlist in report.watchlists)
    counts = {"feeds": report.feeds, "watchlists": len(report.watchlists), "names": names}
    advised = [data(name, advice) for name, advice in report.advised]
    spellings = {"spellings": advised} if advised else {}
    return json.dumps({"good": report.good, **counts, "problems": problems, **spellings}, ensure_ascii=False)
