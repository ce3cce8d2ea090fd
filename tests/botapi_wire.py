"""How the stand-in reads a request and words a refusal."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests import telegram_html

Json = dict[str, Any]

MIGRATED = "Bad Request: group chat was upgraded to a supergroup chat"
WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class RefusedError(Exception):
    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


def button_complaint(button: Json) -> str | None:
    actions = [key for key in button if key != "text"]
    if len(actions) != 1:
        return "Text buttons are unallowed in the inline keyboard"
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        return "BUTTON_DATA_INVALID"
    if "url" in button and not telegram_html.checked_link(button["url"]):
        return f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
    return None


async def parameters_of(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return dict(await request.json())
    posted = await request.post()
    files = {key: value.file.read() for key, value in posted.items() if isinstance(value, web.FileField)}
    given = {**request.query, **{key: str(value) for key, value in posted.items() if key not in files}}
    return {key: _value(value) for key, value in given.items()} | _as_text(given) | _uploaded(given, files)


def _uploaded(given: dict[str, str], files: dict[str, bytes]) -> Json:
    """A file stands under its own name, or is named by a parameter as `attach://NAME`."""
    named = {key: value.removeprefix("attach://") for key, value in given.items() if value.startswith("attach://")}
    return files | {key: files[name] for key, name in named.items() if name in files}


def _value(value: str) -> Any:
    try:
        return json.loads(value) if value[:1] in {"[", "{"} or value in {"true", "false"} else value
    except ValueError:
        return value


def _as_text(given: dict[str, str]) -> dict[str, str]:
    """What is text stays text, however much it looks like JSON."""
    return {key: value for key, value in given.items() if key in {"text", "caption", "callback_query_id"}}


def refusal(refused: RefusedError) -> web.Response:
    body: Json = {"ok": False, "error_code": refused.status, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.status)
