"""Words for tests: what people send beside plain words (files, links, answers to others), and how files are fetched."""

from __future__ import annotations

import time

from aiohttp import web

from tests.botapi.happenings import Happenings
from tests.botapi.people import User
from tests.botapi.wire import Json, RefusedError

MOST_DOWNLOADED = 20_000_000


class Handed(Happenings):
    """What people hand over in private."""

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, bytes] = {}
        self.fetched: list[str] = []
        """Files that the bot downloaded."""

    def sends_file(
        self, user: User, name: str, data: bytes, *, caption: str = "", told_size: int | None = None
    ) -> Json:
        """A document in private. `told_size`: where its size is told to be another."""
        file_id = f"file-{len(self._files)}"
        self._files[file_id] = data
        document = {
            "file_id": file_id, "file_unique_id": file_id, "file_name": name, "file_size": told_size or len(data),
        }  # fmt: skip
        message = self._message(self._private(user), "", 0) | {"from": user.json(), "document": document}
        return self._push("message", message | ({"caption": caption} if caption else {}))

    def hands_over(
        self, user: User, words: str, link: tuple[str, str] | None = None, *, caption: bool = False,
        forwarded: bool = False,
    ) -> Json:  # fmt: skip
        """Words of which some are a link: `link` is the linked words, and where they lead to (empty: an address)."""
        message = self._message(self._private(user), "", 0) | {"from": user.json()}
        entities = []
        if link is not None:
            kind = {"type": "text_link", "url": link[1]} if link[1] else {"type": "url"}
            at = len(words[: words.index(link[0])].encode("utf-16-le")) // 2
            entities = [kind | {"offset": at, "length": len(link[0].encode("utf-16-le")) // 2}]
        prefix = ("caption", "caption_entities") if caption else ("text", "entities")
        message |= dict(zip(prefix, (words, entities), strict=True))
        if caption:
            message["photo"] = [{"file_id": "p", "file_unique_id": "p", "width": 8, "height": 8}]
        if forwarded:
            message["forward_origin"] = {"type": "hidden_user", "date": int(time.time()), "sender_user_name": "X"}
        return self._push("message", message)

    def replies(self, user: User, words: str, to: Json) -> Json:
        """An answer in private to what somebody wrote: the update that brought that."""
        message = self._message(self._private(user), words, 0)
        return self._push("message", message | {"from": user.json(), "reply_to_message": to["message"]})

    def file_told(self, file_id: str) -> Json:
        """What getFile answers."""
        if len(self._files[file_id]) > MOST_DOWNLOADED:
            raise RefusedError(400, "Bad Request: file is too big")
        return {"file_id": file_id, "file_unique_id": file_id, "file_path": f"documents/{file_id}"}

    async def hand_out(self, request: web.Request) -> web.StreamResponse:
        """`/file/botTOKEN/PATH`"""
        file_id = request.match_info["path"].rpartition("/")[2]
        self.fetched.append(file_id)
        return web.Response(body=self._files[file_id])
