"""What goes wrong between the bot and Telegram, when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.botapi.wire import Json


@dataclass
class Fault:
    """Strikes calls of one method.

    `kind`: `drop` (carried out, the connection breaks before the answer), `late` (carried out, the answer comes
    `late_s` later), `status` (not carried out, answered with `status` and no JSON), `done-status` (the same, but it was
    carried out), `echo` (not carried out, refused in words that hold the address that was called, token and all),
    `flood` (429 to this call, whichever chat it is for).
    """

    method: str
    kind: str
    times: int | None = 1
    """How often; None for until it is taken back."""
    every: int = 1
    """Each how many-th call."""
    status: int = 502
    late_s: float = 0.0
    retry_after: int = 1
    chat_id: int | None = None
    """Only calls for this chat."""
    _seen: int = field(default=0, init=False)

    @property
    def is_spent(self) -> bool:
        return self.times is not None and self.times <= 0

    def strikes(self, method: str, given: Json) -> bool:
        if method != self.method or self.is_spent:
            return False
        if self.chat_id is not None and given.get("chat_id") != self.chat_id:
            return False
        self._seen += 1
        if self._seen % self.every:
            return False
        if self.times is not None:
            self.times -= 1
        return True
