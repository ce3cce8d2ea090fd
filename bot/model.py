"""The things that flow from feeds to Telegram, one type a stage.

Plain frozen data in the words of docs/glossary.md; no behaviour beyond what follows from the data itself, and no
import of anything that reads, writes or waits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import NewType

# --- Who we look for -------------------------------------------------------------------------------------------

Scope = NewType("Scope", str)
"""Where a name was asked for: `list:STEM` (a watchlist file) or `chat:CHAT:TOPIC` (a personal name)."""


def list_scope(watchlist_id: str) -> Scope:
    return Scope(f"list:{watchlist_id}")


def chat_scope(target: Target) -> Scope:
    return Scope(f"chat:{target.chat_id}:{target.topic_id}")


class Kind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"
    PHRASE = "phrase"


class Priority(StrEnum):
    URGENT = "urgent"
    NORMAL = "normal"
    DIGEST = "digest"


class Tier(StrEnum):
    CERTAIN = "certain"
    """Rings."""
    POSSIBLE = "possible"
    """Waits to be checked; never rings."""


THRESHOLDS = {"strict": 92, "normal": 85, "wide": 78}
"""The three words people may write instead of a number (0 to 100)."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Who or what we look for, with the rules of the search and nothing else.

    Interned: the same name with the same rules in a watchlist and in five chats is one entity (equal `key`).
    """

    name: str
    kind: Kind = Kind.PERSON
    aliases: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    """Words that confirm a weak mention."""
    excluded: tuple[str, ...] = ()
    """YAML `not`: a mention in a sentence with one of these phrases is not one."""
    excluded_context: tuple[str, ...] = ()
    """YAML `not_context`: with one of these words near, it is the namesake."""
    threshold: int = THRESHOLDS["normal"]
    in_full: bool = False
    """Of a person: neither the surname alone nor with an initial is a mention."""

    @property
    def key(self) -> str:
        """Equal for equal rules: 32 hexadecimal digits."""
        return hashlib.blake2b(self.to_json().encode(), digest_size=16).hexdigest()

    def to_json(self) -> str:
        return json.dumps(
            {
                "name": self.name,
                "kind": self.kind.value,
                "aliases": sorted(self.aliases),
                "context": sorted(self.context),
                "excluded": sorted(self.excluded),
                "excluded_context": sorted(self.excluded_context),
                "threshold": self.threshold,
                **({"in_full": True} if self.in_full else {}),  # left out, so that older keys stay what they are
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    @staticmethod
    def from_json(text: str) -> Entity:
        data = json.loads(text)
        return Entity(
            name=data["name"],
            kind=Kind(data["kind"]),
            aliases=tuple(data["aliases"]),
            context=tuple(data["context"]),
            excluded=tuple(data["excluded"]),
            excluded_context=tuple(data["excluded_context"]),
            threshold=data["threshold"],
            in_full=data.get("in_full", False),
        )


@dataclass(frozen=True, slots=True)
class WatchedName:
    """An entity as one scope asked for it: what to call it there and how loudly to tell."""

    scope: Scope
    id: str
    """The `id` of the YAML entry where one was given, else its name. Unique within the scope."""
    entity: Entity
    explicit_id: bool = False
    label: str | None = None
    note: str | None = None
    ref: str | None = None
    priority: Priority = Priority.NORMAL
    until: date | None = None
    """The last day on which the name is watched."""

    @property
    def shown(self) -> str:
        return self.label or self.entity.name


@dataclass(frozen=True, slots=True)
class Watchlist:
    """One YAML file of names."""

    id: str
    title: str
    names: tuple[WatchedName, ...]
    description: str = ""
    tags: frozenset[str] = frozenset()
    """Feeds with any of these tags; empty means all feeds."""
    visible_to: str | tuple[int, ...] = "everyone"
    """`everyone` who has access, `admins`, or the chat ids that may see it."""

    @property
    def scope(self) -> Scope:
        return list_scope(self.id)


# --- Feeds, entries, articles ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Feed:
    """A URL we poll, as configured."""

    id: str
    url: str
    title: str = ""
    language: str | None = None
    tags: frozenset[str] = frozenset()
    interval_s: float | None = None
    """Explicit interval, honoured as given; None adapts between the configured bounds."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """May hold credentials: never logged, never stored."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as the feed gave it. `summary` and `content` are HTML, untrusted."""

    guid: str | None
    link: str | None
    title: str
    summary: str = ""
    content: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    item: str | None = None
    """Digest of the bytes it was read from, 32 hexadecimal digits; None where it was not read by itself."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a document asks of its readers about when to come back (times in GMT); all of it optional."""

    min_wait_s: float | None = None
    """`<ttl>`, or `sy:updatePeriod` and `sy:updateFrequency`."""
    skip_hours: frozenset[int] = frozenset()
    """0 to 23."""
    skip_days: frozenset[int] = frozenset()
    """0 (Monday) to 6."""


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a document held. `fault` is the parser's complaint when it had to be lenient, else None.

    Not `complete`: the document broke off before its end. Its entries are good, its validators must not be kept.
    """

    entries: tuple[Entry, ...]
    """In the document's order, without those of `unchanged`."""
    title: str = ""
    language: str | None = None
    fault: str | None = None
    complete: bool = True
    unchanged: tuple[str, ...] = ()
    """Digests of the items that are listed still and were known already, byte for byte: not parsed again."""
    tail: int = 0
    """How many of `entries` stand below every item of `unchanged`."""
    hints: Hints = NO_HINTS


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned entry: plain text, canonical URL, aware UTC times."""

    feed_id: str
    guid: str | None
    url: str | None
    """The link to open, as the feed gave it."""
    canonical_url: str | None
    """The same without trackers; what identity compares."""
    title: str
    text: str
    language: str | None
    published_at: datetime
    """Clamped to `seen_at` when the feed says the future; `seen_at` when it says nothing."""
    dated: bool
    seen_at: datetime
    item: str | None = None
    """Digest of the feed's bytes it was read from, as `Entry.item`."""


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with its row."""

    id: int
    article: Article
    revision: int = 1
    """Counts the times that it changed, from 1."""
    baseline: bool = False
    """It was there before we looked: what it named then alerts nobody."""
    looked_at: bool = False
    """Once at least, in this or an earlier revision."""
    retitled_at: datetime | None = None
    """When its headline was corrected last."""
    withdrawn_at: datetime | None = None
    """When its page, which had been read before, was found to be gone."""


# --- Matches ---------------------------------------------------------------------------------------------------


class MatchField(StrEnum):
    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code with its values; `texts.py` holds the words for each code."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A mention accepted: where it stands, which spelling it was taken for, and why.

    `start` and `end` count code points of the field as it was given to the matcher; `score` runs from 0 to 100.
    """

    scope: Scope
    name_id: str
    """`WatchedName.id` within the scope."""
    alias: str
    text: str
    field: MatchField
    start: int
    end: int
    score: int
    tier: Tier
    reasons: tuple[Reason, ...] = ()


# --- Telling ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """A chat, or one topic of a forum; topic 0 is the chat itself (and a forum's General topic)."""

    chat_id: int
    topic_id: int = 0


CONSOLE = Target(0)
"""The built-in chat of `run --console`; no Telegram chat has this id."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A target that follows a scope: a watchlist, or its own personal names."""

    target: Target
    scope: Scope
    ring_at_outlets: int | None = None
    """Ring once more when so many outlets tell a story; None for never."""
    priorities: Mapping[str, Priority] = field(default_factory=dict)
    """Name id → how loudly this target wants to hear of it, where it said so."""
    served: bool = True
    """The target has access to it still."""


class Rings(StrEnum):
    AT_ONCE = "at-once"
    DIGEST = "digest"
    """What is not urgent waits for the digest."""


class Rhythm(StrEnum):
    """Of digests."""

    OFF = "off"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which only what is urgent rings, in the chat's zone; they may span midnight."""

    begin: time
    end: time
    held: bool = True
    """Until they end; otherwise it is sent without a sound."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How one target wants to be told."""

    rings: Rings = Rings.AT_ONCE
    quiet: Quiet | None = None
    digest: Rhythm = Rhythm.DAILY
    digest_at: time = time(8)
    """Of a daily one, in the chat's zone."""
    demand: str = "normal"
    """A key of `THRESHOLDS`: how sure a match must be to ring here."""
    ring_at_outlets: int | None = None


class Muted(StrEnum):
    """What a mute silences."""

    NAME = "name"
    STORY = "story"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Mute:
    """What one target does not want to hear of for a while."""

    id: int
    target: Target
    what: Muted
    shown: str
    """The name, or the story's headline."""
    since: datetime
    until: datetime | None = None
    """None: until somebody ends it."""
    identity: str | None = None
    """Of a name, as `told` remembers it."""
    story_id: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a message of ours asks for, so that its answer can be used: a key of `telegram.handlers.ANSWERS`."""

    about: str
    argument: str = ""


class LessonKind(StrEnum):
    """What was learnt from a verdict."""

    ARTICLE = "article"
    """In this article it is somebody else."""
    GIVEN = "given"
    """With this given name it is somebody else."""
    WORD = "word"
    """In an article with this word it is somebody else."""
    SPELLING = "spelling"
    """Spelt like this it is the one we look for."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one target's verdict taught about one name; it acts there and nowhere else."""

    id: int
    """Of the verdict."""
    scope: Scope
    name_id: str
    kind: LessonKind
    value: str = ""
    """The given name, the word or the spelling."""
    article_id: int | None = None


class DeliveryState(StrEnum):
    """The life of a delivery; docs/decisions/0003 draws it."""

    PENDING = "pending"
    HELD = "held"
    """Waits to be checked (a possible match): never sent by itself."""
    SENDING = "sending"
    UNKNOWN = "unknown"
    """The answer was lost: Telegram may or may not have it."""
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Outlet:
    """One article of a story as an alert lists it."""

    title: str
    name: str
    """The outlet's name: the feed's title, else its id."""
    url: str | None
    published_at: datetime
    language: str | None = None
    withdrawn: bool = False
    """Its page is gone."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One watched name of an alert, with its evidence."""

    shown: str
    spelling: str
    """The text of the mention, verbatim."""
    priority: Priority
    tier: Tier
    score: int
    sentence: str
    """The sentence of the mention, verbatim."""
    sentence_start: int
    """Where the mention starts and ends in `sentence`, in code points."""
    sentence_end: int
    reasons: tuple[Reason, ...]
    scope: Scope
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AlertView:
    """All that a screen needs to show an alert to one target; `telegram/render.py` makes the HTML."""

    mentions: tuple[Mention, ...]
    """The names this target is told about, the leading one first."""
    also: tuple[str, ...]
    """The other watched names in the article."""
    outlets: tuple[Outlet, ...]
    """The article first, then the outlets that joined the story since."""
    watchlists: tuple[str, ...]
    """Titles of the watchlists that hit."""
    reply_to_story: bool = False
    """A watched name new in a story that this target knows already."""
    outlets_reached: bool = False
    """It rings because so many outlets tell the story, not for a new name."""
    retitled_at: datetime | None = None
    """When the headline was corrected, where that was after the message was sent."""
    follows: str | None = None
    """The headline of the earlier story that this one follows."""
    late: bool = False
    """It could not be sent for long."""
    old: bool = False
    """So long that the article is older than what is still news."""
    no_longer: tuple[str, ...] = ()
    """The names that were told and that a correction took out of the article since."""


@dataclass(frozen=True, slots=True)
class Blindness:
    """A time in which our own trouble (network, stopped) kept us from the feeds."""

    begin_at: datetime
    end_at: datetime
    lost: tuple[str, ...] = ()
    """Titles of the feeds that may have listed and dropped articles meanwhile."""
