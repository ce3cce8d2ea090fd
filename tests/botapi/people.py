"""Who and what the stand-in knows: people, chats, and the messages of the bot as they stand in them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tests.botapi.wire import Json

TOKEN = "123456:FAKE-TOKEN-FOR-TESTS"
BOT_ID = 123456
BOT_NAME = "guetteur_test_bot"
BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Guetteur", "username": BOT_NAME}
ANONYMOUS_ADMIN = 1087968824
RIGHTS = ["can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
          "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
          "can_post_stories", "can_edit_stories", "can_delete_stories"]  # fmt: skip
PERMISSIONS = ["can_change_info", "can_invite_users", "can_pin_messages", "can_send_messages", "can_send_audios",
               "can_send_documents", "can_send_photos", "can_send_videos", "can_send_video_notes",
               "can_send_voice_notes", "can_send_polls", "can_send_other_messages", "can_add_web_page_previews",
               "can_manage_topics", "can_edit_tag", "can_react_to_messages"]  # fmt: skip


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
    closed: set[int] = field(default_factory=set)
    """Topics that are closed, 0 for General."""
    admins: set[int] = field(default_factory=set)
    bot: str = "member"
    """The bot's own status here."""
    bot_writes: bool = True
    """Whether it may."""
    writable: bool = True
    """Whether ordinary members may write."""
    refusal: tuple[int, str, Json] | None = None
    """(status, description, parameters) for everything that is sent here."""
    held_until: float = 0.0
    was_told: bool = False
    """The bot has been told to wait until then."""
    arrivals: deque[float] = field(default_factory=lambda: deque(maxlen=64))

    @property
    def forum(self) -> bool:
        return bool(self.topics or self.closed)

    def json(self) -> Json:
        named = {"first_name": self.title} if self.type == "private" else {"title": self.title}
        return {"id": self.id, "type": self.type, **named} | ({"is_forum": True} if self.forum else {})


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
    deleted: bool = False
    """By somebody in the chat."""
    asks: bool = False
    """The reader's app opens an answer to it."""
    photo: bytes | None = None
    document: bytes | None = None
    file_name: str = ""

    def button(self, label: str) -> str:
        """The callback data behind a label."""
        return next(str(each["callback_data"]) for row in self.buttons for each in row if label in each["text"])


def member(user: Json, status: str, *, writes: bool = True) -> Json:
    """A ChatMember. `writes`: may post (a channel's administrator) or speak (whoever is restricted)."""
    shown: Json = {"status": status, "user": user}
    if status == "administrator":
        shown |= dict.fromkeys(RIGHTS, False) | {"can_post_messages": writes, "can_edit_messages": writes}
    elif status == "restricted":
        shown |= dict.fromkeys(PERMISSIONS, writes) | {"is_member": True, "until_date": 0}
    elif status == "kicked":
        shown["until_date"] = 0
    elif status == "creator":
        shown["is_anonymous"] = False
    return shown
