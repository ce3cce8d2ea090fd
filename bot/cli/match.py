"""`guetteur match`: what the matcher finds in a text, and why. Needs no database, and no network but for `--url`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from bot.cli import EXIT_FAILED, config_option
from bot.clock import SystemClock
from bot.errors import ConfigError, FetchError, UsageError
from bot.matching.index import Matcher, matcher_of
from bot.matching.near import NearMiss
from bot.matching.reasons import explain
from bot.model import Match, MatchField, Watchlist
from bot.text import sentence_around

PAGE_BYTES = 10_000_000
PAGE_TIMEOUT_S = 20.0
MOST_NEAR = 30
"""Near misses shown on a terminal; JSON has them all."""


@click.command()
@config_option
@click.argument("text", required=False)
@click.option(
    "--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Read the text here."
)
@click.option("--url", help="Fetch a page and read its text.")
@click.option(
    "--jsonl", is_flag=True, help="Articles in, matches out: one JSON object a line (standard input, or --file)."
)
@click.option("--near", is_flag=True, help="Show near misses, too, and what they lacked.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for the text.")
@click.option(
    "--watchlists",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The watchlists; else those of the configuration, else ./watchlists.",
)
def match(
    config_path: Path,
    text: str | None,
    file: Path | None,
    url: str | None,
    folder: Path | None,
    *,
    jsonl: bool,
    near: bool,
    as_json: bool,
) -> int:
    """Find the watched names in TEXT (or a file, a page, standard input) and say why.

    --jsonl reads {"id", "title"?, "text", "language"?} a line and writes {"id", "matches": […]} a line, in order; a bad
    line goes to standard error, the rest goes on, and the exit code is 1.
    """
    if sum(given is not None for given in (text, file, url)) > 1:
        raise UsageError("match: give one of TEXT, --file and --url")
    if jsonl and (text is not None or url is not None or as_json):
        raise UsageError(
            "match: --jsonl reads standard input or --file, and writes JSON; leave TEXT, --url, --json out"
        )
    lists = _watchlists(folder, config_path)
    matcher = matcher_of(name for each in lists for name in each.names)
    if jsonl:
        with click.open_file(str(file) if file else "-", "rb") as lines:
            return _match_lines(matcher, lines, near=near)
    read = text if text is not None else _read(file, url, config_path)
    found = matcher.find("", read)
    missed = matcher.near("", read) if near else []
    if as_json:
        click.echo(json.dumps(_answer(found, missed, near=near), ensure_ascii=False))
        return 0
    for line in _shown(read, found, lists):
        click.echo(line)
    if near:
        for line in _shown_near(read, missed, lists):
            click.echo(line)
    return 0


def _answer(found: list[Match], missed: list[NearMiss], *, near: bool) -> dict[str, Any]:
    answer: dict[str, Any] = {"matches": [_data(each) for each in found]}
    return {**answer, "near": [_near_data(each) for each in missed]} if near else answer


def _watchlists(folder: Path | None, config_path: Path) -> list[Watchlist]:
    from bot.watchlists import read_folder

    lists, problems = read_folder(folder or _configured_folder(config_path))
    if [problem for problem in problems if not problem.warning]:
        raise ConfigError(problems)
    for warning in sorted(problems):
        click.echo(str(warning), err=True)
    return list(lists)


def _configured_folder(config_path: Path) -> Path:
    if config_path.exists():
        from bot.config import load

        return load(config_path, os.environ, need_token=False).settings.watchlists
    if Path("watchlists").is_dir():
        return Path("watchlists")
    raise UsageError("match: there are no watchlists here; name their folder with --watchlists")


def _match_lines(matcher: Matcher, lines: Iterable[bytes], *, near: bool) -> int:
    code = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            article = _article(line)
        except (ValueError, RecursionError) as error:
            click.echo(f"line {number}: {error}", err=True)
            code = EXIT_FAILED
            continue
        asked = article.get("title") or "", article["text"], article.get("language")
        row = {"id": article["id"], **_answer(matcher.find(*asked), matcher.near(*asked) if near else [], near=near)}
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    return code


def _article(line: bytes) -> dict[str, Any]:
    """The object of a line.

    Raises:
        ValueError: it is none, or a field is missing or of the wrong kind, or not all of it is Unicode.
        RecursionError: it is a hostile nest of brackets.
    """
    article = json.loads(line.decode())
    json.dumps(article, ensure_ascii=False).encode()  # half a surrogate pair could be read, but never written
    if not isinstance(article, dict) or "id" not in article:
        raise ValueError('expected an object with "id" and "text"')
    wrong = [key for key in ("title", "text", "language") if not isinstance(article.get(key) or "", str)]
    if wrong or article.get("text") is None:
        raise ValueError(f'"{wrong[0] if wrong else "text"}" must be text')
    return article


def _data(found: Match) -> dict[str, Any]:
    return {
        "watchlist": found.scope.removeprefix("list:"),
        "entity": found.name_id,
        "alias": found.alias,
        "text": found.text,
        "start": found.start,
        "end": found.end,
        "field": found.field.value,
        "score": found.score,
        "tier": found.tier.value,
        "reasons": [{"code": reason.code, "text": explain(reason, "en")} for reason in found.reasons],
    }


def _near_data(missed: NearMiss) -> dict[str, Any]:
    return {
        "watchlist": missed.scope.removeprefix("list:"),
        "entity": missed.name_id,
        "text": missed.text,
        "start": missed.start,
        "end": missed.end,
        "field": missed.field.value,
        "lacks": {"code": missed.lacks.code, "text": explain(missed.lacks, "en")},
    }


def _shown_near(text: str, missed: list[NearMiss], lists: list[Watchlist]) -> Iterator[str]:
    """What was nearly found."""
    names = {(name.scope, name.id): name.shown for each in lists for name in each.names}
    yield ""
    yield click.style("Near misses", bold=True) if missed else "Nothing else comes near a name of the watchlists."
    for each in missed[:MOST_NEAR]:
        yield f"  {names[each.scope, each.name_id]}  « {each.text} »  {explain(each.lacks, 'en')}"
    if len(missed) > MOST_NEAR:
        yield f"  … and {len(missed) - MOST_NEAR} more"


def _shown(text: str, found: list[Match], lists: list[Watchlist]) -> Iterator[str]:
    """The text with the mentions marked, then each with its reasons."""
    titles = {each.scope: each.title for each in lists}
    names = {(name.scope, name.id): name.shown for each in lists for name in each.names}
    yield _marked(text, [each for each in found if each.field is MatchField.TEXT])
    yield ""
    if not found:
        yield "Nobody on the watchlists is named here."
    for each in sorted(found, key=lambda one: (one.start, one.scope)):
        colour = "green" if each.tier.value == "certain" else "yellow"
        head = f"{names[each.scope, each.name_id]}  « {each.text} »  {each.score}/100 {each.tier}"
        yield f"{click.style(head, fg=colour, bold=True)}  ({titles.get(each.scope, each.scope)})"
        yield f"    {'; '.join(explain(reason, 'en') for reason in each.reasons)}"
        start, end = sentence_around(text, each.start, each.end)
        yield f"    “{' '.join(text[start:end].split())}”"


def _marked(text: str, found: list[Match]) -> str:
    spans = sorted({(each.start, each.end) for each in found}, reverse=True)
    covered = len(text) + 1
    for start, end in spans:
        if end <= covered:
            text = f"{text[:start]}{click.style(f'[{text[start:end]}]', bold=True)}{text[end:]}"
            covered = start
    return text


def _read(file: Path | None, url: str | None, config_path: Path) -> str:
    if url is not None:
        return asyncio.run(_fetch(url, config_path))
    if file is not None:
        return _text_of(file)
    return sys.stdin.read()


def _text_of(file: Path) -> str:
    """A file's text: UTF-8 or UTF-16, else as Western Europe wrote before."""
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data[:PAGE_BYTES]:
        raise UsageError(f"match: {file} is no text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        click.echo(f"{file} is not UTF-8; it is read as Windows-1252.", err=True)
        return data.decode("cp1252", errors="replace")


async def _fetch(url: str, config_path: Path) -> str:
    """The page's title and text as the program would read them, through the same guard as any other fetch."""
    from bot.articles.page import read_page
    from bot.config import load
    from bot.net import GuardedSession, Limits, user_agent

    settings = load(config_path, os.environ, need_token=False).settings if config_path.exists() else None
    session = GuardedSession(
        allow_networks=settings.polling.allow_networks if settings else (),
        user_agent=user_agent(settings.polling.user_agent_contact if settings else None),
        concurrency=1,
        per_host=1,
        proxy=settings.network.proxy if settings else None,
        ca_file=settings.network.ca_file if settings else None,
    )
    try:
        answer = await session.get(url, headers={"Accept": "text/html"}, limits=Limits(PAGE_TIMEOUT_S, PAGE_BYTES))
    finally:
        await session.close()
    if answer.status != 200:
        raise FetchError("http", f"the page {url} answered {answer.status}", status=answer.status)
    content_type = answer.headers.get("Content-Type")
    page = read_page(answer.body, content_type=content_type, url=answer.url, now=SystemClock().now())
    if not page.text:
        reserved = "reserves text mining" if page.reserved else "holds no article"
        why = "is for subscribers" if page.paywalled else reserved
        click.echo(f"{answer.url} {why}: only its title is read.", err=True)
    return "\n".join(filter(None, (page.title, page.text)))
