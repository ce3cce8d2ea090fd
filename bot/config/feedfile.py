"""Edits of a YAML file of feeds: text in, text out, with every comment, order and style of the rest kept.

Adding puts lines at the end, removing takes an entry's own lines out; nothing is written anew. Pure: `feedwriter`
reads, proves and replaces the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import yaml

from bot.config.environment import filled_in
from bot.config.values import format_duration
from bot.errors import UsageError
from bot.markup import storable
from bot.model import Feed
from bot.yamlfile import quote, scalar

UNREADABLE = re.compile("[\x80-\x84\x86-\x9f\ufeff]")

_CONTENT = (
    yaml.ScalarToken,
    yaml.BlockEntryToken,
    yaml.KeyToken,
    yaml.ValueToken,
    yaml.FlowMappingStartToken,
    yaml.FlowMappingEndToken,
    yaml.FlowSequenceStartToken,
    yaml.FlowSequenceEndToken,
)
_OPENS = (
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSES = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


@dataclass(slots=True)
class _Item:
    """An entry of the list: where its dash stands, and where its last character ends, in code points of the text."""

    dash: int
    end: int
    in_lines: bool = False
    """Its keys stand one a line, not in braces."""


@dataclass(slots=True)
class _Outline:
    items: list[_Item]
    end: int
    """Where the list ends: before `...`, else the end of the text."""


def append(text: str, feeds: Sequence[Feed]) -> str:
    """The text with these feeds at the end of its list, written as its last entry is: in braces, or one key a line.

    Every one has an id, for one made of its address could be another feed's tomorrow. A `${` is kept as it is: whoever
    means it literally writes `$${` (`literal`).

    Raises:
        UsageError: the text is not a list with one entry a line.
    """
    outline = _outline(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    last = outline.items[-1] if outline.items else None
    indent = " " * (last.dash - _line_start(text, last.dash)) if last else ""
    written = newline.join(
        indent + line for feed in feeds for line in _lines(feed, in_lines=last is not None and last.in_lines)
    )
    before, after = text[: outline.end], text[outline.end :]
    if before and not before.endswith("\n"):
        return f"{before}{newline}{written}{after}"  # the file does without a last newline: so it stays
    return f"{before}{written}{newline}{after}"


def remove(text: str, number: int) -> str:
    """The text without the lines of its entry `number` (from 0), and the comments inside it; all others stay.

    Raises:
        UsageError: the text is not a list with one entry a line.
    """
    item = _outline(text).items[number]
    start, end = _line_start(text, item.dash), _line_end(text, item.end)
    if text[start : item.dash].strip() or not re.match(r"\s*(#.*)?$", text[item.end : end].rstrip()):
        raise _not_a_list()
    column = item.dash - start
    while end < len(text):
        line = text[end : _line_end(text, end)]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) <= column:
            break
        end += len(line)
    if end == len(text) and not text.endswith("\n"):
        before = text[:start]
        return before.removesuffix("\n").removesuffix("\r")
    return text[:start] + text[end:]


def literal(text: str) -> str:
    """For a text from elsewhere: on one line, without what YAML cannot hold, and its `${` is no variable of ours."""
    return " ".join(UNREADABLE.sub("", storable(text)).split()).replace("${", "$${")


def as_read(text: str) -> str:
    """What `literal` made fit for the file, as it will be read."""
    return filled_in(text, {})[0]


def one_line(feed: Feed) -> str:
    """The feed as an entry in braces."""
    return f"- {{{', '.join(f'{key}: {value}' for key, value in _keys(feed))}}}"


def _lines(feed: Feed, *, in_lines: bool) -> list[str]:
    if not in_lines:
        return [one_line(feed)]
    return [f"{'  ' if number else '- '}{key}: {value}" for number, (key, value) in enumerate(_keys(feed))]


def _keys(feed: Feed) -> list[tuple[str, str]]:
    keys = [("id", scalar(feed.id)), ("url", quote(feed.url))]
    if feed.title:
        keys.append(("title", scalar(feed.title)))
    if feed.language:
        keys.append(("language", scalar(feed.language)))
    if feed.tags:
        keys.append(("tags", f"[{', '.join(scalar(tag) for tag in sorted(feed.tags))}]"))
    if feed.interval_s is not None:
        keys.append(("interval", format_duration(timedelta(seconds=feed.interval_s))))
    return keys


def _outline(text: str) -> _Outline:
    """Where the entries of the text's list stand; the text is YAML that was read before."""
    outline, depth, root = _Outline([], len(text)), 0, False
    for token in yaml.scan(text, Loader=yaml.CLoader):
        begin, end = token.start_mark.index, token.end_mark.index
        if isinstance(token, yaml.DocumentEndToken):
            outline.end = begin
            break
        root = root or isinstance(token, yaml.BlockSequenceStartToken)
        if not root and isinstance(token, (*_OPENS, yaml.ScalarToken)):
            raise _not_a_list()  # a single text, a mapping, or a list in brackets
        if depth == 1 and isinstance(token, yaml.BlockEntryToken):
            outline.items.append(_Item(begin, end))
        elif outline.items and isinstance(token, _CONTENT) and end > begin:
            # A text of several lines (|) ends after its last newline.
            outline.items[-1].end = begin + len(text[begin:end].rstrip())
        if depth == 1 and isinstance(token, yaml.BlockMappingStartToken):
            outline.items[-1].in_lines = True
        depth += isinstance(token, _OPENS) - isinstance(token, _CLOSES)
    return outline


def _not_a_list() -> UsageError:
    return UsageError(
        "it is not a list with one entry a line, each beginning with “- ”; write it so, or edit it by hand"
    )


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """After the newline of the line of `at`."""
    return text.find("\n", at) + 1 or len(text)
