"""The demo, as `make demo` runs it, with its day made shorter."""

from __future__ import annotations

import asyncio
import sys


async def test_the_demo_tells_the_day_and_ends_well() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--day", "14",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    text = said.decode()
    assert process.returncode == 0, text
    assert "\n  ✗ " not in text, text  # of the summary; a button has one, too
    assert "warning" not in text, "the feed that breaks on purpose is told of in the summary"
    for shown in ("≈ « Badis Bajou »", "3 médias", "To check", "✎", "محمد عمرة", "make run", "did not ring again"):
        assert shown in text, text
