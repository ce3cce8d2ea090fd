"""What `guetteur feeds test` says of a feed; or all of it as data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.cli.feeds_probe import Found, Probe, Second
from bot.cli.words import at, count, duration, in_line
from bot.feeds.portrait import newest_first
from bot.markup import plain_text
from bot.model import Entry, Hints
from bot.net import redact_url

NEWEST = 5
"""Entries shown."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HEADERS = ("Cache-Control", "Expires", "Age", "Retry-After")


def lines(probe: Probe, zone: ZoneInfo) -> Iterator[str]:
    found = probe.found
    if found is None:
        yield f"No feed: {in_line(probe.error or '')}."
        for tried in probe.tried:
            # Most errors begin with the address.
            yield f"  tried {in_line(tried.url)}: {in_line(tried.error.removeprefix(tried.url))}"
        return
    if found.how != "itself":
        how = "named in its head" if found.how == "named by the page" else "in a usual place; the page names none"
        yield f"{in_line(probe.url)} is a page. Its feed, {how}:"
        yield f"  {in_line(found.url)}"
        for other in probe.links:
            if redact_url(other.url) != found.url:
                title = f"  {in_line(other.title)}" if other.title else ""
                yield click.style(f"  also named: {in_line(redact_url(other.url))}{title}", dim=True)
        yield ""
    yield from _feed(found, zone)


def _feed(found: Found, zone: ZoneInfo) -> Iterator[str]:
    parsed = found.parsed
    yield click.style(in_line(parsed.title) or "(a feed without a title)", bold=True)
    entries = count(found.portrait.entries, "entry", "entries")
    yield _line("what", f"{found.kind}, {parsed.language or 'language not said'}, {entries}, {found.size:,} bytes")
    yield _line("rhythm", _rhythm(found, zone))
    yield _line("dates", _dates(found))
    yield _line("guids", _ids(found.portrait.entries, found.portrait.with_guid, found.portrait.repeated_guids))
    yield _line("links", _ids(found.portrait.entries, found.portrait.with_link, found.portrait.repeated_links))
    cut = "" if parsed.complete else "; it breaks off before its end"
    yield _line("faults", f"{in_line(_fault(parsed.fault) or 'none')}{cut}")
    ways = [*(redact_url(hop.url) for hop in found.hops), found.answered_by]
    for hop, way, onward in zip(found.hops, ways, ways[1:], strict=False):
        yield _line("redirect", f"{hop.status} from {in_line(way)} to {in_line(onward)}")
    yield _line("asks", "; ".join(_asks(found)) or "nothing: it is polled by its rhythm")
    yield _line("validators", "; ".join(_validators(found)) or "none: every poll transfers the whole document")
    if found.second is not None:
        yield _line("second poll", _second(found.second))
    if parsed.entries:
        yield ""
        yield f"{click.style('Newest entries', underline=True)} (times of {zone.key})"
    for entry in newest_first(parsed.entries)[:NEWEST]:
        date = entry.published or entry.updated
        yield f"  {at(date, zone) if date else 'no date':16}  {in_line(entry.title) or '(no title)'}"
        yield f"  {'':16}  {count(_text_length(entry), 'character')} of text"
        if entry.link:
            yield click.style(f"  {'':16}  {in_line(entry.link)}", dim=True)


def _line(name: str, said: str) -> str:
    return f"  {name:12} {said}"


def _fault(said: str | None) -> str:
    """The parser's complaint, without the name that it makes up for a document that has none."""
    return re.sub(r"^<unknown>:(\d+):(\d+): ", r"line \1, column \2: ", said or "")


def _rhythm(found: Found, zone: ZoneInfo) -> str:
    portrait = found.portrait
    if portrait.oldest_at is None or portrait.newest_at is None:
        return "unknown: no entry has a usable date"
    span = f"from {at(portrait.oldest_at, zone)} to {at(portrait.newest_at, zone)}"
    gap = f"one entry about every {duration(portrait.usual_gap_s)}" if portrait.usual_gap_s else "too few entries"
    rate = f", {portrait.a_day:.1f} a day".replace(".0 ", " ") if portrait.a_day else ""
    return f"{gap}{rate} ({span})"


def _dates(found: Found) -> str:
    portrait = found.portrait
    missing = portrait.entries - portrait.dated
    said = [f"{missing} of {portrait.entries} missing"] if missing else ["all there"] if portrait.entries else ["–"]
    if portrait.in_future:
        said.append(f"{portrait.in_future} in the future")
    return ", ".join(said)


def _ids(entries: int, present: int, repeated: int) -> str:
    if not entries:
        return "–"
    missing = "all there" if present == entries else f"{entries - present} of {entries} missing"
    return f"{missing}, {f'{repeated} repeated' if repeated else 'all different'}" if present else missing


def _asks(found: Found) -> Iterator[str]:
    if found.min_wait_s:
        said = ", ".join(f"{name}: {in_line(found.headers[name])}" for name in HEADERS if name in found.headers)
        yield f"to wait {duration(found.min_wait_s)} ({said})"
    yield from _hints(found.parsed.hints)


def _hints(hints: Hints) -> Iterator[str]:
    if hints.min_wait_s:
        yield f"to wait {duration(hints.min_wait_s)} (in the document)"
    if hints.skip_hours:
        yield f"not to come in the hours {', '.join(map(str, sorted(hints.skip_hours)))} (GMT)"
    if hints.skip_days:
        yield f"not to come on {', '.join(WEEKDAYS[day] for day in sorted(hints.skip_days))} (GMT)"


def _validators(found: Found) -> Iterator[str]:
    if found.validators.etag:
        yield f"ETag {in_line(found.validators.etag)}"
    if found.validators.last_modified:
        yield f"Last-Modified {in_line(found.validators.last_modified)}"


def _second(second: Second) -> str:
    if second.error:
        return f"fails: {in_line(second.error)}"
    changed = ", with other validators" if second.new_validators else ""
    if second.status == 304:
        return f"304, not modified{changed}: what is unchanged costs next to nothing"
    if second.same_body:
        return f"200 with the same document{changed}: it does not compare, every poll transfers all of it"
    return f"200 with another document{changed}: it changes at every request, or just did"


def _text_length(entry: Entry) -> int:
    return max(len(plain_text(entry.summary)), len(plain_text(entry.content)))


# --- As data ---------------------------------------------------------------------------------------------------------


def data(probe: Probe) -> dict[str, Any]:
    """docs/feeds.md describes it."""
    return {
        "url": probe.url,
        "error": probe.error,
        "feed": _found_data(probe.found) if probe.found else None,
        "links": [{"url": redact_url(link.url), "title": link.title} for link in probe.links],
        "tried": [{"url": tried.url, "error": tried.error} for tried in probe.tried],
    }


def _found_data(found: Found) -> dict[str, Any]:
    parsed, portrait, hints = found.parsed, found.portrait, found.parsed.hints
    return {
        "url": found.url,
        "how": found.how,
        "title": parsed.title,
        "kind": found.kind,
        "language": parsed.language,
        "bytes": found.size,
        "fault": parsed.fault,
        "complete": parsed.complete,
        "entries": {
            "number": portrait.entries,
            "dated": portrait.dated,
            "in_future": portrait.in_future,
            "oldest": portrait.oldest_at.isoformat() if portrait.oldest_at else None,
            "newest": portrait.newest_at.isoformat() if portrait.newest_at else None,
            "usual_gap_s": portrait.usual_gap_s,
            "a_day": portrait.a_day and round(portrait.a_day, 2),
            "with_guid": portrait.with_guid,
            "repeated_guids": portrait.repeated_guids,
            "with_link": portrait.with_link,
            "repeated_links": portrait.repeated_links,
        },
        "newest": [_entry_data(entry) for entry in newest_first(parsed.entries)[:NEWEST]],
        "redirects": [{"status": hop.status, "url": redact_url(hop.url)} for hop in found.hops],
        "answered_by": found.answered_by,
        "asks": {
            "server_s": found.min_wait_s,
            "document_s": hints.min_wait_s,
            "skip_hours": sorted(hints.skip_hours),
            "skip_days": sorted(hints.skip_days),
            "headers": {name: found.headers[name] for name in HEADERS if name in found.headers},
        },
        "etag": found.validators.etag,
        "last_modified": found.validators.last_modified,
        "second": _second_data(found.second) if found.second else None,
    }


def _second_data(second: Second) -> dict[str, Any]:
    return {
        "status": second.status,
        "same_body": second.same_body,
        "new_validators": second.new_validators,
        "error": second.error,
    }


def _entry_data(entry: Entry) -> dict[str, Any]:
    date = entry.published or entry.updated
    return {
        "title": entry.title,
        "date": date.isoformat() if date else None,
        "link": entry.link,
        "guid": entry.guid,
        "characters": _text_length(entry),
    }
