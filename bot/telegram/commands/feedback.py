"""The buttons "right person" and "other person" under an alert: what they teach, its undoing, and its promotion.

What is learnt acts in this chat or topic alone (`alerts/wishes.py`), until an admin of the bot writes it into the
watchlist.
"""

from __future__ import annotations

import asyncio
from functools import partial

from bot.alerts.hit import Hit
from bot.alerts.suggest import given_name_there, tells_apart, words_there
from bot.errors import UsageError
from bot.model import LessonKind, Question
from bot.storage import names, verdicts
from bot.storage.people import log_action
from bot.storage.verdicts import Judged, Verdict
from bot.telegram import feedback_screen
from bot.telegram.desk import Desk, Visit, number_of
from bot.telegram.feedback_screen import LESSONS_A_PAGE, Offer
from bot.telegram.render import Rendered
from bot.telegram.screens import said, shown
from bot.texts import text
from bot.watchlists import writer

LONGEST_WORD = 60


async def press_right(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`DELIVERY[:NUMBER]`: it is the one we look for; this spelling rings here from now on."""
    found = await _meant(desk, visit, argument, "right")
    if isinstance(found, Rendered):
        return found
    case, hit, _ = found
    return await _learn(desk, visit, case, hit, LessonKind.SPELLING, hit.match.text)


async def press_other(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`DELIVERY[:NUMBER]`: it is somebody else; what tells the two apart?"""
    found = await _meant(desk, visit, argument, "other")
    if isinstance(found, Rendered):
        return found
    case, hit, number = found
    return feedback_screen.what_to_learn(hit, number, case.delivery.id, _offer(case, hit), visit.language)


async def press_teach(desk: Desk, visit: Visit, argument: str) -> Rendered:
    """`DELIVERY:NUMBER:CHOICE`"""
    where, _, choice = argument.rpartition(":")
    found = await _meant(desk, visit, where, "other")
    if isinstance(found, Rendered):
        return found
    case, hit, number = found
    offer = _offer(case, hit)
    if choice == "ask":
        question = Question("other-word", f"{case.delivery.id}:{number}")
        asked = text(visit.language, "feedback.ask-word", name=shown(hit.name.shown))
        return Rendered(asked, asks=question)
    if choice == "g" and offer.given:
        return await _learn(desk, visit, case, hit, LessonKind.GIVEN, offer.given)
    if choice == "a":
        return await _learn(desk, visit, case, hit, LessonKind.ARTICLE, "")
    word = next((each for each in offer.words if feedback_screen.choice_of(each) == choice), None)
    if word is None:
        return said(visit.language, "button.expired")
    return await _learn(desk, visit, case, hit, LessonKind.WORD, word)


async def hear_word(desk: Desk, visit: Visit, argument: str, written: str) -> Rendered:
    """The answer to the question for a word of the context."""
    found = await _meant(desk, visit, argument, "other")
    if isinstance(found, Rendered):
        return found
    case, hit, _ = found
    word = " ".join(written.split())[:LONGEST_WORD]
    if not tells_apart(word, case.article.article.language or ""):
        return said(visit.language, "feedback.weak-word", word=shown(word))
    return await _learn(desk, visit, case, hit, LessonKind.WORD, word)


async def lessons(desk: Desk, visit: Visit, page: str) -> Rendered:
    """What was learnt here."""
    async with desk.database.read() as connection:
        total = await verdicts.count_verdicts(connection, visit.target)
        last = max(0, -(-total // LESSONS_A_PAGE) - 1)
        number = min(number_of(page), last)
        here = await verdicts.verdicts_here(
            connection, visit.target, first=number * LESSONS_A_PAGE, limit=LESSONS_A_PAGE
        )
        called = [await names.name_shown(connection, each.lesson.scope, each.lesson.name_id) for each in here]
    return feedback_screen.lessons_page(
        here, called, total, number, language=visit.language, timezone=visit.timezone, now=visit.now
    )


async def press_unlearn(desk: Desk, visit: Visit, verdict_id: str) -> Rendered:
    async with desk.database.transaction() as tx:
        gone = await verdicts.undo_verdict(tx, visit.target, number_of(verdict_id), visit.now)
    return said(visit.language, "feedback.undone" if gone else "feedback.gone")


async def press_promote(desk: Desk, visit: Visit, verdict_id: str) -> Rendered:
    """An admin writes it into the watchlist, for everybody who follows it."""
    if not visit.admin:
        return said(visit.language, "access.admins-only")
    async with desk.database.read() as connection:
        wanted = number_of(verdict_id)
        verdict = await verdicts.verdict_here(connection, visit.target, wanted)
        if verdict is None:
            return said(visit.language, "feedback.gone")
        watched = await names.watched_among(connection, [(verdict.lesson.scope, verdict.lesson.name_id)])
    surname = (watched[0].entity.name if watched else verdict.lesson.name_id).split()[-1]
    if not verdict.lesson.scope.startswith("list:"):
        return said(visit.language, "feedback.own-name")
    try:
        await asyncio.to_thread(_write, desk, verdict, surname)
    except UsageError as error:
        return said(visit.language, "feedback.not-written", error=shown(str(error), 300))
    async with desk.database.transaction() as tx:
        await verdicts.record_promotion(tx, verdict.lesson.id, visit.user_id, visit.now)
        await log_action(tx, visit.user_id, "promote", {"verdict": verdict.lesson.id}, visit.now)
    return said(visit.language, "feedback.promoted")


def _write(desk: Desk, verdict: Verdict, surname: str) -> None:
    """Into the YAML; the daemon takes it up like any other edit.

    Raises:
        UsageError: the file cannot be written.
    """
    lesson = verdict.lesson
    path = desk.watchlist_file(lesson.scope)
    match lesson.kind:
        case LessonKind.SPELLING:
            writer.add_alias(path, lesson.name_id, lesson.value)
        case LessonKind.GIVEN:
            writer.add_exclusion(path, lesson.name_id, f"{lesson.value} {surname}")
        case LessonKind.WORD:
            writer.add_namesake_context(path, lesson.name_id, lesson.value)
        case LessonKind.ARTICLE:
            raise UsageError("one article is no rule")


async def _learn(desk: Desk, visit: Visit, case: Judged, hit: Hit, kind: LessonKind, value: str) -> Rendered:
    target = case.delivery.target
    async with desk.database.transaction() as tx:
        give = partial(verdicts.give_verdict, tx, target, hit, case.article, kind, value)
        verdict_id = await give(given_by=visit.user_id, now=visit.now)
        if kind is not LessonKind.SPELLING:
            await verdicts.refuse_waiting(tx, target, case.article.id, (hit.name.scope, hit.name.id))
        verdict = await verdicts.verdict_here(tx, target, verdict_id)
    if verdict is None:  # undone at the same moment by another press
        return said(visit.language, "feedback.gone")
    of_list = hit.name.scope.startswith("list:")
    return feedback_screen.learnt(verdict, hit, visit.language, may_promote=visit.admin and of_list)


async def _meant(desk: Desk, visit: Visit, argument: str, verb: str) -> tuple[Judged, Hit, int] | Rendered:
    """The alert and the name that are meant, or the screen that asks which name, or says that it is gone."""
    delivery, _, number = argument.partition(":")
    async with desk.database.read() as connection:
        wanted = number_of(delivery)
        case = await verdicts.judged(connection, wanted, visit.target.chat_id)
    if case is None or not case.hits:
        return said(visit.language, "why.gone")
    if not number and len(case.hits) > 1:
        return feedback_screen.which_name(case.hits, verb, case.delivery.id, visit.language)
    at = number_of(number or "0")
    if at >= len(case.hits) or not (number or "0").isdecimal():
        return said(visit.language, "button.expired")
    return case, case.hits[at], at


def _offer(case: Judged, hit: Hit) -> Offer:
    article = case.article.article
    return Offer(given_name_there(hit, article), words_there(hit, article))
