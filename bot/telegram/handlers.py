"""Wires commands and buttons to Telegram: who may, what is answered first, how a screen is shown.

Effects are done before the answer is sent, so an answer that cannot be sent is logged and not repeated. A
TelegramError leaves here only before any effect: the update loop may then have the update processed again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog
from telegram import (
    Bot,
    CallbackQuery,
    Chat,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ForceReply,
    Message,
    Update,
)
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import CallbackQueryHandler, ChatMemberHandler, CommandHandler, ContextTypes, MessageHandler, filters

from bot.alerts.outbox import PAUSING
from bot.errors import ChatMovedError, DeliveryError
from bot.model import Target
from bot.storage.chats import close_topic, reopen_topic, save_chat
from bot.storage.missed import come_back
from bot.storage.people import Role, person
from bot.storage.questions import keep_question, question_of
from bot.telegram import screens, stale
from bot.telegram.bot import BotApplication
from bot.telegram.commands import (
    admin,
    bulk,
    entrance,
    feedback,
    files,
    leaving,
    lists,
    mine,
    mutes,
    names,
    narrow,
    sample,
    search,
    settings,
    trend,
    why,
)
from bot.telegram.desk import Desk, Visit, follow_move, receive
from bot.telegram.handed import links_in, taken
from bot.telegram.menu import Menu
from bot.telegram.messenger import keyboard, translate
from bot.telegram.patience import Patience
from bot.telegram.render import Rendered
from bot.telegram.sender import put_aside
from bot.texts import plural, text

log = structlog.get_logger(__name__)

Action = Callable[[Desk, Visit, str], Awaitable[Rendered]]
Context = ContextTypes.DEFAULT_TYPE


@dataclass(frozen=True, slots=True)
class Command:
    """`changes`: alters what a chat follows, which in groups only their administrators may.

    Its line in Telegram's menu is the text `menu.NAME`.
    """

    action: Action
    changes: bool = False
    shows: bool = False
    """Without an argument it changes nothing: everybody may."""
    admin: bool = False
    """Of the bot; nobody else is shown the command."""
    private: bool = False
    """Of no use in groups."""
    lines: bool = False
    """What follows the command keeps its lines."""
    own: bool = False
    """About one's own data: who is stored may use it in private, even without access."""


COMMANDS: Mapping[str, Command] = {
    "start": Command(entrance.start, private=True),
    "help": Command(entrance.help_page),
    "watchlists": Command(lists.watchlists),
    "subscribe": Command(lists.follow_named, changes=True),
    "unsubscribe": Command(lists.unfollow_named, changes=True),
    "watch": Command(names.watch, changes=True),
    "unwatch": Command(names.unwatch, changes=True),
    "list": Command(lists.list_followed),
    "latest": Command(search.latest),
    "search": Command(search.search),
    "trend": Command(trend.trend),
    "why": Command(why.why_url),
    "settings": Command(settings.settings),
    "mute": Command(mutes.mute, changes=True),
    "unmute": Command(mutes.unmute, changes=True, shows=True),
    "quiet": Command(settings.quiet, changes=True, shows=True),
    "digest": Command(settings.digest, changes=True, shows=True),
    "timezone": Command(settings.timezone, changes=True, shows=True),
    "language": Command(settings.language, changes=True, shows=True),
    "test": Command(sample.sample),
    "stop": Command(leaving.stop, changes=True),
    "privacy": Command(mine.my_data, own=True),
    "export": Command(mine.export, own=True, private=True),
    "forget": Command(mine.forget, changes=True, own=True),
    "status": Command(admin.status, admin=True, private=True),
    "feeds": Command(admin.feeds, admin=True, private=True),
    "addfeed": Command(admin.add_feed, admin=True, private=True),
    "removefeed": Command(admin.remove_a_feed, admin=True, private=True),
    "addname": Command(admin.add_name, admin=True, private=True),
    "invite": Command(admin.invite, admin=True, private=True),
    "broadcast": Command(admin.broadcast, lines=True, admin=True, private=True),
}


@dataclass(frozen=True, slots=True)
class Press:
    """What a button does. `beside`: its screen comes as a new message, an alert being what it is about.
    `keyboard`: the buttons of its screen replace those of the alert; a screen with words comes beside it."""

    action: Action
    changes: bool = False
    beside: bool = False
    own: bool = False
    """As of a command."""
    keyboard: bool = False


PRESSES: Mapping[str, Press] = {
    "lists": Press(lists.watchlists),
    "follow": Press(lists.press_follow, changes=True),
    "unfollow": Press(lists.press_unfollow, changes=True),
    "unwatch": Press(names.press_unwatch, changes=True),
    "only": Press(narrow.press_only, changes=True),
    "organisation": Press(narrow.press_organisation, changes=True),
    "spellings": Press(narrow.press_spellings, beside=True),
    "context": Press(narrow.press_context, changes=True, beside=True),
    "latest": Press(search.press_latest),
    "search": Press(search.press_search),
    "trend": Press(trend.press_trend, beside=True),
    "why": Press(why.press_why, beside=True),
    "mute": Press(mutes.press_alert, changes=True, keyboard=True),
    "hush": Press(mutes.press_hush, changes=True),
    "unmute": Press(mutes.press_unmute, changes=True),
    "mutes": Press(mutes.press_mutes),
    "settings": Press(settings.press_page),
    "adjust": Press(settings.press_page, beside=True),
    "names": Press(settings.press_names, changes=True),
    "set": Press(settings.press_set, changes=True),
    "sample": Press(sample.press_sample, beside=True),
    "stop": Press(leaving.press_stop, changes=True),
    "right": Press(feedback.press_right, changes=True, beside=True),
    "other": Press(feedback.press_other, changes=True, beside=True),
    "teach": Press(feedback.press_teach, changes=True),
    "lessons": Press(feedback.lessons),
    "unlearn": Press(feedback.press_unlearn, changes=True),
    "promote": Press(feedback.press_promote, changes=True),
    "mydata": Press(mine.press_my_data, own=True),
    "forget": Press(mine.press_forget, changes=True, own=True),
    "feeds": Press(admin.feeds),
    "addname": Press(admin.press_add_name, changes=True),
    "invites": Press(admin.press_invitations, changes=True),
    "members": Press(admin.press_members),
    "member": Press(admin.press_member, changes=True),
    "broadcast": Press(admin.press_broadcast, changes=True),
    "bulk": Press(bulk.press_bulk, changes=True),
    "reload": Press(files.press_reload, beside=True),
}
"""The part of callback data before the first colon → what it does; the rest is the argument."""

Answer = Callable[[Desk, Visit, str, str], Awaitable[Rendered]]
ANSWERS: Mapping[str, Answer] = {"context": narrow.hear_context, "other-word": feedback.hear_word}
"""What a question was about → what is done with the answer: the question's argument, and the words."""


def register(application: BotApplication, desk: Desk, menu: Menu | None = None) -> None:
    """Let `application` serve everything that people ask for; `menu` follows who becomes an administrator."""
    desk.served = frozenset(PRESSES)
    spoken = filters.UpdateType.MESSAGE | filters.UpdateType.CHANNEL_POST
    for name, command in COMMANDS.items():
        application.add_handler(CommandHandler(name, partial(_on_command, desk, command, menu), filters=spoken))
    application.add_handler(CallbackQueryHandler(partial(_on_press, desk)))
    application.add_handler(ChatMemberHandler(partial(_on_membership, desk), ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, partial(_on_move, desk)))
    topics = filters.StatusUpdate.FORUM_TOPIC_CLOSED | filters.StatusUpdate.FORUM_TOPIC_REOPENED
    application.add_handler(MessageHandler(topics, partial(_on_topic, desk)))
    answers = filters.UpdateType.MESSAGE & filters.TEXT & filters.REPLY & ~filters.COMMAND
    application.add_handler(MessageHandler(answers, partial(_on_answer, desk)))
    in_private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    application.add_handler(MessageHandler(in_private & filters.COMMAND, partial(_on_unknown, desk)))
    handed = filters.TEXT | filters.CAPTION | filters.Document.ALL
    application.add_handler(MessageHandler(in_private & handed, partial(_on_handed, desk)))
    application.add_error_handler(partial(_on_error, desk))


async def _heard(desk: Desk, update: Update, bot: Bot) -> Visit | None:
    """Who asks for something; None where the chat asks too much at a time.

    Of commands it is told once that they are not done; of every press, which has to be answered anyway.
    """
    chat, query = update.effective_chat, update.callback_query
    now = desk.clock.monotonic()
    patience = desk.asked.ask(chat.id, now) if chat else Patience.SERVE
    if chat is None or patience is Patience.SERVE:
        return await receive(desk, update)
    visit = await receive(desk, update) if query is not None or patience is Patience.SAY_SO else None
    if visit is None:
        return None
    words = plural(visit.language, "patience", desk.asked.ready_in_s(chat.id, now), most=desk.asked.most)
    if query is not None:
        if update.update_id not in desk.late:
            await _answer_press(query, words)
    elif update.channel_post is None:
        await _show(desk, bot, visit, Rendered(words))
    return None


# --- Commands -------------------------------------------------------------------------------------------------------


async def _on_command(desk: Desk, command: Command, menu: Menu | None, update: Update, context: Context) -> None:
    visit = await _heard(desk, update, context.bot)
    message = update.effective_message
    if visit is None or message is None:
        return
    if update.channel_post is not None and not visit.welcome:
        return  # a refusal would be published to every reader of the channel
    screen = await _answer(desk, command, visit, message, context.bot)
    await _welcome_back(desk, context.bot, visit)
    await _show(desk, context.bot, visit, screen, reply_to=None if visit.private else message.message_id)
    if menu is not None and command.action is entrance.start and visit.private and visit.user_id is not None:
        async with desk.database.read() as connection:
            someone = await person(connection, visit.user_id)
        if visit.admin or (someone is not None and someone.role is Role.ADMIN):
            await menu.tell_admin(visit.user_id)


async def _answer(desk: Desk, command: Command, visit: Visit, message: Message, bot: Bot) -> Rendered:
    argument = argument_of(message.text or "", lines=command.lines)
    entered = await entrance.enter(desk, visit, argument) if command.action is entrance.start else None
    if entered is not None:
        return entered
    if not (visit.welcome or _is_theirs(command, visit)):
        return screens.said(visit.language, "access.refused")
    only_shows = command.shows and not argument
    if command.changes and not only_shows and not await _may_change(visit, bot):
        return screens.said(visit.language, "access.group-admins")
    about = message.reply_to_message
    if command.action is why.why_url and not argument and about is not None:
        return await why.why_message(desk, visit, about.message_id, links_in(about))
    return await command.action(desk, visit, argument)


def _is_theirs(asked: Command | Press, visit: Visit) -> bool:
    """Somebody whose access ended may still see and delete what is stored about them."""
    return asked.own and visit.private and visit.known


async def _on_unknown(desk: Desk, update: Update, context: Context) -> None:
    """A command that is none, in private."""
    visit = await _heard(desk, update, context.bot)
    if visit is not None:
        screen = screens.said(visit.language, "command.unknown" if visit.welcome else "access.refused")
        await _show(desk, context.bot, visit, screen)


async def _on_handed(desk: Desk, update: Update, context: Context) -> None:
    """Anything else in private: a link, a file, words."""
    visit = await _heard(desk, update, context.bot)
    if visit is not None:
        await _take(desk, context.bot, visit, update.effective_message)


async def _take(desk: Desk, bot: Bot, visit: Visit, message: Message | None) -> None:
    answer = await taken(desk, visit, message) if visit.welcome and message is not None else None
    await _show(
        desk, bot, visit, answer or screens.said(visit.language, "words.what" if visit.welcome else "access.refused")
    )


async def _on_answer(desk: Desk, update: Update, context: Context) -> None:
    """A message in answer to another one: words that we asked for, or words as any others."""
    visit, message = await _heard(desk, update, context.bot), update.effective_message
    if visit is None or message is None or message.reply_to_message is None:
        return
    asked = message.reply_to_message
    async with desk.database.read() as connection:
        question = await question_of(connection, visit.target.chat_id, asked.message_id)
    hear = ANSWERS.get(question.about) if question else None
    if question and hear and visit.welcome and await _may_change(visit, context.bot):
        screen = await hear(desk, visit, question.argument, message.text or "")
        await _show(desk, context.bot, visit, screen, reply_to=None if visit.private else message.message_id)
    elif visit.private:
        await _take(desk, context.bot, visit, message)


def argument_of(words: str, *, lines: bool = False) -> str:
    """What follows the command, on one line or as it was written."""
    if lines:
        return "".join(words.split(maxsplit=1)[1:]).strip()
    return " ".join(words.split()[1:])


async def _may_change(visit: Visit, bot: Bot) -> bool:
    """In private everybody, elsewhere administrators; who speaks without a name is one.

    Raises:
        TelegramError: it cannot be found out now.
    """
    if visit.private or visit.user_id is None:
        return True
    try:
        member = await bot.get_chat_member(visit.target.chat_id, visit.user_id)
    except (BadRequest, Forbidden):  # somebody whom Telegram does not show us is no administrator that we could know of
        return False
    return member.status in {ChatMember.OWNER, ChatMember.ADMINISTRATOR}


# --- Buttons --------------------------------------------------------------------------------------------------------


async def _on_press(desk: Desk, update: Update, context: Context) -> None:
    query, visit = update.callback_query, await _heard(desk, update, context.bot)
    if query is None or visit is None:
        return
    verb, _, argument = (query.data or "").partition(":")
    press = PRESSES.get(verb)
    message = query.message
    complaint = await _answered_first(desk, update, query, visit, _complaint(press, visit, message, context.bot))
    if press is None or complaint is not None or not isinstance(message, Message):
        return
    screen = await press.action(desk, visit, argument)
    # What asks for an answer is a message of its own, and so is a file.
    if press.beside or screen.asks or screen.document or (press.keyboard and screen.html):
        await _show(desk, context.bot, visit, screen, reply_to=message.message_id)
    else:
        await _edit(message, screen, keyboard_only=press.keyboard)


ANSWER_WITHIN_S = 1.0
"""Telegram gives a press a few seconds, and the reader a spinner: nobody waits longer for the word of who may."""


async def _answered_first(
    desk: Desk, update: Update, query: CallbackQuery, visit: Visit, asking: Coroutine[Any, Any, str | None]
) -> str | None:
    """Answer the press, with the complaint where there is one by then; the complaint.

    Raises:
        TelegramError: it cannot be found out now; the press is answered.
    """
    asked = asyncio.ensure_future(asking)
    await asyncio.wait({asked}, timeout=ANSWER_WITHIN_S)
    known = asked.result() if asked.done() and not asked.exception() else None
    if update.update_id not in desk.late:
        desk.late.add(update.update_id)  # processed again, it is not answered again
        await _answer_press(query, text(visit.language, known) if known else None)
    complaint = await asked
    desk.late.discard(update.update_id)
    return complaint


async def _complaint(press: Press | None, visit: Visit, message: object, bot: Bot) -> str | None:
    """The key of what to say instead of doing what was pressed."""
    if not (visit.welcome or (press is not None and _is_theirs(press, visit))):
        return "access.refused"
    if press is None or not isinstance(message, Message):
        return "button.expired"  # of an older version, or under a message that Telegram no longer shows us
    if press.changes and not await _may_change(visit, bot):
        return "access.group-admins"
    return None


async def _answer_press(query: CallbackQuery, words: str | None) -> None:
    try:
        await query.answer(words, show_alert=words is not None)
    except TelegramError as error:  # mostly a press that came too late; what was pressed is done all the same
        log.info("a press could not be answered", error=str(translate(error)))


# --- Showing --------------------------------------------------------------------------------------------------------


async def _show(desk: Desk, bot: Bot, visit: Visit, screen: Rendered, *, reply_to: int | None = None) -> None:
    where: dict[str, Any] = {
        "message_thread_id": visit.target.topic_id or None,
        "reply_to_message_id": reply_to,
        "reply_markup": keyboard(screen.buttons),
    }
    if screen.asks and not screen.buttons:  # what has buttons is answered by them
        where["reply_markup"] = ForceReply(selective=True)
    try:
        if screen.document is not None:
            name, data = screen.document.name, screen.document.data
            shown = await bot.send_document(visit.target.chat_id, data, caption=screen.html, filename=name, **where)
        elif screen.photo is not None:
            shown = await bot.send_photo(visit.target.chat_id, screen.photo, caption=screen.html, **where)
        else:
            shown = await bot.send_message(visit.target.chat_id, screen.html, **where)
    except TelegramError as error:
        reason = translate(error)
        log.warning("an answer could not be sent", chat=visit.target.chat_id, error=str(reason))
        if isinstance(reason, ChatMovedError):
            await follow_move(desk.database, desk.matching, visit.target.chat_id, reason.new_chat_id)
        if isinstance(reason, DeliveryError) and reason.code in PAUSING:
            async with desk.database.transaction() as tx:
                await put_aside(tx, visit.target.chat_id, reason.code, visit.now)
        return
    if screen.asks:
        async with desk.database.transaction() as tx:
            await keep_question(tx, visit.target, shown.message_id, screen.asks, visit.user_id, visit.now)


async def _edit(message: Message, screen: Rendered, *, keyboard_only: bool = False) -> None:
    try:
        if keyboard_only:
            await message.edit_reply_markup(keyboard(screen.buttons))
        else:
            await message.edit_text(screen.html, reply_markup=keyboard(screen.buttons))
    except BadRequest as error:
        if "message is not modified" not in error.message.lower():
            log.warning("a message could not be changed", chat=message.chat.id, error=error.message)
    except TelegramError as error:
        log.warning("a message could not be changed", chat=message.chat.id, error=str(translate(error)))


async def _on_error(desk: Desk, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Something broke: whoever asked is told so. What broke is logged by the update loop."""
    if isinstance(update, Update) and not isinstance(context.error, TelegramError):
        visit = await receive(desk, update)
        if visit is not None and visit.welcome:
            await _show(desk, context.bot, visit, screens.said(visit.language, "error"))


# --- Coming and going -----------------------------------------------------------------------------------------------


GONE = {ChatMember.LEFT, ChatMember.BANNED}


async def _on_membership(desk: Desk, update: Update, context: Context) -> None:
    """The bot was blocked, unblocked, added, promoted, restricted or removed."""
    change, visit = update.my_chat_member, await receive(desk, update)
    if change is None or visit is None:
        return
    chat_id, why_not = visit.target.chat_id, _why_not(change.new_chat_member, visit.chat.type)
    log.info("membership changed", chat=chat_id, status=change.new_chat_member.status, writes=why_not is None)
    if why_not is not None:
        async with desk.database.transaction() as tx:
            await put_aside(tx, chat_id, why_not, visit.now)
        return
    await _welcome_back(desk, context.bot, visit)
    if not visit.welcome:
        return
    async with desk.database.transaction() as tx:
        await save_chat(tx, visit.chat, visit.now)
    if _why_not(change.old_chat_member, visit.chat.type) in {"kicked", "blocked"} and not visit.private:
        await _introduce(desk, context.bot, visit)


def _why_not(bot: ChatMember, kind: str) -> str | None:
    """Why the bot may not write in a chat of this kind, as `alerts/outbox.py` names it."""
    if bot.status in GONE or (isinstance(bot, ChatMemberRestricted) and not bot.is_member):
        return "blocked" if kind == Chat.PRIVATE else "kicked"
    if kind == Chat.CHANNEL:
        return None if isinstance(bot, ChatMemberAdministrator) and bot.can_post_messages else "no-rights"
    return "no-rights" if isinstance(bot, ChatMemberRestricted) and not bot.can_send_messages else None


async def _introduce(desk: Desk, bot: Bot, visit: Visit) -> None:
    """Say what can be done here; of a channel to whoever added the bot, for its readers need not know."""
    if visit.chat.type != Chat.CHANNEL:
        await _show(desk, bot, visit, screens.said(visit.language, "group.added"))
    elif visit.user_id is not None:
        screen = screens.said(visit.language, "channel.added", title=screens.shown(visit.chat.title))
        private = replace(visit, target=Target(visit.user_id), chat=replace(visit.chat, id=visit.user_id))
        await _show(desk, bot, private, screen)


async def _welcome_back(desk: Desk, bot: Bot, visit: Visit) -> None:
    """A chat that could not be reached can be again: it is told how much it missed."""
    if visit.known:
        return
    async with desk.database.transaction() as tx:
        missed = await come_back(tx, visit.target.chat_id, desk.access)
    if missed:
        await _show(desk, bot, visit, screens.back(missed, visit.language))


async def _on_topic(desk: Desk, update: Update, context: Context) -> None:
    """A topic was closed, which sends its alerts to General, or reopened. Closed, General stops the chat itself."""
    visit, message = await receive(desk, update), update.effective_message
    if visit is None or message is None:
        return
    closed = message.forum_topic_closed is not None
    async with desk.database.transaction() as tx:
        if closed and visit.target.topic_id:
            await close_topic(tx, visit.target, visit.now)
        elif not closed:
            await reopen_topic(tx, visit.target)
    log.info("topic closed" if closed else "topic reopened", chat=visit.target.chat_id, topic=visit.target.topic_id)
    if not closed and not visit.target.topic_id:
        await _welcome_back(desk, context.bot, visit)


async def _on_move(desk: Desk, update: Update, _: Context) -> None:
    """Either of the two service messages may be the first sign."""
    message: Any = update.effective_message
    old, new = message.migrate_from_chat_id or message.chat.id, message.migrate_to_chat_id or message.chat.id
    await follow_move(desk.database, desk.matching, old, new)
    log.info("a group moved", chat=old, to=new)


# --- After a downtime -----------------------------------------------------------------------------------------------


async def catch_up(desk: Desk, bot: Bot, updates: Sequence[dict[str, Any]]) -> Collection[int]:
    """Look at updates that may be old, before they are processed; those that need no processing.

    One call finds out whether presses can still be answered: where the newest cannot, none can, and what was pressed
    is done without an answer, once, unless it only shows something.

    Raises:
        TelegramError
    """
    needless = stale.repeated(updates)
    pressed = stale.presses(updates)
    if not pressed:
        return needless
    desk.late.add(int(pressed[-1]["update_id"]))
    try:
        await bot.answer_callback_query(str(pressed[-1]["callback_query"]["id"]))
    except BadRequest:
        desk.late.update(int(each["update_id"]) for each in pressed)
        needless |= stale.showing(updates, {verb for verb, press in PRESSES.items() if press.beside})
        log.info("old presses", presses=len(pressed), needless=len(needless))
    desk.late.difference_update(needless)
    return needless
