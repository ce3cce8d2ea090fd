"""Tells a dead man's switch elsewhere that we live, for as long as we are well: its silence is what raises the alarm.

So it is not called while Telegram is out either: nobody could be told there. Decides nothing about health.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog

from bot.errors import FetchError
from bot.health.judge import State
from bot.logs import keep_secret
from bot.net import GuardedSession, Limits, redact_url

log = structlog.get_logger(__name__)

LIMITS = Limits(timeout_s=20.0, max_bytes=65_536, cut=True)
SHORTEST_SECRET = 8


class Heartbeat:
    """Calls one address through the guarded session."""

    def __init__(self, session: GuardedSession, url: str) -> None:
        self._session = session
        self._url = url
        parts = urlsplit(url)
        for part in (parts.path.strip("/"), parts.query):
            if len(part) >= SHORTEST_SECRET:
                keep_secret(part)  # whoever knows the address can speak for us
        self._is_unheard = False

    async def beat(self, state: State) -> bool:
        """Call, if we are well; whether the call was heard. A failure is told once, and its end."""
        if state is not State.OK:
            return False
        try:
            answer = await self._session.get(self._url, headers={}, limits=LIMITS)
            fault = f"{redact_url(self._url)} answered {answer.status}" if answer.status >= 400 else None
        except FetchError as error:
            fault = str(error)
        if fault and not self._is_unheard:
            log.warning("the heartbeat is not heard; the next ones are tried without a word", error=fault)
        elif not fault and self._is_unheard:
            log.info("the heartbeat is heard again")
        self._is_unheard = fault is not None
        return fault is None
