"""Every error that one part of Guetteur reports to another, each carrying what the next part needs to act.

Translated at the edge: only `net.py` and `feeds/fetch.py` know HTTP errors, only `telegram/` knows Telegram's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


class GuetteurError(Exception):
    """The base of all of them; its text speaks to the person who can act."""

    def __reduce__(self) -> tuple[Any, ...]:
        # The worker sends errors over a pipe; by default they would be made again from `args`, which is only the text.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[GuetteurError], args: tuple[Any, ...], state: dict[str, Any]) -> GuetteurError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One complaint about a file people edit. Lines and columns count from 1."""

    path: Path
    line: int
    column: int
    wrong: str
    mend: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}:{self.line}:{self.column}: {kind}{self.wrong}; {self.mend}"


class ConfigError(GuetteurError):
    """Configuration or watchlists that cannot be used; holds every problem at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(GuetteurError):
    """What was asked for cannot be done as asked; exit code 2."""


class AnotherInstanceError(GuetteurError):
    """The lock is taken; exit code 75."""


class FetchError(GuetteurError):
    """A URL that gave nothing usable.

    `code` is stable and short (`timeout`, `too-large`, `address`, `redirects`, `http`, `connection`, `scheme`,
    `decoding` …); `status` the HTTP status where there was one; `retry_after_s` what the server asked for.
    """

    def __init__(
        self, code: str, message: str, *, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.retry_after_s = retry_after_s


class ParseError(GuetteurError):
    """A document that is no feed.

    `code`: `html`, `empty`, `not-a-feed`, `challenge` (a page that asks whether we are human: a publisher's refusal),
    `deadline`, `crash`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StorageError(GuetteurError):
    """The database cannot be used: unreachable, newer than the program, not migrated."""


class NewerDatabaseError(StorageError):
    """A newer program made the database, and this one would damage it; exit code 2."""


class DeliveryError(GuetteurError):
    """A message that was certainly not delivered.

    `code`: `blocked`, `kicked`, `deactivated`, `chat-not-found`, `no-rights`, `topic-gone`, `bad-request`, `flood`,
    `network`, `token`. `permanent` errors are not tried again. `retry_after_s` is Telegram's own word.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        permanent: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class DeliveryUnknownError(GuetteurError):
    """The answer was lost: the message may or may not be in the chat."""


class ChatMovedError(GuetteurError):
    """The group became a supergroup; all that is stored for it belongs to `new_chat_id`."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__(f"the chat moved to {new_chat_id}")
        self.new_chat_id = new_chat_id
