"""YAML as people write it, with the line and column of every value.

Built from libyaml's events: nothing is resolved (`no`, `22:00`, `1984` stay text), nothing is shared (anchors, aliases
and tags are refused, so no alias bomb exists), and what is wrong comes back as problems that show the line to paste.
Never decides what a key means.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from bot.errors import Problem

MAX_DEPTH = 20
"""Nobody nests deeper by hand."""

MAX_REPAIRS = 50
"""Broken lines reported at once; each costs one more reading of the file."""

PLAIN = re.compile(r"[^\W_](?:[\w .()’'+/-]*[\w.()’'+/])?")
"""Text that YAML reads as itself without quotes, in braces and brackets too."""

Value: TypeAlias = "str | list[Located] | dict[str, Located]"


@dataclass(slots=True)
class Located:
    """A value and where it stands; lines and columns count from 1. Not frozen only because 100,000 are made at once."""

    value: Value
    line: int
    column: int
    plain: bool = False
    """A scalar without quotes: the only kind that may mean null."""
    lines: int = 1
    """How many lines a scalar runs over."""
    cut: str = ""
    """`#2` in `- L'Ofast #2`: YAML took it for a comment, the writer perhaps did not."""
    key_at: tuple[int, int] | None = None
    """Line and column of the key, for a value of a mapping."""
    path: Path | None = None
    """Where it comes from when that is not the file around it (an environment variable)."""

    @property
    def is_null(self) -> bool:
        """Empty, `null` or `~`, without quotes. It is for the reader of a key to say whether that key may be null."""
        return self.plain and self.value in {"", "null", "~"}

    def problem(self, path: Path, wrong: str, mend: str, *, warning: bool = False) -> Problem:
        return Problem(self.path or path, self.line, self.column, wrong, mend, warning)


def quote(text: str) -> str:
    """The text as a YAML scalar that means exactly this text."""
    return f"'{text}'" if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)


def scalar(text: str) -> str:
    """The text as a YAML scalar, with quotes only where they are needed."""
    return text if PLAIN.fullmatch(text) and text != "null" else quote(text)


def read(path: Path) -> tuple[Located | None, list[Problem]]:
    """Read a file; the first part is None when nothing usable came out of it (always with a problem beside it)."""
    text, problems = read_text(path)
    return parse(text, path) if text is not None else (None, problems)


def read_text(path: Path) -> tuple[str | None, list[Problem]]:
    """A file's text, which has to be UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig"), []
    except OSError as error:
        return None, [Problem(path, 1, 1, f"cannot be read ({error.strerror})", "mend the file or its rights")]
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        return None, [Problem(path, line, column, "the file is not UTF-8", "save it again as UTF-8")]


def parse(text: str, path: Path) -> tuple[Located | None, list[Problem]]:
    """The tree of a document and what is wrong with it.

    A line that YAML cannot read is reported, mended in memory, and the reading goes on, so that every such line
    of a file is told at once. An empty document is an empty plain scalar.
    """
    lines = text.split("\n")
    broken: list[Problem] = []
    for _ in range(MAX_REPAIRS):
        builder = _Builder(path, lines)
        try:
            root = builder.build()
        except _Broken as stop:
            broken.append(stop.problem)
            if stop.mended is None or lines[stop.mended[0]] == stop.mended[1]:
                return None, broken
            lines[stop.mended[0]] = stop.mended[1]
        else:
            return root, broken + builder.problems
    return None, broken


class _Broken(Exception):  # noqa: N818 - it never leaves this module
    """The reading cannot go on; `mended` is which line to replace (counting from 0) and by what."""

    def __init__(self, problem: Problem, mended: tuple[int, str] | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.mended = mended


@dataclass(slots=True)
class _Frame:
    """An open list or mapping, and the key that waits for its value."""

    node: Located
    key: Located | None = None


@dataclass(slots=True)
class _Builder:
    """Turns libyaml's events into located values."""

    path: Path
    lines: list[str]
    problems: list[Problem] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    root: Located | None = None
    cuts: dict[int, str] = field(default_factory=dict)
    """Line → the comment that stands on it with no space after its `#`."""
    suspect: Located | None = None
    """The scalar before this point, if its quotes run over several lines: probably one of them is an apostrophe."""

    def build(self) -> Located:
        for number, line in enumerate(self.lines):
            if " #" in line and (comment := re.search(r"(?<=[^\s:,\[{-]) #[^\s#!].*", line)):
                self.cuts[number] = comment[0].strip()
        try:
            self._follow(yaml.CLoader("\n".join(self.lines)))
        except yaml.reader.ReaderError as error:
            raise self._unreadable(error) from None
        except yaml.MarkedYAMLError as error:
            if self.suspect is not None:
                raise self._astray(self.suspect) from None
            raise _broken_line(error, self.path, self.lines) from None
        return self.root or Located("", 1, 1, plain=True)

    def _follow(self, loader: yaml.CLoader) -> None:
        while (event := loader.get_event()) is not None:
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.MappingStartEvent():
                    self._open(event, {})
                case yaml.SequenceStartEvent():
                    self._open(event, [])
                case yaml.CollectionEndEvent():
                    self.frames.pop()
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.DocumentStartEvent() if self.root is not None:
                    raise self._stop(event, "a second document begins here", "keep one document a file")
                case yaml.StreamEndEvent():
                    return

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if event.anchor or (event.tag and not event.tag.startswith("tag:yaml.org,2002:")):
            self._refuse_mark(event)
        node = Located(event.value, *_start(event), plain=not event.style)
        if event.end_mark is not None:
            node.lines = event.end_mark.line + 2 - node.line
            node.cut = self.cuts.get(event.end_mark.line, "") if node.plain else ""
        self.suspect = node if event.style in {"'", '"'} and node.lines > 1 else None
        self._add(node)

    def _open(self, event: yaml.CollectionStartEvent, value: Value) -> None:
        if len(self.frames) >= MAX_DEPTH:
            raise self._stop(event, f"nested more than {MAX_DEPTH} deep", "write it flatter")
        if event.anchor or event.tag:
            self._refuse_mark(event)
        if self.frames and isinstance(self.frames[-1].node.value, dict) and self.frames[-1].key is None:
            raise self._stop(event, "a key begins with a bracket", "put the text in quotes if it is meant as text")
        node = Located(value, *_start(event))
        self._add(node)
        self.frames.append(_Frame(node))

    def _add(self, node: Located) -> None:
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        if isinstance(frame.node.value, list):
            frame.node.value.append(node)
        elif frame.key is None:
            frame.key = node
        else:
            self._put(frame, frame.key, node)
            frame.key = None

    def _put(self, frame: _Frame, key: Located, node: Located) -> None:
        mapping = frame.node.value
        assert isinstance(mapping, dict), "only mappings have keys"  # noqa: S101 - narrows the type
        name = str(key.value)
        node.key_at = (key.line, key.column)
        if (first := mapping.get(name)) is not None:
            line = first.key_at[0] if first.key_at else first.line
            self.problems.append(
                key.problem(self.path, f"{name} stands here twice (first on line {line})", "remove one")
            )
        else:
            mapping[name] = node

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._refuse_mark(event)
        self._add(Located(f"*{event.anchor}", *_start(event)))

    def _refuse_mark(self, event: yaml.NodeEvent) -> None:
        line, column = _start(event)
        text = self.lines[line - 1]
        mended = _in_quotes(text)
        mend = f"write it as: {mended.strip()}" if mended else "put the text in quotes"
        if isinstance(event, yaml.CollectionStartEvent):  # keys or a list follow, and quotes would make a text of them
            mend = f"remove the {text[column - 1 :].split()[0]}"
        wrong = f"a value that begins with {text[column - 1 : column]} means something else in YAML"
        self.problems.append(Problem(self.path, line, column, wrong, mend))

    def _stop(self, event: yaml.Event, wrong: str, mend: str) -> _Broken:
        return _Broken(Problem(self.path, *_start(event), wrong, mend))

    def _astray(self, suspect: Located) -> _Broken:
        quoted = _in_quotes(self.lines[suspect.line - 1])
        mend = f"write it as: {quoted.strip()}" if quoted else "put the whole text in quotes"
        wrong = f"the quote that opens here is closed only on line {suspect.line + suspect.lines - 1}"
        problem = suspect.problem(self.path, wrong, mend)
        return _Broken(problem, (suspect.line - 1, quoted) if quoted else None)

    def _unreadable(self, error: yaml.reader.ReaderError) -> _Broken:
        before = "\n".join(self.lines).encode()[: error.position].decode(errors="ignore")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return _Broken(Problem(self.path, line, column, "an invisible control character", "delete it"))


def _start(event: yaml.Event) -> tuple[int, int]:
    """Line and column, counting from 1."""
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


_COMPLAINTS = (
    ("cannot start any token", "a value begins with a character that YAML keeps for itself", "put it in quotes"),
    ("mapping values are not allowed", "a key that does not fit the line above it", "indent it like its neighbours"),
    ("unexpected end of stream", "a quote is opened here and never closed", "close it"),
    ("',' or ']'", "the list that began with [ has no end", "close it with ], and put names with commas in quotes"),
    ("',' or '}'", "the braces that began with { have no end", "close them with }, and put ${NAME} in quotes"),
    ("expected '-' indicator", "this does not fit the list above it", "begin it with “- ”, indented like the others"),
    ("could not find expected ':'", "a key without “:”", "write “key: value”, or begin a list item with “- ”"),
    ("expected key", "this does not fit the lines above it", "indent it like the key it belongs with"),
    ("alphabetic or numeric", "a value that begins with * or & means something else in YAML", "put it in quotes"),
    ("whitespace or line break", "a value that begins with ! means something else in YAML", "put it in quotes"),
)
"""libyaml's words → what is wrong, what to do."""

_POINTS_TOO_LATE = ("alphabetic or numeric", "end of stream", "or ']'", "or '}'", "expected ':'")
"""Complaints that libyaml places where it noticed; where it began is what helps."""


def _broken_line(error: yaml.MarkedYAMLError, path: Path, lines: list[str]) -> _Broken:
    """libyaml's complaint in words for the person who wrote the line, with the mend that lets the reading go on."""
    said = str(error.problem)
    began = error.context_mark if any(words in said for words in _POINTS_TOO_LATE) else None
    mark = began or error.problem_mark or error.context_mark
    number, column = (min(mark.line, len(lines) - 1), mark.column) if mark else (0, 0)
    line = lines[number]
    if line[column : column + 1] == "\t" or line.startswith("\t"):
        mended: tuple[int, str] | None = (number, line.expandtabs(2))
        wrong, mend = "a tab where YAML wants spaces", "indent with spaces"
    elif found := _mended(lines, number):
        mended, wrong = found[:2], found[2]
        above = "the line above" if mended[0] < number else "it"
        mend = f"write {above} as: {mended[1].strip()}"
    else:
        known = ((wrong, mend) for part, wrong, mend in _COMPLAINTS if part in said)
        mended = None
        wrong, mend = next(known, (f"YAML cannot read this ({said})", "put the text in quotes"))
    return _Broken(Problem(path, number + 1, column + 1, wrong, mend), mended)


_SIGNS = (
    ("*", "a value that begins with * means something else in YAML"),
    ('"', "a quote inside a value, or one that is never closed"),
    ("'", "a quote inside a value, or one that is never closed"),
    ("!", "a value that begins with ! means something else in YAML"),
    ("&", "a value that begins with & means something else in YAML"),
    ("@", "a value that begins with @ means something else in YAML"),
    (": ", "a colon and a space, which YAML takes for “key: value”"),
)

_ITEM = re.compile(r"(?P<head>\s*(?:- +)*(?:[A-Za-z_]+: +)?)(?P<text>\S.*?)(?P<comment>\s+#\s.*)?\s*$")
_BARE_NAME = re.compile(r"(?P<head>\s*- +)(?P<name>[^\s:#\"'\[{][^:#]*?)\s*$")
_MARKED = re.compile(r"(?P<head>\s*(?:- +)*(?:[A-Za-z_]+: +)?)(?P<mark>[&*!@]\S*) +(?P<keys>[\[{].*[\]}])\s*$")
_KEY = re.compile(r"(?P<indent>\s+)[A-Za-z_]+:(\s|$)")


def _mended(lines: list[str], number: int) -> tuple[int, str, str] | None:
    """Which line to replace, by what and why; None where no single line does it (brackets, indentation)."""
    line = lines[number]
    key, above = _KEY.match(line), _BARE_NAME.match(lines[number - 1]) if number else None
    if key and above and len(key["indent"]) >= len(above["head"]):
        return number - 1, f"{above['head']}name: {above['name']}", "a name that has keys below it needs “name:”"
    if re.match(r"\s*-[^\s-]", line):
        return number, line.replace("-", "- ", 1), "there is no space after the dash"
    if marked := _MARKED.match(line):
        wrong = f"a value that begins with {marked['mark'][0]} means something else in YAML"
        return number, marked["head"] + marked["keys"], wrong
    if (quoted := _in_quotes(line)) is None:
        return None
    wrong = next((words for sign, words in _SIGNS if sign in line), "YAML reads this line otherwise than you do")
    return number, quoted, wrong


def _in_quotes(line: str) -> str | None:
    """The line with its value in quotes; None where quotes are no help."""
    item = _ITEM.match(line)
    if item is None or not item["head"].strip() or item["text"][0] in "[{#":
        return None
    text = item["text"]
    if text[0] not in "*&!@`%|>" and not any(sign in text for sign in ("'", '"', ": ")):
        return None
    if text[0] in "\"'" and text[-1] == text[0] and len(text) > 1:
        text = text[1:-1]
    return item["head"] + quote(text) + (item["comment"] or "")
