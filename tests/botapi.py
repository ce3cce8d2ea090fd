"""A stand-in for Telegram's Bot API server, as strict as the real one where the reference says how it is.

HTTP on 127.0.0.1, so that the real program can be pointed at it, from the same event loop or as a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests import telegram_html
from tests.botapi_files import Files
from tests.botapi_wire import Json, RefusedError, button_complaint, parameters_of, refusal

TOKEN = "123456:FAKE-TOKEN-FOR-TESTS"
BOT_ID = 123456
BOT_NAME = "guetteur_test_bot"
BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Guetteur", "username": BOT_NAME}
ANONYMOUS_ADMIN = 1087968824
MAX_CAPTION = 1024
MIGRATED = "Bad Request: group chat was upgraded to a supergroup chat"
WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True)
class User:
    id: int
    first_name: str = "Ada"
    language_code: str = "fr"

    def json(self) -> Json:
        return {
            "id": self.id, "is_bot": False, "first_name": self.first_name, "language_code": self.language_code,
        }  # fmt: skip


@dataclass
class Chat:
    id: int
    type: str
    title: str = ""
    topics: set[int] = field(default_factory=set)
    """A forum's topics beside General; any makes the chat a forum."""
    admins: set[int] = field(default_factory=set)
    refusal: tuple[int, str, Json] | None = None
    """(status, description, parameters) for everything that is sent here."""
    held_until: float = 0.0
    arrivals: list[float] = field(default_factory=list)

    def json(self) -> Json:
        named = {"first_name": self.title} if self.type == "private" else {"title": self.title}
        return {"id": self.id, "type": self.type, **named} | ({"is_forum": True} if self.topics else {})


@dataclass
class Sent:
    """A message of the bot's as it stands in the chat."""

    chat_id: int
    message_id: int
    html: str
    text: str
    buttons: list[list[Json]]
    topic_id: int
    silent: bool
    at: float
    edits: int = 0
    reply_to: int = 0
    photo: bytes | None = None
    asks: bool = False
    """The reader's app opens an answer to it."""
    deleted: bool = False
    """By somebody in the chat."""

    def button(self, label: str) -> str:
        """The callback data behind a label."""
        return next(str(each["callback_data"]) for row in self.buttons for each in row if label in each["text"])


class BotApi(Files):
    """Use as `async with BotApi() as botapi`. `monotonic` is what limits are counted by."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self.chats: dict[int, Chat] = {}
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, Json]] = []
        self.violations: list[str] = []
        """What a strict reader would hold against the bot: refused markup, sending while told to wait …"""
        self.answered: dict[str, Json] = {}
        """Presses, by id, with what the bot answered."""
        self.open_presses: set[str] = set()
        self.allowed: set[str] | None = None
        self._updates: list[Json] = []
        self._numbers = itertools.count(1)
        self._update_ids = itertools.count(1000)
        self._changed = asyncio.Event()
        self._polls = 0
        self.polling = False
        """Whether somebody waits for updates."""
        self._drop: list[str] = []
        self._fail: list[tuple[str, int]] = []
        self._arrivals: list[float] = []
        self._token = TOKEN
        self.webhook = ""
        """The address that updates go to instead, as an earlier program may have left it."""
        self.port = 0

    # --- Words for tests: what people do -----------------------------------------------------------------------------

    def says(
        self,
        user: User,
        text: str,
        chat: Chat | None = None,
        *,
        topic: int = 0,
        reply_to: Sent | None = None,
        anonymous: bool = False,
    ) -> Json:
        """A message by somebody, in private where no chat is named."""
        where = chat or self._private(user)
        message = self._message(where, text, topic) | {"from": user.json()}
        if anonymous:
            message |= {
                "from": {"id": ANONYMOUS_ADMIN, "is_bot": True, "first_name": "Group"},
                "sender_chat": where.json(),
            }
        if reply_to is not None:
            message["reply_to_message"] = self._shown(reply_to)
        return self._push("message", message)

    def posts(self, channel: Chat, text: str) -> Json:
        """A post in a channel."""
        return self._push("channel_post", self._message(channel, text, 0) | {"sender_chat": channel.json()})

    def presses(self, user: User, message: Sent, data: str) -> str:
        """A button pressed; the id of the press."""
        press = f"press-{next(self._numbers)}"
        self.open_presses.add(press)
        query = {
            "id": press, "from": user.json(), "chat_instance": "1", "data": data, "message": self._shown(message),
        }  # fmt: skip
        self._push("callback_query", query)
        return press

    def blocks(self, user: User) -> None:
        """Somebody blocks the bot."""
        chat = self._private(user)
        chat.refusal = (403, "Forbidden: bot was blocked by the user", {})
        self._membership(user, chat, "member", "kicked")

    def unblocks(self, user: User) -> None:
        chat = self._private(user)
        chat.refusal = None
        self._membership(user, chat, "kicked", "member")

    def adds(self, user: User, chat: Chat, *, status: str = "member") -> None:
        """Somebody adds the bot to a group."""
        chat.refusal = None
        self._membership(user, chat, "left", status)

    def removes(self, user: User, chat: Chat) -> None:
        chat.refusal = (403, f"Forbidden: bot was kicked from the {chat.type} chat", {})
        self._membership(user, chat, "member", "kicked")

    def migrates(self, chat: Chat, new_id: int, *, tell: bool = True) -> Chat:
        """The group becomes a supergroup; `tell` by the two service messages, else only by errors."""
        new = self.chat(new_id, "supergroup", title=chat.title, admins=chat.admins)
        chat.refusal = (400, MIGRATED, {"migrate_to_chat_id": new_id})
        if tell:
            self._push("message", self._message(chat, "", 0) | {"migrate_to_chat_id": new_id})
            self._push("message", self._message(new, "", 0) | {"migrate_from_chat_id": chat.id})
        return new

    def chat(
        self,
        chat_id: int,
        kind: str,
        *,
        title: str = "Rédaction",
        topics: Iterable[int] = (),
        admins: Iterable[int] = (),
    ) -> Chat:
        """A group, supergroup, channel … that the bot is in."""
        self.chats[chat_id] = Chat(chat_id, kind, title, set(topics), set(admins))
        return self.chats[chat_id]

    # --- Words for tests: faults -------------------------------------------------------------------------------------

    def refuse(self, chat_id: int, description: str, **parameters: Any) -> None:
        """Everything sent to the chat is refused with Telegram's words, until `accept`."""
        status = 403 if description.startswith("Forbidden") else 400
        self.chats.setdefault(chat_id, Chat(chat_id, "private")).refusal = (status, description, parameters)

    def accept(self, chat_id: int) -> None:
        self.chats[chat_id].refusal = None

    def flood(self, chat_id: int, retry_after: int) -> None:
        """The chat is limited from now on for so many seconds."""
        self.chats[chat_id].held_until = self._monotonic() + retry_after

    def drop_next_answer(self, method: str) -> None:
        """The next call is carried out, but its answer never arrives."""
        self._drop.append(method)

    def fail_next(self, method: str, status: int) -> None:
        """The next call is not carried out and answered with this status and no JSON."""
        self._fail.append((method, status))

    def revoke_token(self) -> None:
        self._token = "revoked"

    def expire_presses(self) -> None:
        """Every press is too old to be answered."""
        self.open_presses.clear()

    # --- Words for tests: what came of it ------------------------------------------------------------------------------

    def sent_to(self, chat_id: int) -> list[Sent]:
        return [message for message in self.sent if message.chat_id == chat_id]

    def texts(self, chat_id: int) -> list[str]:
        return [message.text for message in self.sent_to(chat_id)]

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
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self.hand_out)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
        for index, (failing, status) in enumerate(self._fail):
            if failing == method:
                del self._fail[index]
                return web.Response(status=status, text="<html>Bad Gateway</html>")
        parameters = await parameters_of(request)
        self.calls.append((method, parameters))
        handler = getattr(self, f"do_{method}", self._unknown)
        try:
            result = await handler(parameters)
        except RefusedError as refused:
            return refusal(refused)
        finally:
            self._notify()
        if method in self._drop:
            self._drop.remove(method)
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"ok": True, "result": result})

    async def _unknown(self, _: Json) -> None:
        raise RefusedError(404, "Not Found")

    async def do_getMe(self, _: Json) -> Json:  # noqa: N802  Telegram's name
        return BOT | {
            "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
        }  # fmt: skip

    async def do_deleteWebhook(self, given: Json) -> bool:  # noqa: N802
        self.webhook = ""
        if given.get("drop_pending_updates"):
            self._updates.clear()
        return True

    async def do_getUpdates(self, given: Json) -> list[Json]:  # noqa: N802
        if self.webhook:
            raise RefusedError(409, WEBHOOK)
        if "allowed_updates" in given:
            self.allowed = set(given["allowed_updates"])
        self._polls += 1
        mine = self._polls
        self._notify()
        offset = int(given.get("offset", 0))
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        self.polling = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(float(given.get("timeout", 0)), 50.0)):
                while not self._updates and self._polls == mine:
                    await self._changed.wait()
        self.polling = False
        if self._polls != mine:
            raise RefusedError(409, CONFLICT)
        return self._updates[: int(given.get("limit", 100))]

    async def do_sendMessage(self, given: Json) -> Json:  # noqa: N802
        chat = self._reachable(given)
        self._count(chat)
        topic = self._topic(chat, given)
        parsed = self._parsed(given)
        buttons = self._buttons(given)
        sent = Sent(
            chat.id, next(self._numbers), str(given.get("text", "")), parsed.text, buttons, topic,
            bool(given.get("disable_notification")), self._monotonic(), reply_to=self._answered(chat, given),
            asks=bool(given.get("reply_markup", {}).get("force_reply")),
        )  # fmt: skip
        self.sent.append(sent)
        return self._shown(sent)

    async def do_sendPhoto(self, given: Json) -> Json:  # noqa: N802
        chat = self._reachable(given)
        self._count(chat)
        topic = self._topic(chat, given)
        photo = given.get("photo")
        if not isinstance(photo, bytes) or not photo.startswith(b"\x89PNG"):
            self._violate("a photo that is no uploaded picture")
            raise RefusedError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        parsed = self._parsed(given | {"text": given.get("caption", "")}, most=MAX_CAPTION)
        sent = Sent(
            chat.id, next(self._numbers), str(given.get("caption", "")), parsed.text, self._buttons(given), topic,
            bool(given.get("disable_notification")), self._monotonic(), reply_to=self._answered(chat, given), photo=photo,
        )  # fmt: skip
        self.sent.append(sent)
        return self._shown(sent)

    async def do_editMessageText(self, given: Json) -> Json:  # noqa: N802
        chat = self._reachable(given)
        self._count(chat)
        parsed, buttons = self._parsed(given), self._buttons(given)
        for sent in self.sent_to(chat.id):
            if sent.message_id == int(given["message_id"]) and not sent.deleted:
                if (sent.text, sent.buttons) == (parsed.text, buttons) and sent.html == given["text"]:
                    raise RefusedError(400, "Bad Request: message is not modified: specified new message content and reply "
                                  "markup are exactly the same as a current content and reply markup of the message")  # fmt: skip
                sent.html, sent.text, sent.buttons, sent.edits = given["text"], parsed.text, buttons, sent.edits + 1
                return self._shown(sent)
        raise RefusedError(400, "Bad Request: message to edit not found")

    async def do_answerCallbackQuery(self, given: Json) -> bool:  # noqa: N802
        press = given["callback_query_id"]
        if press not in self.open_presses:
            late = "query is too old and response timeout expired or query ID is invalid"
            raise RefusedError(400, f"Bad Request: {late}")
        if len(given.get("text", "")) > 200:
            self._violate("answer too long")
            raise RefusedError(400, "Bad Request: MESSAGE_TOO_LONG")
        self.open_presses.discard(press)
        self.answered[press] = given
        return True

    async def do_getChatMember(self, given: Json) -> Json:  # noqa: N802
        chat, user_id = self._reachable(given), int(given["user_id"])
        user = {"id": user_id, "is_bot": False, "first_name": "?"}
        if user_id not in chat.admins:
            return {"status": "member", "user": user}
        rights = ["can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
                  "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
                  "can_post_stories", "can_edit_stories", "can_delete_stories"]  # fmt: skip
        return {"status": "administrator", "user": user} | dict.fromkeys(rights, False)

    async def do_getChat(self, given: Json) -> Json:  # noqa: N802
        return self._reachable(given).json() | {"accent_color_id": 0, "max_reaction_count": 11}

    async def do_leaveChat(self, given: Json) -> bool:  # noqa: N802
        return bool(self._reachable(given))

    async def do_setMyCommands(self, given: Json) -> bool:  # noqa: N802
        return bool(given["commands"])

    async def do_getMyCommands(self, _: Json) -> list[Json]:  # noqa: N802
        return []

    # --- Its rules -------------------------------------------------------------------------------------------------------

    def _reachable(self, given: Json) -> Chat:
        chat = self.chats.get(int(given["chat_id"]))
        if chat is None:
            raise RefusedError(400, "Bad Request: chat not found")
        if chat.refusal:
            status, description, parameters = chat.refusal
            raise RefusedError(status, description, **parameters)
        return chat

    def _count(self, chat: Chat) -> None:
        now = self._monotonic()
        if now < chat.held_until:
            if chat.arrivals and chat.arrivals[-1] < 0:
                self._violate(f"sent to {chat.id} while told to wait")
            chat.arrivals.append(-now)
            wait = max(1, round(chat.held_until - now))
            raise RefusedError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        chat.arrivals.append(now)
        self._arrivals.append(now)
        second = sum(now - each < 1.0 for each in self._arrivals[-40:])
        minute = sum(0 <= now - each < 60.0 for each in chat.arrivals[-25:] if each > 0)
        burst = sum(0 <= now - each < 2.0 for each in chat.arrivals[-5:] if each > 0)
        if second > 30 or (chat.id < 0 and minute > 20) or burst > 3:
            self._violate(f"too fast: {second} a second, {minute} a minute and {burst} in two seconds to {chat.id}")
            chat.held_until = now + 3
            raise RefusedError(429, "Too Many Requests: retry after 3", retry_after=3)

    def _topic(self, chat: Chat, given: Json) -> int:
        topic = int(given.get("message_thread_id", 0))
        if not chat.topics:
            return 0
        if topic and topic not in chat.topics:
            raise RefusedError(400, "Bad Request: message thread not found")
        return topic

    def _answered(self, chat: Chat, given: Json) -> int:
        wanted = given.get("reply_parameters", {})
        there = {sent.message_id for sent in self.sent_to(chat.id) if not sent.deleted}
        if not wanted or int(wanted["message_id"]) in there:
            return int(wanted.get("message_id", 0))
        if not wanted.get("allow_sending_without_reply"):
            raise RefusedError(400, "Bad Request: message to be replied not found")
        return 0

    def _parsed(self, given: Json, *, most: int = 0) -> telegram_html.Parsed:
        """`most`: units that a caption may have; it may be empty, and is told to be too long in other words."""
        text = str(given.get("text", ""))
        if most and not text:
            return telegram_html.Parsed("", ())
        try:
            if given.get("parse_mode") == "HTML":
                return _short_enough(telegram_html.parse(text), most)
            return telegram_html.parse(text.replace("&", "&amp;").replace("<", "&lt;"))
        except telegram_html.HtmlError as error:
            self._violate(f"{error}: {text[:200]!r}")
            raise RefusedError(400, f"Bad Request: {error}") from None

    def _buttons(self, given: Json) -> list[list[Json]]:
        rows: list[list[Json]] = given.get("reply_markup", {}).get("inline_keyboard", [])
        for button in itertools.chain.from_iterable(rows):
            complaint = button_complaint(button)
            if complaint:
                self._violate(complaint)
                raise RefusedError(400, f"Bad Request: {complaint}")
        if sum(map(len, rows)) > 100:
            self._violate("reply markup is too long")
            raise RefusedError(400, "Bad Request: reply markup is too long")
        return rows

    def _violate(self, what: str) -> None:
        self.violations.append(what)

    # --- Its updates -------------------------------------------------------------------------------------------------------

    def _private(self, user: User) -> Chat:
        return self.chats.get(user.id) or self.chat(user.id, "private", title=user.first_name)

    def _message(self, chat: Chat, text: str, topic: int) -> Json:
        message: Json = {"message_id": next(self._numbers), "date": int(time.time()), "chat": chat.json()}
        if text:
            message["text"] = text
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
        if topic:
            message |= {"message_thread_id": topic, "is_topic_message": True}
        return message

    def _shown(self, sent: Sent) -> Json:
        message: Json = {
            "message_id": sent.message_id, "date": int(time.time()), "chat": self.chats[sent.chat_id].json(),
            "from": BOT, "caption" if sent.photo else "text": sent.text,
        }  # fmt: skip
        if sent.photo:
            message["photo"] = [{"file_id": "p", "file_unique_id": "p", "width": 1120, "height": 720}]
        if sent.topic_id:
            message |= {"message_thread_id": sent.topic_id, "is_topic_message": True}
        if sent.buttons:
            message["reply_markup"] = {"inline_keyboard": sent.buttons}
        return message

    def _membership(self, user: User, chat: Chat, before: str, after: str) -> None:
        change = {"chat": chat.json(), "from": user.json(), "date": int(time.time())}
        for key, status in (("old_chat_member", before), ("new_chat_member", after)):
            change[key] = {"status": status, "user": BOT} | ({"until_date": 0} if status == "kicked" else {})
        self._push("my_chat_member", change)

    def _push(self, kind: str, content: Json) -> Json:
        update = {"update_id": next(self._update_ids), kind: content}
        if self.allowed is None or kind in self.allowed:
            self._updates.append(update)
        self._notify()
        return update

    def _notify(self) -> None:
        """Wake up everybody who waits for something to happen."""
        before, self._changed = self._changed, asyncio.Event()
        before.set()


def _short_enough(parsed: telegram_html.Parsed, most: int) -> telegram_html.Parsed:
    if most and len(parsed.text.encode("utf-16-le")) // 2 > most:
        raise telegram_html.HtmlError("message caption is too long")
    return parsed
