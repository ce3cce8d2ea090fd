"""How the stand-in reads a request and words a refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from tests import telegram_html

Json = dict[str, Any]


class RefusedError(Exception):
    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


def bad_request(description: str, **parameters: Any) -> RefusedError:
    return RefusedError(400, f"Bad Request: {description}", **parameters)


def button_complaint(button: Json) -> str | None:
    actions = [key for key in button if key not in {"text", "style", "icon_custom_emoji_id"}]
    if len(actions) != 1 or not button.get("text"):
        return "Text buttons are unallowed in the inline keyboard"
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        return "BUTTON_DATA_INVALID"
    if "url" in button and not telegram_html.checked_link(button["url"]):
        return f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL"
    return None


async def parameters_of(request: web.Request, kinds: Mapping[str, str]) -> Json:
    """What is asked for, each parameter read as its kind; a file is (name, content)."""
    if request.content_type == "application/json":
        return dict(await request.json())
    given: Json = {**request.query}
    attached: dict[str, tuple[str, bytes]] = {}
    for key, value in (await request.post()).items():
        if isinstance(value, FileField):
            attached[key] = (value.filename, value.file.read())
        else:
            given[key] = value if isinstance(value, str) else bytes(value).decode()
    read = {key: _value(value, kinds.get(key, "text")) for key, value in given.items()}
    for key, value in read.items():
        if kinds.get(key) == "file" and str(value).startswith("attach://"):
            read[key] = attached.pop(str(value).removeprefix("attach://"))
    return read | attached


def _value(value: str, kind: str) -> Any:
    try:
        if kind in {"list", "object", "flag"}:
            return json.loads(value)
        if kind == "integer" or (kind == "chat" and not value.startswith("@")):
            return int(value)
    except ValueError:
        pass
    return value


def refusal(refused: RefusedError) -> web.Response:
    body: Json = {"ok": False, "error_code": refused.status, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.status)
