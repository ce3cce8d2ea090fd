"""The methods of the Bot API, one coroutine each, named as Telegram names them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from tests.botapi.handed import Handed
from tests.botapi.people import BOT, Chat, Sent, member
from tests.botapi.rates import FloodControl, FloodError
from tests.botapi.rules import (
    MAX_FILE,
    MAX_PHOTO,
    RuleError,
    buttons,
    caption,
    check_right_to_write,
    parsed,
    topic_of,
    uploaded,
)
from tests.botapi.wire import Json, RefusedError, bad_request
from tests.telegram_html import Parsed

WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class Methods(Handed):
    """What the bot may call. Does not know how a call comes here."""

    def __init__(self, monotonic: Callable[[], float], flood: FloodControl) -> None:
        super().__init__()
        self._monotonic = monotonic
        self.flood_control = flood
        self.sent: list[Sent] = []
        self.violations: list[str] = []
        """What a strict reader would hold against the bot: refused markup, sending while told to wait …"""
        self.answered: dict[str, Json] = {}
        """Presses, by id, with what the bot answered."""
        self.slowest_answer = 0.0
        """Seconds between a press and its answer, at most."""
        self.allowed: set[str] | None = None
        self.commands: dict[tuple[str, str], list[Json]] = {}
        """(scope as JSON, language) → the commands that were set."""
        self.descriptions: dict[tuple[str, str], str] = {}
        """(`description` or `short_description`, language) → the text."""
        self.webhook = ""
        """The address that updates go to instead, as an earlier program may have left it."""
        self.webhook_settings: Json = {}
        self.polling = False
        """Whether somebody waits for updates."""
        self._updates: list[Json] = []
        self._changed = asyncio.Event()
        self._polls = 0

    def _now(self) -> float:
        return self._monotonic()

    # --- Updates --------------------------------------------------------------------------------------------------------

    async def do_getMe(self, _: Json) -> Json:  # noqa: N802  Telegram's name, as below
        return BOT | {
            "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
        }  # fmt: skip

    async def do_deleteWebhook(self, given: Json) -> bool:  # noqa: N802
        self.webhook, self.webhook_settings = "", {}
        if given.get("drop_pending_updates"):
            self._updates.clear()
        return True

    async def do_setWebhook(self, given: Json) -> bool:  # noqa: N802
        url = str(given["url"])
        if not url.startswith(("https://", "http://127.0.0.1")):  # a server of one's own takes http as well
            raise bad_request("bad webhook: HTTPS URL must be provided for webhook")
        secret = str(given.get("secret_token", ""))
        if secret and not (len(secret) <= 256 and all(char.isalnum() or char in "_-" for char in secret)):
            raise bad_request("secret token contains unallowed characters")
        self.webhook, self.webhook_settings = url, given
        self.allowed = set(given["allowed_updates"]) if "allowed_updates" in given else self.allowed
        self._notify()
        return True

    async def do_getWebhookInfo(self, _: Json) -> Json:  # noqa: N802
        shown = {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": len(self._updates)}
        given = self.webhook_settings
        return shown | {key: given[key] for key in ("allowed_updates", "max_connections") if key in given}

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
        return self._updates[: min(int(given.get("limit", 100)), 100)]

    # --- Messages -------------------------------------------------------------------------------------------------------

    async def do_sendMessage(self, given: Json) -> Json:  # noqa: N802
        chat, topic = self._way_in(given)
        shown = self._checked(lambda: parsed(str(given.get("text", "")), given.get("parse_mode")))
        return self.shown(self._keep(chat, topic, given, str(given["text"]), shown))

    async def do_sendPhoto(self, given: Json) -> Json:  # noqa: N802
        chat, topic = self._way_in(given)
        _, content = self._checked(lambda: uploaded(given, "photo", MAX_PHOTO))
        if not content.startswith((b"\x89PNG", b"\xff\xd8")):
            self._violate("a photo that is no picture")
            raise bad_request("IMAGE_PROCESS_FAILED")
        shown = self._checked(lambda: caption(given))
        sent = self._keep(chat, topic, given, str(given.get("caption", "")), shown)
        sent.photo = content
        return self.shown(sent)

    async def do_sendDocument(self, given: Json) -> Json:  # noqa: N802
        chat, topic = self._way_in(given)
        name, content = self._checked(lambda: uploaded(given, "document", MAX_FILE))
        shown = self._checked(lambda: caption(given))
        sent = self._keep(chat, topic, given, str(given.get("caption", "")), shown)
        sent.document, sent.file_name = content, name
        return self.shown(sent)

    async def do_editMessageText(self, given: Json) -> Json:  # noqa: N802
        chat = self._reachable(given)
        self._count(chat)
        shown = self._checked(lambda: parsed(str(given.get("text", "")), given.get("parse_mode")))
        rows = self._checked(lambda: buttons(given))
        sent = self._message_to_edit(chat, given)
        if sent.photo is not None or sent.document is not None:
            raise bad_request("there is no text in the message to edit")
        if (sent.text, sent.buttons, sent.html) == (shown.text, rows, given["text"]):
            raise bad_request(NOT_MODIFIED)
        sent.html, sent.text, sent.buttons, sent.edits = given["text"], shown.text, rows, sent.edits + 1
        return self.shown(sent)

    async def do_editMessageReplyMarkup(self, given: Json) -> Json:  # noqa: N802
        chat = self._reachable(given)
        self._count(chat)
        rows = self._checked(lambda: buttons(given))
        sent = self._message_to_edit(chat, given)
        if sent.buttons == rows:
            raise bad_request(NOT_MODIFIED)
        sent.buttons, sent.edits = rows, sent.edits + 1
        return self.shown(sent)

    async def do_deleteMessage(self, given: Json) -> bool:  # noqa: N802
        self._message_to_edit(self._reachable(given), given).deleted = True
        return True

    async def do_answerCallbackQuery(self, given: Json) -> bool:  # noqa: N802
        press = given["callback_query_id"]
        if press not in self.open_presses:
            raise bad_request(TOO_OLD)
        if len(given.get("text", "")) > 200:
            self._violate("answer too long")
            raise bad_request("MESSAGE_TOO_LONG")
        self.open_presses.discard(press)
        self.slowest_answer = max(self.slowest_answer, self._monotonic() - self.pressed_at.pop(press))
        self.answered[press] = given
        return True

    async def do_getFile(self, given: Json) -> Json:  # noqa: N802
        return self.file_told(str(given["file_id"]))

    # --- Chats ----------------------------------------------------------------------------------------------------------

    async def do_getChatMember(self, given: Json) -> Json:  # noqa: N802
        chat, user_id = self._reachable(given), int(given["user_id"])
        if user_id == BOT["id"]:
            return member(BOT, chat.bot, writes=chat.bot_writes)
        user = {"id": user_id, "is_bot": False, "first_name": "?"}
        return member(user, "administrator" if user_id in chat.admins else "member")

    async def do_getChatAdministrators(self, given: Json) -> list[Json]:  # noqa: N802
        chat = self._reachable(given)
        people = [{"id": each, "is_bot": False, "first_name": "?"} for each in sorted(chat.admins)]
        return [member(each, "administrator") for each in people]

    async def do_getChat(self, given: Json) -> Json:  # noqa: N802
        chat = self._reachable(given)
        may = dict.fromkeys(["can_send_messages", "can_send_other_messages"], chat.writable)
        return chat.json() | {"accent_color_id": 0, "max_reaction_count": 11, "permissions": may}

    async def do_leaveChat(self, given: Json) -> bool:  # noqa: N802
        chat = self._reachable(given)
        chat.bot, chat.refusal = "left", (403, f"Forbidden: bot is not a member of the {chat.type} chat", {})
        return True

    # --- The bot itself -------------------------------------------------------------------------------------------------

    async def do_setMyCommands(self, given: Json) -> bool:  # noqa: N802
        for each in given["commands"]:
            name, described = str(each["command"]), str(each["description"])
            plain = name.replace("_", "a")
            fits = plain.isascii() and plain.isalnum() and plain == plain.lower() and len(name) <= 32
            if not fits or not 1 <= len(described) <= 256:
                self._violate(f"command {each}")
                raise bad_request("BOT_COMMAND_INVALID")
        if len(given["commands"]) > 100:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        scope = given.get("scope", {"type": "default"})
        if "chat_id" in scope and int(scope["chat_id"]) not in self.chats:
            raise bad_request("chat not found")
        self.commands[_scope(given)] = given["commands"]
        return True

    async def do_getMyCommands(self, given: Json) -> list[Json]:  # noqa: N802
        return self.commands.get(_scope(given), [])

    async def do_deleteMyCommands(self, given: Json) -> bool:  # noqa: N802
        self.commands.pop(_scope(given), None)
        return True

    async def do_setMyDescription(self, given: Json) -> bool:  # noqa: N802
        return self._describe("description", given, most=512)

    async def do_setMyShortDescription(self, given: Json) -> bool:  # noqa: N802
        return self._describe("short_description", given, most=120)

    async def do_getMyDescription(self, given: Json) -> Json:  # noqa: N802
        return {"description": self.descriptions.get(("description", given.get("language_code", "")), "")}

    async def do_getMyShortDescription(self, given: Json) -> Json:  # noqa: N802
        key = ("short_description", given.get("language_code", ""))
        return {"short_description": self.descriptions.get(key, "")}

    # --- Its rules ------------------------------------------------------------------------------------------------------

    def _describe(self, kind: str, given: Json, *, most: int) -> bool:
        text = str(given.get(kind, ""))
        if len(text) > most:
            self._violate(f"{kind} too long")
            raise bad_request(f"{kind.upper()}_TOO_LONG")
        self.descriptions[kind, str(given.get("language_code", ""))] = text
        return True

    def _reachable(self, given: Json) -> Chat:
        chat = self.chats.get(int(given["chat_id"]))
        if chat is None:
            raise bad_request("chat not found")
        if chat.refusal:
            status, description, parameters = chat.refusal
            raise RefusedError(status, description, **parameters)
        return chat

    def _way_in(self, given: Json) -> tuple[Chat, int]:
        """The chat and topic that something is sent to, counted against the limits."""
        chat = self._reachable(given)
        self._count(chat)
        check_right_to_write(chat)
        return chat, topic_of(chat, given)

    def _count(self, chat: Chat) -> None:
        try:
            self.flood_control.count(chat, self._monotonic())
        except FloodError as flood:
            if flood.complaint:
                self._violate(flood.complaint)
            raise

    def _keep(self, chat: Chat, topic: int, given: Json, html: str, shown: Parsed) -> Sent:
        sent = Sent(
            chat.id, next(self._numbers), html, shown.text, self._checked(lambda: buttons(given)), topic,
            bool(given.get("disable_notification")), self._monotonic(), reply_to=self._replied(chat, given), asks=bool(given.get("reply_markup", {}).get("force_reply")),
        )  # fmt: skip
        self.sent.append(sent)
        return sent

    def _replied(self, chat: Chat, given: Json) -> int:
        wanted = given.get("reply_parameters", {})
        if not wanted:
            return 0
        there = {sent.message_id for sent in self.sent if sent.chat_id == chat.id and not sent.deleted}
        if int(wanted["message_id"]) in there or not wanted.get("allow_sending_without_reply"):
            if int(wanted["message_id"]) not in there:
                raise bad_request("message to be replied not found")
            return int(wanted["message_id"])
        return 0

    def _message_to_edit(self, chat: Chat, given: Json) -> Sent:
        for sent in self.sent:
            if (sent.chat_id, sent.message_id) == (chat.id, int(given["message_id"])) and not sent.deleted:
                return sent
        raise bad_request("message to edit not found")

    def _checked(self, rule: Callable[[], Any]) -> Any:
        """What the rule gives; a bot of ours must never meet its refusal."""
        try:
            return rule()
        except RuleError as error:
            self._violate(str(error))
            raise bad_request(str(error)) from None

    def _violate(self, what: str) -> None:
        self.violations.append(what)

    def _notify(self) -> None:
        """Wake up everybody who waits for something to happen."""
        before, self._changed = self._changed, asyncio.Event()
        before.set()


def _scope(given: Json) -> tuple[str, str]:
    scope = given.get("scope") or {"type": "default"}
    shown = str(scope["type"]) + (f":{scope['chat_id']}" if "chat_id" in scope else "")
    return shown, str(given.get("language_code", ""))
