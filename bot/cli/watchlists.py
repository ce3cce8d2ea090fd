"""`guetteur watchlists`: see, edit, import and export the names. The files keep their comments and style."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli import EXIT_FAILED, config_option
from bot.cli.words import count, in_line
from bot.errors import UsageError

if TYPE_CHECKING:  # the help page lists this command, and need not load the configuration for it
    from bot.config import Loaded, Settings
    from bot.model import WatchedName, Watchlist
    from bot.watchlists.bulk import Bulk, Present, Preview

NOTICED = "A running daemon takes it up within seconds."
SHOWN = 10
"""Names, or complaints, of a kind that a preview tells one by one."""


@click.group()
def watchlists() -> None:
    """See, edit, import and export the names of the watchlists."""


@watchlists.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_(config_path: Path, *, as_json: bool) -> None:
    """Show every watchlist: its id, title and number of names."""
    loaded = _load(config_path)
    if as_json:
        rows = [{"id": each.id, "title": each.title, "names": len(each.names)} for each in loaded.watchlists]
        click.echo(json.dumps({"watchlists": rows}, ensure_ascii=False))
        return
    width = max((len(each.id) for each in loaded.watchlists), default=0)
    for each in loaded.watchlists:
        click.echo(f"{each.id:<{width}}  {count(len(each.names), 'name'):>12}  {in_line(each.title)}")


@watchlists.command()
@config_option
@click.option("--alias", "aliases", multiple=True, help="Another way to write it; may be given again.")
@click.argument("list_id", metavar="LIST")
@click.argument("name")
def add(config_path: Path, list_id: str, name: str, aliases: tuple[str, ...]) -> None:
    """Write NAME at the end of the watchlist LIST."""
    from bot.matching.advice import advise
    from bot.matching.advice_words import caution_words
    from bot.watchlists.writer import add_name

    path, _ = _file(_load(config_path), list_id)
    added = add_name(path, _clean(name), [_clean(alias) for alias in aliases])
    click.echo(f"Added {in_line(added.shown)} to {path}. {NOTICED}")
    for caution in advise(added).cautions:
        click.echo(f"warning: {caution_words(caution, 'en')}", err=True)


@watchlists.command()
@config_option
@click.argument("list_id", metavar="LIST")
@click.argument("name")
def remove(config_path: Path, list_id: str, name: str) -> None:
    """Take NAME (or its id or label) out of the watchlist LIST."""
    from bot.watchlists.writer import remove_name

    path, _ = _file(_load(config_path), list_id)
    click.echo(f"Removed {in_line(remove_name(path, name).shown)} from {path}. {NOTICED}")


@watchlists.command("import")
@config_option
@click.option("--to", "list_id", help="The id of the watchlist, made where there is none; default: the file's name.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--json", "as_json", is_flag=True, help="The preview as one JSON object; writes only with --yes.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
def import_(config_path: Path, file: Path, list_id: str | None, *, yes: bool, as_json: bool) -> int:
    """Add the names of FILE to a watchlist, after a preview. FILE is CSV, or has one name a line; - is what is pasted.

    The first line of a CSV may name its columns (name, aliases, context, not, not_context, kind, priority, note …).
    Exit code 1 when FILE holds names that cannot be used, or when nothing was written.
    """
    from bot.watchlists.bulk import PASTED, preview, read_bulk

    loaded = _load(config_path)
    pasted = str(file) == "-"
    bulk = read_bulk(sys.stdin.buffer.read() if pasted else file.read_bytes(), PASTED if pasted else file)
    target_id = list_id or _id_of(file, pasted=pasted)
    target = next((each for each in loaded.watchlists if each.id == target_id), None)
    seen = preview(bulk, target, loaded.watchlists)
    rates = asyncio.run(_rates(loaded.settings, seen.fresh, target))
    if as_json:
        click.echo(json.dumps(_data(target_id, bulk, seen, rates), ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(target_id, bulk, seen, rates, is_new=target is None)))
    if not seen.fresh:
        return EXIT_FAILED
    if not yes and (as_json or pasted or not click.confirm(f"Write {count(len(seen.fresh), 'name')} to {target_id}?")):
        click.echo("Nothing was written; --yes writes.", err=True)
        return EXIT_FAILED
    path = _written(loaded, target_id, seen.fresh)
    click.echo(f"{count(len(seen.fresh), 'name')} written to {path}. {NOTICED}", err=as_json)
    return EXIT_FAILED if any(not problem.warning for problem in bulk.problems) else 0


@watchlists.command()
@config_option
@click.option("--list", "list_id", help="Only this watchlist.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of CSV.")
def export(config_path: Path, list_id: str | None, *, as_json: bool) -> None:
    """Print the names with all that is said about them, as CSV, which `import` reads again."""
    from bot.watchlists.bulk import keys_of, write_table

    loaded = _load(config_path)
    chosen = [_listed(loaded, list_id)] if list_id else loaded.watchlists
    if as_json:
        lists = [
            {"id": each.id, "title": each.title, "names": [keys_of(name) for name in each.names]} for each in chosen
        ]
        click.echo(json.dumps({"watchlists": lists}, ensure_ascii=False))
    else:
        click.echo(write_table(chosen), nl=False)


@watchlists.command()
@config_option
def confirm(config_path: Path) -> int:
    """Agree that the files, as they are now, remove more than half of what is watched or polled.

    The running daemon asked, and keeps its last good version until then. Exit code 1 when nothing waits.
    """
    from bot.config.changes import version_of

    loaded = _load(config_path)
    if not asyncio.run(_confirm(loaded.settings.storage.url, version_of(loaded))):
        click.echo("Nothing waits, or the files have changed since the daemon asked.", err=True)
        return EXIT_FAILED
    click.echo("Confirmed: the running daemon applies it within seconds.")
    return 0


# --- Files -----------------------------------------------------------------------------------------------------------


def _load(config_path: Path) -> Loaded:
    from bot.config import load

    return load(config_path, os.environ, need_token=False)


def _listed(loaded: Loaded, list_id: str) -> Watchlist:
    from bot.text import fold_text

    wanted = fold_text(list_id)
    for each in loaded.watchlists:
        if list_id == each.id or wanted == fold_text(each.title):
            return each
    raise UsageError(f"there is no watchlist {list_id}; `guetteur watchlists list` shows them")


def _file(loaded: Loaded, list_id: str) -> tuple[Path, Watchlist]:
    from bot.config import shown_path

    watchlist = _listed(loaded, list_id)
    [path] = list(loaded.settings.watchlists.glob(f"{watchlist.id}.y*ml"))[:1]
    return shown_path(path), watchlist


def _id_of(file: Path, *, pasted: bool) -> str:
    if pasted:
        raise UsageError("watchlists import: say which watchlist with --to LIST")
    return re.sub(r"[^a-z0-9_-]+", "-", file.stem.lower()).strip("-_")[:48] or "imported"


def _clean(name: str) -> str:
    from bot.watchlists.names import clean_name

    return clean_name(name)


def _written(loaded: Loaded, list_id: str, names: Sequence[WatchedName]) -> Path:
    from bot.config import shown_path
    from bot.watchlists.bulk import to_write
    from bot.watchlists.read import WATCHLIST_ID
    from bot.watchlists.writer import add_names, create_watchlist

    if any(each.id == list_id for each in loaded.watchlists):
        path, _ = _file(loaded, list_id)
    elif not WATCHLIST_ID.fullmatch(list_id):
        raise UsageError(f"{list_id} is no id of a watchlist: small letters, digits, - and _ (up to 48)")
    else:
        path = shown_path(loaded.settings.watchlists) / f"{list_id}.yaml"
        create_watchlist(path, list_id)
    add_names(path, [to_write(name) for name in names])
    return path


# --- The database ----------------------------------------------------------------------------------------------------


async def _confirm(url: str, version: str) -> bool:
    from bot.storage.confirmations import Word, answer
    from bot.storage.upkeep import open_existing

    database = await open_existing(url)
    try:
        async with database.transaction() as tx:
            return await answer(tx, version, Word.APPLY)
    finally:
        await database.close()


async def _rates(
    settings: Settings, fresh: Sequence[WatchedName], target: Watchlist | None
) -> Mapping[str, float] | None:
    """Alerts a week of each name, by the articles of the last two weeks; None where too little was read."""
    from bot.clock import SystemClock
    from bot.errors import StorageError
    from bot.lookback import rates_of
    from bot.storage.upkeep import open_existing

    try:
        database = await open_existing(settings.storage.url)
    except StorageError:
        return None
    try:
        window = settings.alerts.story_window
        return await rates_of(database, fresh, target.names if target else (), window=window, now=SystemClock().now())
    finally:
        await database.close()


# --- The preview -----------------------------------------------------------------------------------------------------


def _lines(
    list_id: str, bulk: Bulk, seen: Preview, rates: Mapping[str, float] | None, *, is_new: bool
) -> Iterable[str]:
    from bot.cli.advice_screen import lines
    from bot.matching.advice_words import caution_words

    for problem in bulk.problems[:SHOWN]:
        yield str(problem)
    if len(bulk.problems) > SHOWN:
        yield f"… and {len(bulk.problems) - SHOWN} more"
    yield from _shown(f"on {list_id} already", seen.listed)
    yield from _shown("on another watchlist as well", seen.elsewhere)
    for name, advice in seen.advised[:SHOWN]:
        yield from lines(name, advice)
    for name, caution in seen.cautions[:SHOWN]:
        yield f"warning: {in_line(name.shown)}: {caution_words(caution, 'en')}"
    if rates is not None:
        busiest = sorted(((rate, name) for name, rate in rates.items() if rate), reverse=True)[:SHOWN]
        most = ": " + ", ".join(f"{in_line(name)} {rate:.1f}" for rate, name in busiest) if busiest else ""
        yield f"About {sum(rates.values()):.1f} alerts a week, by the articles of the last two weeks{most}"
    refused = sum(not problem.warning for problem in bulk.problems)
    also = " (a new watchlist)" if is_new else ""
    yield (
        f"{count(len(seen.fresh), 'name')} for {list_id}{also}, {len(seen.listed)} there already, "
        f"{count(refused, 'mistake')}."
    )


def _shown(what: str, those: Sequence[Present]) -> Iterable[str]:
    if those:
        names = ", ".join(in_line(each.name.shown) for each in those[:SHOWN])
        yield f"{what}: {names}{' …' if len(those) > SHOWN else ''}"


def _data(list_id: str, bulk: Bulk, seen: Preview, rates: Mapping[str, float] | None) -> dict[str, Any]:
    from bot.cli.advice_screen import data
    from bot.matching.advice_words import caution_words
    from bot.watchlists.bulk import keys_of

    return {
        "watchlist": list_id,
        "names": [keys_of(name) for name in seen.fresh],
        "listed": [each.name.id for each in seen.listed],
        "elsewhere": [{"name": each.name.id, "watchlist": each.watchlist.id} for each in seen.elsewhere],
        "problems": [
            {"line": each.line, "wrong": each.wrong, "mend": each.mend, "warning": each.warning}
            for each in bulk.problems
        ],
        "cautions": [
            {"name": name.id, "code": caution.code, "text": caution_words(caution, "en")}
            for name, caution in seen.cautions
        ],
        "spellings": [data(name, advice) for name, advice in seen.advised],
        "alerts_a_week": rates,
    }
