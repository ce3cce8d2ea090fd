"""The rooms keep their doors shut: pure modules import nothing that reads, writes or waits, and data flows one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"

PURE = [
    "alerts",
    "articles",
    "backtest.py",
    "bidi.py",
    "errors.py",
    "markup.py",
    "config/feedfile.py",
    "feeds/challenge.py",
    "feeds/discover.py",
    "feeds/health.py",
    "feeds/hints.py",
    "feeds/identity.py",
    "feeds/jsonfeed.py",
    "feeds/lean.py",
    "feeds/moved.py",
    "feeds/outage.py",
    "feeds/parse.py",
    "feeds/portrait.py",
    "feeds/schedule.py",
    "feeds/skim.py",
    "feeds/traits.py",
    "matching",
    "model.py",
    "reading.py",
    "search",
    "retention.py",
    "stories",
    "telegram/limits.py",
    "telegram/render.py",
    "text.py",
]
IMPURE_IN_PURE_ROOMS = {"matching/thread.py"}
"""The one thread that owns the matcher."""
READS_WRITES_OR_WAITS = {"aiohttp", "asyncio", "os", "random", "socket", "sqlalchemy", "structlog", "telegram"}
OUR_IMPURE_ROOMS = {"bot.app", "bot.cli", "bot.clock", "bot.net", "bot.pipeline", "bot.storage", "bot.worker"}

ORDER = ["feeds", "articles", "matching", "stories", "alerts", "telegram"]
"""No step imports a later one; `telegram/` (which shows and sends) is the last."""


def modules_of(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def imports_of(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def starts_with_any(name: str, starts: set[str]) -> bool:
    return any(name == start or name.startswith(start + ".") for start in starts)


@pytest.mark.parametrize("room", PURE)
def test_pure_modules_read_write_and_wait_for_nothing(room: str) -> None:
    found = modules_of(BOT / room)
    assert found
    for module in found:
        if str(module.relative_to(BOT)) in IMPURE_IN_PURE_ROOMS:
            continue
        forbidden = [
            name for name in imports_of(module) if starts_with_any(name, READS_WRITES_OR_WAITS | OUR_IMPURE_ROOMS)
        ]
        assert not forbidden, f"{module.relative_to(BOT)} is pure and imports {forbidden}"
        is_async = [n for n in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(n, ast.AsyncFunctionDef)]
        assert not is_async, f"{module.relative_to(BOT)} is pure and waits"


@pytest.mark.parametrize("step", ORDER)
def test_no_step_imports_a_later_one(step: str) -> None:
    later = {f"bot.{room}" for room in ORDER[ORDER.index(step) + 1 :]}
    for module in modules_of(BOT / step):
        backwards = [name for name in imports_of(module) if starts_with_any(name, later)]
        assert not backwards, f"{module.relative_to(BOT)} imports the later {backwards}"


def test_only_app_and_the_command_line_import_app() -> None:
    for module in modules_of(BOT):
        inside = str(module.relative_to(BOT))
        if not inside.startswith("cli/") and inside != "app.py":
            assert not [name for name in imports_of(module) if starts_with_any(name, {"bot.app", "bot.cli"})] or (
                inside == "__main__.py"
            ), f"{inside} imports the program that is built from it"
