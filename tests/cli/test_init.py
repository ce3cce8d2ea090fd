"""`guetteur init`: a project of one's own, which never loses what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.cli.init import called_from_anywhere, sample_files
from bot.config import load
from bot.errors import UsageError


def init(*arguments: Path) -> str:
    result = CliRunner().invoke(cli, ["init", *map(str, arguments)], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_what_it_writes_loads_and_it_says_what_comes_next(tmp_path: Path) -> None:
    said = init(tmp_path / "watch")
    loaded = load(tmp_path / "watch" / "config" / "guetteur.yaml", {}, need_token=False)
    assert loaded.feeds
    assert loaded.watchlists
    assert (tmp_path / "watch" / ".env.example").read_text().endswith("TELEGRAM_BOT_TOKEN=\n")
    assert all(step in said for step in (" check  ", "--console", "@BotFather", f"cd {tmp_path / 'watch'}"))


def test_it_never_overwrites(tmp_path: Path) -> None:
    mine = tmp_path / "config" / "feeds.yaml"
    mine.parent.mkdir()
    mine.write_text("- https://mine.example/rss\n")
    said = init(tmp_path)
    assert mine.read_text() == "- https://mine.example/rss\n"
    assert f"kept  {mine} (it was there)" in said
    assert f"wrote {tmp_path / 'config' / 'guetteur.yaml'}" in said


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        init(tmp_path / "file" / "below")


def test_samples_come_from_an_installed_wheel_or_from_the_checkout(tmp_path: Path) -> None:
    samples = tmp_path / "site" / "bot" / "samples" / "config"
    samples.mkdir(parents=True)
    (samples / "guetteur.yaml").write_text("# wheel\n")
    assert sample_files(tmp_path / "site" / "bot") == {Path("config/guetteur.yaml"): "# wheel\n"}
    (tmp_path / "bot").mkdir()
    with pytest.raises(UsageError, match="install guetteur again"):
        sample_files(tmp_path / "bot")


def test_what_comes_next_is_called_as_it_was(tmp_path: Path) -> None:
    mine, python = tmp_path / "my env" / "bin" / "guetteur", "/usr/bin/python3"
    for found in (None, "/usr/bin/guetteur"):
        assert called_from_anywhere(str(mine), python=python, found=found) == f"'{mine}'"
    assert called_from_anywhere(str(mine), python=python, found=str(mine)) == "guetteur"
    assert called_from_anywhere("/x/bot/__main__.py", python=python, found=str(mine)) == "/usr/bin/python3 -m bot"
