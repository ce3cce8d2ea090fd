"""The command as the shell starts it: every expected end is a line and an exit code, never a traceback."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.storage.revision import HISTORY


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "people.yaml").write_text("[Aldebert Quincampoix]\n")
    (tmp_path / "feeds.yaml").write_text("- https://a.example/rss\n")
    file = tmp_path / "g.yaml"
    file.write_text("storage: {url: 'sqlite:///g.db'}\nwatchlists: watchlists\n")
    return file


def guetteur(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *map(str, arguments)]
    return subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=False, timeout=60)


def test_before_the_first_run_the_question_is_answered_and_no_file_made(config: Path) -> None:
    for command in (["why", "https://a.example/1"], ["db", "backup", str(config.parent / "copy.db")]):
        ended = guetteur(*command, "--config", config)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "there is nothing yet: `guetteur run`" in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
    assert not list(config.parent.glob("*.db*"))


def test_an_error_of_the_database_is_one_line(config: Path) -> None:
    with closing(sqlite3.connect(config.parent / "g.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", HISTORY[-1:])
        connection.commit()
    ended = guetteur("why", "https://a.example/1", "--config", config)
    assert ended.returncode == 1
    assert ended.stderr.startswith("guetteur: the database gave an error: no such table")
    assert len(ended.stderr.splitlines()) == 1


def test_an_unreadable_database_address_is_a_mistake_in_the_settings(config: Path) -> None:
    ended = guetteur("coverage", "--config", config, GUETTEUR_STORAGE__URL="postgresql://u:s3cret@127.0.0.1:port/db")
    assert ended.returncode == 2
    assert "GUETTEUR_STORAGE__URL" in ended.stderr
    assert "s3cret" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "bot", "schema"]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")


def test_a_terminal_that_lacks_a_letter_gets_its_number(config: Path) -> None:
    (config.parent / "feeds.yaml").write_text("- {url: https://a.example/rss, title: صحيفة}\n", encoding="utf-8")
    ended = guetteur("feeds", "list", "--config", config, PYTHONIOENCODING="latin-1")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\\u0635" in ended.stdout


def test_the_help_page_loads_no_telegram_and_no_database() -> None:
    probe = (
        "import sys; from bot.cli import main; sys.argv[1:] = ['--help']\n"
        "try: main()\n"
        "except SystemExit: sys.exit(bool({'sqlalchemy', 'telegram', 'aiohttp', 'alembic'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False, timeout=60).returncode == 0
