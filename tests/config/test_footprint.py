"""The traces of an edit, and when files that are being edited may be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.config.footprint import LONGEST_S, PATIENCE_S, QUIET_S, Places, Settling, footprint


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.yaml").write_text("- A\n")
    (tmp_path / "guetteur.yaml").write_text("")
    return Places((tmp_path / "guetteur.yaml", tmp_path / "feeds.yaml"), tmp_path / "lists")


def written_in_place(folder: Path) -> None:
    (folder / "lists" / "a.yaml").write_text("- B\n")


def replaced_with_the_same_size_and_time(folder: Path) -> None:
    file = folder / "lists" / "a.yaml"
    (folder / "new").write_text("- B\n")
    os.utime(folder / "new", ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    (folder / "new").rename(file)


def added(folder: Path) -> None:
    (folder / "lists" / "b.csv").write_text("B")


def removed(folder: Path) -> None:
    (folder / "lists" / "a.yaml").unlink()


def appeared(folder: Path) -> None:
    (folder / "feeds.yaml").write_text("- https://a.example/\n")


@pytest.mark.parametrize("edit", [written_in_place, replaced_with_the_same_size_and_time, added, removed, appeared])
def test_every_edit_leaves_a_trace(places: Places, edit: Callable[[Path], None]) -> None:
    before = footprint(places)
    assert footprint(places) == before
    edit(places.folder.parent)
    assert footprint(places) != before


def test_what_editors_leave_beside_leaves_none(places: Places) -> None:
    before = footprint(places)
    (places.folder / ".a.yaml.swp").write_text("x")
    (places.folder.parent / "notes.txt").write_text("x")
    assert footprint(places) == before


def test_nothing_is_there() -> None:
    assert footprint(Places((Path("/nowhere/a"),), Path("/nowhere/b"))) == frozenset()


A, B, C = frozenset({("a", 0, 0, 0, 0, 0)}), frozenset({("b", 0, 0, 0, 0, 0)}), frozenset({("c", 0, 0, 0, 0, 0)})


def test_files_are_read_once_they_rest() -> None:
    settling = Settling(A)
    assert not settling.is_ready(A, 0.0)
    assert not settling.is_ready(B, 1.0)
    assert not settling.is_ready(C, 1.2)
    assert settling.is_ready(C, 1.2 + QUIET_S)
    assert settling.may_be_half_written(1.2 + QUIET_S)
    assert not settling.may_be_half_written(1.2 + PATIENCE_S)
    settling.done()
    assert not settling.is_ready(C, 9.0)


def test_files_that_never_rest_are_read_nevertheless() -> None:
    settling = Settling(A)
    ready = [settling.is_ready(B if step % 2 else C, step * 0.25) for step in range(12)]
    assert ready.index(True) == LONGEST_S / 0.25
