"""Telegram's HTML as its server reads it (reference: parse_html of the server's library), errors included.

Written from the rules, independent of `bot/telegram/markup.py`, so that it can judge it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

TAGS = {
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "tg-emoji", "tg-time", "a",
    "code", "pre", "blockquote",
}  # fmt: skip
REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
MAX_LENGTH = 4096
MAX_BYTES = 32_768


class HtmlError(Exception):
    """Telegram's description of what is wrong."""


@dataclass(frozen=True)
class Entity:
    type: str
    offset: int
    """In UTF-16 units, like `length`."""
    length: int
    url: str | None = None


@dataclass(frozen=True)
class Parsed:
    text: str
    entities: tuple[Entity, ...]

    def of(self, kind: str) -> list[str]:
        """The texts that one kind of entity covers."""
        units = self.text.encode("utf-16-le")
        return [
            units[each.offset * 2 : (each.offset + each.length) * 2].decode("utf-16-le")
            for each in self.entities
            if each.type == kind
        ]


def parse(markup: str) -> Parsed:
    """What the message shows.

    Raises:
        HtmlError: with Telegram's wording.
    """
    try:
        encoded = markup.encode()
    except UnicodeEncodeError:
        raise HtmlError("strings must be encoded in UTF-8") from None
    if len(encoded) > MAX_BYTES:
        raise HtmlError("text is too long")
    if not markup:
        raise HtmlError("message text is empty")
    parsed = _Parser(markup).run()
    if not parsed.text.strip():
        raise HtmlError("message text is empty" if not parsed.text else "text must be non-empty")
    if utf16(parsed.text) > MAX_LENGTH:
        raise HtmlError("message is too long")
    return parsed


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class _Parser:
    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.at = 0
        self.text = ""
        self.open: list[tuple[str, int, str | None]] = []
        self.entities: list[Entity] = []

    def run(self) -> Parsed:
        while self.at < len(self.markup):
            char = self.markup[self.at]
            if char == "&":
                self._reference()
            elif char == "<":
                self._end_tag() if self.markup.startswith("</", self.at) else self._start_tag()
            else:
                self.text += char
                self.at += 1
        if self.open:
            self._fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1][0]}"', at=None)
        return Parsed(self.text, tuple(sorted(self.entities, key=lambda each: (each.offset, -each.length))))

    def _reference(self) -> None:
        found = re.compile(r"&(?:#(\d+)|#x([0-9a-fA-F]+)|([a-z]+));?").match(self.markup, self.at)
        if found and found[3] in REFERENCES:
            char = REFERENCES[found[3]]
        elif found and (found[1] or found[2]):
            char = chr(int(found[1]) if found[1] else int(found[2], 16))
        else:
            self.text, self.at = self.text + "&", self.at + 1
            return
        self.text, self.at = self.text + char, found.end()

    def _start_tag(self) -> None:
        found = re.compile(r"<([^\s>]*)([^>]*)>").match(self.markup, self.at)
        if not found:
            self._fail("Unclosed start tag")
        tag = found[1].lower()
        if tag not in TAGS:
            self._fail(f'Unsupported start tag "{tag}"')
        if tag == "blockquote" and any(name == "blockquote" for name, _, _ in self.open):
            self._fail("Nested blockquotes are not supported")
        attributes = dict(re.findall(r"([a-z-]+)\s*=\s*\"([^\"]*)\"", found[2]))
        bare = re.sub(r"[a-z-]+\s*=\s*\"[^\"]*\"", "", found[2]).split()
        if bare not in ([], ["expandable"]):
            self._fail(f'Unexpected attribute "{bare[0]}"')
        url = _unescaped(attributes["href"]) if tag == "a" and "href" in attributes else None
        self.open.append((tag, utf16(self.text), url))
        self.at = found.end()

    def _end_tag(self) -> None:
        found = re.compile(r"</([^>]*)>").match(self.markup, self.at)
        if not found or not self.open:
            self._fail("Unexpected end tag")
        tag, start, url = self.open.pop()
        if found[1].strip().lower() not in {tag, ""}:
            self._fail("Unmatched end tag", extra=f', expected "</{tag}>", found "{found[0]}"')
        length = utf16(self.text) - start
        # An empty entity, or a link whose host has no dot, is dropped without a word.
        if length and (tag != "a" or checked_link(url)):
            self.entities.append(Entity("a" if tag == "a" else tag, start, length, url))
        self.at = found.end()

    def _fail(self, complaint: str, *, at: int | None = -1, extra: str = "") -> NoReturn:
        offset = "" if at is None else f" at byte offset {len(self.markup[: self.at].encode())}"
        raise HtmlError(f"can't parse entities: {complaint}{offset}{extra}")


def checked_link(url: str | None) -> bool:
    """Whether Telegram keeps a link to this address."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return False
    return parts.scheme in {"http", "https", "tg", ""} and "." in (parts.hostname or "")


def _unescaped(value: str) -> str:
    for name, char in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("#x27", "'"), ("amp", "&")):
        value = value.replace(f"&{name};", char)
    return value
