"""The tables, as docs/decisions/0003 explains them. Nothing here reads or writes.

Chat ids need 64 bits. Times are aware UTC in Python; SQLite stores them without their zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time; refuses one without a zone, which would be somebody's local time by mistake."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    # SQLite numbers rows by itself only in a column declared INTEGER.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


def _to(column: str, *, on_delete: str, name: str, **options: Any) -> Column[Any]:
    return Column(name, ForeignKey(column, ondelete=on_delete), **options)


# --- What we poll ------------------------------------------------------------------------------------------------

feeds = Table(
    "feeds",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("url_digest", String(32), nullable=False),  # tells that the URL changed; it may hold a password
    Column("title", Text, nullable=False, default=""),  # configured, else what the feed calls itself
    Column("language", String(16)),
    Column("tags", JSON, nullable=False),
    Column("active", Boolean, nullable=False),  # False: no longer among the configured feeds
    Column("state", String(16), nullable=False),  # ok, failing, refused, gone (suspended until resumed)
    Column("next_poll_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_digest", String(32)),
    Column("redirected_to", Text),
    Column("redirected_since", UtcTime),
    Column("baseline_at", UtcTime),  # the first good poll; what it listed alerts nobody
    Column("last_good_at", UtcTime),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("failing_since", UtcTime),  # the first of the failures in a row
    Column("noticed", String(16)),  # the trouble that was told: failing, refused, gone, quiet
    Column("usual_gap_s", Float),  # seconds between two of its latest entries
    Column("newest_at", UtcTime),  # the publication of its latest entry
    Column("hints", JSON),  # what the document asks of its readers: model.Hints
    Column("traits", JSON),  # what its entries may not be trusted for: feeds.traits
    Column("read_at", UtcTime),  # the last document that was read to its end
    Column("faultless", Boolean, nullable=False, server_default=false()),  # it had no fault: its items may be skimmed
    Index(None, "active", "next_poll_at"),
)

polls = Table(
    "polls",
    metadata,
    _to("feeds.id", on_delete="CASCADE", name="feed_id", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("made", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("new_articles", Integer, nullable=False, default=0),
)

gaps = Table(
    "gaps",
    metadata,
    # A stretch of time about which a feed told us nothing.
    _id(),
    _to("feeds.id", on_delete="CASCADE", name="feed_id", nullable=False),
    Column("begin_at", UtcTime, nullable=False),
    Column("end_at", UtcTime, nullable=False),
    Column("why", String(16), nullable=False),  # failing, refused, gone, network, stopped, late
    Column("lost", Boolean, nullable=False),  # entries may have come and gone meanwhile
    Index(None, "feed_id", "end_at"),
)

notices = Table(
    "notices",
    metadata,
    # What the people who run the bot are told, once each.
    _id(),
    Column("kind", String(24), nullable=False),
    _to("feeds.id", on_delete="CASCADE", name="feed_id"),
    Column("values", JSON, nullable=False),  # of the words in texts.py
    Column("created_at", UtcTime, nullable=False),
    Column("told_at", UtcTime, index=True),
    Column("chat_id", BigInteger),  # for this chat alone; None: for those who run the bot
    Column("topic_id", BigInteger),
)

articles = Table(
    "articles",
    metadata,
    _id(),
    _to("feeds.id", on_delete="CASCADE", name="feed_id", nullable=False),
    Column("guid", Text),
    Column("url", Text),
    Column("canonical_url", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(16)),
    Column("published_at", UtcTime, nullable=False),
    Column("dated", Boolean, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("revision", Integer, nullable=False, default=1),
    Column("state", String(16), nullable=False),  # new: waits to be looked at; done
    Column("baseline", Boolean, nullable=False, default=False),  # what it named at first alerts nobody
    Column("looked_at", Boolean, nullable=False, default=False),  # once at least
    Column("page_text", Text),  # what the article's page says beyond the feed
    Column("page_due_at", UtcTime, index=True),  # when the page is to be read; None: not, or no more
    Column("page_reads", Integer, nullable=False, server_default="0"),
    Column("retitled_at", UtcTime),  # when its headline was corrected last
    Column("withdrawn_at", UtcTime),  # its page, read before, is gone
    Index(None, "state", "published_at"),
    Index(None, "feed_id", "seen_at"),
    Index(None, "seen_at"),
)

identities = Table(
    "identities",
    metadata,
    # Hashed and kept as long as the feed lists the item, whatever becomes of the article (SPEC, Deduplication).
    _to("feeds.id", on_delete="CASCADE", name="feed_id", primary_key=True),
    Column("kind", String(8), primary_key=True),  # guid, url, content
    Column("digest", String(32), primary_key=True),
    _to("articles.id", on_delete="SET NULL", name="article_id", index=True),
    Column("listed_at", UtcTime, nullable=False),
    Column("item", String(32)),  # digest of the item's bytes that gave it: equal bytes need no parser
    Column("known_by", String(8)),  # kind by which it was taken for the article's, or `page`; null: it came with it
    Index(None, "kind", "digest"),
    Index(None, "feed_id", "item"),
)
Index(  # what may be forgotten; a poll that lists an article we still have writes nothing here
    "ix_identities_listed_at_alone",
    identities.c.listed_at,
    sqlite_where=identities.c.article_id.is_(None),
    postgresql_where=identities.c.article_id.is_(None),
)

# --- The text index ----------------------------------------------------------------------------------------------
# Its third table, `article_words`, is of another make on each database: see the end of this module.

words = Table(
    "words",
    metadata,
    # Words of articles that may be a part of a name, folded: the vocabulary of the index.
    _id(),
    Column("word", Text, nullable=False, unique=True),
)

word_keys = Table(
    "word_keys",
    metadata,
    # What a watched word is looked up by: matching/keys.py. Fifteen rows a word: a foreign key would need an index as
    # large as the table, so the keys of a word are deleted with it by name.
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("word_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# --- Whom we look for --------------------------------------------------------------------------------------------

watchlists = Table(
    "watchlists",
    metadata,
    Column("id", String(48), primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("visible_to", JSON, nullable=False),
    Column("present", Boolean, nullable=False),  # False: the file vanished; its subscriptions are paused
)

entities = Table(
    "entities",
    metadata,
    _id(),
    Column("key", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("rules", Text, nullable=False),  # Entity.to_json
)

watched_names = Table(
    "watched_names",
    metadata,
    _id(),
    Column("scope", String(64), nullable=False),
    Column("name_id", Text, nullable=False),
    _to("entities.id", on_delete="RESTRICT", name="entity_id", nullable=False, index=True),
    Column("explicit_id", Boolean, nullable=False),
    Column("label", Text),
    Column("note", Text),
    Column("ref", Text),
    Column("priority", String(8), nullable=False),
    Column("until", Date),
    Column("added_at", UtcTime, nullable=False),
    Column("added_by", BigInteger),
    UniqueConstraint("scope", "name_id"),
)

# --- What was found ----------------------------------------------------------------------------------------------

matches = Table(
    "matches",
    metadata,
    _id(),
    _to("articles.id", on_delete="CASCADE", name="article_id", nullable=False),
    Column("scope", String(64), nullable=False),
    Column("name_id", Text, nullable=False),
    Column("alias", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("field", String(8), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("score", Integer, nullable=False),
    Column("tier", String(16), nullable=False),
    Column("reasons", JSON, nullable=False),  # [[code, {value}], …]
    UniqueConstraint("article_id", "scope", "name_id"),
    Index(None, "scope", "name_id"),
)

stories = Table(
    "stories",
    metadata,
    _id(),
    Column("language", String(16)),
    Column("title", Text, nullable=False),
    Column("first_at", UtcTime, nullable=False),
    Column("last_at", UtcTime, nullable=False, index=True),
    _to("stories.id", on_delete="SET NULL", name="follows_id", index=True),
)

story_articles = Table(
    "story_articles",
    metadata,
    _to("articles.id", on_delete="CASCADE", name="article_id", primary_key=True),
    _to("stories.id", on_delete="CASCADE", name="story_id", nullable=False, index=True),
    Column("joined_at", UtcTime, nullable=False),
    Column("why", JSON, nullable=False),  # [code, {value}]
)

# --- Who is told -------------------------------------------------------------------------------------------------

chats = Table(
    "chats",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("type", String(16), nullable=False),  # private, group, supergroup, channel
    Column("title", Text, nullable=False),
    Column("state", String(16), nullable=False),  # active, paused (blocked, kicked …), gone, moved
    Column("state_reason", Text),
    Column("moved_to", BigInteger),
    Column("language", String(8)),
    Column("timezone", Text),
    Column("since", UtcTime, nullable=False),
    Column("paused_at", UtcTime),  # since when it cannot be reached
    Column("recheck_at", UtcTime, index=True),  # when to ask Telegram whether it can; None: it will tell us
)

closed_topics = Table(
    "closed_topics",
    metadata,
    # Forum topics that take no messages: what is owed to them goes to General.
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic_id", BigInteger, primary_key=True, autoincrement=False),
    Column("since", UtcTime, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role", String(8), nullable=False),  # admin, member
    Column("name", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("invited_by", BigInteger),
)

invites = Table(
    "invites",
    metadata,
    Column("digest", String(32), primary_key=True),  # the link's secret itself is not kept
    Column("role", String(8), nullable=False),  # admin: the claim; member: an invitation
    Column("created_at", UtcTime, nullable=False),
    Column("created_by", BigInteger),
    Column("expires_at", UtcTime),
    Column("used_at", UtcTime),
    Column("used_by", BigInteger),
    Column("revoked_at", UtcTime),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _id(),
    _to("chats.chat_id", on_delete="CASCADE", name="chat_id", nullable=False, type_=BigInteger),
    Column("topic_id", BigInteger, nullable=False),  # 0: the chat itself
    Column("scope", String(64), nullable=False, index=True),
    Column("options", JSON, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("made_by", BigInteger),
    UniqueConstraint("chat_id", "topic_id", "scope"),
)

preferences = Table(
    "preferences",
    metadata,
    # How one target wants to be told; without a row, everything is as model.Preferences says.
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic_id", BigInteger, primary_key=True, autoincrement=False),
    Column("rings", String(8), nullable=False),  # at-once, digest: what is not urgent waits for the digest
    Column("quiet_begin", String(5)),  # HH:MM in the chat's zone; None: no quiet hours
    Column("quiet_end", String(5)),
    Column("quiet_mode", String(8), nullable=False),  # held until they end, or silent
    Column("digest", String(8), nullable=False),  # off, hourly, daily
    Column("digest_at", String(5), nullable=False),  # HH:MM, of a daily one
    Column("demand", String(8), nullable=False),  # strict, normal, wide
    Column("ring_at_outlets", Integer),
    Column("next_digest_at", UtcTime, index=True),
    Column("last_digest_at", UtcTime),
    Column("sign_due_at", UtcTime, index=True),  # a sign of life, should nothing be told until then
)

mutes = Table(
    "mutes",
    metadata,
    _id(),
    Column("chat_id", BigInteger, nullable=False),
    Column("topic_id", BigInteger, nullable=False),
    Column("what", String(8), nullable=False),  # name, story, all
    Column("identity", Text),  # of a name, as `told` remembers it
    Column("shown", Text, nullable=False),  # the name, or the story's headline
    _to("stories.id", on_delete="CASCADE", name="story_id", index=True),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),  # None: until somebody ends it
    Column("made_by", BigInteger),
    Column("ended_at", UtcTime, index=True),  # it ran out or was lifted, and what it hid was told
    Index(None, "chat_id", "topic_id"),
)

questions = Table(
    "questions",
    metadata,
    # What we asked somebody in a message, until they answer it by a reply.
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic_id", BigInteger, nullable=False),
    Column("user_id", BigInteger),
    Column("about", String(24), nullable=False),  # what the answer is for
    Column("argument", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False, index=True),
)

# --- What is owed, and what was sent -------------------------------------------------------------------------------

alerts = Table(
    "alerts",
    metadata,
    _id(),
    _to("stories.id", on_delete="CASCADE", name="story_id", nullable=False),
    Column("sequence", Integer, nullable=False),
    _to("articles.id", on_delete="CASCADE", name="article_id", nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("story_id", "sequence"),
)

told = Table(
    "told",
    metadata,
    # Decides what is owed: a target hears of an identity of an entity once a story and tier.
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("topic_id", BigInteger, primary_key=True, autoincrement=False),
    _to("stories.id", on_delete="CASCADE", name="story_id", primary_key=True, autoincrement=False, index=True),
    Column("identity", Text, primary_key=True),
    Column("tier", String(16), nullable=False),
    _to("alerts.id", on_delete="CASCADE", name="alert_id", nullable=False, index=True),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    Column("chat_id", BigInteger, nullable=False),
    Column("topic_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("edited_at", UtcTime),
    Column("edit_due_at", UtcTime, index=True),  # its story changed; None: it shows the story as it is
    Column("shown", String(32)),  # digest of what it shows: what would change nothing is not sent
    Column("edit_why", Text),  # why the last edit was not made
    UniqueConstraint("chat_id", "message_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _to("alerts.id", on_delete="CASCADE", name="alert_id", nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("topic_id", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # model.DeliveryState
    Column("tier", String(16), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("names", JSON, nullable=False),  # [[scope, name_id], …], the leading one first
    Column("due_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("attempts", Integer, nullable=False, default=0),  # failures that counted
    Column("lost_answers", Integer, nullable=False, default=0),  # times that it may have arrived unconfirmed
    Column("why", Text),  # of a state that is not the usual one
    Column("bundle", String(32)),  # told together with the others of the bundle: what an outage held back
    Column("created_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    _to("messages.id", on_delete="SET NULL", name="message_row", index=True),
    Column("silent", Boolean, nullable=False, server_default=false()),  # sent without a sound
    _to("mutes.id", on_delete="SET NULL", name="mute_id", index=True),  # what holds it back
    UniqueConstraint("alert_id", "chat_id", "topic_id"),
    Index(None, "state", "due_at"),
    Index(None, "chat_id", "topic_id"),
)

past_deliveries = Table(
    "past_deliveries",
    metadata,
    # What was decided, kept when the story and its articles are forgotten (docs/decisions/0018).
    _id(),
    Column("chat_id", BigInteger, nullable=False),
    Column("topic_id", BigInteger, nullable=False),
    Column("names", JSON, nullable=False),  # [[scope, name_id], …], the leading one first
    Column("evidence", JSON, nullable=False),  # of each name: {text, score, tier, reasons}, or null
    Column("url", Text),  # of the article
    Column("state", String(16), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("why", Text),
    Column("created_at", UtcTime, nullable=False, index=True),
    Column("sent_at", UtcTime),
    Index(None, "chat_id", "topic_id"),
)

verdicts = Table(
    "verdicts",
    metadata,
    _id(),
    Column("chat_id", BigInteger, nullable=False),
    Column("topic_id", BigInteger, nullable=False),
    _to("articles.id", on_delete="SET NULL", name="article_id", index=True),
    Column("scope", String(64), nullable=False),
    Column("name_id", Text, nullable=False),
    Column("url", Text),  # the article's address, once the article is forgotten
    Column("verdict", String(16), nullable=False),  # right, other
    Column("lesson", JSON, nullable=False),
    Column("given_by", BigInteger),
    Column("given_at", UtcTime, nullable=False),
    Column("undone_at", UtcTime),
    Column("promoted_at", UtcTime),  # written into the watchlist, for everybody
    Column("promoted_by", BigInteger),
    Index(None, "chat_id", "topic_id"),
)

# --- The bot itself ----------------------------------------------------------------------------------------------

updates = Table(
    "updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("payload", Text, nullable=False),
    Column("state", String(8), nullable=False, index=True),  # new, done, failed
    Column("received_at", UtcTime, nullable=False),
)

admin_log = Table(
    "admin_log",
    metadata,
    _id(),
    Column("at", UtcTime, nullable=False),
    Column("user_id", BigInteger),
    Column("action", Text, nullable=False),
    Column("detail", JSON, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    # Small facts about the bot itself that a restart must not forget: key → value.
    Column("key", String(48), primary_key=True),
    Column("value", Text, nullable=False),
)

# --- What SQLAlchemy has no words for ----------------------------------------------------------------------------

ARTICLE_WORDS: Mapping[str, tuple[str, ...]] = {
    # The words are folded already, so the tokenizer only cuts at blanks. FTS5 keeps its own copy of them: an index
    # without one forgets a deleted article only from SQLite 3.43 on, which Debian 12 does not have.
    "sqlite": (
        "CREATE VIRTUAL TABLE article_words USING fts5(title, text, tokenize = 'ascii')",
        (
            "CREATE TRIGGER article_words_deleted AFTER DELETE ON articles "
            "BEGIN DELETE FROM article_words WHERE rowid = old.id; END"
        ),
    ),
    "postgresql": (
        (
            "CREATE TABLE article_words ("
            "article_id BIGINT CONSTRAINT pk_article_words PRIMARY KEY "
            "CONSTRAINT fk_article_words_article_id_articles REFERENCES articles ON DELETE CASCADE, "
            "terms TSVECTOR NOT NULL)"
        ),
        "CREATE INDEX ix_article_words_terms ON article_words USING gin (terms)",
    ),
}
"""The text index itself, by database; `storage/search.py` fills it."""

for _dialect, _statements in ARTICLE_WORDS.items():
    for _statement in _statements:
        _made_by = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(metadata, "after_create", _made_by.execute_if(dialect=_dialect))
