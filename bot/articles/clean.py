"""An entry as the feed gave it → an article: plain text, one URL for one page, times that can be true. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from bot.markup import plain_text
from bot.model import Article, Entry, Feed

__all__ = ["canonical_url", "clean_entry", "plain_text", "primary_language"]

MAX_TITLE_CHARS = 1_000
MAX_TEXT_CHARS = 200_000
MAX_URL_CHARS = 2_000
"""Longer ones are data, not addresses, and do not fit a database index."""
HEADLINE_CHARS = 120

LEFT_OFF = re.compile(r"[\s\[(]*(?:…|\.\.\.)[\s\])]*$")
"""How a teaser ends that the content continues."""

TRACKER = re.compile(
    r"utm_.*|at_.*|ns_.*|wt_.*|mtm_.*|pk_.*|hsa_.*|itm_.*|ga_.*|mc_[ce]id|_hs.*|_gl|_ga|[a-z]*clid|[gw]braid|msclkid"
    r"|igshid|igsh|mkt_tok|xtor|cmp|ito|ref|ref_.*|referrer|maca|traffic_source|partner|emc|smid|smtyp|oc|guc.*"
    r"|soc_.*|ncid|icid|mbid|sfnsn|share|amp|outputtype"
)
"""Names of parameters that say where the reader came from, not what the page is. Kept narrow: `id`, `p`, `cid`,
`source` and the like choose the article on some sites."""
FEED_VALUE = re.compile(r"rss|feed|rss-.*", re.IGNORECASE)
OTHER_DOORS = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
AMP_ENDING = re.compile(r"(?:/amp|\.amp)$|\.amp(?=\.html?$)")
PRIMARY_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?![A-Za-z])")


def clean_entry(entry: Entry, feed: Feed, feed_language: str | None, now: datetime) -> Article:
    """The article of an entry seen at `now`. `feed_language` is what the document says of itself."""
    text = _joined(plain_text(entry.summary), plain_text(entry.content))[:MAX_TEXT_CHARS]
    published = entry.published or entry.updated
    return Article(
        feed_id=feed.id,
        guid=entry.guid,
        url=entry.link if entry.link and _web_address(entry.link) else None,
        canonical_url=canonical_url(entry.link) if entry.link else None,
        title=entry.title[:MAX_TITLE_CHARS] or _headline(text),
        text=text,
        language=primary_language(entry.language, feed.language, feed_language),
        published_at=min(published, now) if published else now,
        dated=published is not None,
        seen_at=now,
        item=entry.item,
    )


def canonical_url(url: str) -> str | None:
    """What two addresses of one page have in common; None when it is not an address on the web.

    Scheme, `www`, mobile and AMP doors, default port, trackers, the order of parameters, the fragment and the last
    slash do not count. To compare, not to open.
    """
    parts = _web_address(url)
    if parts is None:
        return None
    host = OTHER_DOORS.sub("", _ascii_host(parts))
    port = "" if parts.port in {None, 80, 443} else f":{parts.port}"
    path = AMP_ENDING.sub("", _escaped(parts.path).rstrip("/")).rstrip("/")
    canonical = urlunsplit(("https", host + port, path, _telling_parameters(parts.query), ""))
    return canonical if len(canonical) <= MAX_URL_CHARS else None


def _web_address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # reading it is what checks it
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def _ascii_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]"
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return quote(host)


def _escaped(path: str) -> str:
    escaped = quote(path, safe="/%:@!$&'()*+,;=~")
    return re.sub(r"%[0-9a-fA-F]{2}", lambda found: found[0].upper(), escaped)


def _telling_parameters(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        sorted((k, v) for k, v in pairs if not TRACKER.fullmatch(k.lower()) and not FEED_VALUE.fullmatch(v))
    )


def _joined(summary: str, content: str) -> str:
    """Summary and content, neither said twice: most contents begin with their summary."""
    flat_summary, flat_content = " ".join(summary.split()), " ".join(content.split())
    if LEFT_OFF.sub("", flat_summary) in flat_content:
        return content
    if flat_content in flat_summary:
        return summary
    return f"{summary}\n{content}"


def _headline(text: str) -> str:
    """For an entry without a title: the beginning of its text, cut between words."""
    line = text.partition("\n")[0]
    if len(line) <= HEADLINE_CHARS:
        return line
    return line[:HEADLINE_CHARS].rpartition(" ")[0] + "…" if " " in line[:HEADLINE_CHARS] else line[:HEADLINE_CHARS]


def primary_language(*claims: str | None) -> str | None:
    """The first claim that can be read, as its primary subtag: `fr-FR` → `fr`."""
    found = (PRIMARY_LANGUAGE.match(claim.strip()) for claim in claims if claim)
    return next((match[1].lower() for match in found if match), None)
