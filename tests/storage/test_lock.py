"""One daemon a database, on either kind; the next may start once the first is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import AnotherInstanceError
from bot.storage.database import Database, open_database
from bot.storage.lock import only_instance
from tests.conftest import POSTGRES


def url_of(database: Database, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'test.db'}" if database.dialect == "sqlite" else POSTGRES


async def test_a_second_instance_is_refused_while_the_first_runs(database: Database, tmp_path: Path) -> None:
    url = url_of(database, tmp_path)
    second = await open_database(url)
    async with only_instance(database, url):
        with pytest.raises(AnotherInstanceError, match="stop it first"):
            async with only_instance(second, url):
                pass
    async with only_instance(second, url):
        pass
    await second.close()
