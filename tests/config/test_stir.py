"""The system's notifications, where it has any: real folders, real edits."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot.config.stir import Stir


@pytest.fixture
async def stir() -> AsyncIterator[Stir]:
    made = Stir()
    yield made
    await made.stop()


async def heard(stir: Stir, edit: Callable[[], object]) -> None:
    """Edit until it is heard: when the system began to listen nobody says."""
    async with asyncio.timeout(20):
        while not stir.happened.is_set():
            edit()
            with suppress(TimeoutError):
                await asyncio.wait_for(stir.happened.wait(), 1.0)
    stir.happened.clear()


async def test_an_edit_is_heard_and_one_in_a_folder_that_was_made_anew(stir: Stir, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    file = folder / "a.yaml"
    await stir.follow([folder, tmp_path / "not-there"])
    await heard(stir, lambda: file.write_text("- A"))
    shutil.rmtree(folder)
    folder.mkdir()
    await stir.follow([folder])
    stir.happened.clear()
    await heard(stir, lambda: file.write_text("- B"))


async def test_without_a_folder_there_is_nothing_to_hear(stir: Stir, tmp_path: Path) -> None:
    await stir.follow([tmp_path / "not-there"])
    await stir.follow([])
    await stir.stop()
    assert not stir.happened.is_set()
