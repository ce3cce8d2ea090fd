"""Which parts of settings and feeds are secret: tokens, passwords, what the environment put behind a host, and headers.

A publisher's key may stand anywhere in an address, where no pattern finds it; but whoever kept it out of the file has
said that it is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from bot.config.environment import filled_in, variables
from bot.config.settings import Settings
from bot.logs import keep_address, keep_secret
from bot.model import Feed
from bot.yamlfile import Located, parse

PUBLIC_HEADERS = frozenset({"accept", "accept-language", "user-agent"})
SHORTEST_SECRET = 4
"""Characters that are looked for in every line. A shorter value would hide half of each: it is hidden where it stands
in its own feed's address."""
HIDDEN = "…"


def keep_secrets(feeds: Iterable[Feed], texts: Iterable[str], environ: Mapping[str, str]) -> None:
    """From now on no log, message or list shows what is secret of these feeds, which were read from these texts."""
    written = [text for text in texts if variables(text)]
    values = {environ.get(name, "") for text in written for name in variables(text)} - {""}
    parts = dict(_filled(written, environ))
    for feed in feeds:
        for secret in [*_of_the_address(feed.url, values), *_of_the_headers(feed.headers)]:
            if len(secret) >= SHORTEST_SECRET:
                keep_secret(secret)
        _hide_in_address(feed.url, parts.get(feed.url, ()))


def keep_secrets_of_settings(settings: Settings) -> None:
    """From now on no log and no message shows a token or a password of these settings."""
    webhook, network = settings.telegram.webhook, settings.network
    given = [settings.telegram.token, settings.web.password, webhook.secret if webhook else None]
    secrets = [each.get_secret_value() for each in given if each]
    for url in (settings.storage.url, network.proxy, network.telegram_proxy):
        password = urlsplit(url or "").netloc.rpartition("@")[0].partition(":")[2]
        secrets += [password, unquote(password)]
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            keep_secret(secret)


def _hide_in_address(url: str, spans: Iterable[tuple[int, int]]) -> None:
    """What came from the environment is not shown behind the host, however short; `spans` says where it stands."""
    host_end = url.find("://") + len("://") + len(urlsplit(url).netloc)
    behind = [(max(begin, host_end), end) for begin, end in spans if end > host_end]
    if all(end - begin >= SHORTEST_SECRET for begin, end in behind):
        return  # found by itself wherever it stands
    shown, at = "", 0
    for begin, end in behind:
        shown, at = shown + url[at:begin] + HIDDEN, end
    shown += url[at:]
    for kept, said in ((url, shown), (_asked(url), _asked(shown))):
        keep_address(kept, said)


def _asked(url: str) -> str:
    """The address as a server is asked, without user name, password and fragment."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


def _filled(texts: Iterable[str], environ: Mapping[str, str]) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Every scalar of the texts that holds a variable, as it is read, and where in it the values stand."""
    for text in texts:
        root, _ = (None, []) if text.lstrip("\ufeff \t\r\n").startswith("<") else parse(text, Path())
        nodes: list[Located] = [root] if root else []
        while nodes:
            value = nodes.pop().value
            if isinstance(value, str):
                if variables(value):
                    filled, spans = filled_in(value, environ)
                    margin = len(filled) - len(filled.lstrip())
                    yield filled.strip(), [(begin - margin, end - margin) for begin, end in spans]
            else:
                nodes += value.values() if isinstance(value, dict) else value


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
