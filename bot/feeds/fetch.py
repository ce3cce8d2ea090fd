"""One poll of one feed: what to ask, and what the answer means for us.

The only place that knows HTTP's statuses and caching headers. Never parses the body and never decides when to come
back: it passes on what the server asked for.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from multidict import CIMultiDictProxy

from bot.errors import FetchError
from bot.feeds.challenge import CHALLENGE_PAGE, says_challenge
from bot.model import Feed
from bot.net import GuardedSession, Limits, Response, redact_url, same_origin

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, application/xml;q=0.9, text/xml;q=0.9, "
    "application/feed+json;q=0.8, application/json;q=0.5, */*;q=0.1"
)
"""Feed types first: a site that negotiates must not send its HTML page."""

PERMANENT = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT})
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS})
"""The publisher does not want us: a matter for a person, not for another try in a minute."""

BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""Statuses that a server in trouble and a wall against robots have in common; only the page tells them apart."""

NO_WAIT = re.compile(r"(?:^|[\s,])no-(?:cache|store)\s*(?:,|$)", re.IGNORECASE)
MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


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
    retry_after_s: float | None = None
    """The part of it that was said with Retry-After."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """Nothing new. `validators` are those to send next time."""

    validators: Validators
    moved_to: str | None = None
    min_wait_s: float | None = None
    retry_after_s: float | None = None


class AnswerError(FetchError):
    """An answer of 400 and above, a challenge, or a 304 to no question.

    `url` is who answered, after redirects, without user name and password: a pause or a 404 is about that one.
    """

    def __init__(self, code: str, message: str, *, status: int, retry_after_s: float | None, url: str) -> None:
        super().__init__(code, message, status=status, retry_after_s=retry_after_s)
        self.url = url


async def fetch_feed(
    session: GuardedSession, feed: Feed, validators: Validators, limits: Limits
) -> Document | NotModified:
    """Poll `feed.url` once.

    Raises:
        FetchError: as `GuardedSession.get`.
        AnswerError: `refused` (401, 403, 451, a challenge page), `gone` (410), `http`.
    """
    response = await session.get(feed.url, headers=_headers(feed, validators), limits=limits)
    if _is_challenge(response):
        raise _answer_error(feed, response, "refused")
    if response.status == HTTPStatus.NOT_MODIFIED and validators != Validators():
        fresh = _validators(response)
        kept = Validators(fresh.etag or validators.etag, fresh.last_modified or validators.last_modified)
        asked = response.headers
        return NotModified(kept, _moved_to(feed, response), min_wait_s(asked), retry_after_s(asked))
    if not response.status // 100 == 2:
        raise _answer_error(feed, response, _code(response.status))
    return Document(
        body=response.body,
        content_type=response.headers.get("Content-Type"),
        url=response.url,
        validators=_validators(response),
        digest=hashlib.blake2b(response.body, digest_size=16).hexdigest(),
        moved_to=_moved_to(feed, response),
        min_wait_s=min_wait_s(response.headers),
        retry_after_s=retry_after_s(response.headers),
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


def _is_challenge(response: Response) -> bool:
    """Whether a wall asks for a person with a browser; no feed comes through it, now or later."""
    return says_challenge(response.headers) or (
        response.status in BUSY and CHALLENGE_PAGE.search(response.body) is not None
    )


def _code(status: int) -> str:
    if status == HTTPStatus.GONE:
        return "gone"
    return "refused" if status in REFUSALS else "http"


def _answer_error(feed: Feed, response: Response, code: str) -> AnswerError:
    status, url = response.status, redact_url(feed.url)
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "an unknown status"
    match code:
        case "gone":
            message = f"{url} was taken down for good (410)"
        case "refused" if _is_challenge(response):
            message = f"{url} wants a person with a browser ({status} {phrase}); ask the publisher, or remove the feed"
        case "refused":
            message = f"{url} refuses us ({status} {phrase}); ask the publisher, or remove the feed"
        case _:
            message = f"{url} answered {status} {phrase}"
    asked = retry_after_s(response.headers)
    return AnswerError(code, message, status=status, retry_after_s=asked, url=response.url)


# --- How long to stay away ---------------------------------------------------------------------------------------


def min_wait_s(headers: CIMultiDictProxy[str]) -> float | None:
    """How long the answer stays fresh, or Retry-After where that is longer.

    A 304 speaks for itself: it repeats the Cache-Control and Expires of the 200 (RFC 9110, 15.4.5).
    """
    return max(_fresh_s(headers), retry_after_s(headers) or 0.0) or None


def _fresh_s(headers: CIMultiDictProxy[str]) -> float:
    """RFC 9111, 4.2: max-age, else Expires - Date, less the Age that a cache on the way told.

    `s-maxage` speaks to shared caches; we are a private one. `no-cache` and `no-store` ask for no wait: to come back
    with validators, or not to rely on a copy. Without a word there is no lifetime: the feed's rhythm is the better
    guess than 4.2.2's. What our own clock would add (4.2.3) is left out: it need not agree with the server's.
    """
    control = ", ".join(headers.getall("Cache-Control", ()))
    if NO_WAIT.search(control):
        return 0.0
    max_age = MAX_AGE.search(control)
    lifetime = float(max_age[1]) if max_age else _seconds_after_date(headers, "Expires") or 0.0
    return max(0.0, lifetime - (_seconds(headers.get("Age")) or 0.0))


def retry_after_s(headers: CIMultiDictProxy[str]) -> float | None:
    """Retry-After in either of its forms: seconds, or a date."""
    seconds = _seconds(headers.get("Retry-After"))
    return _seconds_after_date(headers, "Retry-After") if seconds is None else seconds


def _seconds(value: str | None) -> float | None:
    text = (value or "").strip()
    return float(text[:9]) if text.isascii() and text.isdigit() else None


def _seconds_after_date(headers: CIMultiDictProxy[str], name: str) -> float | None:
    """A header that is a date, counted from the server's own clock, which ours need not agree with."""
    try:
        then, now = parsedate_to_datetime(headers[name]), parsedate_to_datetime(headers["Date"])
        return max(0.0, (then - now).total_seconds())
    except (KeyError, ValueError, TypeError, OverflowError):  # absent, no date (`Expires: 0`), one without a zone
        return None
