"""Telegram's HTML as values that cannot be broken: text is cut first and marked up afterwards.

An `Html` knows how long it is for Telegram, so that a screen can be filled up to the limit. Pure.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_LENGTH = 4096
"""UTF-16 units after parsing. Telegram counts code points for bots; this is right under either reading."""
MAX_ENTITIES = 100
MAX_BYTES = 32_768
"""Of the markup, before parsing."""
MAX_URL = 1024

_BROKEN = {"Cs", "Cc"}
"""Lone surrogates cannot be sent at all; Telegram turns controls into blanks."""
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that change the direction of what follows; unclosed ones would spill over the rest of the message."""


@dataclass(frozen=True, slots=True)
class Html:
    """A piece of a message. Made by the functions below, joined by `+`."""

    markup: str = ""
    length: int = 0
    """UTF-16 units of what is shown."""
    entities: int = 0

    def __add__(self, other: Html) -> Html:
        return Html(self.markup + other.markup, self.length + other.length, self.entities + other.entities)

    def __bool__(self) -> bool:
        return bool(self.markup)

    def fits(self, *, length: int = MAX_LENGTH) -> bool:
        return self.length <= length and self.entities <= MAX_ENTITIES and len(self.markup.encode()) <= MAX_BYTES


def plain(text: str) -> Html:
    """Text as it is, but for what Telegram refuses."""
    kept = _without_broken(text)
    return Html(html.escape(kept, quote=False), utf16_length(kept))


def bold(inner: Html) -> Html:
    return _tagged(inner, "b")


def italic(inner: Html) -> Html:
    return _tagged(inner, "i")


def struck(inner: Html) -> Html:
    return _tagged(inner, "s")


def quote(inner: Html, *, expandable: bool = False) -> Html:
    """A quotation; Telegram allows none inside another."""
    return _tagged(inner, "blockquote", " expandable" if expandable else "")


def link(inner: Html, url: str | None) -> Html:
    """A link, or just its text where Telegram would drop the link without a word."""
    if url is None or not linkable(url):
        return inner
    return _tagged(inner, "a", f' href="{html.escape(url)}"')


def join(separator: str, parts: Iterable[Html]) -> Html:
    """The parts that are not empty, with `separator` between them."""
    joined = Html()
    for part in parts:
        if part:
            joined = joined + plain(separator) + part if joined else part
    return joined


def linkable(url: str) -> bool:
    """Whether Telegram keeps the link: http(s), a host with a dot, nothing that must not stand in a URL."""
    if len(url) > MAX_URL or any(char.isspace() or unicodedata.category(char) in _BROKEN for char in url):
        return False
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").strip(".")
        _ = parts.port  # raises for one out of range
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in host and not re.search(r'[<>"\\^`{|}%]', host)


def clean(text: str) -> str:
    """One line of text from outside: no controls, no direction marks of its own, single blanks."""
    return " ".join(_without_broken(_DIRECTIONS.sub("", text)).split())


def clean_lines(text: str) -> str:
    """Several lines from outside: each as `clean` has it, one empty line between paragraphs."""
    lines = [clean(line) for line in re.split("[\n\u2028\u2029]", text)]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()


def cut(text: str, length: int) -> str:
    """At most `length` UTF-16 units, at a word's end where one is near, with an ellipsis for what is gone."""
    if utf16_length(text) <= length:
        return text
    kept = _first_units(text, length - 1)
    at = kept.rfind(" ", len(kept) * 2 // 3)
    return (kept[:at] if at > 0 else kept).rstrip() + "…"


def cut_start(text: str, length: int) -> str:
    """The same, but the end of the text is what is kept."""
    if utf16_length(text) <= length:
        return text
    kept = _first_units(text[::-1], length - 1)[::-1]
    at = kept.find(" ", 0, len(kept) // 3)
    return "…" + (kept[at:] if at >= 0 else kept)


def utf16_length(text: str) -> int:
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def _first_units(text: str, units: int) -> str:
    while utf16_length(text) > units:
        text = text[: max(units, 0)] if len(text) > units else text[:-1]
    return text


def _without_broken(text: str) -> str:
    spaced = re.sub("[\t\r\v\f\x85\u2028\u2029]", " ", text)
    return "".join(char for char in spaced if char == "\n" or unicodedata.category(char) not in _BROKEN)


def _tagged(inner: Html, tag: str, attributes: str = "") -> Html:
    if not inner:
        return inner
    return Html(f"<{tag}{attributes}>{inner.markup}</{tag}>", inner.length, inner.entities + 1)
