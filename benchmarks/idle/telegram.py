"""A Bot API where nobody writes: long polls stay open for as long as they ask. Ends with whoever began it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

ME = {"id": 1, "is_bot": True, "first_name": "Guetteur", "username": "silent_bot"}
LONGEST_POLL_S = 50.0


async def _answer(request: web.Request) -> web.Response:
    """What Telegram says to each method while nothing happens."""
    given = await request.post()
    result: Any = True
    match request.match_info["method"]:
        case "getMe":
            result = ME
        case "getUpdates":
            result = []
            await asyncio.sleep(min(float(str(given.get("timeout", 0))), LONGEST_POLL_S))
    return web.json_response({"ok": True, "result": result})


@asynccontextmanager
async def silent_telegram() -> AsyncIterator[str]:
    """Its `base_url`."""
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", _answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
    finally:
        await runner.cleanup()
