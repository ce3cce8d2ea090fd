"""`guetteur stories`: the current stories with their outlets, or any articles grouped as the daemon would."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bot.cli import EXIT_FAILED, config_option
from bot.cli.words import at, count, in_line
from bot.errors import UsageError
from bot.stories.features import facts_of
from bot.stories.group import Grouping

if TYPE_CHECKING:  # the help page lists this command, and need not load the database for it
    from bot.storage.stories import ToldStory

WINDOW = timedelta(hours=72)
"""Without a configuration: the default of `alerts.story_window`."""


@click.group(invoke_without_command=True)
@click.option("--jsonl", is_flag=True, help="Articles in, stories out: one JSON object a line (standard input).")
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Read these lines.")
@click.pass_context
def stories(context: click.Context, file: Path | None, *, jsonl: bool) -> int:
    """Show the current stories, or group articles into stories.

    --jsonl reads {"id", "title", "text"?, "url"?, "source"?, "language"?, "published"} a line, in order of publication,
    and writes {"id", "story"} a line; a bad line goes to standard error, the rest goes on, and the exit code is 1.
    """
    if context.invoked_subcommand is not None:
        if jsonl or file is not None:
            raise UsageError("stories: --jsonl goes without another command")
        return 0
    if not jsonl:
        raise UsageError("stories: say `guetteur stories list`, or --jsonl to group articles from standard input")
    with click.open_file(str(file) if file else "-", "rb") as lines:
        return group_lines(lines)


def group_lines(lines: Iterable[bytes]) -> int:
    """Group the article of every line as the daemon does; the exit code."""
    grouping, code = Grouping(WINDOW), 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            article = article_of(line)
        except (ValueError, RecursionError) as error:
            click.echo(f"line {number}: {error}", err=True)
            code = EXIT_FAILED
            continue
        facts = facts_of(article.title, article.text, article.language, article.published)
        grouping.slide(article.published)
        assigned = grouping.assign(facts).story_id
        story = number if assigned is None else assigned
        grouping.keep(number, story, article.title, facts)
        sys.stdout.write(json.dumps({"id": article.id, "story": story}, ensure_ascii=False) + "\n")
    return code


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """What a line says of an article."""

    id: Any
    title: str
    text: str
    language: str | None
    published: datetime


def article_of(line: bytes) -> ReadArticle:
    """The article of a line.

    Raises:
        ValueError: it is no object, or a field is missing or of the wrong kind, or not all of it is Unicode.
        RecursionError: it is a hostile nest of brackets.
    """
    row = json.loads(line.decode("utf-8-sig"))
    json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair could be read, but never written
    if not isinstance(row, dict) or "id" not in row:
        raise ValueError('expected an object with "id", "title" and "published"')
    wrong = [key for key in ("title", "text", "language", "published") if not isinstance(row.get(key) or "", str)]
    if wrong:
        raise ValueError(f'"{wrong[0]}" must be text')
    if not row.get("published"):
        raise ValueError('"published" is missing: when the article appeared, such as 2026-03-01T08:00:00Z')
    try:
        published = datetime.fromisoformat(row["published"])
    except ValueError:
        raise ValueError(f'"published" is no ISO 8601 time: {row["published"]!r}') from None
    if published.tzinfo is None:
        published = published.replace(tzinfo=UTC)
    return ReadArticle(row["id"], row.get("title") or "", row.get("text") or "", row.get("language"), published)


@stories.command("list")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with every story, article and reason.")
def list_stories(config_path: Path, *, as_json: bool) -> int:
    """Show the stories that are still open (alerts.story_window), the newest first, with their outlets in time."""
    from bot.clock import SystemClock
    from bot.config import load

    settings = load(config_path, os.environ, need_token=False).settings
    since = SystemClock().now() - settings.alerts.story_window
    told = asyncio.run(_read(settings.storage.url, since))
    if as_json:
        click.echo(json.dumps({"stories": [data(each) for each in told]}, ensure_ascii=False))
    else:
        click.echo("\n".join(shown(told, ZoneInfo(settings.alerts.timezone))))
    return 0


async def _read(url: str, since: datetime) -> list[ToldStory]:
    from bot.storage.stories import told_stories
    from bot.storage.upkeep import open_existing

    database = await open_existing(url)
    try:
        async with database.read() as connection:
            return await told_stories(connection, since)
    finally:
        await database.close()


def shown(told: Iterable[ToldStory], zone: ZoneInfo) -> Iterator[str]:
    """What a person reads."""
    nothing = True
    for story in told:
        if not nothing:
            yield ""
        nothing = False
        outlets = len({each.outlet for each in story.articles})
        yield click.style(in_line(story.title), bold=True) + f"  ({count(outlets, 'outlet')})"
        if story.follows:
            yield f"  follows: {in_line(story.follows)}"
        for each in story.articles:
            yield f"  {at(each.published_at, zone)}  {in_line(each.outlet)}: {in_line(each.title)}"
    if nothing:
        yield "No story is open: nobody on the watchlists was named within alerts.story_window."


def data(story: ToldStory) -> dict[str, Any]:
    """What a program reads."""
    return {
        "story": story.id,
        "title": story.title,
        "first_at": story.first_at.isoformat(),
        "last_at": story.last_at.isoformat(),
        "follows": story.follows_id,
        "articles": [
            {
                "article": each.id,
                "outlet": each.outlet,
                "title": each.title,
                "url": each.url,
                "language": each.language,
                "published": each.published_at.isoformat(),
                "why": {"code": each.why.code, "values": dict(each.why.values)},
            }
            for each in story.articles
        ],
    }
