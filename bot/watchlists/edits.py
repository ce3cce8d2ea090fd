"""Edits of a watchlist as text: a name more, a name less, a word more about a name. Every other line stays as it is.

Text goes in where libyaml says that a value ends; nothing is written anew. Pure: `writer.py` says which entry is
meant, proves that nothing else changed, and replaces the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from bot.errors import UsageError
from bot.yamlfile import scalar
from bot.yamlmodel import split_texts

Node: TypeAlias = yaml.Node
INDENT = "  "


@dataclass(frozen=True, slots=True)
class _Entry:
    """A name where it stands: an item of the list, or the value of a key that is the name."""

    node: Node
    key: Node | None = None

    @property
    def begin(self) -> int:
        return _begin(self.key or self.node)


@dataclass(frozen=True, slots=True)
class NewName:
    """A name to be written, with what is said about it: key → one text, or a list of them."""

    name: str
    keys: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


def add(text: str, new: Sequence[NewName]) -> str:
    """The text with the names at the end of its list, written as its last entries are.

    Raises:
        UsageError: the file has a shape in which there is no place for them.
    """
    root = _root(text)
    names = _names(root)
    if root is None or _is_null(root):
        return _after_line(text, len(text), _items("", " ", new))
    if names is None:
        if _is_flow(root):
            raise _no_place()
        return _after_line(text, _end(text, root), ["names:", *_items(INDENT, " ", new)])
    if _is_null(names):
        at, end = _begin(names), _end(text, names)
        return _after_line(text[:at] + text[end:], at, _items(INDENT, " ", new))
    if not isinstance(names, yaml.CollectionNode):
        raise _no_place()
    if names.flow_style:
        return _add_in_brackets(text, names, new)
    column = names.start_mark.column
    gap, braces = _manner(text, names)
    by_key = isinstance(names, yaml.MappingNode)
    lines = [" " * column + _keyed(each) for each in new] if by_key else _items(" " * column, gap, new, braces=braces)
    return _after_line(text, _end(text, names), lines, deeper_than=column)


def remove(text: str, number: int) -> str:
    """The text without its entry `number` (from 0): its own lines, and the comments inside it.

    Raises:
        UsageError: it shares its lines with something else.
    """
    names = _names(_root(text))
    entries = _entries(names)
    entry = entries[number]
    if _is_flow(names):
        return _remove_in_brackets(text, entries, number)
    column = names.start_mark.column if names else 0
    start = _dash_line(text, entry.begin, column) if entry.key is None else _line_start(text, entry.begin)
    end = _line_end(text, _end(text, entry.node))
    while end < len(text) and _is_comment_within(text, end, column + 1):
        end = _line_end(text, end)
    if text[start : start + column].strip():
        raise _no_place()
    if end == len(text) and not text.endswith("\n"):
        return text[:start].removesuffix("\n").removesuffix("\r")
    return text[:start] + text[end:]


def extend(text: str, number: int, key: str, words: Sequence[str]) -> str:
    """The text with `words` added to the list `key` (`aliases`, `context`, `not`, `not_context`) of entry `number`.

    A name in its short form becomes an entry with keys.
    """
    entry = _entries(_names(_root(text)))[number]
    for mapping in _mappings(entry):
        for found, value in mapping.value:
            if found.value == key:
                return _longer_list(text, value, words)
    return _with_key(text, entry, key, words)


# --- Adding ----------------------------------------------------------------------------------------------------------


def _items(indent: str, gap: str, new: Sequence[NewName], *, braces: bool = False) -> list[str]:
    """The lines of entries in a list."""
    lines: list[str] = []
    for each in new:
        if braces or not each.keys:
            lines.append(f"{indent}-{gap}{_braced(each)}")
            continue
        lines.append(f"{indent}-{gap}name: {scalar(each.name)}")
        lines += [f"{indent} {' ' * len(gap)}{key}: {_value(value)}" for key, value in each.keys.items()]
    return lines


def _braced(new: NewName) -> str:
    """On one line: `Name`, or `{name: Name, aliases: […]}`."""
    return f"{{name: {scalar(new.name)}, {_said(new)}}}" if new.keys else scalar(new.name)


def _keyed(new: NewName, nothing: str = "") -> str:
    """As a key with a value: `Name:`, or `Name: {aliases: […]}`."""
    return f"{scalar(new.name)}:" + (f" {{{_said(new)}}}" if new.keys else nothing)


def _said(new: NewName) -> str:
    return ", ".join(f"{key}: {_value(value)}" for key, value in new.keys.items())


def _value(value: str | Sequence[str]) -> str:
    return scalar(value) if isinstance(value, str) else _brackets(value)


def _brackets(words: Sequence[str]) -> str:
    return f"[{', '.join(map(scalar, words))}]"


def _add_in_brackets(text: str, names: yaml.CollectionNode, new: Sequence[NewName]) -> str:
    by_key = isinstance(names, yaml.MappingNode)
    written = ", ".join(_keyed(each, " null") if by_key else _braced(each) for each in new)
    entries = _entries(names)
    at = _end(text, entries[-1].node) if entries else _begin(names) + 1
    return text[:at] + (", " if entries else "") + written + text[at:]


def _manner(text: str, names: yaml.CollectionNode) -> tuple[str, bool]:
    """What stands between dash and name in the last entry, and whether its last entry with keys has them in braces."""
    entries = _entries(names)
    dash = _dash_line(text, entries[-1].begin, names.start_mark.column) + names.start_mark.column
    gap = text[dash + 1 : entries[-1].begin]
    with_keys = [entry.node for entry in entries if isinstance(entry.node, yaml.MappingNode)]
    return gap if gap and not gap.strip(" ") else " ", bool(with_keys and with_keys[-1].flow_style)


# --- Removing --------------------------------------------------------------------------------------------------------


def _remove_in_brackets(text: str, entries: Sequence[_Entry], number: int) -> str:
    """The entry with the comma that goes with it."""
    begin, end = entries[number].begin, _end(text, entries[number].node)
    if number + 1 < len(entries):
        end = entries[number + 1].begin
    elif number:
        begin = _end(text, entries[number - 1].node)
    return text[:begin] + text[end:]


# --- A word more -----------------------------------------------------------------------------------------------------


def _mappings(entry: _Entry) -> list[yaml.MappingNode]:
    """Where the keys of a name may stand: `{name: …}`, and in `Name: {…}` the inner one as well."""
    if not isinstance(entry.node, yaml.MappingNode):
        return []
    if entry.key is not None:
        return [entry.node]
    return [entry.node, *(value for _, value in entry.node.value if isinstance(value, yaml.MappingNode))]


def _longer_list(text: str, value: Node, words: Sequence[str]) -> str:
    begin, end = _begin(value), _end(text, value)
    if isinstance(value, yaml.SequenceNode) and value.value:
        last = value.value[-1]
        at = _end(text, last)
        if value.flow_style:
            return text[:at] + "".join(f", {scalar(word)}" for word in words) + text[at:]
        indent = " " * value.start_mark.column
        gap = text[_dash_line(text, _begin(last), value.start_mark.column) + value.start_mark.column + 1 : _begin(last)]
        return _after_line(text, at, [f"{indent}-{gap if not gap.strip(' ') else ' '}{scalar(word)}" for word in words])
    there = [] if _is_null(value) or isinstance(value, yaml.SequenceNode) else split_texts(value.value)
    space = " " if text[begin - 1 : begin] == ":" else ""
    return text[:begin] + space + _brackets([*there, *words]) + text[end:]


def _with_key(text: str, entry: _Entry, key: str, words: Sequence[str]) -> str:
    """The entry with a key that it does not have yet."""
    written = f"{key}: {_brackets(words)}"
    mappings = _mappings(entry)
    if mappings:
        return _one_key_more(text, mappings[-1], written)
    begin, end = _begin(entry.node), _end(text, entry.node)
    if entry.key is not None or _is_null(entry.node):  # `Name:` with nothing behind it
        return text[:begin] + (" " if text[begin - 1 : begin] == ":" else "") + f"{{{written}}}" + text[end:]
    if _is_in_brackets(text, entry):
        return f"{text[:begin]}{{name: {text[begin:end]}, {written}}}{text[end:]}"
    longer = f"{text[:begin]}name: {text[begin:]}"
    return _after_line(longer, begin, [" " * entry.node.start_mark.column + written])


def _one_key_more(text: str, mapping: yaml.MappingNode, written: str) -> str:
    last = mapping.value[-1][1]
    [(key, value)] = mapping.value if len(mapping.value) == 1 else [(None, None)]
    if key is not None and value is not None and _is_null(value):  # - Mohamed Amra:
        at = _begin(value)
        return text[:at] + (" " if text[at - 1 : at] == ":" else "") + f"{{{written}}}" + text[_end(text, value) :]
    if mapping.flow_style:
        at = _end(text, last)
        return f"{text[:at]}, {written}{text[at:]}"
    return _after_line(text, _end(text, mapping), [" " * mapping.start_mark.column + written])


def _is_in_brackets(text: str, entry: _Entry) -> bool:
    """Whether the entry stands among others between [ and ]."""
    return _is_flow(_names(_root(text)))


# --- What stands where -----------------------------------------------------------------------------------------------


def _root(text: str) -> Node | None:
    return yaml.compose(text, Loader=yaml.CLoader)


def _names(root: Node | None) -> Node | None:
    """The node of the names: the whole file where it is a bare list; None where there is no such key."""
    if isinstance(root, yaml.MappingNode):
        return next((value for key, value in root.value if key.value == "names"), None)
    return root


def _entries(names: Node | None) -> list[_Entry]:
    if isinstance(names, yaml.MappingNode):
        return [_Entry(value, key) for key, value in names.value]
    return [_Entry(node) for node in names.value] if isinstance(names, yaml.SequenceNode) else []


def count(text: str) -> int:
    """How many names stand in the text itself, not in a table that it names."""
    return len(_entries(_names(_root(text))))


def _is_null(node: Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in {"", "null", "~"}


def _is_flow(node: Node | None) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _begin(node: Node) -> int:
    at: int = node.start_mark.index
    return at


def _end(text: str, node: Node) -> int:
    """After its last character. libyaml's own end of a block lies where the next thing begins."""
    if isinstance(node, yaml.ScalarNode) or _is_flow(node):
        return _begin(node) + len(text[_begin(node) : node.end_mark.index].rstrip())
    return max(_end(text, last) for last in _last(node))


def _last(node: Node) -> Iterator[Node]:
    if isinstance(node, yaml.MappingNode):
        yield from node.value[-1]
    else:
        yield node.value[-1]


def _dash_line(text: str, at: int, column: int) -> int:
    """The beginning of the line with the dash of the entry that begins `at`: that line, or one above it."""
    start = _line_start(text, at)
    while text[start + column : start + column + 1] != "-" and start:
        start = _line_start(text, start - 1)
    return start


def _is_comment_within(text: str, start: int, column: int) -> bool:
    """Whether the line is a comment that is indented at least so far."""
    line = text[start : _line_end(text, start)]
    return line.lstrip(" ").startswith("#") and len(line) - len(line.lstrip(" ")) >= column


def _after_line(text: str, at: int, lines: Sequence[str], *, deeper_than: int | None = None) -> str:
    """The text with lines after that of `at`; after the comments, too, that follow it indented as deep or deeper."""
    newline = "\r\n" if "\r\n" in text else "\n"
    end = _line_end(text, at)
    while deeper_than is not None and end < len(text) and _is_comment_within(text, end, max(deeper_than, 1)):
        end = _line_end(text, end)
    if end == len(text) and text and not text.endswith("\n"):
        return newline.join([text, *lines])  # the file does without a last newline: so it stays
    return text[:end] + "".join(line + newline for line in lines) + text[end:]


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    """After the newline of the line of `at`."""
    return text.find("\n", at) + 1 or len(text)


def _no_place() -> UsageError:
    return UsageError("it is not written with one name a line; write it so, or edit it by hand")
