"""What is told of an edit, as notices: the difference, the mistakes, the question. Pure.

A notice's values are plain numbers and names; the sentences are made for each reader (`telegram/notices.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.config import Loaded
from bot.config.changes import Changes
from bot.logs import redacted

NAMED = 5
"""Names, feeds or lists that a notice calls by name."""
MISTAKES = 5
LINE = 400


@dataclass(frozen=True, slots=True)
class Told:
    """`kind` and `values` of a notice."""

    kind: str
    values: Mapping[str, str]


def about_changes(changes: Changes, *, mended: bool, waited: bool) -> Told | None:
    """The difference; None where there is nothing to say.

    Args:
        mended: the files were wrong before.
        waited: the files would have removed most before.
    """
    counted = {
        "names_new": changes.came,
        "names_gone": changes.went,
        "names_altered": changes.altered,
        "lists_new": changes.new_lists,
        "lists_gone": changes.gone_lists,
        "feeds_new": changes.new_feeds,
        "feeds_gone": changes.gone_feeds,
        "feeds_altered": changes.altered_feeds,
        "keys": changes.keys,
        "waiting": changes.keys_at_restart,
    }
    if not changes:
        return Told("reload-mended", {}) if mended or waited else None
    values = {key: str(len(those)) for key, those in counted.items() if those}
    values |= {"keys": ", ".join(changes.keys)} if changes.keys else {}
    values |= {"waiting": ", ".join(changes.keys_at_restart)} if changes.keys_at_restart else {}
    values["named"] = _named(changes)
    return Told("reloaded", values)


def about_mistakes(mistakes: Sequence[str]) -> Told:
    shown = [_cut(redacted(each)) for each in mistakes[:MISTAKES]]
    return Told("reload-wrong", {"mistakes": "\n".join(shown), "more": str(len(mistakes) - len(shown))})


def about_question(before: Loaded, changes: Changes, version: str) -> Told:
    """Somebody is to say whether so much is to go; `version` stands in the buttons."""
    values = {
        "names_gone": str(len(changes.went)),
        "names": str(sum(len(each.names) for each in before.watchlists)),
        "feeds_gone": str(len(changes.gone_feeds)),
        "feeds": str(len(before.feeds)),
        "version": version,
    }
    return Told("reload-asked", values)


def _named(changes: Changes) -> str:
    """`+ Aurélie Vantadour, − Le Phare …`: the first of what came and went."""
    of_gone_lists = {each.scope: each for each in changes.gone_lists}
    came = [name.shown for name in changes.came] + [feed.title or feed.id for feed in changes.new_feeds]
    went = [each.title for each in changes.gone_lists]
    went += [name_id for scope, name_id in changes.went if scope not in of_gone_lists]
    went += [feed.title or feed.id for feed in changes.gone_feeds]
    signed = [*_signed("+", came), *_signed("−", went)]
    return ", ".join(signed[:NAMED]) + (" …" if len(signed) > NAMED else "")


def _signed(sign: str, names: Iterable[str]) -> list[str]:
    return [f"{sign} {_cut(name, 80)}" for name in names]


def _cut(text: str, length: int = LINE) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
