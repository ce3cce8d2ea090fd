"""`guetteur feeds`: see, add, remove, try, import and export the feeds. The files keep their comments and style."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click

from bot.cli import EXIT_FAILED, config_option
from bot.cli.words import count, in_line
from bot.errors import ConfigError, Problem, StorageError, UsageError
from bot.model import Feed

if TYPE_CHECKING:  # the help page lists this command, and need not load the configuration for it
    from bot.cli.feeds_probe import Probe
    from bot.config import Loaded, Settings
    from bot.storage.coverage import FeedStanding

FEED_ID_ALONE = re.compile(r"[a-z0-9][a-z0-9._-]*")
NOTICED = "A running daemon takes it up within seconds."


@click.group()
def feeds() -> None:
    """See, add, remove, try, import and export the feeds."""


@feeds.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_(config_path: Path, *, as_json: bool) -> int:
    """Show every configured feed: its state, last and next poll, rhythm and last error; troubles first.

    Works beside the daemon, and before it ever ran.
    """
    from bot.cli.feeds_screen import Row, data, lines
    from bot.clock import SystemClock
    from bot.net import redact_url

    loaded, now = _load(config_path), SystemClock().now()
    known = asyncio.run(_standings(loaded.settings.storage.url, now))
    rows = [Row(feed, redact_url(feed.url), known.get(feed.id)) for feed in loaded.feeds]
    zone = ZoneInfo(loaded.settings.alerts.timezone)
    click.echo(json.dumps(data(rows), ensure_ascii=False) if as_json else "\n".join(lines(rows, now, zone)))
    return 0


@feeds.command()
@config_option
@click.option("--title", default="", help="The outlet's name as alerts show it; else the feed's own title.")
@click.option("--id", "feed_id", default="", help="Short and stable; else made from the address.")
@click.option("--language", help="Of its articles, like fr, when the feed does not say it or says it wrong.")
@click.option("--tag", "tags", multiple=True, help="A word that watchlists choose feeds by; may be given again.")
@click.option("--interval", help="Poll this often on average, like 5m; else it adapts to the feed.")
@click.option("--test", "tried", is_flag=True, help="Fetch it first, and add it only if it is a feed.")
@click.argument("url")
def add(
    config_path: Path,
    url: str,
    title: str,
    feed_id: str,
    language: str | None,
    tags: tuple[str, ...],
    interval: str | None,
    *,
    tried: bool,
) -> int:
    """Append the feed at URL to the first YAML file of feeds. Uses no network, unless --test.

    ${NAME} in URL stands for an environment variable, so that a key need not be in the file (quote it for the shell).
    """
    from bot.config.feedwriter import add_feeds

    loaded = _load(config_path)
    written = _as_written(url, title, feed_id, language, tags, interval)
    probed = _probed(written[1], loaded.settings) if tried else None
    if probed and (refusal := _refusal_of(probed)):
        click.echo(refusal, err=True)
        return EXIT_FAILED
    result = add_feeds(_files(loaded), [written[0]], os.environ)
    if result.present:
        there = result.present[0][1]
        raise UsageError(f"feeds add: this address is there already, as {there.id}{_in_quotes(there.title)}")
    click.echo(f"Added {result.added[0].id} to {result.path}. {NOTICED}")
    if probed and probed.found and probed.found.to_add != probed.found.url:
        click.echo(f"It has moved for good to {probed.found.to_add}: better write that address in the file.", err=True)
    if not tried and _looks_like_a_site(url):
        click.echo(
            f"This looks like a site, not a feed: `guetteur feeds test {url}` finds the feed of a site.", err=True
        )
    return 0


@feeds.command()
@config_option
@click.argument("feed_id", metavar="ID")
def remove(config_path: Path, feed_id: str) -> None:
    """Remove the feed ID from its YAML file. What is stored of it stays."""
    from bot.config.feedwriter import remove_feed

    path, feed = remove_feed(_files(_load(config_path)), feed_id, os.environ)
    click.echo(f"Removed {feed.id}{_in_quotes(feed.title)} from {path}. {NOTICED}")


@feeds.command("import")
@config_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(config_path: Path, file: Path) -> int:
    """Add the feeds of the OPML FILE, as other readers export it, that are not there yet.

    Exit code 1 when FILE holds feeds that cannot be used, 2 when it cannot be read as OPML or lists none.
    """
    from bot.config.feedfile import as_read
    from bot.config.feedwriter import add_feeds

    loaded = _load(config_path)
    wanted, problems = _read_import(file)
    result = add_feeds(_files(loaded), wanted, os.environ) if wanted else None
    for feed in result.added if result else ():
        click.echo(f"added    {feed.id}{_in_quotes(as_read(feed.title))}")
    for feed, there in result.present if result else ():
        click.echo(f"skipped  {in_line(as_read(feed.title)) or 'a feed'}: there already, as {there.id}")
    for problem in problems:
        click.echo(f"refused  {problem}", err=True)
    added = len(result.added) if result else 0
    skipped = len(result.present) if result else 0
    click.echo(
        f"{count(added, 'feed')} added, {skipped} skipped, {len(problems)} refused.{f' {NOTICED}' * bool(added)}"
    )
    return EXIT_FAILED if problems else 0


@feeds.command()
@config_option
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to standard output.")
def export(config_path: Path, output: Path | None) -> int:
    """Print the configured feeds as OPML 2.0, which any reader imports.

    Headers stay here, and so do feeds whose address holds a password or a key: without it, it would not work.
    """
    from bot.clock import SystemClock
    from bot.config.opml import write_opml
    from bot.net import redact_url

    loaded = _load(config_path)
    known: dict[str, FeedStanding] = {}
    with suppress(StorageError):  # without the database a feed goes without the title that it gave itself
        known = asyncio.run(_standings(loaded.settings.storage.url, SystemClock().now()))
    open_to_all = [feed for feed in loaded.feeds if redact_url(feed.url) == feed.url]
    titled = [
        feed if feed.title or feed.id not in known else replace(feed, title=known[feed.id].title)
        for feed in open_to_all
    ]
    text = write_opml(titled)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write_new(output, text)
        click.echo(f"{count(len(titled), 'feed')} written to {output}.")
    for feed in loaded.feeds:
        if redact_url(feed.url) != feed.url:
            click.echo(f"warning: {feed.id} was left out, for its address holds a secret", err=True)
        elif feed.headers:
            click.echo(f"warning: the headers of {feed.id} were left out", err=True)
    return 0


@feeds.command("test")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.argument("url")
def test(config_path: Path, url: str, *, as_json: bool) -> int:
    """Fetch URL as a poll would and show what it gives; of a site, find the feed first. Stores nothing.

    URL may be the id of a configured feed, which is then asked with its headers. Needs no configuration. Exit code 1
    when there is no feed.
    """
    from bot.cli.feeds_probe_screen import data, lines
    from bot.config.settings import Settings

    loaded = _load(config_path) if config_path.exists() else None
    settings = loaded.settings if loaded else Settings()
    listed = {feed.id: feed for feed in loaded.feeds} if loaded else {}
    if url not in listed and not re.search(r"[.:/]", url):
        raise UsageError(
            f"feeds test: {url} is no address, and there is no feed {url}; `guetteur feeds list` shows the ids"
        )
    asked = listed.get(url) or Feed("test", url if "://" in url else f"https://{url}")
    result = _probed(asked, settings)
    zone = ZoneInfo(settings.alerts.timezone)
    click.echo(json.dumps(data(result), ensure_ascii=False) if as_json else "\n".join(lines(result, zone)))
    secret = result.url != asked.url  # what is shown would not work
    if result.found and not (as_json or secret or url in listed):
        click.echo(f"\nAdd it with: guetteur feeds add {shlex.quote(result.found.to_add)}")
    if not result.found and asked.id == "test" and "://" not in url:
        click.echo(f"https:// was assumed; {_instead(url)}", err=True)
    return 0 if result.found else EXIT_FAILED


@feeds.command()
@config_option
@click.argument("feed_id", metavar="ID")
def resume(config_path: Path, feed_id: str) -> None:
    """Poll the feed ID again that was suspended because it was taken down (410). Works beside the daemon."""
    from bot.clock import SystemClock

    loaded = _load(config_path)
    if feed_id not in {feed.id for feed in loaded.feeds}:
        raise UsageError(f"feeds resume: there is no feed {feed_id}; `guetteur feeds list` shows the ids")
    if not asyncio.run(_resume(loaded.settings.storage.url, feed_id, SystemClock().now())):
        raise UsageError(f"feeds resume: {feed_id} is not suspended; `guetteur feeds list` shows how it is doing")
    click.echo(f"{feed_id} is polled again, now.")


# --- Reading ---------------------------------------------------------------------------------------------------------


def _load(config_path: Path) -> Loaded:
    from bot.config import load

    return load(config_path, os.environ, need_token=False)


def _files(loaded: Loaded) -> list[Path]:
    """The files of feeds, as a person at this terminal would write them."""
    from bot.config import shown_path

    return [shown_path(file) for file in loaded.settings.feeds]


async def _standings(url: str, now: datetime) -> dict[str, FeedStanding]:
    """What polling has told so far; nothing before the first run."""
    from bot.storage.coverage import feed_standings
    from bot.storage.upkeep import NOTHING_YET, open_existing

    try:
        database = await open_existing(url)
    except StorageError as error:
        if str(error) != NOTHING_YET:
            raise
        return {}
    try:
        async with database.read() as connection:
            return await feed_standings(connection, now)
    finally:
        await database.close()


async def _resume(url: str, feed_id: str, now: datetime) -> bool:
    from bot.storage.coverage import resume as resume_feed
    from bot.storage.upkeep import open_existing

    database = await open_existing(url)
    try:
        async with database.transaction() as tx:
            return await resume_feed(tx, feed_id, now)
    finally:
        await database.close()


def _as_written(
    url: str, title: str, feed_id: str, language: str | None, tags: tuple[str, ...], interval: str | None
) -> tuple[Feed, Feed]:
    """The feed as it is to be written, and as it will be read.

    Raises:
        UsageError: it could not be read.
    """
    from bot.config.feedfile import literal
    from bot.config.feeds import read_feeds
    from bot.config.secrets import keep_secrets
    from bot.config.values import parse_duration
    from bot.markup import storable
    from bot.yamlmodel import Refused

    try:
        interval_s = parse_duration(interval).total_seconds() if interval is not None else None
    except Refused as error:
        raise UsageError(f"feeds add: interval: {error}") from None
    if any(text != storable(text) for text in (url, feed_id, language or "")):
        raise UsageError("feeds add: what was given holds a control character, or is not UTF-8")
    words = frozenset(literal(part).casefold() for tag in tags for part in tag.split(",") if part.strip())
    feed = Feed(feed_id, url, literal(title), language, words, interval_s)
    entry = {"url": url, "id": feed_id, "title": feed.title, "language": language, "interval": interval}
    # JSON is YAML: what is wrong with the entry is told as of any other.
    text = json.dumps([{key: value for key, value in entry.items() if value}], ensure_ascii=False)
    read, problems = read_feeds(text, Path("feeds add"), os.environ)
    if problems or not read:
        raise UsageError("\n".join(f"feeds add: {problem.wrong}; {problem.mend}" for problem in problems))
    keep_secrets([read[0].feed], [text], os.environ)
    return replace(feed, language=read[0].feed.language), read[0].feed


def _read_import(file: Path) -> tuple[list[Feed], list[Problem]]:
    """Its feeds as they are to be written, and what is wrong with others.

    Raises:
        UsageError, ConfigError: it is not OPML, or lists no feed.
    """
    from bot.config.feedfile import literal
    from bot.config.feeds import read_feeds
    from bot.config.opml import read_opml
    from bot.yamlfile import read_text

    text, problems = read_text(file)
    if text is None:
        raise ConfigError(problems)
    if not text.strip():
        raise UsageError(f"feeds import: {file} is empty; export it again from the other reader")
    if not text.lstrip().startswith("<"):
        raise UsageError(
            f"feeds import: {file} is not OPML; a YAML file of feeds is named in the settings under feeds:"
        )
    if (opml := read_opml(text, file))[0] is None:
        raise ConfigError(opml[1])
    placed, faults = read_feeds(text, file, os.environ)
    wanted = [
        replace(
            one.feed,
            url=literal(one.feed.url),
            title=literal(one.feed.title),
            tags=frozenset(literal(tag) for tag in one.feed.tags),
        )
        for one in placed
    ]
    return wanted, [replace(fault, warning=False) for fault in faults]


def _write_new(path: Path, text: str) -> None:
    """Never over what is there, which may be the feeds themselves."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"feeds export: {path} exists; name a file that does not, or remove it first") from None
    except OSError as error:
        raise UsageError(f"feeds export: {path} cannot be written ({error.strerror})") from error


# --- Saying ----------------------------------------------------------------------------------------------------------


def _in_quotes(title: str) -> str:
    return f" (“{in_line(title)}”)" if title else ""


def _looks_like_a_site(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def _instead(url: str) -> str:
    """What else somebody may have meant who wrote an address without its beginning."""
    if FEED_ID_ALONE.fullmatch(url):
        return f"there is no feed {url} either: `guetteur feeds list` shows the ids"
    return f"for a site without it, ask for http://{url}"


def _probed(feed: Feed, settings: Settings) -> Probe:
    from bot.cli.feeds_probe import probe
    from bot.clock import SystemClock
    from bot.logs import configure

    configure("ERROR", json=False)  # what went wrong on the way is part of the answer
    return asyncio.run(probe(feed, settings, SystemClock()))


def _refusal_of(result: Probe) -> str | None:
    """Why what was tried should not be added; None when it is a feed."""
    if result.found is None:
        return f"feeds add: nothing was added: {result.error}"
    if result.found.how != "itself":
        return f"feeds add: nothing was added: this is a page, whose feed is {result.found.to_add}"
    return None
