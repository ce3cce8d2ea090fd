"""Which parameters Telegram's methods know, of which types: what the bot sends beside them is a mistake of ours.

A short table of the methods that the bot may call; a test compares it with the machine-readable reference of the Bot
API where that is at hand (GUETTEUR_BOT_API names the file).
"""

from __future__ import annotations

from tests.botapi.wire import Json

INTEGER, TEXT, FLAG, LIST, OBJECT, CHAT, FILE = "integer", "text", "flag", "list", "object", "chat", "file"

_SENDING = {
    "chat_id": CHAT, "message_thread_id": INTEGER, "parse_mode": TEXT, "disable_notification": FLAG,
    "protect_content": FLAG, "reply_parameters": OBJECT, "reply_markup": OBJECT,
}  # fmt: skip
_CAPTION = {"caption": TEXT, "caption_entities": LIST}
_LANGUAGE = {"language_code": TEXT}
_SCOPE = {"scope": OBJECT, **_LANGUAGE}

PARAMETERS: dict[str, dict[str, str]] = {
    "getMe": {},
    "getUpdates": {"offset": INTEGER, "limit": INTEGER, "timeout": INTEGER, "allowed_updates": LIST},
    "setWebhook": {
        "url": TEXT, "secret_token": TEXT, "allowed_updates": LIST, "max_connections": INTEGER,
        "drop_pending_updates": FLAG, "certificate": FILE, "ip_address": TEXT,
    },
    "deleteWebhook": {"drop_pending_updates": FLAG},
    "getWebhookInfo": {},
    "sendMessage": {**_SENDING, "text": TEXT, "entities": LIST, "link_preview_options": OBJECT},
    "sendPhoto": {**_SENDING, **_CAPTION, "photo": FILE, "show_caption_above_media": FLAG, "has_spoiler": FLAG},
    "sendDocument": {
        **_SENDING, **_CAPTION, "document": FILE, "thumbnail": FILE, "disable_content_type_detection": FLAG,
    },
    "editMessageText": {
        "chat_id": CHAT, "message_id": INTEGER, "inline_message_id": TEXT, "text": TEXT, "parse_mode": TEXT,
        "entities": LIST, "link_preview_options": OBJECT, "reply_markup": OBJECT,
    },
    "editMessageReplyMarkup": {
        "chat_id": CHAT, "message_id": INTEGER, "inline_message_id": TEXT, "reply_markup": OBJECT,
    },
    "deleteMessage": {"chat_id": CHAT, "message_id": INTEGER},
    "answerCallbackQuery": {
        "callback_query_id": TEXT, "text": TEXT, "show_alert": FLAG, "url": TEXT, "cache_time": INTEGER,
    },
    "getFile": {"file_id": TEXT},
    "getChat": {"chat_id": CHAT},
    "getChatMember": {"chat_id": CHAT, "user_id": INTEGER},
    "getChatAdministrators": {"chat_id": CHAT, "return_bots": FLAG},
    "leaveChat": {"chat_id": CHAT},
    "getMyCommands": _SCOPE,
    "setMyCommands": {"commands": LIST, **_SCOPE},
    "deleteMyCommands": _SCOPE,
    "setMyDescription": {"description": TEXT, **_LANGUAGE},
    "getMyDescription": _LANGUAGE,
    "setMyShortDescription": {"short_description": TEXT, **_LANGUAGE},
    "getMyShortDescription": _LANGUAGE,
}  # fmt: skip

REQUIRED: dict[str, set[str]] = {
    "setWebhook": {"url"},
    "sendMessage": {"chat_id", "text"},
    "sendPhoto": {"chat_id", "photo"},
    "sendDocument": {"chat_id", "document"},
    "deleteMessage": {"chat_id", "message_id"},
    "answerCallbackQuery": {"callback_query_id"},
    "getFile": {"file_id"},
    "getChat": {"chat_id"},
    "getChatMember": {"chat_id", "user_id"},
    "getChatAdministrators": {"chat_id"},
    "leaveChat": {"chat_id"},
    "setMyCommands": {"commands"},
}

KINDS = {
    "Integer": INTEGER, "String": TEXT, "Boolean": FLAG, "InputFile": FILE,
}  # fmt: skip


def kind_of(types: list[str]) -> str:
    """Our word for the types that the machine-readable reference gives a parameter."""
    if types == ["Integer", "String"]:
        return CHAT
    if "InputFile" in types:
        return FILE
    if types[0].startswith("Array of"):
        return LIST
    return KINDS.get(types[0], OBJECT)


NOT_READ = {("editMessageReplyMarkup", "parse_mode")}
"""python-telegram-bot adds its default to every edit; Telegram passes over it."""


def complaints(method: str, given: Json) -> list[str]:
    """What Telegram's documentation does not know of in this call."""
    known = PARAMETERS.get(method)
    if known is None:
        return [f"{method} is not a method that the bot is known to call"]
    missing = [f"{method} lacks {name}" for name in sorted(REQUIRED.get(method, set()) - set(given))]
    unknown = [
        f"{method} does not know {name}" for name in given if name not in known and (method, name) not in NOT_READ
    ]
    wrong = [
        f"{method}: {name} is no {known[name]}: {value!r}"[:200]
        for name, value in given.items()
        if name in known and not _fits(value, known[name])
    ]
    return missing + unknown + wrong


def _fits(value: object, kind: str) -> bool:
    match kind:
        case "integer":
            return isinstance(value, int)
        case "chat":
            return isinstance(value, int) or str(value).startswith("@")
        case "flag":
            return isinstance(value, bool)
        case "list":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case "text":
            return isinstance(value, str)
    return isinstance(value, str | tuple)
