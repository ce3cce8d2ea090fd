"""`guetteur check`: every mistake in the files people edit, one a line."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import click

from bot.cli import EXIT_USAGE, config_option
from bot.config import load
from bot.errors import ConfigError, Problem
from bot.model import Watchlist
from bot.watchlists import read_folder


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, and what is wrong with it; `feeds` is None where only watchlists were asked for."""

    problems: tuple[Problem, ...]
    watchlists: tuple[Watchlist, ...] = ()
    feeds: int | None = None

    @property
    def good(self) -> bool:
        return all(problem.warning for problem in self.problems)


@click.command()
@config_option
@click.option(
    "--watchlists",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Check only the watchlists of this folder; needs no configuration.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(config_path: Path, folder: Path | None, as_json: bool) -> int:
    """Tell every mistake in the settings, feeds and watchlists.

    Each stands on a line as FILE:LINE:COLUMN: what is wrong; what to do. Exit code 0 when all is good (warnings do not
    count), 2 when not. The bot's token is not needed.
    """
    report = _check_folder(folder) if folder is not None else _check_all(config_path)
    click.echo(_as_json(report) if as_json else _as_text(report))
    return 0 if report.good else EXIT_USAGE


def _check_folder(folder: Path) -> Report:
    watchlists, problems = read_folder(folder)
    return Report(tuple(sorted(problems)), watchlists)


def _check_all(path: Path) -> Report:
    try:
        loaded = load(path, os.environ, need_token=False)
    except ConfigError as error:
        return Report(tuple(error.problems))
    return Report(loaded.warnings, loaded.watchlists, len(loaded.feeds))


def _as_text(report: Report) -> str:
    return "\n".join([*map(str, report.problems), _summary(report)])


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
    return json.dumps({"good": report.good, **counts, "problems": problems}, ensure_ascii=False)
