"""A start makes, upgrades and backs up; it refuses what a newer program made; the migrations make the tables."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from bot.errors import StorageError
from bot.storage import migrate
from bot.storage.database import driver_url, open_database
from bot.storage.revision import HISTORY, Standing, standing
from bot.storage.schema import ARTICLE_WORDS, metadata
from bot.storage.upkeep import back_up, make_folder, open_existing, prepare, unwritable


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'var' / 'guetteur.db'}"


def differences(url: str) -> list[Any]:
    target = driver_url(url)
    engine = create_engine(target.set(drivername="sqlite") if target.get_backend_name() == "sqlite" else target)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_compared})
        found: list[Any] = compare_metadata(context, metadata)
    engine.dispose()
    return found


def is_compared(name: str | None, kind: str, _: object) -> bool:
    """SQLAlchemy has no words for the text index itself: FTS5 makes tables of its own beside it."""
    return not (kind == "table" and name and name.startswith("article_words"))


def revision_in(url: str) -> str:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


async def test_the_migrations_make_exactly_the_tables_of_the_schema(empty_url: str) -> None:
    await prepare(empty_url)
    assert differences(empty_url) == []


def test_the_migrations_make_the_text_index_of_the_schema() -> None:
    script = ScriptDirectory.from_config(migrate.alembic_config())
    assert script.get_revision("0006").module.ARTICLE_WORDS == ARTICLE_WORDS


def test_the_upgrade_indexes_what_is_stored(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    migrate.upgrade(f"sqlite:///{file}", "0005")
    now = "2026-02-03 08:00:00"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "INSERT INTO feeds (id, url_digest, title, tags, active, state, next_poll_at, failures) "
            "VALUES ('f', '', '', '[]', 1, 'ok', ?, 0)",
            [now],
        )
        connection.execute(
            "INSERT INTO articles (feed_id, title, text, page_text, published_at, dated, seen_at, digest, revision, "
            "state, baseline, looked_at) VALUES ('f', 'Marée', 'Le port', 'Vantadour', ?, 1, ?, '', 1, 'done', 0, 1)",
            [now, now],
        )
        connection.commit()
    migrate.upgrade(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        asked = "SELECT count(*) FROM article_words WHERE article_words MATCH 'maree AND port AND vantadour'"
        assert connection.execute(asked).fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM words WHERE word = 'vantadour'").fetchone() == (1,)


def test_the_known_revisions_are_those_of_the_folder() -> None:
    steps = ScriptDirectory.from_config(migrate.alembic_config()).walk_revisions()
    assert tuple(step.revision for step in reversed(list(steps))) == HISTORY


async def test_a_first_start_makes_the_folder_and_the_database_and_a_second_does_nothing(url: str) -> None:
    assert await prepare(url) == ["A new database was made."]
    assert await prepare(url) == []
    assert revision_in(url) == HISTORY[-1]


async def test_a_newer_database_is_refused_with_what_to_do(url: str) -> None:
    await prepare(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StorageError, match="newer Guetteur"):
        await prepare(url)


def test_every_standing_is_told_apart() -> None:
    assert standing(None) is Standing.EMPTY
    assert standing(HISTORY[-1]) is Standing.CURRENT
    assert standing("9999") is Standing.UNKNOWN


async def test_a_backup_is_whole_while_a_writer_works(url: str, tmp_path: Path) -> None:
    await prepare(url)
    target = tmp_path / "copy.db"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO admin_log (at, action, detail) VALUES ('2026-02-03 08:00:00', 'half', '{}')")
        await back_up(url, target)
        writer.execute("ROLLBACK")
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT count(*) FROM admin_log").fetchone() == (0,)


async def test_a_backup_among_many_writes_is_of_one_moment_and_can_be_put_in_place(url: str, tmp_path: Path) -> None:
    await prepare(url)
    database = await open_database(url)
    stop = asyncio.Event()

    async def write() -> int:
        """Two rows at a time, that belong together."""
        number = 0
        while not stop.is_set():
            async with database.transaction() as tx:
                for table in ("admin_log", "admin_log"):
                    said = (
                        f"INSERT INTO {table} (at, action, detail) VALUES ('2026-02-03 08:00:00', '{number}', '{{}}')"
                    )
                    await tx.execute(text(said))
            number += 1
        return number

    writing = asyncio.create_task(write())
    await back_up(url, tmp_path / "copy.db")
    stop.set()
    written = await writing
    await database.close()
    file = Path(url.removeprefix("sqlite:///"))
    for each in file.parent.glob("guetteur.db*"):
        each.unlink()
    (tmp_path / "copy.db").rename(file)  # as docs/operating.md says
    assert await prepare(url) == []
    database = await open_existing(url)
    async with database.read() as connection:
        kept = (await connection.execute(text("SELECT count(*), count(DISTINCT action) FROM admin_log"))).one()
        assert (await connection.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"
    await database.close()
    assert kept[0] == 2 * kept[1] <= 2 * written


async def test_a_backup_overwrites_nothing(url: str, tmp_path: Path) -> None:
    await prepare(url)
    target = tmp_path / "precious"
    target.write_text("mine")
    with pytest.raises(StorageError, match="exists"):
        await back_up(url, target)
    assert target.read_text() == "mine"


async def test_there_must_be_something_to_back_up(url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nothing to back up"):
        await back_up(url, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


async def test_an_empty_database_is_nothing_to_back_up_and_nothing_to_read(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nothing to back up: there is nothing yet: `guetteur run`"):
        await back_up(empty_url, tmp_path / "copy")
    with pytest.raises(StorageError, match="there is nothing yet: `guetteur run`"):
        await open_existing(empty_url)
    assert not list(tmp_path.iterdir())


async def test_a_backup_into_nowhere_is_told(url: str, tmp_path: Path) -> None:
    await prepare(url)
    with pytest.raises(StorageError, match="nowhere"):
        await back_up(url, tmp_path / "nowhere" / "copy.db")


async def test_an_existing_database_of_this_version_opens_and_a_newer_one_does_not(url: str) -> None:
    await prepare(url)
    database = await open_existing(url)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM feeds"))).scalar_one() == 0
    await database.close()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StorageError, match="newer Guetteur"):
        await open_existing(url)


def test_what_is_not_writable_is_told_with_commands_that_work() -> None:
    said = unwritable(Path("/app/var/guetteur.db"), Path("/app/var"), "10001:10001")
    assert said.startswith("/app/var/guetteur.db is not writable for user 10001:10001; ")
    assert "sudo chown -R 10001:10001 /app/var\n" in said
    assert said.endswith(
        "docker compose run --rm --user root --entrypoint chown --cap-add CHOWN guetteur -R 10001:10001 /app/var"
    )


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
async def test_an_unwritable_folder_or_file_is_refused(url: str) -> None:
    await prepare(url)
    file = Path(url.removeprefix("sqlite:///"))
    for path, mode in ((file, 0o400), (file.parent, 0o500)):
        usual = path.stat().st_mode
        path.chmod(mode)
        with pytest.raises(StorageError, match=f"{path.name} is not writable"):
            make_folder(url)
        path.chmod(usual)
    make_folder(url)


def test_a_failing_step_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "half.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE verdicts (taken TEXT)")  # the last table but a few: the step fails there
    with pytest.raises(Exception, match="verdicts"):
        migrate.upgrade(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {"verdicts"}


def test_the_daemons_process_never_loads_alembic() -> None:
    import subprocess

    probe = "import sys, bot.storage.upkeep; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0
