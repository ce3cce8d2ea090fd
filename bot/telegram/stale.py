"""What of a queue of old updates need not be done any more. Pure.

After hours of downtime there may be hundreds: presses that nobody waits for, and commands sent again and again because
nobody answered.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

Json = dict[str, Any]


def repeated(updates: Sequence[Json]) -> set[int]:
    """Commands that the same person sent again later in the same place, word for word, and presses that were pressed
    again under the same message: the last one counts."""
    last: dict[tuple[object, ...], int] = {}
    found = set()
    for update in updates:
        key = _key(update)
        if key is None:
            continue
        if key in last:
            found.add(last[key])
        last[key] = int(update["update_id"])
    return found


def presses(updates: Sequence[Json]) -> list[Json]:
    return [update for update in updates if isinstance(update.get("callback_query"), dict)]


def showing(updates: Sequence[Json], verbs: Collection[str]) -> set[int]:
    """Presses that only show something: who pressed has long gone on."""
    return {
        int(update["update_id"])
        for update in presses(updates)
        if str(update["callback_query"].get("data", "")).partition(":")[0] in verbs
    }


def _key(update: Json) -> tuple[object, ...] | None:
    query, message = update.get("callback_query"), update.get("message") or update.get("channel_post")
    if isinstance(query, dict):
        under = query.get("message") or {}
        return (
            "press",
            query.get("from", {}).get("id"),
            under.get("chat", {}).get("id"),
            under.get("message_id"),
            query.get("data"),
        )
    if isinstance(message, dict) and str(message.get("text", "")).startswith("/"):
        who, where = message.get("from", {}).get("id"), message.get("chat", {}).get("id")
        answered = (message.get("reply_to_message") or {}).get("message_id")
        return "command", who, where, message.get("message_thread_id"), answered, message["text"]
    return None
