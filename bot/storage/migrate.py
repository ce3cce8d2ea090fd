"""Brings a database to this program's revision; the only module that loads Alembic.

The daemon runs it as a child process (`python -m bot.storage.migrate`, the URL on standard input, because a command
line is visible to every user of the machine). All steps run in one transaction: a failing one leaves nothing behind.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event

from bot.storage.database import BUSY_TIMEOUT_S, driver_url

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run what is missing up to `revision`. `url` as in the settings."""
    target = driver_url(url)
    if target.get_backend_name() == "sqlite":
        engine = create_engine(target.set(drivername="sqlite"), connect_args={"timeout": BUSY_TIMEOUT_S})
        _transactional_ddl(engine)
    else:
        engine = create_engine(target)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
    engine.dispose()


def _transactional_ddl(engine: Any) -> None:
    """Python's sqlite3 would commit before each CREATE TABLE; with our own BEGIN a failing step rolls back whole."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


if __name__ == "__main__":
    upgrade(sys.stdin.read())
