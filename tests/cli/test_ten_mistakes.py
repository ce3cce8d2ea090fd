"""A file with ten planted mistakes: each is named, with its line and column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli

SETTINGS = """\
telegram:
  acces: invite
  admins: [anna]
storage: {url: mysql://x}
polling:
  interval: 10
  per_host: 0
  max_bytes: lots
network:
  proxy: ftp://x
alerts: {language: de, timezone: Europe/Pari}
web: {listen: here}
feeds: [feeds.yaml]
watchlists: lists
"""
FEEDS = """\
- url: ftp://a.example/feed
- title: No address
- {url: https://b.example/, interval: 5}
- {url: https://c.example/, ide: c}
- {url: https://d.example/, language: french!}
- {url: https://e.example/, id: Big Id}
- {url: https://f.example/, headers: {"bad name": x}}
- {url: https://g.example/, headers: none}
- https://h.example/
- https://h.example
- [https://i.example/]
"""
WATCHLIST = """\
tilte: Les quais
visible_to: somebody
names:
  - Mohamed
  - name: Yann Kerbrazou
    treshold: 85
    until: tomorrow
    priority: loud
  - *Amra*
  - Opération: Mains propres
  - Maël Quincampoix
  - Maël Quincampoix
  - {name: Aurélie Vantadour, kind: ship}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "guetteur.yaml").write_text("watchlists: lists\n")
    (tmp_path / "feeds.yaml").write_text("- https://phare.example/feed\n")
    (tmp_path / "lists" / "quais.yaml").write_text("- Aurélie Vantadour\n")
    return tmp_path


def places(folder: Path, name: str, text: str) -> list[str]:
    """LINE:COLUMN of every mistake that is told of the file."""
    (folder / name).write_text(text, encoding="utf-8")
    result = CliRunner().invoke(cli, ["check", "--config", str(folder / "guetteur.yaml")], standalone_mode=False)
    assert result.return_value == 2
    return re.findall(rf"^{re.escape(str(folder / name))}:(\d+:\d+): (?!warning)", result.output, re.MULTILINE)


def test_of_the_settings(folder: Path) -> None:
    assert places(folder, "guetteur.yaml", SETTINGS) == [
        "2:3", "3:12", "4:16", "6:13", "7:13", "8:14", "10:10", "11:20", "11:34", "12:15"
    ]  # fmt: skip


def test_of_the_feeds(folder: Path) -> None:
    assert places(folder, "feeds.yaml", FEEDS) == [
        "1:8", "2:3", "3:39", "4:29", "5:39", "6:33", "7:38", "8:38", "10:3", "11:3"
    ]  # fmt: skip


def test_of_a_watchlist(folder: Path) -> None:
    assert places(folder, "lists/quais.yaml", WATCHLIST) == [
        "1:1", "2:13", "4:5", "6:5", "7:12", "8:15", "9:5", "10:5", "12:5", "13:37"
    ]  # fmt: skip
