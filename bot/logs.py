"""Logging for the whole program: one handler, JSON or console, and no secret through it at any level.

The filter sits on the handler, because a logger's filter does not see what its children log, and it works on the
finished line, so that arguments and tracebacks are covered too.
"""

from __future__ import annotations

import json as jsonlib
import logging
import re
import sys
import traceback
from types import TracebackType
from typing import TextIO
from urllib.parse import quote

import structlog
from structlog.typing import Processor

TOKEN = re.compile(r"\d+(?::|%3[Aa])[A-Za-z0-9_-]{20,}")
"""A bot's token, wherever it stands: alone, in a URL, with its colon escaped."""
HIDDEN = "[secret]"

_kept: set[str] = set()
_addresses: dict[str, str] = {}


def keep_secret(value: str) -> None:
    """From now on, `value` reaches no log, as it is or as a URL, JSON or Python writes it."""
    if value:
        _kept.update({value, quote(value), quote(value, safe="")})
        _kept.update(each[1:-1] for each in (jsonlib.dumps(value, ensure_ascii=False), repr(value)))


def keep_address(url: str, shown: str) -> None:
    """From now on `shown` stands for this whole address: for a secret too short to be looked for by itself."""
    _addresses[url] = shown


def shown_address(url: str) -> str:
    """The address as `keep_address` wants it shown, else as it is."""
    return _addresses.get(url, url)


def redacted(line: str, hidden: str = HIDDEN) -> str:
    """The line without secrets; `hidden` stands for each."""
    for url in sorted(_addresses, key=len, reverse=True):
        line = line.replace(url, _addresses[url])
    for secret in sorted(_kept, key=len, reverse=True):
        line = line.replace(secret, hidden)
    return TOKEN.sub(hidden, line)


def print_last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the program unforeseen, to standard error: as Python would, but without secrets."""
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))


class RedactingFormatter(logging.Formatter):
    """Formats as another does, then hides what is secret."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return redacted(self._inner.format(record))


def configure(level: str = "INFO", *, json: bool = False, stream: TextIO | None = None) -> None:
    """Send everything that this program and its libraries log to `stream` (standard error)."""
    out = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    drawing: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, drawing]
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(RedactingFormatter(formatter))
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each.formatter, RedactingFormatter)]:
        root.removeHandler(old)  # configured twice, every line would come twice
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    _quieten()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _quieten() -> None:
    """Libraries that tell every request, some with the token in it; of ticks that fail we tell ourselves."""
    for name in ("httpx", "httpcore", "telegram", "telegram.ext", "aiosqlite", "asyncio", "alembic", "watchfiles"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
