"""The settings: every key of `config/guetteur.yaml` with its default and what it is for.

The descriptions are what `guetteur schema` and the reference pages show. Holds rules about values and reads nothing:
no file, no environment.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from bot.config.values import (
    Duration,
    FilePath,
    Ids,
    Listen,
    Networks,
    Paths,
    Size,
    WebUrl,
    Zone,
    at_least,
    format_duration,
)
from bot.yamlmodel import Refused, Section, Text

Interval = Annotated[Duration, at_least(timedelta(seconds=1))]
Patience = Annotated[Duration, at_least(timedelta(milliseconds=1))]


def _bot_api(url: str) -> str:
    if "{token}" not in url and not url.rstrip("/").endswith("/bot"):
        raise Refused("the token would not fit into this address", "let it end in /bot or hold {token}")
    return url if "{token}" in url else url.rstrip("/")


def _file_api(url: str) -> str:
    if "{token}" not in url and not url.rstrip("/").endswith("/file/bot"):
        raise Refused("the token would not fit into this address", "let it end in /file/bot or hold {token}")
    return url if "{token}" in url else url.rstrip("/")


def _token(secret: SecretStr) -> SecretStr:
    if re.search(r"[\s/?#]", secret.get_secret_value().strip()):
        raise Refused("this is not a bot token", "paste the one that @BotFather gave, like 123456789:AA…")
    return SecretStr(secret.get_secret_value().strip())


def _webhook_secret(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
        raise Refused("Telegram takes no such secret", "write up to 256 letters, digits, _ and -, at random")
    return secret


def _database(url: str) -> str:
    if url.startswith(("postgresql://", "postgresql+psycopg://")):
        return _server(url)
    if not url.startswith("sqlite:///"):
        raise Refused("this is not a database we know", "write sqlite:///FILE or postgresql://USER@HOST/NAME")
    if url.removeprefix("sqlite:///") in {"", ":memory:"}:
        raise Refused(
            "a database in memory would forget all subscriptions", "name a file: sqlite:///../var/guetteur.db"
        )
    return url


def _server(url: str) -> str:
    """The URL, if it can be read; it may hold a password, so the complaint shows nothing of it."""
    from sqlalchemy.engine.url import make_url  # here, because it loads slowly and only PostgreSQL's settings need it
    from sqlalchemy.exc import ArgumentError

    try:
        make_url(url)
    except (ArgumentError, ValueError):
        mend = "write postgresql://USER:PASSWORD@HOST:PORT/NAME, with %40, %2F, %3A for @, / and : in the password"
        raise Refused("this database address cannot be read", mend) from None
    return url


class WebhookSettings(Section):
    """Telegram calls us, instead of us asking Telegram."""

    url: WebUrl = Field(description="The public https address that Telegram calls.")
    listen: Listen = Field("127.0.0.1:8443", description="Where the reverse proxy finds us.")
    secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] = Field(
        description="Telegram sends it with every call: letters, digits, _ and -."
    )


class TelegramSettings(Section):
    """The bot and who may use it."""

    token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        None, description="The bot's token from @BotFather; best given as ${TELEGRAM_BOT_TOKEN}."
    )
    token_file: FilePath | None = Field(None, description="A file that holds the token, instead of `token`.")
    base_url: Annotated[WebUrl, AfterValidator(_bot_api)] = Field(
        "https://api.telegram.org/bot",
        description="The Bot API; a self-hosted server works. Ends in /bot or holds {token}.",
    )
    base_file_url: Annotated[WebUrl, AfterValidator(_file_api)] | None = Field(
        None, description="Where files are fetched; null derives it from base_url."
    )
    access: Literal["invite", "allowlist", "open"] = Field(
        "invite",
        description="Who may use the bot: the invited, those in `allow`, or anybody (they see whom you watch).",
    )
    allow: Ids = Field((), description="Chat or user ids, for access: allowlist.")
    admins: Ids = Field((), description="User ids of admins, beside those who claimed or were appointed.")
    ops_chat: int | None = Field(None, description="The chat for operational notices; null means the admins.")
    webhook: WebhookSettings | None = Field(None, description="Be called by Telegram; null means that we ask it.")

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if self.token is not None and self.token_file is not None:
            raise Refused("token and token_file are both given", "keep one of them")
        return self

    @model_validator(mode="after")
    def _https(self) -> Self:
        of_telegram = self.base_url.startswith("https://api.telegram.org/")
        if self.webhook is not None and of_telegram and not self.webhook.url.startswith("https://"):
            raise Refused("Telegram calls https addresses only", "write the https address of your reverse proxy")
        return self


class StorageSettings(Section):
    """Where everything is kept."""

    url: Annotated[Text, AfterValidator(_database)] = Field(
        "sqlite:///../var/guetteur.db", description="sqlite:///FILE or postgresql://USER@HOST/NAME.", repr=False
    )


class PollingSettings(Section):
    """How often and how gently feeds are read."""

    interval: Interval = Field(timedelta(minutes=10), description="How often a feed is polled at first.")
    min_interval: Interval = Field(timedelta(minutes=2), description="Never more often, unless a feed says so itself.")
    max_interval: Interval = Field(timedelta(hours=6), description="Never less often, however quiet or broken.")
    concurrency: int = Field(50, ge=1, le=1000, description="Polls under way at once.")
    per_host: int = Field(2, ge=1, le=100, description="Polls under way at once at one host.")
    timeout: Patience = Field(timedelta(seconds=20), description="For one whole poll, redirects included.")
    max_bytes: Size = Field(10_000_000, description="The biggest document we read, decompressed.")
    user_agent_contact: Text | None = Field(None, description="A mail or web address shown to publishers.")
    allow_networks: Networks = Field((), description="Private networks that feeds may live on, like 10.1.0.0/16.")
    full_text: Literal["auto", "always", "never"] = Field(
        "auto", description="Read the article's page: when the feed's text is short, always or never."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        shown = {name: format_duration(getattr(self, name)) for name in ("interval", "min_interval", "max_interval")}
        if "min_interval" in self.model_fields_set and self.min_interval > self.interval:
            wrong = f"interval ({shown['interval']}) is below min_interval ({shown['min_interval']})"
            raise Refused(wrong, f"write min_interval: {shown['interval']} too, or a longer interval")
        if self.interval > self.max_interval:
            wrong = f"interval ({shown['interval']}) is above max_interval ({shown['max_interval']})"
            raise Refused(wrong, f"write max_interval: {shown['interval']} too, or a shorter interval")
        return self


class NetworkSettings(Section):
    """The way out."""

    proxy: WebUrl | None = Field(
        None, description="Proxy for feeds and pages; it must then keep private addresses shut.", repr=False
    )
    telegram_proxy: WebUrl | None = Field(None, description="Proxy for Telegram.", repr=False)
    ca_file: FilePath | None = Field(None, description="Certificates to trust beside the system's (PEM).")


class AlertSettings(Section):
    """What is still news, and in which words."""

    max_age: Patience = Field(timedelta(hours=48), description="Older articles are stored and never told.")
    story_window: Patience = Field(timedelta(hours=72), description="How long a story takes further articles in.")
    language: Literal["fr", "en", "ar"] = Field("fr", description="The language of new chats.")
    timezone: Zone = Field("Europe/Paris", description="The time zone of new chats.")


class WebSettings(Section):
    """Health, metrics and dashboard."""

    listen: Listen | None = Field("127.0.0.1:8080", description="Address and port; null switches it off.")
    password: SecretStr | None = Field(None, description="Asked for by the dashboard.")


class HeartbeatSettings(Section):
    """A dead man's switch elsewhere is told that we live."""

    url: WebUrl | None = Field(None, description="The address to call; null calls none.", repr=False)
    every: Interval = Field(timedelta(minutes=5), description="How often.")


class RetentionSettings(Section):
    """How long things are kept."""

    unmatched: Interval = Field(timedelta(days=14), description="Articles in which nobody was found.")
    matched: Interval = Field(timedelta(days=90), description="Articles with a match, and their stories.")
    decisions: Interval = Field(timedelta(days=5 * 365), description="What was decided, and by whom.")


class Settings(Section):
    """Guetteur's settings. Paths are as written until `bot.config.load` made them absolute."""

    telegram: TelegramSettings = Field(default_factory=TelegramSettings, description="The bot and who may use it.")
    storage: StorageSettings = Field(default_factory=StorageSettings, description="Where everything is kept.")
    polling: PollingSettings = Field(default_factory=PollingSettings, description="How often feeds are read.")
    network: NetworkSettings = Field(default_factory=NetworkSettings, description="The way out.")
    alerts: AlertSettings = Field(default_factory=AlertSettings, description="What is still news, in which words.")
    web: WebSettings = Field(default_factory=WebSettings, description="Health, metrics and dashboard.")
    heartbeat: HeartbeatSettings = Field(default_factory=HeartbeatSettings, description="Tells another that we live.")
    retention: RetentionSettings = Field(default_factory=RetentionSettings, description="How long things are kept.")
    feeds: Paths = Field((Path("feeds.yaml"),), description="Files of feeds (YAML or OPML), beside this one.")
    watchlists: FilePath = Field(Path("../watchlists"), description="The folder of watchlists.")
