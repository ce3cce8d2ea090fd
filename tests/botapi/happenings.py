"""Words for tests: what people do, as the updates that the bot gets of it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable

from tests.botapi.people import ANONYMOUS_ADMIN, BOT, BOT_NAME, Chat, Sent, User, member
from tests.botapi.wire import Json

MIGRATED = "Bad Request: group chat was upgraded to a supergroup chat"


class Happenings:
    """What people do. Needs `_push` of whoever keeps the updates."""

    def __init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.pressed_at: dict[str, float] = {}
        """Presses that the bot has not answered, by id."""
        self.open_presses: set[str] = set()
        """Those of them that are not too old to be answered."""
        self._numbers = itertools.count(1)

    def _push(self, kind: str, content: Json) -> Json:
        raise NotImplementedError

    def _now(self) -> float:
        raise NotImplementedError

    def chat(
        self,
        chat_id: int,
        kind: str,
        *,
        title: str = "Rédaction",
        topics: Iterable[int] = (),
        admins: Iterable[int] = (),
    ) -> Chat:
        """A group, supergroup, channel … that the bot is in (a channel as one that may post)."""
        made = Chat(chat_id, kind, title, set(topics), admins=set(admins))
        made.bot = "administrator" if kind == "channel" else "member"
        self.chats[chat_id] = made
        return made

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
        """A message by somebody, in private where no chat is named. Privacy mode is on: not all of a group's arrive."""
        where = chat or self._private(user)
        message = self._message(where, text, topic) | {"from": user.json()}
        if anonymous:
            message |= {
                "from": {"id": ANONYMOUS_ADMIN, "is_bot": True, "first_name": "Group"},
                "sender_chat": where.json(),
            }
        if reply_to is not None:
            message["reply_to_message"] = self.shown(reply_to)
        elif where.type in {"group", "supergroup"} and where.bot != "administrator" and not text.startswith("/"):
            return message
        if "@" in text.split(maxsplit=1)[0] and text.startswith("/") and BOT_NAME not in text:
            return message
        return self._push("message", message)

    def posts(self, channel: Chat, text: str) -> Json:
        """A post in a channel."""
        return self._push("channel_post", self._message(channel, text, 0) | {"sender_chat": channel.json()})

    def presses(self, user: User, message: Sent, data: str) -> str:
        """A button pressed; the id of the press."""
        press = f"press-{next(self._numbers)}"
        self.open_presses.add(press)
        self.pressed_at[press] = self._now()
        query = {
            "id": press, "from": user.json(), "chat_instance": "1", "data": data, "message": self.shown(message),
        }  # fmt: skip
        self._push("callback_query", query)
        return press

    def expire_presses(self) -> None:
        """Every press is too old to be answered."""
        self.open_presses.clear()

    # --- Coming and going ---------------------------------------------------------------------------------------------

    def blocks(self, user: User) -> None:
        """Somebody blocks the bot."""
        chat = self._private(user)
        chat.refusal = (403, "Forbidden: bot was blocked by the user", {})
        self._membership(user, chat, member(BOT, "member"), member(BOT, "kicked"))

    def unblocks(self, user: User) -> None:
        chat = self._private(user)
        chat.refusal = None
        self._membership(user, chat, member(BOT, "kicked"), member(BOT, "member"))

    def adds(self, user: User, chat: Chat, *, status: str = "member", writes: bool = True) -> None:
        """Somebody adds the bot to a group or channel."""
        chat.refusal = None
        chat.bot, chat.bot_writes = status, writes
        self._membership(user, chat, member(BOT, "left"), member(BOT, status, writes=writes))

    def removes(self, user: User, chat: Chat) -> None:
        chat.refusal = (403, f"Forbidden: bot was kicked from the {chat.type} chat", {})
        before = member(BOT, chat.bot, writes=chat.bot_writes)
        chat.bot = "kicked"
        self._membership(user, chat, before, member(BOT, "kicked"))

    def appoints(self, user: User, chat: Chat, status: str, *, writes: bool = True) -> None:
        """Somebody makes the bot an administrator, a member or restricted, with or without the right to write."""
        before = member(BOT, chat.bot, writes=chat.bot_writes)
        chat.bot, chat.bot_writes = status, writes
        self._membership(user, chat, before, member(BOT, status, writes=writes))

    def migrates(self, chat: Chat, new_id: int, *, tell: bool = True) -> Chat:
        """The group becomes a supergroup; `tell` by the two service messages, else only by errors."""
        new = self.chat(new_id, "supergroup", title=chat.title, admins=chat.admins)
        chat.refusal = (400, MIGRATED, {"migrate_to_chat_id": new_id})
        if tell:
            self._push("message", self._message(chat, "", 0) | {"migrate_to_chat_id": new_id})
            self._push("message", self._message(new, "", 0) | {"migrate_from_chat_id": chat.id})
        return new

    def closes(self, user: User, chat: Chat, topic: int) -> None:
        """A topic is closed; 0 for General."""
        chat.closed.add(topic)
        self._push("message", self._message(chat, "", topic) | {"from": user.json(), "forum_topic_closed": {}})

    def reopens(self, user: User, chat: Chat, topic: int) -> None:
        chat.closed.discard(topic)
        self._push("message", self._message(chat, "", topic) | {"from": user.json(), "forum_topic_reopened": {}})

    def deletes_topic(self, chat: Chat, topic: int) -> None:
        """No service message tells of it."""
        chat.topics.discard(topic)
        chat.closed.add(-1)  # still a forum

    # --- As JSON --------------------------------------------------------------------------------------------------------

    def shown(self, sent: Sent) -> Json:
        message: Json = {
            "message_id": sent.message_id, "date": int(time.time()), "chat": self.chats[sent.chat_id].json(),
            "from": BOT,
        }  # fmt: skip
        if sent.photo is not None:
            size = {"file_id": f"photo-{sent.message_id}", "file_unique_id": "1", "width": 90, "height": 60}
            message |= {"photo": [size], "caption": sent.text}
        elif sent.document is not None:
            file = {"file_id": f"file-{sent.message_id}", "file_unique_id": "1", "file_name": sent.file_name}
            message |= {"document": file, "caption": sent.text}
        else:
            message["text"] = sent.text
        if sent.topic_id:
            message |= {"message_thread_id": sent.topic_id, "is_topic_message": True}
        if sent.buttons:
            message["reply_markup"] = {"inline_keyboard": sent.buttons}
        return message

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

    def _membership(self, user: User, chat: Chat, before: Json, after: Json) -> None:
        change = {"chat": chat.json(), "from": user.json(), "date": int(time.time())}
        self._push("my_chat_member", change | {"old_chat_member": before, "new_chat_member": after})
