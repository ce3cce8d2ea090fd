"""The many addresses of one page → one canonical URL, to compare, not to open. Pure: opens nothing.

Which page a short link leads to, and what a page calls itself, is known when it was read (`bot.pages`).
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

__all__ = ["canonical_url", "is_web_address"]

MAX_URL_CHARS = 2_000
"""Longer ones are data, not addresses, and do not fit a database index."""

DOORS = re.compile(r"www\d?|m|mobile|amp|wap")
"""Labels of a host under which a site shows the same pages."""
REGISTRIES = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
"""Second-level labels under which sites are registered: what stands before them in `mobile.co.uk` is the site."""
VIEWS = re.compile(
    r"(?:/platform)?/(?:amp|amphtml|google-amp|\.amp|tnamp)(?=/|$)"
    r"|[._]amp(?=(?:\.s?html?)?$)"
    r"|/(?:index|default)\.(?:s?html?|php|aspx?|jsp)$"
    r"|/print$"
    r"|/+$",
    re.IGNORECASE,
)
"""Parts of a path that say how the page is shown, after AMP doors as real pages name them (`rel=amphtml`)."""
SHOWN_AS = {
    re.compile(r"amp|_amp|hs_amp|outputtype|share"): re.compile(r".*", re.DOTALL),
    re.compile(r"output|service|view|mode|format|template|layout|display"): re.compile(r"amp|amphtml|print|printable"),
    re.compile(r"print|printable|mobile"): re.compile(r"1|true|yes|y|"),
    re.compile(r"pagewanted|currentpage|page"): re.compile(r"all|print"),
    re.compile(r"rss"): re.compile(r"1|true|"),
    re.compile(r".*", re.DOTALL): re.compile(r"rss|feed|rss-.*"),
}
"""Parameters that say how the page is shown or who lists it, by name and value."""
NEWS_TRACKER = re.compile(
    r"at_.*|ns_.*|wt_.*|hsa_.*|_hs.*|utm_(?:.*_)?id|mc_[ce]id|[a-z]*clid|igsh|xtor|cmp|ito|ref|ref_.*|referrer|maca"
    r"|traffic_source|partner|emc|smid|smtyp|oc|guc.*|soc_.*|ncid|icid|mbid|sfnsn|srsltid|postshare|mkt_tok"
)
"""Of news sites, beside the general ones of courlan's list, or kept from it by the two guards below."""
CHOOSES = re.compile(r"(?:.*_)?(?:id|[ceu]id|source|session|keyword)")
"""Names that courlan takes for trackers, and that choose the article on some sites."""
PLAIN_NAME = re.compile(r"[a-z_-]{3,40}")

GOOGLE = re.compile(r"(?:news\.)?google(?:\.com?)?\.[a-z]{2,3}")
TARGETS = (
    (GOOGLE, re.compile(r"/url|/news/url"), ("url", "q")),
    (re.compile(r"lm?\.(?:facebook|instagram)\.com"), re.compile(r"/l\.php|"), ("u",)),
    (re.compile(r".*\.safelinks\.protection\.outlook\.com"), re.compile(r".*", re.DOTALL), ("url",)),
    (re.compile(r"bing\.com"), re.compile(r"/news/apiclick\.aspx"), ("url",)),
    (re.compile(r"news\.yandex\.ru"), re.compile(r"/yandsearch"), ("cl4url",)),
    (re.compile(r"youtube\.com"), re.compile(r"/redirect"), ("q",)),
    (re.compile(r"out\.reddit\.com"), re.compile(r".*", re.DOTALL), ("url",)),
)
"""Addresses that only lead on: host, path, and the parameters that hold the target."""
LEADERS = re.compile("ampproject|bing|facebook|google|instagram|outlook|reddit|yandex|youtube")
"""What the hosts of all of them have in their names: most hosts need no closer look."""
AMP_CACHE = re.compile(r"/(?:amp|[cv]|wp)/(?:s/)?(?P<target>[^/]+\.[^/]+/.*)", re.DOTALL)
AMP_CACHES = re.compile(r".*\.cdn\.ampproject\.org|cdn\.ampproject\.org|bing\.com|" + GOOGLE.pattern)
GOOGLE_NEWS = re.compile(r"/(?:__i/)?(?:rss/)?(?:rd/)?(?:articles|read)/(?P<id>[\w-]+)")
FEEDPROXIES = frozenset({"feedproxy.google.com", "feeds.feedburner.com", "feeds2.feedburner.com"})

PLAIN = re.compile(r"[A-Za-z0-9/._~-]*")
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def canonical_url(url: str) -> str | None:
    """What two addresses of one page have in common; None when it is not an address on the web.

    Scheme, `www`, mobile, AMP and print doors, default port, trackers, the order of parameters, the place in the page,
    index pages and the last slash do not count; an address that only leads on is that of its target.
    """
    parts = _web_address(url)
    if parts is None:
        return None
    host = _host(parts)
    while (target := _target(host, parts)) is not None:  # each is shorter than its wrapper
        parts, host = target, _host(target)
    host, path, query = _one_house(host, _path(parts), _telling_parameters(parts.query))
    port = "" if parts.port in {None, 80, 443} else f":{parts.port}"
    if not host:
        return None
    canonical = urlunsplit(("https", host + port, path, query, _route(parts.fragment)))
    if len(canonical) > MAX_URL_CHARS:
        return None
    # Tidied, it may show what it leads to.
    return canonical_url(canonical) if LEADERS.search(host) and canonical != url else canonical


def is_web_address(url: str) -> bool:
    return _web_address(url) is not None


def _web_address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # reading it is what checks it
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and (parts.hostname or "").strip(".") else None


# --- Host and path -----------------------------------------------------------------------------------------------


def _host(parts: SplitResult) -> str:
    host = _ascii_host(parts)
    labels = host.split(".")
    site = 3 if labels[-2:-1] and labels[-2] in REGISTRIES else 2
    inner = [label for label in labels[:-site] if not DOORS.fullmatch(label)]
    return ".".join(inner + labels[-site:])


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if ":" in host:
        return f"[{host}]"
    try:
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        ascii_host = quote(host, errors="replace").lower()
    return ascii_host.strip(".")


def _path(parts: SplitResult) -> str:
    path = re.sub(r"/{2,}", "/", _escaped(parts.path))
    while (barer := VIEWS.sub("", path)) != path:
        path = barer
    return path


def _escaped(path: str) -> str:
    """One way of writing each character (RFC 3986, section 6.2.2)."""
    if PLAIN.fullmatch(path):
        return path
    path = re.sub(r"%(?![0-9a-fA-F]{2})", "%25", path)
    escaped = quote(path, safe="/%:@!$&'()*+,;=~", errors="replace")
    return re.sub(r"%[0-9a-fA-F]{2}", _shortest, escaped)


def _shortest(escape: re.Match[str]) -> str:
    character = unquote(escape[0], errors="replace")
    return character if UNRESERVED.fullmatch(character) else escape[0].upper()


def _route(fragment: str) -> str:
    """A page that a script chooses (`#!/news/12`) counts, a place within the page does not."""
    return _escaped(fragment) if fragment.startswith(("!/", "/")) else ""


def _one_house(host: str, path: str, query: str) -> tuple[str, str, str]:
    """One address for each item of the services that say their own in several ways, and hide the target."""
    if host == "news.google.com" and (item := GOOGLE_NEWS.fullmatch(path)):
        return host, f"/articles/{item['id']}", ""
    if host in FEEDPROXIES and path.startswith("/~r/"):
        return "feeds.feedburner.com", path, query
    return host, path, query


# --- Parameters --------------------------------------------------------------------------------------------------


def _telling_parameters(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(sorted(pair for pair in pairs if not _says_nothing(*pair)), errors="replace")


def _says_nothing(name: str, value: str) -> bool:
    """Whether the parameter does not choose the page. In doubt it does: two articles taken for one is the worse."""
    name, value = name.lower(), value.lower()
    if NEWS_TRACKER.fullmatch(name):
        return True
    if any(names.fullmatch(name) and values.fullmatch(value) for names, values in SHOWN_AS.items()):
        return True
    tracker = _general_tracker(name)
    if tracker.endswith("_"):
        return not name.endswith("_id")
    return tracker == name != "" and not CHOOSES.fullmatch(name) and not value.isdigit()


@lru_cache(maxsize=4_096)
def _general_tracker(name: str) -> str:
    """What courlan's list (after Mozilla, AdGuard, ClearURLs) knows of the name: all of it, or a beginning.

    It finds trackers within words, too: `gallery` begins with Google Analytics' `ga`, `affaire` with `aff`. So only a
    whole name counts, or a prefix like `utm_`.
    """
    if not PLAIN_NAME.fullmatch(name):
        return ""
    from courlan import normalize_url  # late: 80 ms and 17 MB, for the few links whose parameters are unknown

    beginnings = (name[:end] for end in range(3, len(name) + 1))
    return next((each for each in beginnings if "?" not in normalize_url(f"https://a.example/?{each}=a")), "")


# --- Addresses that only lead on ---------------------------------------------------------------------------------


def _target(host: str, parts: SplitResult) -> SplitResult | None:
    if not LEADERS.search(host):
        return None
    path = _escaped(parts.path)
    if AMP_CACHES.fullmatch(host) and (cached := AMP_CACHE.fullmatch(path)):
        return _web_address(f"https://{cached['target']}" + (f"?{parts.query}" if parts.query else ""))
    if host == "news.google.com" and (item := GOOGLE_NEWS.fullmatch(path.rstrip("/"))):
        return _google_news_target(item["id"])
    for hosts, paths, names in TARGETS:
        if hosts.fullmatch(host) and paths.fullmatch(path.rstrip("/")):
            return _parameter_target(parts.query, names)
    return None


def _parameter_target(query: str, names: tuple[str, ...]) -> SplitResult | None:
    said = sorted((names.index(name), value) for name, value in parse_qsl(query) if name in names)
    for _, value in said:
        if found := _web_address(value if "://" in value else f"https://{value}"):
            return found if "." in _host(found) else None
    return None


def _google_news_target(item: str) -> SplitResult | None:
    """The address within an old item's name: a protocol buffer whose field 4 is the URL.

    Later names (from 2024 on) hold a secret of Google's own instead: such an item is known as itself.
    """
    try:
        message = base64.urlsafe_b64decode(item + "=" * (-len(item) % 4))
    except (binascii.Error, ValueError):
        return None
    if message[:3] != b"\x08\x13\x22" or len(message) < 5:
        return None
    start, length = (4, message[3]) if message[3] < 128 else (5, (message[3] & 127) | message[4] << 7)
    try:
        return _web_address(message[start : start + length].decode("ascii"))
    except UnicodeDecodeError:
        return None
