"""The traces that edits leave on files, and when files that are being edited may be read.

A footprint is looked at every two seconds, whatever the system tells (`stir.py`): network folders, Docker's mounts,
links that are swapped (Kubernetes) and folders that were made anew often tell nothing. Never reads a file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

QUIET_S = 0.5
"""Files that have been left alone for so long are read."""
LONGEST_S = 2.0
"""One that never rests (a folder that is being copied) is read nevertheless."""
PATIENCE_S = 2.0
"""So long may a file be wrong, or away, before that is believed: an editor may be in the middle of writing it."""

Trace: TypeAlias = tuple[str, int, int, int, int, int]
Footprint: TypeAlias = frozenset[Trace]
"""Of each file what changes with it, links followed: where it lies, its size and its times."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where what people edit stands."""

    files: tuple[Path, ...]
    folder: Path
    """Of watchlists: every file in it counts, for lists name others (`names_file`)."""

    @property
    def folders(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys([self.folder, *(file.parent for file in self.files)]))


def footprint(places: Places) -> Footprint:
    """The traces of everything that is there."""
    return frozenset(_traces(places))


def _traces(places: Places) -> Iterator[Trace]:
    for file in places.files:
        with suppress(OSError):
            yield _trace(file, file.stat())
    for folder in places.folders:
        with suppress(OSError):  # as itself: a folder that was made anew has to be listened to anew
            status = folder.stat()
            yield str(folder), status.st_dev, status.st_ino, 0, 0, 0
    with suppress(OSError):
        for entry in os.scandir(places.folder):
            with suppress(OSError):
                if not entry.name.startswith(".") and entry.is_file():
                    yield _trace(Path(entry.path), entry.stat())


def _trace(file: Path, status: os.stat_result) -> Trace:
    return str(file), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


@dataclass(slots=True)
class Settling:
    """When to read files that are being edited. Pure; times are of the monotonic clock, in seconds."""

    seen: Footprint
    began_at: float | None = None
    """When they began to change; None when all that changed was read."""
    stirred_at: float = 0.0

    @property
    def is_under_way(self) -> bool:
        return self.began_at is not None

    def is_ready(self, now_seen: Footprint, now: float) -> bool:
        """Whether something changed that may be read now."""
        if now_seen != self.seen:
            self.seen, self.stirred_at = now_seen, now
            self.began_at = now if self.began_at is None else self.began_at
        if self.began_at is None:
            return False
        return now - self.stirred_at >= QUIET_S or now - self.began_at >= LONGEST_S

    def may_be_half_written(self, now: float) -> bool:
        return now - self.stirred_at < PATIENCE_S

    def done(self) -> None:
        """It was read, and believed."""
        self.began_at = None
