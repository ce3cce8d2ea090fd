"""One poll of one feed: what to ask, and what the answer means for us.

The only place that knows HTTP's statuses and caching headers. Never parses the body and never decides when to come
back: it passes on what the server asked for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from bot.errors import FetchError
from bot.model import Feed
from bot.net import GuardedSession, Limits, Response, redact_url, same_origin

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"
)
"""Feed types first: a site that negotiates must not send its HTML page."""

PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS})
"""The publisher does not want us: a matter for a person, not for another try in a minute."""


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified as the server sent them; echoed byte for byte, never read."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A body that is new, or that the server would not compare.

    Store `validators` only once the body has parsed to its end: a cut body arrives as an ordinary 200.
    """

    body: bytes
    content_type: str | None
    url: str
    """Where it came from after redirects: relative links start here."""
    validators: Validators
    digest: str
    """Of the body; equal digests spare the parser. 32 hexadecimal digits."""
    moved_to: str | None = None
    """Where permanent redirects lead; None when there are none, or when following them later would tell the feed's
    credentials to another host."""
    min_wait_s: float | None = None
    """How long the server asked us to stay away."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing new. `validators` are those to send next time."""

    validators: Validators
    moved_to: str | None = None
    min_wait_s: float | None = None


async def fetch_feed(
    session: GuardedSession, feed: Feed, validators: Validators, limits: Limits
) -> Document | NotModified:
    """Poll `feed.url` once.

    Raises:
        FetchError: as `GuardedSession.get`; or `refused` (401, 403, 451, a challenge page), `gone` (410), `http`.
    """
    response = await session.get(feed.url, headers=_headers(feed, validators), limits=limits)
    if response.status == HTTPStatus.NOT_MODIFIED and validators != Validators():
        fresh = _validators(response)
        kept = Validators(fresh.etag or validators.etag, fresh.last_modified or validators.last_modified)
        return NotModified(kept, _moved_to(feed, response), _min_wait_s(response.headers))
    if not response.status // 100 == 2:
        raise _http_error(feed, response)
    return Document(
        body=response.body,
        content_type=response.headers.get("Content-Type"),
        url=response.url,
        validators=_validators(response),
        digest=hashlib.blake2b(response.body, digest_size=16).hexdigest(),
        moved_to=_moved_to(feed, response),
        min_wait_s=_min_wait_s(response.headers),
    )


def _headers(feed: Feed, validators: Validators) -> dict[str, str]:
    headers = {"Accept": ACCEPT, **feed.headers}
    if validators.etag:
        headers["If-None-Match"] = validators.etag
    if validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def _validators(response: Response) -> Validators:
    return Validators(_echoable(response.headers.get("ETag")), _echoable(response.headers.get("Last-Modified")))


def _echoable(value: str | None) -> str | None:
    """None for bytes that are no text: they could neither be stored nor sent back."""
    return value if value and value.isprintable() else None


def _moved_to(feed: Feed, response: Response) -> str | None:
    permanent = 0
    while permanent < len(response.hops) and response.hops[permanent].status in PERMANENT:
        permanent += 1
    if not permanent:
        return None
    target = response.hops[permanent].url if permanent < len(response.hops) else response.url
    loses_password = urlsplit(feed.url).username is not None
    tells_secrets = bool(feed.headers) and not same_origin(feed.url, target)
    return None if loses_password or tells_secrets else target


def _http_error(feed: Feed, response: Response) -> FetchError:
    status, url = response.status, redact_url(feed.url)
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "an unknown status"
    retry_after_s = _retry_after_s(response.headers)
    if status == HTTPStatus.GONE:
        return FetchError("gone", f"{url} was taken down for good (410)", status=status)
    if status in REFUSALS or response.headers.get("cf-mitigated") == "challenge":
        message = f"{url} refuses us ({status} {phrase}); ask the publisher, or remove the feed"
        return FetchError("refused", message, status=status, retry_after_s=retry_after_s)
    return FetchError("http", f"{url} answered {status} {phrase}", status=status, retry_after_s=retry_after_s)


# --- How long to stay away ---------------------------------------------------------------------------------------


def _min_wait_s(headers: Mapping[str, str]) -> float | None:
    """What Cache-Control's max-age leaves, else Expires, else nothing (RFC 9111, 4.2).

    `no-cache` asks to come back with validators, not to stay away.
    """
    max_age = re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", headers.get("Cache-Control", ""), re.IGNORECASE)
    if max_age:
        age = headers.get("Age", "")
        wait = int(max_age[1]) - (int(age) if age.isascii() and age.isdigit() else 0)
    else:
        wait = int(_seconds_after_date(headers, "Expires") or 0)
    asked = max(wait, _retry_after_s(headers) or 0)
    return float(asked) if asked > 0 else None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Retry-After in either of its forms: seconds, or a date."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    return _seconds_after_date(headers, "Retry-After")


def _seconds_after_date(headers: Mapping[str, str], name: str) -> float | None:
    """A header that is a date, counted from the server's own clock, which ours need not agree with."""
    try:
        then, now = parsedate_to_datetime(headers[name]), parsedate_to_datetime(headers["Date"])
        return max(0.0, (then - now).total_seconds())
    except (KeyError, ValueError, TypeError):  # absent, no date (`Expires: 0`), or only one of them with a zone
        return None
