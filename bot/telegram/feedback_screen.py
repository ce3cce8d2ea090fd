"""What is asked and answered about "right person" and "other person", and the list of what was learnt. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.alerts.hit import Hit
from bot.bidi import within
from bot.model import LessonKind
from bot.storage.verdicts import Verdict
from bot.telegram.markup import clean, cut
from bot.telegram.render import Button, Rendered, shown_time
from bot.telegram.screens import LABEL, shown
from bot.texts import text

LESSONS_A_PAGE = 6
VALUE = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """What a verdict "other person" may teach."""

    given: str | None
    words: tuple[str, ...]


def which_name(hits: Sequence[Hit], verb: str, delivery_id: int, language: str) -> Rendered:
    """Several names stand in the alert: which one is meant?"""
    rows = tuple(
        (Button(cut(clean(hit.name.shown), LABEL), data=f"{verb}:{delivery_id}:{number}"),)
        for number, hit in enumerate(hits)
    )
    return Rendered(text(language, "feedback.which"), rows)


def what_to_learn(hit: Hit, number: int, delivery_id: int, offer: Offer, language: str) -> Rendered:
    """The choices after "other person"."""
    spelling, name = shown(hit.match.text, VALUE), shown(hit.name.shown)
    choices = [(text(language, "feedback.button.article"), "a")]
    if offer.given:
        choices.append((text(language, "feedback.button.given", given=cut(clean(offer.given), 30)), "g"))
    choices += [
        (text(language, "feedback.button.word", word=cut(clean(word), 30)), choice_of(word)) for word in offer.words
    ]
    choices.append((text(language, "feedback.button.ask"), "ask"))
    rows = tuple((Button(label, data=f"teach:{delivery_id}:{number}:{choice}"),) for label, choice in choices)
    return Rendered(text(language, "feedback.learn", spelling=spelling, name=name), rows)


def choice_of(word: str) -> str:
    """What the button of a word sends: never another word, should the article be read anew."""
    return f"w{hashlib.blake2b(word.encode(), digest_size=4).hexdigest()}"


def learnt(verdict: Verdict, hit: Hit, language: str, *, may_promote: bool) -> Rendered:
    """What was learnt, with a way back and, for an admin, one to everybody."""
    lines = [_learnt(verdict, shown(hit.name.shown), language), text(language, "feedback.here-only")]
    buttons = [Button(text(language, "feedback.button.undo"), data=f"unlearn:{verdict.lesson.id}")]
    if may_promote and not verdict.promoted and verdict.lesson.kind is not LessonKind.ARTICLE:
        buttons.append(Button(text(language, "feedback.button.promote"), data=f"promote:{verdict.lesson.id}"))
    return Rendered("\n".join(lines), (tuple(buttons),))


def lessons_page(
    verdicts: Sequence[Verdict],
    names: Sequence[str],
    total: int,
    page: int,
    *,
    language: str,
    timezone: ZoneInfo,
    now: datetime,
) -> Rendered:
    """What was learnt here, the newest first; a button takes each back.

    Args:
        names: how each verdict's name is called.
    """
    back = (Button(text(language, "settings.button.back"), data="settings:"),)
    if not verdicts:
        return Rendered(text(language, "feedback.none"), (back,))
    lines = [f"<b>{text(language, 'feedback.title')}</b>"]
    rows = []
    for number, (verdict, name) in enumerate(zip(verdicts, names, strict=True), page * LESSONS_A_PAGE + 1):
        when = shown_time(verdict.given_at, language, timezone, now)
        lines.append(f"{number}. {_learnt(verdict, shown(name, VALUE), language)} · {within(language, when)}")
        rows.append(Button(f"✗ {number}", data=f"unlearn:{verdict.lesson.id}"))
    pages = -(-total // LESSONS_A_PAGE)
    turns = [(page > 0, "lists.older", page - 1), (page < pages - 1, "lists.newer", page + 1)]
    nav = tuple(Button(text(language, key), data=f"lessons:{to}") for there, key, to in turns if there)
    return Rendered(
        "\n".join([*lines, "", text(language, "feedback.hint")]), (tuple(rows), *((nav,) if nav else ()), back)
    )


def _learnt(verdict: Verdict, name: str, language: str) -> str:
    values = {"name": name, "value": shown(verdict.lesson.value, VALUE), "title": shown(verdict.title, VALUE)}
    return text(language, f"feedback.learnt.{verdict.lesson.kind.value}", **values)
