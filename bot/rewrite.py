"""Writes to files that people edit: one writer at a time, and the file replaced as a whole.

The lock is the file's own, held while it is read, edited and replaced, so that of two who write at once neither loses
what the other wrote. Knows no format: `config/feedwriter.py` and `watchlists/writer.py` do.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from bot.errors import UsageError


@contextmanager
def locked(path: Path) -> Iterator[str]:
    """The file's text, which nobody else who asks for the lock will write meanwhile.

    Raises:
        UsageError: it cannot be read, or is not to be written.
    """
    with _open_locked(path) as file:
        if not stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o222 or not os.access(path, os.W_OK):
            raise UsageError(f"{path} is read-only: edit it where it comes from")
        try:
            yield file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UsageError(f"{path} is not UTF-8; save it again as UTF-8") from None


def _open_locked(path: Path) -> IO[bytes]:
    while True:
        try:
            file = path.open("rb")
        except OSError as error:
            raise UsageError(f"{path} cannot be read ({error.strerror})") from error
        fcntl.flock(file, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()  # whoever had the lock put another file in its place


def replace_file(path: Path, text: str, *, by_hand: str) -> None:
    """Put the text in the file's place: all of it or nothing, with its owner and rights. Links are followed.

    Raises:
        UsageError: it cannot be written; says what to do `by_hand`.
    """
    place = Path(os.path.realpath(path))
    made: str | None = None
    try:
        descriptor, made = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        with os.fdopen(descriptor, "wb") as file:
            kept = place.stat()
            os.fchmod(descriptor, stat.S_IMODE(kept.st_mode))
            with suppress(PermissionError):  # only root may give a file away
                os.fchown(descriptor, kept.st_uid, kept.st_gid)
            marked = place.read_bytes().startswith(codecs.BOM_UTF8)
            file.write(text.encode("utf-8-sig" if marked else "utf-8"))
            file.flush()
            os.fsync(descriptor)
        Path(made).replace(place)
    except OSError as error:
        if made is not None:
            with suppress(OSError):
                Path(made).unlink()
        raise UsageError(
            f"{path} cannot be written ({error.strerror}); edit it where it comes from: {by_hand}"
        ) from error
