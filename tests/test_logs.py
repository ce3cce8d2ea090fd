from __future__ import annotations

import io
import logging

import pytest
import structlog

from bot.clock import SystemClock
from bot.logs import configure, keep_secret, redacted
from bot.model import Target
from bot.net import redact_url
from bot.telegram.bot import build_bot, connect
from bot.telegram.limiter import TelegramLimiter
from bot.telegram.messenger import TelegramMessenger
from tests.botapi import TOKEN, BotApi
from tests.telegram.conftest import settings_for


@pytest.fixture
def logged() -> io.StringIO:
    """What is logged at DEBUG by everybody, the libraries that are usually quiet included."""
    stream = io.StringIO()
    configure("DEBUG", stream=stream)
    for name in ("httpx", "httpcore", "telegram", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    return stream


async def test_a_run_at_debug_level_never_shows_the_token(logged: io.StringIO) -> None:
    async with BotApi() as botapi:
        application = build_bot(settings_for(botapi), TelegramLimiter(SystemClock()))
        await connect(application)
        botapi.chat(7, "private")
        await TelegramMessenger(application.bot).send(Target(7), "Bonjour", ())
        botapi.revoke_token()
        try:
            await application.bot.get_me()
        except Exception:  # noqa: BLE001  whatever the library raises, it is the log that is looked at
            structlog.get_logger("test").exception("failed with %s", application.bot, bot=application.bot)
        await application.shutdown()
    assert "sendMessage" in logged.getvalue()
    assert "failed with" in logged.getvalue()
    assert TOKEN not in logged.getvalue()
    assert TOKEN.split(":")[1] not in logged.getvalue()


def test_secrets_that_were_named_are_hidden_too(logged: io.StringIO) -> None:
    keep_secret("correct horse")
    logging.getLogger("other").error("the password is %s", "correct horse")
    structlog.get_logger("test").error("failed", exc_info=ValueError("correct horse"))
    assert "horse" not in logged.getvalue()
    assert "[secret]" in logged.getvalue()


def test_a_secret_is_hidden_as_a_url_writes_it_too() -> None:
    keep_secret("h4rb0ur key/é")
    written = ["h4rb0ur key/é", "h4rb0ur%20key/%C3%A9", "h4rb0ur%20key%2F%C3%A9"]
    assert redacted(" ".join(written)) == "[secret] [secret] [secret]"
    assert redact_url("https://phare.example/h4rb0ur%20key%2F%C3%A9/rss") == "https://phare.example/…/rss"


def test_a_host_is_no_secret() -> None:
    keep_secret("l1ghth0use")
    assert redact_url("https://l1ghth0use.example/l1ghth0use") == "https://l1ghth0use.example/…"


def test_json_lines(logged: io.StringIO) -> None:
    configure("INFO", json=True, stream=logged)
    structlog.get_logger("bot.test").info("fetched", feed="a")
    structlog.get_logger("bot.test").debug("not shown")
    [line] = logged.getvalue().splitlines()
    assert '"event": "fetched"' in line
    assert '"feed": "a"' in line
