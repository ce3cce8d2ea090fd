"""The feeds of the farm: what each does wrong, and what must be true of it afterwards."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache, partial

import brotli  # type: ignore[import-untyped]

from tests.farm import Answer, Visit
from tests.newsstand import Item, rss

OPENED = datetime.now(UTC).replace(microsecond=0)
REVENANT = "Otto Brisemarée"
"""Named by every old item, and watched: who hears of him was told something old."""
MAX_ITEMS = 2_000
MIB = 1 << 20
ANY = frozenset({"ok", "failing"})

Respond = Callable[[Visit], Answer]


@dataclass(frozen=True)
class Misfit:
    """A feed that misbehaves. The rest is what must be true of it at the end of the run."""

    name: str
    answer: Respond
    state: frozenset[str] | str = "ok"
    error: str = ""
    """In what is kept of the last error."""
    articles: range | int = 0
    polls: range = range(2, 100)
    interval: str | None = "2s"
    """None: as often as it asks for."""
    at: Callable[[str], str] | None = None
    """Its address, where it is not the farm's, made of the trap's host and port."""
    stores: bool = True
    """Whether its validators come back."""


def item(number: int, **other: object) -> Item:
    """Old news: dated a month back unless told otherwise."""
    written = {
        "title": f"{REVENANT} aperçu sur le quai {number} de Port-Salins",
        "text": f"Des témoins disent avoir reconnu {REVENANT} près du hangar {number}, un matin de brouillard.",
        "guid": f"revenant-{number}",
        "link": f"/articles/{number}.html",
        "published": OPENED - timedelta(days=30, hours=number),
        "number": number,
    }
    return Item(**{**written, **other})  # type: ignore[arg-type]


OLD = tuple(item(number) for number in range(3))


def document(visit: Visit, *items: Item) -> bytes:
    return rss(*(items or OLD), origin=visit.origin).encode()


def plain(body: Callable[[Visit], bytes] = document, **headers: str) -> Respond:
    """Always this document, with these headers (underscores for dashes)."""
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda visit: Answer(body(visit), headers=dashed)


def status(number: int, **headers: str) -> Respond:
    dashed = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _visit: Answer(b"<p>non</p>", number, dashed | {"Content-Type": "text/html"})


def redirect(number: int, to: str | Callable[[Visit], str]) -> Respond:
    """From the feed's own path; any other path of it is a good feed."""

    def respond(visit: Visit) -> Answer:
        if not visit.path.endswith(".xml"):
            return Answer(document(visit))
        return Answer(status=number, headers={"Location": to if isinstance(to, str) else to(visit)})

    return respond


def failing(name: str, answer: Respond, error: str, **other: object) -> Misfit:
    return Misfit(name, answer, "failing", error, **other)  # type: ignore[arg-type]


def refusing(name: str, answer: Respond) -> Misfit:
    return Misfit(name, answer, "refused", polls=range(1, 2))


# --- Statuses, redirects, addresses ------------------------------------------------------------------------------


def _in_an_hour() -> str:
    return format_datetime(OPENED + timedelta(hours=1), usegmt=True)


STATUSES = (
    failing("status-500", status(500), "500"),
    failing("status-502", status(502), "502"),
    failing("status-503", status(503), "503"),
    failing("status-404", status(404), "404"),
    failing("retry-after-seconds", status(429, Retry_After="3600"), "429", polls=range(1, 2)),
    failing(
        "retry-after-date",
        status(503, Retry_After=_in_an_hour(), Date=format_datetime(OPENED, usegmt=True)),
        "503",
        polls=range(1, 2),
    ),
    Misfit("status-410", status(410), "gone", "410", polls=range(1, 2)),
    refusing("status-401", status(401)),
    refusing("status-403", status(403)),
    refusing("status-451", status(451)),
    refusing("challenge", status(503, cf_mitigated="challenge")),
)


def _loop(visit: Visit) -> Answer:
    there = "/redirect-loop/there"
    return Answer(status=302, headers={"Location": "/redirect-loop/back" if visit.path == there else there})


def _chain(visit: Visit) -> Answer:
    return Answer(status=301, headers={"Location": f"/redirect-chain/further/{len(visit.path)}"})


REDIRECTS = (
    *(
        Misfit(f"redirect-{number}", redirect(number, lambda visit: visit.path.replace(".xml", "/feed")), articles=3)
        for number in (301, 302, 303, 307, 308)
    ),
    failing("redirect-loop", _loop, "redirects more than"),
    failing("redirect-chain", _chain, "redirects more than"),
    failing("redirect-nowhere", redirect(302, "http://[half"), "unreadable URL"),
    failing("redirect-to-file", redirect(302, "file:///etc/passwd"), "http"),
    failing("redirect-to-ftp", redirect(302, lambda visit: f"ftp://{visit.trap}/feed.xml"), "http"),
)


def guarded(name: str, to: Callable[[Visit], str], number: int = 302) -> Misfit:
    return failing(f"redirect-to-{name}", redirect(number, to), "allow_networks")


GUARDED = (
    guarded("trap", lambda visit: f"http://{visit.trap}/"),
    guarded("trap-for-ever", lambda visit: f"http://{visit.trap}/", 308),
    guarded("localhost", lambda visit: f"http://localhost:{visit.trap_port}/"),
    guarded("ipv6-loopback", lambda visit: f"http://[::1]:{visit.trap_port}/"),
    guarded("ipv4-in-ipv6", lambda visit: f"http://[::ffff:127.0.0.1]:{visit.trap_port}/"),
    guarded("nat64", lambda visit: f"http://[64:ff9b::7f00:1]:{visit.trap_port}/"),
    guarded("private", lambda _visit: "http://10.0.0.1/"),
    guarded("metadata", lambda _visit: "http://169.254.169.254/latest/meta-data/"),
    failing("redirect-to-decimal", redirect(302, lambda visit: f"http://2130706433:{visit.trap_port}/"), ""),
    failing("redirect-to-octal", redirect(302, lambda visit: f"http://0177.0.0.1:{visit.trap_port}/"), ""),
    failing("trap", status(500), "allow_networks", at=lambda trap: f"http://{trap}/feed.xml", polls=range(1)),
)

# --- Bodies that do not come, break off, or do not end -----------------------------------------------------------


@cache
def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(64 * MIB), 9)


@cache
def _brotli_bomb() -> bytes:
    compressor = brotli.Compressor(quality=1)
    return b"".join([*(compressor.process(bytes(MIB)) for _ in range(64)), compressor.finish()])


def _pieces(visit: Visit) -> Iterator[bytes]:
    body = document(visit)
    return (body[start : start + 40] for start in range(0, len(body), 40))


def _huge(visit: Visit) -> Iterator[bytes]:
    yield document(visit)[:400]
    yield from itertools.repeat(b"<!-- " + b"x" * (MIB - 9) + b" -->", 100)


def _cut_gzip(visit: Visit) -> Answer:
    whole = gzip.compress(document(visit, *(item(number) for number in range(40))))
    headers = {"Content-Encoding": "gzip", "ETag": f'"cut-{visit.number}"'}
    return Answer(whole[: len(whole) * 2 // 3], headers=headers)


BODIES = (
    failing("slow-head", lambda visit: Answer(document(visit), drips=True), "did not answer"),
    failing("hanging-head", lambda visit: Answer(drips=True, ending="hang"), "did not answer"),
    failing("slow-body", lambda visit: Answer(_pieces(visit), pause_s=0.4), "did not answer"),
    failing("hanging-body", lambda visit: Answer(document(visit)[:300], length=5000, ending="hang"), "did not answer"),
    failing("reset-body", lambda visit: Answer(document(visit)[:300], length=5000, ending="reset"), ""),
    failing("truncated", lambda visit: Answer(document(visit)[:300], length=5000), "cut short"),
    Misfit("truncated-gzip", _cut_gzip, ANY, articles=range(41), stores=False),
    failing("no-gzip", plain(Content_Encoding="gzip"), "decoded"),
    failing("gzip-bomb", plain(lambda _visit: _gzip_bomb(), Content_Encoding="gzip"), "larger"),
    failing("brotli-bomb", plain(lambda _visit: _brotli_bomb(), Content_Encoding="br"), "larger"),
    failing("endless", lambda _visit: Answer(itertools.repeat(b"<item/>" * 9000, 5000)), "larger"),
    failing("hundred-megabytes", lambda visit: Answer(_huge(visit)), "larger"),
)

# --- Documents ---------------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HEAD = b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Le Phare</title>'


def _with_entities(entities: str, name: str, visit: Visit) -> bytes:
    doctype = f'?><!DOCTYPE rss [<!ENTITY l0 "ha">{entities}]>'
    return document(visit).decode().replace("?>", doctype, 1).replace("Des témoins", f"&{name}; témoins").encode()


def _json_feed(visit: Visit) -> bytes:
    items = [
        {"id": each.guid, "url": visit.origin + str(each.link), "title": each.title, "content_text": each.text}
        for each in OLD
    ]
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "Le Phare", "items": items}).encode()


def _nested(visit: Visit) -> bytes:
    inner = "<item><title>Dedans</title><guid>inner</guid></item>"
    return document(visit).decode().replace("</item>", f"{inner}</item>", 1).encode()


def _replaced(old: str, new: str, visit: Visit) -> bytes:
    return document(visit).decode().replace(old, new).encode()


@cache
def _many_items() -> bytes:
    """480,000 items in less than 10 MB, those with a title first."""
    titled = b"".join(b"<item><title>%d</title></item>" % number for number in range(3_000))
    return HEAD + titled + b"<item></item>" * 477_000 + b"</channel></rss>"


DOCUMENTS = (
    Misfit("billion-laughs", plain(partial(_with_entities, LAUGHS, "l9")), ANY, articles=range(4)),
    Misfit(
        "external-entity",
        plain(partial(_with_entities, '<!ENTITY x SYSTEM "file:///etc/passwd">', "x")),
        ANY,
        articles=range(4),
    ),
    Misfit("wrong-charset", plain(Content_Type="application/rss+xml; charset=iso-8859-1"), articles=3),
    Misfit(
        "utf-16",
        plain(lambda visit: document(visit).decode().replace('"utf-8"', '"utf-16"').encode("utf-16")),
        articles=3,
    ),
    failing("web-page", plain(lambda _visit: b"<!DOCTYPE html><html><body>Bonjour</body></html>"), "web page"),
    failing("empty-body", plain(lambda _visit: b""), "empty"),
    failing("no-feed", plain(lambda _visit: b'{"error": "down"}', Content_Type="application/json"), "no JSON Feed"),
    Misfit("empty-feed", plain(lambda _visit: HEAD + b"</channel></rss>")),
    Misfit(
        "many-items",
        plain(lambda _visit: _many_items()),
        ANY,
        articles=range(MAX_ITEMS + 1),
        polls=range(1, 100),
    ),
    Misfit(
        "deep-xml", plain(partial(_replaced, "<description>", "<description>" + "<b>" * 5_000)), ANY, articles=range(4)
    ),
    Misfit(
        "deep-html",
        plain(partial(_replaced, "Des témoins", "&lt;b&gt;" * 20_000 + "Des témoins")),
        ANY,
        articles=range(4),
    ),
    Misfit("bare-ampersand", plain(partial(_replaced, "aperçu", "vu & revu")), articles=3),
    Misfit("control-characters", plain(partial(_replaced, "aperçu", "ap\x01erçu&#0;")), articles=3),
    Misfit("no-dates", plain(lambda visit: document(visit, *(item(n, published=None) for n in range(3)))), articles=3),
    Misfit("no-guids", plain(lambda visit: document(visit).replace(b"guid", b"gone")), articles=3),
    Misfit(
        "one-guid",
        plain(lambda visit: document(visit, *(item(n, guid="always") for n in range(3)))),
        articles=range(1, 4),
    ),
    Misfit("relative-links", plain(lambda visit: document(visit).replace(visit.origin.encode(), b"")), articles=3),
    Misfit("byte-order-mark", plain(lambda visit: b"\xef\xbb\xbf" + document(visit)), articles=3),
    Misfit("leading-blanks", plain(lambda visit: b"\n\n  " + document(visit)), articles=3),
    Misfit("json-feed", plain(_json_feed, Content_Type="application/feed+json"), articles=3),
    Misfit("nested-items", plain(_nested), articles=range(1, 6)),
    Misfit(
        "items-of-the-future",
        plain(lambda visit: document(visit, *(item(n, published=OPENED + timedelta(days=900 + n)) for n in range(3)))),
        articles=3,
    ),
    Misfit(
        "links-to-a-trap",
        plain(lambda visit: document(visit, *(item(n, link=f"http://{visit.trap}/{n}") for n in range(3)))),
        articles=3,
    ),
)

# --- What changes from poll to poll ------------------------------------------------------------------------------


def churning(**changed: Callable[[Visit, int], object]) -> Respond:
    """The same three items, with fields that are others at each visit."""

    def respond(visit: Visit) -> Answer:
        items = (item(n, **{name: value(visit, n) for name, value in changed.items()}) for n in range(3))
        return Answer(document(visit, *items))

    return respond


def _anew(visit: Visit, n: int) -> str:
    return f"{visit.number}-{n}"


def _now(_visit: Visit, n: int) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=n)


def _etag(visit: Visit) -> Answer:
    return Answer(document(visit), headers={"ETag": f'W/"{visit.number}, ?\'"'})


def _touched(visit: Visit) -> Answer:
    at = OPENED + timedelta(seconds=visit.number)
    return Answer(document(visit), headers={"Last-Modified": format_datetime(at, usegmt=True)})


def _etag_changes_with_304(visit: Visit) -> Answer:
    headers = {"ETag": f'"v{visit.number}"'}
    return Answer(status=304, headers=headers) if visit.number > 1 else Answer(document(visit), headers=headers)


def _comeback(visit: Visit) -> Answer:
    if visit.number <= 2:
        return Answer(document(visit))
    return Answer(document(visit, *(item(number) for number in range(500))))


def _undated_comeback(visit: Visit) -> Answer:
    shown = [item(number, published=None) for number in range(3)]
    return Answer(document(visit, *(shown if visit.number != 2 else [item(99, title="En travaux", text="")])))


CHANGING = (
    Misfit("churning-guids", churning(guid=_anew), articles=3),
    Misfit("churning-dates", churning(published=_now), articles=3),
    Misfit(
        "churning-links", churning(link=lambda visit, n: f"/articles/{n}.html?session={_anew(visit, n)}"), articles=3
    ),
    Misfit(
        "churning-guids-and-links",
        churning(guid=_anew, link=lambda visit, n: f"/articles/{_anew(visit, n)}.html"),
        articles=3,
    ),
    Misfit("churning-guids-and-dates", churning(guid=_anew, published=_now), articles=3),
    Misfit("churning-etags", _etag, articles=3),
    Misfit("churning-etags-of-304", _etag_changes_with_304, articles=3),
    Misfit("touched", _touched, articles=3),
    Misfit("cookies", plain(Set_Cookie="id=42; Path=/; Max-Age=3600"), articles=3),
    Misfit("max-age", plain(Cache_Control="max-age=3600"), articles=3, polls=range(1, 2), interval=None),
    Misfit("expires", plain(Expires=_in_an_hour()), articles=3, polls=range(1, 2), interval=None),
    Misfit(
        "ttl",
        plain(partial(_replaced, "<language>", "<ttl>60</ttl><language>")),
        articles=3,
        polls=range(1, 2),
        interval=None,
    ),
    Misfit("comeback", _comeback, articles=500),
    Misfit("comeback-without-dates", _undated_comeback, articles=4),
)

MISFITS = (*STATUSES, *REDIRECTS, *GUARDED, *BODIES, *DOCUMENTS, *CHANGING)


def make_ready() -> None:
    """Make what takes long to make, before anybody waits for it."""
    _gzip_bomb()
    _brotli_bomb()
    _many_items()
