"""Builds the bot: python-telegram-bot without its updater and scheduler, with our limiter in the way of every call.

Never format what is built here: its `repr` holds the token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import structlog
from pydantic import SecretStr
from telegram import LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import Application, ApplicationBuilder, Defaults, ExtBot
from telegram.request import HTTPXRequest

from bot.errors import UsageError
from bot.telegram.limiter import TelegramLimiter
from bot.telegram.limits import Lane

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
POOL_TIMEOUT_S = 30.0
"""The library's 1 s would refuse a burst of replies before Telegram does."""
CONNECTIONS = 32
LONGEST_WAIT_S = 60.0

REFUSED = (
    "Telegram does not accept the bot's token; copy it again from @BotFather into telegram.token "
    "(or TELEGRAM_BOT_TOKEN), and check telegram.base_url"
)


class TelegramSettings(Protocol):
    """What is read of `bot.config.TelegramSettings`."""

    @property
    def token(self) -> SecretStr | None: ...
    @property
    def base_url(self) -> str: ...
    @property
    def base_file_url(self) -> str | None: ...


class GuetteurBot(ExtBot[Lane]):
    """The library's bot, with updates as Telegram sent them: one that it cannot read must not block the others."""

    async def raw_updates(self, offset: int | None, *, timeout_s: int, allowed: Sequence[str]) -> list[dict[str, Any]]:
        """Long poll for at most `timeout_s`; confirms every update below `offset`.

        Raises:
            TelegramError: of any kind.
        """
        data = {"offset": offset, "timeout": timeout_s, "limit": 100, "allowed_updates": list(allowed)}
        given = {key: value for key, value in data.items() if value is not None}
        answer = await self._post("getUpdates", given, read_timeout=timeout_s + READ_TIMEOUT_S)
        return answer if isinstance(answer, list) else []


BotApplication = Application[GuetteurBot, Any, Any, Any, Any, Any]


class CountedRequest(HTTPXRequest):
    """The library's way out; says of every request how it ended."""

    def __init__(self, on_answer: Callable[[str], None], **options: Any) -> None:
        super().__init__(**options)
        self._on_answer = on_answer

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        try:
            status, body = await super().do_request(*args, **kwargs)
        except TelegramError:
            self._on_answer("network")
            raise
        self._on_answer(outcome_of(status))
        return status, body


def outcome_of(status: int) -> str:
    """`ok`, `flood` (we are to wait), `refused` (it will not do it) or `error` (it cannot)."""
    if status < 400:
        return "ok"
    return "flood" if status == 429 else "refused" if status < 500 else "error"


def _unheard(_outcome: str) -> None:
    """Nobody counts."""


def build_bot(
    settings: TelegramSettings,
    limiter: TelegramLimiter,
    *,
    proxy: str | None = None,
    on_answer: Callable[[str], None] = _unheard,
) -> BotApplication:
    """The application, not yet connected. The settings must hold a token.

    `on_answer` hears how every request ended: `ok`, `flood`, `refused`, `error`, or `network` for no answer.
    """
    if settings.token is None:
        raise UsageError("there is no token: set telegram.token or TELEGRAM_BOT_TOKEN, or use --console")
    bot = GuetteurBot(
        token=settings.token.get_secret_value(),
        base_url=settings.base_url,
        base_file_url=settings.base_file_url or file_url(settings.base_url),
        request=_request(on_answer, proxy, CONNECTIONS),
        get_updates_request=_request(on_answer, proxy, 1),
        defaults=Defaults(
            parse_mode=ParseMode.HTML,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            allow_sending_without_reply=True,
        ),
        rate_limiter=limiter,
    )
    return ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()


def file_url(base_url: str) -> str:
    """Where the same Bot API server gives out files."""
    head, _, tail = base_url.rpartition("/bot")
    return f"{head}/file/bot{tail}"


async def connect(application: BotApplication, *, first_wait_s: float = 1.0, keep_webhook: bool = False) -> str:
    """The bot's username. Waits for a network that is not there yet.

    `keep_webhook`: Telegram is to call us; else a webhook that an earlier program set would keep every update from us.

    Raises:
        UsageError: Telegram does not accept the token.
    """
    wait_s = first_wait_s
    while True:
        try:
            await application.initialize()
            if not keep_webhook:
                await application.bot.delete_webhook(drop_pending_updates=False)
            return application.bot.username
        except InvalidToken:
            # What was never initialised is not shut down with the application either.
            await application.bot.request.shutdown()
            # Not chained: the library's message holds the token.
            raise UsageError(REFUSED) from None
        except NetworkError as error:
            log.warning("Telegram cannot be reached, trying again", wait_s=wait_s, error=type(error).__name__)
        except TelegramError as error:
            log.warning("Telegram does not answer as it should, trying again", wait_s=wait_s, error=error.message)
        await asyncio.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)


def _request(on_answer: Callable[[str], None], proxy: str | None, connections: int) -> HTTPXRequest:
    return CountedRequest(
        on_answer,
        connection_pool_size=connections,
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        write_timeout=READ_TIMEOUT_S,
        pool_timeout=POOL_TIMEOUT_S,
        proxy=proxy,
        httpx_kwargs={"trust_env": False},
    )
