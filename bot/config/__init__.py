"""Configuration: one frozen object from the files people edit, or every problem in them at once.

`load` is the only part that reads files; the checks around it are functions of text. The environment is handed over,
never looked up.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.config.environment import override, substitute
from bot.config.feeds import PlacedFeed, read_feeds, settle_ids
from bot.config.footprint import Places
from bot.config.renamed import RENAMED, Renamed, follow_renamed, follow_renamed_variables
from bot.config.secrets import keep_secrets, keep_secrets_of_settings
from bot.config.settings import Settings, TelegramSettings
from bot.config.values import format_duration, is_loopback, split_listen
from bot.errors import ConfigError, Problem, UsageError
from bot.model import Feed, Watchlist
from bot.watchlists import read_folder, unknown_tags
from bot.yamlfile import Located, parse, read_text
from bot.yamlmodel import fill, find

__all__ = ["Loaded", "Reading", "Settings", "Source", "check_settings", "load", "shown_path"]

WAYS_OUT = (
    "there is no bot token, so nothing could be sent to Telegram:\n"
    "  put TELEGRAM_BOT_TOKEN=… (from @BotFather) in .env, which make, docker compose and systemd read;\n"
    "  or print the alerts in this terminal with: guetteur run --console"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that the files say."""

    settings: Settings
    feeds: tuple[Feed, ...]
    watchlists: tuple[Watchlist, ...]
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the configuration comes from, so that it can be read again."""

    path: Path
    """`guetteur.yaml`."""
    environ: Mapping[str, str]
    need_token: bool = True

    def load(self) -> Loaded:
        """As the function of this name."""
        return load(self.path, self.environ, need_token=self.need_token)

    def places(self) -> Places:
        """What is read, as far as the settings can be understood."""
        text, _ = read_text(self.path)
        settings = check_settings(text or "", self.path, self.environ, need_token=False)[1]
        token_file = settings.telegram.token_file
        files = (self.path.absolute(), *settings.feeds, *([token_file] if token_file else []))
        return Places(files, settings.watchlists)


@dataclass(slots=True)
class Reading:
    """What has been found in the files so far."""

    path: Path
    root: Located
    problems: list[Problem] = field(default_factory=list)

    def complain(self, key: str, wrong: str, mend: str, *, warning: bool = False) -> None:
        """About a key of the settings, dotted; where it stands, else the file's beginning."""
        node = find(self.root, key.split("."))
        self.problems.append(node.problem(self.path, f"{key}: {wrong}", mend, warning=warning))


def load(path: Path, environ: Mapping[str, str], *, need_token: bool = True) -> Loaded:
    """Read the settings and the files they name.

    Args:
        path: `guetteur.yaml`; relative paths in it are relative to its folder, those of an override too.
        environ: The environment, for `GUETTEUR_SECTION__KEY` and `${NAME}`; what of it is secret in a feed's address
            reaches no log and no message from now on.
        need_token: False lets the bot's token be missing (console, `check`).

    Raises:
        UsageError: there is no such file, or nothing but the token is missing.
        ConfigError: every problem of every file.
    """
    if not path.exists():
        raise UsageError(
            f"{path} is not there; `guetteur init` writes one with samples, or name another with --config (or in "
            "$GUETTEUR_CONFIG)"
        )
    text, unreadable = read_text(path)
    if text is None:
        raise ConfigError(unreadable)
    reading, settings = check_settings(text, path, environ, need_token=need_token)
    _check_authorities(reading, settings.network.ca_file)
    settings = _read_token_file(reading, settings, need_token=need_token)
    keep_secrets_of_settings(settings)
    feeds = _read_feeds(reading, settings, environ)
    watchlists = _read_watchlists(reading, settings, feeds)
    problems = list(dict.fromkeys(reading.problems))
    if not all(problem.warning for problem in problems):
        raise ConfigError(problems)
    if need_token and settings.telegram.token is None:
        raise UsageError(WAYS_OUT)
    return Loaded(settings, feeds, watchlists, tuple(sorted(problems)))


def check_settings(
    text: str,
    path: Path,
    environ: Mapping[str, str],
    *,
    need_token: bool = True,
    renamed: Sequence[Renamed] = RENAMED,
) -> tuple[Reading, Settings]:
    """The settings of a text, with absolute paths, and what is wrong. Reads nothing.

    Where something is wrong, the settings still say which other files to check.
    """
    root, problems = parse(text, path)
    reading = Reading(path, root or Located({}, 1, 1), problems)
    reading.problems += follow_renamed(reading.root, path, renamed)
    reading.problems += override(reading.root, follow_renamed_variables(environ, renamed))
    token = find(reading.root, ("telegram", "token"))
    told_by_load = token.value == "${TELEGRAM_BOT_TOKEN}"
    spare = {id(token)} if told_by_load or not need_token else set()
    reading.problems += substitute(reading.root, environ, path, spare=spare)
    settings, faults = fill(Settings, reading.root, path)
    reading.problems += faults
    if settings is not None:
        _warn(reading, settings)
        _check_retention(reading, settings)
    return reading, _absolute(settings or _only_files(reading.root, path), path.absolute().parent)


def _only_files(root: Located, path: Path) -> Settings:
    """Settings that name the same files as the broken ones, as far as that can be read."""
    keys = root.value if isinstance(root.value, dict) else {}
    files = {key: node for key, node in keys.items() if key in {"feeds", "watchlists"}}
    return fill(Settings, Located(files, 1, 1), path)[0] or Settings()


def _warn(reading: Reading, settings: Settings) -> None:
    """About settings that are allowed and dangerous."""
    if settings.telegram.access == "open":
        reading.complain(
            "telegram.access", "strangers can see whom you watch", "write invite or allowlist", warning=True
        )
    if settings.network.proxy is not None:
        wrong = "the proxy fetches for us, so our guard of private addresses rests with it"
        reading.complain("network.proxy", wrong, "make sure that it refuses them", warning=True)
    if settings.telegram.access == "allowlist" and not settings.telegram.allow and not settings.telegram.admins:
        reading.complain("telegram.access", "the list of the allowed is empty", "fill telegram.allow", warning=True)
    listen = settings.web.listen
    if listen is not None and not is_loopback(split_listen(listen)[0]) and settings.web.password is None:
        wrong = f"whoever reaches {listen} can see whom you watch"
        reading.complain("web.listen", wrong, "set web.password, or listen on 127.0.0.1", warning=True)


def _check_retention(reading: Reading, settings: Settings) -> None:
    """A story that is forgotten while it still takes articles in would be told again."""
    window, matched = settings.alerts.story_window, settings.retention.matched
    if matched < window:
        wrong = f"{format_duration(matched)} is less than alerts.story_window ({format_duration(window)})"
        reading.complain("retention.matched", wrong, f"write {format_duration(window)} or more")


def _absolute(settings: Settings, folder: Path) -> Settings:
    """The same with every relative path taken from the folder of the settings, links not followed: an orchestrator
    mounts its files as links into elsewhere."""

    def changed(section: str, **values: Any) -> dict[str, Any]:
        return {section: getattr(settings, section).model_copy(update=values)}

    def place(path: Path | None) -> Path | None:
        return Path(os.path.normpath(folder / path)) if path is not None else None

    url = settings.storage.url
    if url.startswith("sqlite:///"):
        file, question, options = url.removeprefix("sqlite:///").partition("?")
        url = f"sqlite:///{place(Path(file))}{question}{options}"
    return settings.model_copy(
        update={
            **changed("storage", url=url),
            **changed("telegram", token_file=place(settings.telegram.token_file)),
            **changed("network", ca_file=place(settings.network.ca_file)),
            "feeds": tuple(place(file) for file in settings.feeds),
            "watchlists": place(settings.watchlists),
        }
    )


def _check_authorities(reading: Reading, file: Path | None) -> None:
    """The certificates must load: else every poll would fail, each as if its server were away."""
    if file is None:
        return
    if not file.is_file():
        reading.complain("network.ca_file", f"{file} is not there", "mend the path")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        reading.complain("network.ca_file", f"{file} holds no certificates", "name a file of certificates (PEM)")
    except OSError as error:
        reading.complain("network.ca_file", f"{file} cannot be read ({error.strerror})", "mend its rights")


def _read_token_file(reading: Reading, settings: Settings, *, need_token: bool) -> Settings:
    """The settings with the token out of its file, if it stands in one."""
    file = settings.telegram.token_file
    if file is None:
        return settings
    text, faults = read_text(file)
    token, _ = fill(TelegramSettings, Located({"token": Located((text or "").strip(), 1, 1, plain=True)}, 1, 1), file)
    if token is None or token.token is None:
        wrong = faults[0].wrong if faults else "is empty or holds no token"
        reading.complain(
            "telegram.token_file", f"{file} {wrong}", "mend the path, the rights or the file", warning=not need_token
        )
        return settings
    telegram = settings.telegram.model_copy(update={"token": SecretStr(token.token.get_secret_value())})
    return settings.model_copy(update={"telegram": telegram})


def _read_feeds(reading: Reading, settings: Settings, environ: Mapping[str, str]) -> tuple[Feed, ...]:
    placed: list[PlacedFeed] = []
    texts: list[str] = []
    for number, file in enumerate(settings.feeds):
        shown = shown_path(file)
        if not file.exists():
            node = find(reading.root, ("feeds", number))
            wrong, mend = f"feeds: {shown} is not there", "mend the path, or write the file (`guetteur init` has one)"
            reading.problems.append(node.problem(reading.path, wrong, mend))
            continue
        text, problems = read_text(file)
        feeds, faults = read_feeds(text, shown, environ) if text is not None else ([], problems)
        placed += feeds
        texts += [text] if text is not None else []
        reading.problems += faults
    settled, faults = settle_ids(placed)
    keep_secrets(settled, texts, environ)
    reading.problems += faults
    if not placed and not reading.problems:
        reading.complain("feeds", "there is no feed, so nothing will be found", "add some", warning=True)
    return settled


def _read_watchlists(reading: Reading, settings: Settings, feeds: tuple[Feed, ...]) -> tuple[Watchlist, ...]:
    if not settings.watchlists.is_dir():
        wrong = f"the folder {shown_path(settings.watchlists)} is not there"
        reading.complain("watchlists", wrong, "make it, or mend the path")
        return ()
    watchlists, problems = read_folder(shown_path(settings.watchlists))
    reading.problems += problems
    tags = frozenset(tag for feed in feeds for tag in feed.tags)
    for watchlist in watchlists:
        [file] = list(settings.watchlists.glob(f"{watchlist.id}.y*ml"))[:1]
        reading.problems += unknown_tags(shown_path(settings.watchlists) / file.name, watchlist, tags)
    return watchlists


def shown_path(path: Path) -> Path:
    """The path as a person at this terminal would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
