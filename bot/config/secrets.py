"""Which parts of the configured feeds are secret: what the environment put behind a host, and headers.

A publisher's key may stand anywhere in an address, where no pattern finds it; but whoever kept it out of the file has
said that it is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from bot.config.environment import variables
from bot.logs import keep_secret
from bot.model import Feed

PUBLIC_HEADERS = frozenset({"accept", "accept-language", "user-agent"})
SHORTEST_SECRET = 4
"""Characters; a shorter value is a number or a language rather than a key, and would hide half of every line."""


def keep_secrets(feeds: Iterable[Feed], texts: Iterable[str], environ: Mapping[str, str]) -> None:
    """From now on no log, message or list shows what is secret of these feeds, which were read from these texts."""
    values = {environ.get(name, "") for text in texts for name in variables(text)} - {""}
    for feed in feeds:
        for secret in [*_of_the_address(feed.url, values), *_of_the_headers(feed.headers)]:
            if len(secret) >= SHORTEST_SECRET:
                keep_secret(secret)


def _of_the_address(url: str, values: Iterable[str]) -> Iterator[str]:
    """What of the values stands before or behind the host; the host itself is no secret."""
    begin = url.find("://") + len("://")
    host_end = begin + len(urlsplit(url).netloc)
    host_begin = max(begin, url.rfind("@", begin, host_end) + 1)
    for value in values:
        at = url.find(value)
        while at >= 0:
            end = at + len(value)
            yield url[max(at, begin) : min(end, host_begin)]
            yield url[max(at, host_end) : end]
            at = url.find(value, end)


def _of_the_headers(headers: Mapping[str, str]) -> Iterator[str]:
    """Each value, and its last word alone: `Bearer KEY`."""
    for name, value in headers.items():
        if name.lower() not in PUBLIC_HEADERS:
            yield value
            yield value.rpartition(" ")[2]
