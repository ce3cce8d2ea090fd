"""The stand-in itself: HTTP in, updates out, and words for tests to say what goes wrong and see what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.botapi import reference
from tests.botapi.faults import Fault
from tests.botapi.methods import Methods
from tests.botapi.people import TOKEN, Chat, Sent
from tests.botapi.rates import FloodControl, Rates, Statistics
from tests.botapi.wire import Json, RefusedError, parameters_of, refusal


class BotApi(Methods):
    """Use as `async with BotApi() as botapi`. `monotonic` is what limits are counted by."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic, rates: Rates | None = None) -> None:
        super().__init__(monotonic, FloodControl(rates or Rates()))
        self.calls: list[tuple[str, Json]] = []
        self.faults: list[Fault] = []
        self.port = 0
        self._update_ids = itertools.count(1000)
        self._token = TOKEN
        self._calling: asyncio.Task[None] | None = None

    # --- Words for tests: faults -------------------------------------------------------------------------------------

    def fault(self, method: str, kind: str, **more: Any) -> Fault:
        """Something goes wrong with calls of this method; see `Fault`."""
        self.faults.append(Fault(method, kind, **more))
        return self.faults[-1]

    def refuse(self, chat_id: int, description: str, **parameters: Any) -> None:
        """Everything sent to the chat is refused with Telegram's words, until `accept`."""
        status = 403 if description.startswith("Forbidden") else 400
        self.chats.setdefault(chat_id, Chat(chat_id, "private")).refusal = (status, description, parameters)

    def accept(self, chat_id: int) -> None:
        self.chats[chat_id].refusal = None

    def flood(self, chat_id: int, retry_after: int) -> None:
        """The chat is limited from now on for so many seconds."""
        self.chats[chat_id].held_until = self._monotonic() + retry_after

    def flood_all(self, retry_after: int) -> None:
        """The whole bot is."""
        self.flood_control.held_until = self._monotonic() + retry_after

    def drop_next_answer(self, method: str) -> None:
        """The next call is carried out, but its answer never arrives."""
        self.fault(method, "drop")

    def fail_next(self, method: str, status: int) -> None:
        """The next call is not carried out and answered with this status and no JSON."""
        self.fault(method, "status", status=status)

    def revoke_token(self) -> None:
        self._token = "revoked"

    # --- Words for tests: what came of it ------------------------------------------------------------------------------

    def sent_to(self, chat_id: int) -> list[Sent]:
        return [message for message in self.sent if message.chat_id == chat_id]

    def texts(self, chat_id: int) -> list[str]:
        return [message.text for message in self.sent_to(chat_id)]

    def called(self, method: str, chat_id: int | None = None) -> list[Json]:
        """The calls of a method, those for one chat where one is named."""
        return [
            given for name, given in self.calls if name == method and chat_id in {None, given.get("chat_id")}
        ]  # fmt: skip

    @property
    def statistics(self) -> Statistics:
        return self.flood_control.statistics

    @property
    def unanswered_callbacks(self) -> set[str]:
        """Presses that were never answered."""
        return set(self.pressed_at)

    def same_text_again(self, about: str = "") -> dict[int, int]:
        """How many messages were repeats of another with the same text in the same chat, by chat."""
        times = Counter((sent.chat_id, sent.text) for sent in self.sent if about in sent.text)
        again: Counter[int] = Counter()
        for (chat_id, _), number in times.items():
            if number > 1:
                again[chat_id] += number - 1
        return dict(again)

    @property
    def waiting_updates(self) -> int:
        """Updates that the bot has not confirmed."""
        return len(self._updates)

    async def until(self, condition: Callable[[], Any], timeout: float = 5.0) -> None:  # noqa: ASYNC109  reads best
        """Wait until the condition holds; looked at after every call and a few times a second."""
        async with asyncio.timeout(timeout):
            while not condition():
                await self.anything()

    async def anything(self) -> None:
        """Wait for the next call, or a moment: what a test waits for may happen without one."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), 0.02)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self.hand_out)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._calling = asyncio.create_task(self._call_webhook())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._calling is not None:
            self._calling.cancel()
            await asyncio.gather(self._calling, return_exceptions=True)
        self._polls += 1
        self._notify()
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    # --- The server ----------------------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self._token:
            return refusal(RefusedError(401, "Unauthorized"))
        given = await parameters_of(request, reference.PARAMETERS.get(method, {}))
        self.calls.append((method, given))
        self.violations += reference.complaints(method, given)
        fault = next((each for each in self.faults if each.strikes(method, given)), None)
        try:
            return await self._carried_out(request, method, given, fault)
        except RefusedError as refused:
            return refusal(refused)
        finally:
            self._notify()

    async def _carried_out(
        self, request: web.Request, method: str, given: Json, fault: Fault | None
    ) -> web.StreamResponse:
        if fault and fault.kind == "flood":
            wait = fault.retry_after
            raise RefusedError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        if fault and fault.kind == "status":
            return web.Response(status=fault.status, text="<html>Bad Gateway</html>")
        if fault and fault.kind == "echo":
            raise RefusedError(400, f"Bad Request: {request.url} cannot be served")
        result = await getattr(self, f"do_{method}", self._unknown)(given)
        self._notify()
        if fault and fault.kind == "done-status":
            return web.Response(status=fault.status, text="<html>Bad Gateway</html>")
        if fault and fault.kind == "late":
            await asyncio.sleep(fault.late_s)
        if fault and fault.kind == "drop":
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"ok": True, "result": result})

    async def _unknown(self, _: Json) -> None:
        raise RefusedError(404, "Not Found")

    # --- Its updates -----------------------------------------------------------------------------------------------------

    def _push(self, kind: str, content: Json) -> Json:
        update = {"update_id": next(self._update_ids), kind: content}
        if self.allowed is None or kind in self.allowed:
            self._updates.append(update)
        self._notify()
        return update

    async def _call_webhook(self) -> None:
        """Hand updates to the webhook, one after the other, each until it is taken."""
        async with aiohttp.ClientSession() as session:
            while True:
                if not (self.webhook.startswith("http://127.0.0.1") and self._updates):
                    await self._changed.wait()
                elif await self._taken(session, self._updates[0]):
                    del self._updates[0]
                    self._notify()
                else:
                    await self.anything()

    async def _taken(self, session: aiohttp.ClientSession, update: Json) -> bool:
        headers = {"X-Telegram-Bot-Api-Secret-Token": str(self.webhook_settings.get("secret_token", ""))}
        try:
            async with session.post(self.webhook, json=update, headers=headers) as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False
