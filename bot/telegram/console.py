"""Shows messages in a terminal as they would look in Telegram: for `run --console` and `demo`.

Reads the HTML that is sent to Telegram, so that what is seen here is what is sent there.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TextIO

from bot.bidi import without_marks
from bot.model import Target
from bot.telegram.render import Button

WIDTH = 88
STYLES = {"b": "\033[1m", "i": "\033[3m", "a": "\033[4m", "s": "\033[9m", "dim": "\033[2m"}
PLAIN = "\033[0m"


class ConsoleMessenger:
    """Stands in for TelegramMessenger; the target is not shown, there is one reader."""

    def __init__(self, stream: TextIO, *, first: int = 1) -> None:
        """`first`: the number of the first message; runs that share a database must not share numbers."""
        self._stream = stream
        self._numbers = itertools.count(first)

    async def send(
        self,
        target: Target,
        html: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
        reply_to: int | None = None,
    ) -> int:
        """The number of the message."""
        self._show("↩ In reply to an earlier message:\n" if reply_to is not None else "", html, buttons)
        return next(self._numbers)

    async def edit(self, target: Target, message_id: int, html: str, buttons: Sequence[Sequence[Button]]) -> None:
        """A terminal takes nothing back: the message is shown again as it stands now."""
        self._show("✎ Edited, silently; the message now reads:\n", html, buttons)
        self._stream.write("\n")

    def _show(self, opening: str, html: str, buttons: Sequence[Sequence[Button]]) -> None:
        self._stream.write(opening + drawn(html, buttons, colour=self._stream.isatty()))
        self._stream.flush()


class NoPace:
    """The terminal has no limits."""

    def held(self) -> bool:
        return False

    def waiting_chats(self, *, edits: bool = False) -> list[int]:
        return []

    def is_crowded(self, _: int) -> bool:
        return False


def drawn(html: str, buttons: Sequence[Sequence[Button]], *, colour: bool) -> str:
    """A frame with the message, each link's address under its line, and the buttons."""
    page = _Page()
    page.feed(html)
    page.close()
    rows = [row for line in page.lines for row in _rows(line, colour=colour)]
    labels = ["   ".join(f"[ {button.label} ]" for button in row) for row in buttons]
    return "\n".join(["╭" + "─" * WIDTH, *(f"│ {row}".rstrip() for row in [*rows, *labels]), "╰" + "─" * WIDTH, ""])


@dataclass(slots=True)
class _Line:
    pieces: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """(text, styles)"""
    urls: list[str] = field(default_factory=list)
    quoted: bool = False


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [_Line()]
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if tag == "blockquote":
            self._fresh_line()
        if tag == "a" and (url := dict(attrs).get("href")):
            self.lines[-1].urls.append(url)

    def handle_endtag(self, tag: str) -> None:
        self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        text = without_marks(data)
        for number, piece in enumerate(text.split("\n")):
            if number:
                self.lines.append(_Line())
            if piece:
                self.lines[-1].pieces.append((piece, frozenset(self._open)))
                self.lines[-1].quoted = "blockquote" in self._open

    def _fresh_line(self) -> None:
        if self.lines[-1].pieces:
            self.lines.append(_Line())


def _rows(line: _Line, *, colour: bool) -> list[str]:
    bar = "┃ " if line.quoted else ""
    whole = "".join(text for text, _ in line.pieces)
    wrapped = textwrap.wrap(whole, WIDTH - len(bar) - 2, drop_whitespace=False, break_on_hyphens=False) or [""]
    styles = [style for text, style in line.pieces for _ in text]
    rows, at = [], 0
    for row in wrapped:
        words = row.lstrip(" ") if at else row
        blanks = len(row) - len(words)
        rows.append(bar + (_painted(words, styles[at + blanks : at + len(row)]) if colour else words))
        at += len(row)
    dim = (STYLES["dim"], PLAIN) if colour else ("", "")
    return [*rows, *(f"{bar}  {dim[0]}↗ {url}{dim[1]}" for url in line.urls)]


def _painted(row: str, styles: Sequence[frozenset[str]]) -> str:
    painted = ""
    for style, group in itertools.groupby(zip(row, styles, strict=False), key=lambda pair: pair[1]):
        codes = "".join(STYLES[tag] for tag in sorted(style) if tag in STYLES)
        text = "".join(char for char, _ in group)
        painted += f"{codes}{text}{PLAIN}" if codes else text
    return painted
