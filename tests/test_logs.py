from __future__ import annotations

import io
import logging
import warnings

import pytest
import structlog

from bot.clock import SystemClock
from bot.logs import configure, keep_secret, print_last_words, redacted
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


def test_a_secret_is_hidden_as_json_and_python_write_it(logged: io.StringIO) -> None:
    secret = 'quai "nord"\\été'
    keep_secret(secret)
    for json in (True, False):
        configure("INFO", json=json, stream=logged)
        structlog.get_logger("bot.test").error("refused", given=secret, also=[secret])
    assert "nord" not in logged.getvalue()
    assert logged.getvalue().count("[secret]") == 4


@pytest.mark.parametrize("json", [False, True])
def test_whoever_speaks_the_secret_is_hidden(logged: io.StringIO, json: bool) -> None:
    """Libraries at DEBUG, warnings, tracebacks with their chain of causes."""
    keep_secret("h4rb0ur-key")
    configure("DEBUG", json=json, stream=logged)
    for name in (
        "aiohttp.client",
        "httpx",
        "telegram.ext.Application",
        "apscheduler.scheduler",
        "asyncio",
        "sqlalchemy",
    ):
        logging.getLogger(name).critical("GET https://phare.example/?key=%s", "h4rb0ur-key")
    logging.getLogger("py.warnings").warning("%s", "UserWarning: h4rb0ur-key")
    error = RuntimeError("for h4rb0ur-key")
    error.__cause__ = ValueError("h4rb0ur-key")
    structlog.get_logger("bot.test").error("failed", exc_info=error, url="https://h4rb0ur-key@phare.example/")
    assert "h4rb0ur-key" not in logged.getvalue()
    assert logged.getvalue().count("[secret]") >= 10


def test_warnings_go_through_the_log(logged: io.StringIO) -> None:
    keep_secret("h4rb0ur-key")
    configure("INFO", stream=logged)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn("this h4rb0ur-key is deprecated", DeprecationWarning, stacklevel=1)
    assert "this [secret] is deprecated" in logged.getvalue()


def test_the_last_words_of_the_program_hold_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    keep_secret("h4rb0ur-key")
    error = RuntimeError("for h4rb0ur-key")
    print_last_words(RuntimeError, error, error.__traceback__)
    assert capsys.readouterr().err == "RuntimeError: for [secret]\n"


def test_libraries_say_nothing_of_their_routine(logged: io.StringIO) -> None:
    said = logged.tell()
    configure("INFO", stream=logged)
    for name in ("httpx", "telegram.ext.Application", "apscheduler.executors.default", "alembic.runtime.migration"):
        logging.getLogger(name).info("routine")
    logging.getLogger("apscheduler.executors.default").error("told by our ticker")
    assert logged.getvalue()[said:] == ""
