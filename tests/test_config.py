"""Settings, the environment and feed files: what is read, and every mistake with its place."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Loaded, Settings, check_settings, load
from bot.config.environment import override_names
from bot.config.feeds import derived_id, read_feeds, settle_ids
from bot.config.values import format_duration, format_size, parse_duration, parse_size
from bot.errors import ConfigError, UsageError
from bot.model import Feed
from bot.yamlmodel import Refused

TOKEN = "123456:FAKE-TOKEN-FOR-TESTS"
ENVIRON = {"TELEGRAM_BOT_TOKEN": TOKEN}
SHIPPED = Path(__file__).parents[1] / "config" / "guetteur.yaml"

Project = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Writes a project's files and gives the path of its settings."""

    def write(settings: str = "", feeds: str = "- https://news.example/rss\n", **others: str) -> Path:
        config, watchlists = tmp_path / "config", tmp_path / "watchlists"
        config.mkdir(exist_ok=True)
        watchlists.mkdir(exist_ok=True)
        (watchlists / "people.yaml").write_text(others.pop("people", "- Mohamed Amra\n"))
        (config / "feeds.yaml").write_text(feeds)
        for name, text in others.items():
            (config / name.replace("_", ".")).write_text(text)
        (config / "guetteur.yaml").write_text(settings)
        return config / "guetteur.yaml"

    return write


def complaints(path: Path, environ: dict[str, str] | None = None, *, need_token: bool = False) -> list[str]:
    """`line:column: what; mend` of every problem."""
    with pytest.raises(ConfigError) as raised:
        load(path, environ or {}, need_token=need_token)
    return [str(problem).removeprefix(f"{path.parent}/") for problem in raised.value.problems]


def settings_of(text: str, environ: dict[str, str] | None = None) -> Settings:
    reading, settings = check_settings(text, Path("/srv/config/guetteur.yaml"), environ or {}, need_token=False)
    assert reading.problems == []
    return settings


def said_of(text: str, environ: dict[str, str] | None = None) -> list[str]:
    reading, _ = check_settings(text, Path("g.yaml"), environ or {}, need_token=False)
    return [str(problem) for problem in sorted(reading.problems)]


# --- Defaults and shapes -----------------------------------------------------------------------------------------


def test_an_empty_file_gives_the_defaults_of_the_promise() -> None:
    settings = settings_of("")
    assert settings.telegram.base_url == "https://api.telegram.org/bot"
    assert (settings.telegram.access, settings.telegram.allow, settings.telegram.ops_chat) == ("invite", (), None)
    assert settings.storage.url == "sqlite:////srv/var/guetteur.db"
    polling = settings.polling
    assert (polling.interval, polling.min_interval, polling.max_interval) == (
        timedelta(minutes=10), timedelta(minutes=2), timedelta(hours=6),
    )  # fmt: skip
    assert (polling.concurrency, polling.per_host, polling.timeout, polling.max_bytes) == (
        50, 2, timedelta(seconds=20), 10_000_000,
    )  # fmt: skip
    assert (settings.alerts.max_age, settings.alerts.story_window) == (timedelta(hours=48), timedelta(hours=72))
    assert (settings.alerts.language, settings.alerts.timezone) == ("fr", "Europe/Paris")
    assert (settings.web.listen, settings.heartbeat.url) == ("127.0.0.1:8080", None)
    assert settings.retention.decisions == timedelta(days=5 * 365)
    assert settings.feeds == (Path("/srv/config/feeds.yaml"),)
    assert settings.watchlists == Path("/srv/watchlists")


def test_the_shipped_file_holds_every_key_with_its_default() -> None:
    written = load(SHIPPED, {}, need_token=False).settings
    _, bare = check_settings("", SHIPPED, {}, need_token=False)
    assert written == bare
    text = SHIPPED.read_text()
    sections = Settings.model_fields
    keys = {key for name in sections for key in getattr(type(getattr(bare, name)), "model_fields", {})}
    assert not [key for key in {*sections, *keys} - {"token_file"} if f"{key}:" not in text]


def test_every_key_has_a_description() -> None:
    for section, field in Settings.model_fields.items():
        assert field.description, section
        for key, inner in getattr(field.annotation, "model_fields", {}).items():
            assert inner.description, f"{section}.{key}"


def test_lists_may_be_one_text_and_sections_empty() -> None:
    settings = settings_of(
        "telegram:\n  allow: 42, -1001\n  admins: 7\nalerts:\npolling: {allow_networks: 127.0.0.0/8}\n"
    )
    assert (settings.telegram.allow, settings.telegram.admins) == ((42, -1001), (7,))
    assert settings.polling.allow_networks == (ip_network("127.0.0.0/8"),)


def test_null_switches_off_only_what_may_be_off() -> None:
    assert settings_of("web: {listen: null}").web.listen is None
    assert settings_of("web: {listen: }").web.listen is None
    assert said_of("alerts: {language: null}") == [
        "g.yaml:1:20: alerts.language: null is not possible here; write fr, en or ar"
    ]


def test_a_text_stays_the_text_that_was_written() -> None:
    assert settings_of("polling: {user_agent_contact: no}").polling.user_agent_contact == "no"


def test_keys_that_begin_with_x_are_free() -> None:
    assert settings_of("x-note: [a]\npolling: {x-why: {b: c}}\n") == settings_of("")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("poling: {}", "1:1: there is no key poling; did you mean polling?"),
        ("polling: {intervall: 5m}", "1:11: there is no key polling.intervall; did you mean interval?"),
        ("timezone: UTC", "1:1: there is no key timezone; did you mean alerts.timezone?"),
        ("polling: {interval: 10}", "1:21: polling.interval: 10 has no unit; write 10s, 10m or 10h"),
        ("polling: {interval: soon}", "1:21: polling.interval: soon is not a duration; write one like 20s, 10m, 6h, 90d or 5y"),
        ("polling: {timeout: }", "1:20: polling.timeout: nothing is written here; write a value, or delete the line for the default"),
        ("polling: {interval: 500ms}", "1:21: polling.interval: 500ms is too short; write at least 1s"),
        ("polling: {max_bytes: 5000000}", "1:22: polling.max_bytes: 5000000 has no unit; write 5MB if these are bytes, or 5000000MB"),
        ("polling: {concurrency: many}", "1:24: polling.concurrency: many is not a whole number; write digits only"),
        ("polling: {per_host: 0}", "1:21: polling.per_host: 0 is too small; write at least 1"),
        ("polling: {allow_networks: [10.1.2.3/16]}", "1:28: polling.allow_networks: 10.1.2.3/16 is an address inside a network; write 10.1.0.0/16"),
        ("polling: 5m", "1:10: polling: keys are expected below this one; write one “key: value” a line, indented"),
        ("polling: {interval: 1m, min_interval: 2m}", "1:10: polling: interval (1m) is below min_interval (2m); write min_interval: 1m too, or a longer interval"),
        ("polling: {interval: 1d}", "1:10: polling: interval (1d) is above max_interval (6h); write max_interval: 1d too, or a shorter interval"),
        ("alerts: {timezone: Europe/Pariss}", "1:20: alerts.timezone: Europe/Pariss is not a time zone; write one like Europe/Paris or Africa/Casablanca"),
        ("telegram: {access: opn}", "1:20: telegram.access: opn is not possible here; write invite, allowlist or open"),
        ("telegram: {base_url: 'https://api.example'}", "1:22: telegram.base_url: the token would not fit into this address; let it end in /bot or hold {token}"),
        ("telegram: {base_url: 'ftp://api.example/bot'}", "1:22: telegram.base_url: this is not a web address; write one that begins with https:// or http://"),
        ("web: {listen: 8080}", "1:15: web.listen: 8080 is not an address and a port; write one like 127.0.0.1:8080 (null switches it off)"),
        ("storage: {url: 'mysql://x'}", "1:16: storage.url: this is not a database we know; write sqlite:///FILE or postgresql://USER@HOST/NAME"),
        ("storage: {url: 'sqlite:///:memory:'}", "1:16: storage.url: a database in memory would forget all subscriptions; name a file: sqlite:///../var/guetteur.db"),
        ("telegram: {token: '1:a', token_file: t}", "1:11: telegram: token and token_file are both given; keep one of them"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_what_to_do(text: str, said: str) -> None:
    assert said_of(text) == [f"g.yaml:{said}"]


@pytest.mark.parametrize("url", ["postgresql://u:s3cret@127.0.0.1:port/db", "postgresql://u:s3cret@[::1/db"])
def test_an_unreadable_database_address_is_refused_without_its_password(url: str) -> None:
    [said] = said_of(f"storage: {{url: '{url}'}}")
    assert said.startswith("g.yaml:1:16: storage.url: this database address cannot be read; write postgresql://")
    assert "s3cret" not in said


def test_intervals_go_down_to_a_second() -> None:
    settings = settings_of("polling: {interval: 1s, min_interval: 1s}")
    assert settings.polling.interval == timedelta(seconds=1)


def test_a_bot_api_of_ones_own_may_hold_the_token_anywhere() -> None:
    settings = settings_of("telegram: {base_url: 'http://127.0.0.1:8081/bot{token}/test'}")
    assert settings.telegram.base_url == "http://127.0.0.1:8081/bot{token}/test"


def test_dangerous_settings_are_warned_about(project: Project) -> None:
    path = project("telegram: {access: open}\nnetwork: {proxy: 'http://proxy.example:3128'}\n")
    warnings = load(path, {}, need_token=False).warnings
    assert [(warning.line, warning.column, warning.warning) for warning in warnings] == [(1, 20, True), (2, 18, True)]
    assert "strangers" in warnings[0].wrong


# --- Paths and tokens --------------------------------------------------------------------------------------------


def test_relative_paths_start_from_the_file_that_holds_them() -> None:
    settings = settings_of("storage: {url: 'sqlite:///data/g.db?x=1'}\nfeeds: [a.yaml, /etc/b.opml]\nwatchlists: w\n")
    assert settings.storage.url == "sqlite:////srv/config/data/g.db?x=1"
    assert settings.feeds == (Path("/srv/config/a.yaml"), Path("/etc/b.opml"))
    assert settings.watchlists == Path("/srv/config/w")
    assert settings_of("storage: {url: 'sqlite:////data/g.db'}").storage.url == "sqlite:////data/g.db"
    assert settings_of("storage: {url: 'postgresql://h/n'}").storage.url == "postgresql://h/n"


def test_the_token_comes_from_the_environment_and_is_shown_nowhere(project: Project) -> None:
    loaded = load(project("telegram: {token: '${TELEGRAM_BOT_TOKEN}'}"), ENVIRON)
    assert loaded.settings.telegram.token is not None
    assert loaded.settings.telegram.token.get_secret_value() == TOKEN
    assert TOKEN not in repr(loaded)


def test_a_token_file_is_read_and_stripped(project: Project) -> None:
    path = project("telegram: {token_file: secret.txt}", secret_txt=f"  {TOKEN}\n")
    loaded = load(path, {})
    assert loaded.settings.telegram.token is not None
    assert loaded.settings.telegram.token.get_secret_value() == TOKEN


def test_an_unreadable_or_empty_token_file_is_an_error_when_the_token_is_needed(project: Project) -> None:
    path = project("telegram: {token_file: secret.txt}")
    [said] = complaints(path, need_token=True)
    assert said.startswith("guetteur.yaml:1:24: telegram.token_file: ")
    assert [warning.line for warning in load(path, {}, need_token=False).warnings] == [1]
    (path.parent / "secret.txt").write_text("\n")
    assert "no token" in complaints(path, need_token=True)[0]


@pytest.mark.parametrize("text", ["", "these are no certificates", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_of_certificates_that_holds_none_is_told_with_its_name(project: Project, text: str) -> None:
    path = project("network: {ca_file: own.pem}\n", own_pem=text)
    [said] = complaints(path)
    assert said.startswith("guetteur.yaml:1:")
    assert "own.pem holds no certificates" in said


def test_a_file_of_certificates_is_taken(project: Project) -> None:
    [authority, *_] = ssl.create_default_context().get_ca_certs(binary_form=True) or pytest.skip("no authority here")
    path = project("network: {ca_file: own.pem}\n", own_pem=ssl.DER_cert_to_PEM_cert(authority))
    assert load(path, {}, need_token=False).settings.network.ca_file == path.parent / "own.pem"


def test_a_token_that_is_none_is_refused_without_showing_it() -> None:
    [said] = said_of("telegram: {token: 'secret words'}")
    assert "not a bot token" in said
    assert "secret" not in said


@pytest.mark.parametrize("environ", [{}, {"TELEGRAM_BOT_TOKEN": ""}])
@pytest.mark.parametrize("settings", ["telegram: {token: '${TELEGRAM_BOT_TOKEN}'}", ""])
def test_without_a_token_both_ways_out_are_named(project: Project, settings: str, environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"TELEGRAM_BOT_TOKEN=(.|\n)*--console"):
        load(project(settings), environ)
    assert load(project(settings), environ, need_token=False).settings.telegram.token is None


def test_a_missing_file_names_init(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="guetteur init"):
        load(tmp_path / "guetteur.yaml", {})


# --- The environment ---------------------------------------------------------------------------------------------


def test_the_environment_overrides_keys_with_scalars_and_lists() -> None:
    environ = {
        "GUETTEUR_POLLING__INTERVAL": "5m",
        "GUETTEUR_POLLING__ALLOW_NETWORKS": "[127.0.0.0/8, 10.0.0.0/8]",
        "GUETTEUR_TELEGRAM__BASE_URL": "http://127.0.0.1:1/bot",
        "GUETTEUR_WEB__LISTEN": "null",
        "GUETTEUR_WATCHLISTS": "/lists",
        "GUETTEUR_TELEGRAM__WEBHOOK__URL": "https://bot.example/",
        "GUETTEUR_TELEGRAM__WEBHOOK__SECRET": "'1_a-b'",
    }
    settings = settings_of("polling: {interval: 3m}\ntelegram: {base_url: '${UNSET}'}\n", environ)
    assert settings.polling.interval == timedelta(minutes=5)
    assert len(settings.polling.allow_networks) == 2
    assert (settings.telegram.base_url, settings.web.listen) == ("http://127.0.0.1:1/bot", None)
    assert settings.watchlists == Path("/lists")
    assert settings.telegram.webhook is not None
    assert settings.telegram.webhook.secret.get_secret_value() == "1_a-b"


def test_unknown_overrides_are_errors_and_reserved_names_are_not() -> None:
    environ = {
        "GUETTEUR_TELEGRAM_BASE_URL": "x",
        "GUETTEUR_CONFIG": "x",
        "GUETTEUR_CORPUS": "x",
        "GUETTEUR_TEST_POSTGRES": "x",
        "PATH": "x",
    }
    assert said_of("", environ) == [
        (
            "environment variable GUETTEUR_TELEGRAM_BASE_URL:1:1: there is no such setting; "
            "did you mean GUETTEUR_TELEGRAM__BASE_URL?"
        )
    ]


def test_a_wrong_override_is_blamed_on_the_environment() -> None:
    [said] = said_of("polling: {interval: 3m}", {"GUETTEUR_POLLING__INTERVAL": "5"})
    assert said.startswith("environment variable GUETTEUR_POLLING__INTERVAL:1:1: polling.interval: 5 has no unit")


def test_every_key_can_be_overridden() -> None:
    names = override_names()
    assert {"GUETTEUR_TELEGRAM__TOKEN", "GUETTEUR_FEEDS", "GUETTEUR_RETENTION__MATCHED"} <= names.keys()
    assert len(names) > 30


def test_variables_are_filled_in_anywhere_and_can_be_escaped() -> None:
    text = "heartbeat: {url: 'https://${HOST}/$${raw}'}"
    assert settings_of(text, {"HOST": "up.example"}).heartbeat.url == "https://up.example/${raw}"


def test_an_unset_or_empty_variable_is_an_error_where_it_stands() -> None:
    said = "g.yaml:1:17: the environment variable PW is not set; set it in .env: PW=…"
    assert said_of("web: {password: '${PW}'}") == said_of("web: {password: '${PW}'}", {"PW": ""}) == [said]


def test_a_variables_value_is_text_whatever_it_looks_like() -> None:
    settings = settings_of("web:\n  password: ${PW}\n", {"PW": "null"})
    assert settings.web.password is not None
    assert settings.web.password.get_secret_value() == "null"


# --- Everything at once ------------------------------------------------------------------------------------------


def test_every_problem_of_every_file_is_told_at_once(project: Project) -> None:
    path = project(
        "polling: {interval: 1}\nfeeds: [feeds.yaml, gone.opml]\n", feeds="- nonsense\n", people="- Mohamed\n- *x\n"
    )
    said = complaints(path)
    assert [one.split(":")[0].rsplit("/", 1)[-1] for one in said] == [
        "feeds.yaml", "guetteur.yaml", "guetteur.yaml", "people.yaml", "people.yaml",
    ]  # fmt: skip


def test_a_missing_watchlists_folder_is_a_problem_at_its_key(project: Project) -> None:
    [said] = complaints(project("watchlists: gone\n"))
    assert said.startswith("guetteur.yaml:1:13: watchlists: the folder ")


def test_tags_that_no_feed_has_are_warned_about(project: Project) -> None:
    path = project(
        feeds="- {url: 'https://a.example/', tags: Maroc}\n", people="title: x\ntags: [maroc, marok]\nnames: [Amra]\n"
    )
    [warning] = load(path, {}, need_token=False).warnings
    assert (warning.line, warning.wrong, warning.mend) == (2, "no feed has the tag marok", "did you mean maroc?")


def test_the_shipped_configuration_loads_without_a_word() -> None:
    loaded: Loaded = load(SHIPPED, {}, need_token=False)
    assert loaded.warnings == ()
    assert len(loaded.feeds) >= 40
    assert {feed.language for feed in loaded.feeds} == {"fr", "ar", "en"}
    assert all(feed.tags and feed.title and feed.url.startswith("https://") for feed in loaded.feeds)
    assert len(loaded.watchlists) >= 2


# --- Feed files --------------------------------------------------------------------------------------------------


def feeds_of(text: str, environ: dict[str, str] | None = None) -> tuple[Feed, ...]:
    placed, problems = read_feeds(text, Path("feeds.yaml"), environ or {})
    feeds, faults = settle_ids(placed)
    assert problems + faults == []
    return feeds


def feed_complaints(text: str) -> list[str]:
    placed, problems = read_feeds(text, Path("f"), {})
    return [str(problem) for problem in sorted(problems + settle_ids(placed)[1])]


def test_an_entry_holds_all_and_a_url_alone_is_one() -> None:
    first, second = feeds_of(
        "- {id: une, url: 'https://a.example/rss', title: A, language: FR, tags: 'France, justice', interval: 5m,\n"
        "   headers: {Authorization: 'Bearer ${KEY}'}}\n"
        "- https://www.lemonde.fr/rss/une.xml\n",
        {"KEY": "k"},
    )
    assert first == Feed(
        "une",
        "https://a.example/rss",
        "A",
        "fr",
        frozenset({"france", "justice"}),
        300.0,
        {"Authorization": "Bearer k"},
    )
    assert second.id == "lemonde.fr-rss-une"


def test_derived_ids_are_unique_and_depend_on_the_address_alone() -> None:
    one, two = "https://a.example/feed?s=1", "https://a.example/feed?s=2"
    assert [feed.id for feed in feeds_of(f"- {one}\n- {two}\n")] == ["a.example-feed", "a.example-feed-s-2"]
    assert derived_id(one, dict.fromkeys(["a.example-feed", "a.example-feed-s-1"])).startswith("a.example-feed-")


@given(st.text("abc/-.", max_size=150), st.booleans())
def test_a_derived_id_is_as_short_as_an_id_must_be(path: str, crowded: bool) -> None:
    url = f"https://news.example/{path}?{path}"
    taken = {derived_id(url, {}): None} if crowded else {}
    assert len(derived_id(url, taken)) <= 64
    assert derived_id(url, taken) not in taken


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- ftp://a.example/x\n", "f:1:3: url: this is not a web address; write one that begins with https:// or http://"),
        ("- {title: A}\n", "f:1:3: url: this is missing; add it"),
        ("- {url: 'https://a.example/', id: A b}\n", "f:1:35: id: an id has small letters, digits, - . and _ only; write a-b"),
        (f"- {{url: 'https://a.example/', id: {'a' * 65}}}\n", f"f:1:35: id: the id is longer than 64 characters; write {'a' * 64}"),
        ("- {url: 'https://a.example/', language: zh-Hant-abcdefgh-x}\n", "f:1:41: language: zh-Hant-abcdefgh-x is not a language code; write one like fr, ar or en"),
        ("- {url: 'https://a.example/', language: zh-Hant-abcdefgh-abc}\n", "f:1:41: language: the language code is longer than 16 characters; write one like fr, ar or en"),
        ("- {url: 'https://a.example/', lang: fr}\n", "f:1:31: there is no key lang; did you mean language?"),
        ("- https://a.example/x\n- https://A.example:443/x#top\n", "f:2:3: this address stands here a second time (first: line 1); remove one"),
        ("- {url: 'https://a.example/', id: a}\n- {url: 'https://b.example/', id: a}\n", "f:2:3: the id a stands here a second time (first: line 1); remove one"),
        ("a: b\n", "f:1:1: feeds are written as a list; begin each with “- ”, as in: - url: https://…"),
        ("- {url: 'https://a.example/', headers: {'A B': c}}\n", "f:1:40: headers: this is not an HTTP header; write it as Name: value"),
    ],
)  # fmt: skip
def test_mistakes_in_feeds_are_told(text: str, said: str) -> None:
    assert feed_complaints(text) == [said]


OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>t</title></head><body>
  <outline text="Maroc"><outline text="Presse">
    <outline type="rss" text="Gazette" xmlUrl="https://a.example/rss" language="fr" category="/justice"/>
  </outline></outline>
  <outline text="France"><outline text="Gazette" xmlUrl="https://a.example/rss"/></outline>
  <outline text="B &amp; C" xmlUrl="https://b.example/rss" language="unknown"/>
  <outline text="D" xmlUrl="https://d.example/rss" language="zh-Hant-abcdefgh-abc"/>
</body></opml>
"""


def test_opml_folders_become_tags_and_a_feed_in_two_folders_is_one() -> None:
    first, second, third = feeds_of(OPML)
    assert (first.title, first.language) == ("Gazette", "fr")
    assert first.tags == {"maroc", "presse", "justice", "france"}
    assert (second.title, second.language, second.tags) == ("B & C", None, frozenset())
    assert third.language is None


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_opml_with_entities_or_a_document_type_is_refused(declaration: str) -> None:
    [said] = feed_complaints(f"{declaration}<opml><outline xmlUrl='https://a.example/' text='&a;'/></opml>")
    assert "refused" in said


@pytest.mark.parametrize(
    ("text", "word"),
    [("<opml><outline>", "not OPML"), ("<opml></opml>", "no feed"), ("<o>" * 60 + "</o>" * 60, "nested too deep")],
)
def test_broken_opml_is_told(text: str, word: str) -> None:
    [said] = feed_complaints(text)
    assert word in said


# --- Durations and sizes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("20s", 20), ("10m", 600), ("6h", 21600), ("90d", 7776000), ("1h30m", 5400), ("2w", 1209600)],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "10", "-5m", "5 minutes", "m", "1.5.2h", "999999999y", "5M"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Refused):
        parse_duration(text)


@given(st.integers(0, 10**12))
def test_a_duration_and_a_size_read_back(number: int) -> None:
    duration = timedelta(milliseconds=number)
    assert parse_duration(format_duration(duration)) == duration
    assert parse_size(format_size(number)) == number


@pytest.mark.parametrize(("text", "size"), [("10MB", 10_000_000), ("1 kB", 1000), ("1.5MiB", 1572864), ("7b", 7)])
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


def test_a_short_interval_alone_is_taken_at_its_word(tmp_path: Path) -> None:
    file = tmp_path / "g.yaml"
    _, settings = check_settings("polling: {interval: 1s}", file, {}, need_token=False)
    assert settings is not None
    assert settings.polling.interval == timedelta(seconds=1)


def test_every_key_acts_and_the_shipped_file_gives_no_warning(tmp_path: Path) -> None:
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "feeds.yaml").write_text("- https://example.org/feed\n", encoding="utf-8")
    file = tmp_path / "g.yaml"
    file.write_text(
        "telegram: {webhook: {url: 'https://watch.example/', secret: abc}}\nweb: {listen: 0.0.0.0:80}\nwatchlists: watchlists\n",
        encoding="utf-8",
    )
    said = [warning.wrong for warning in load(file, {}, need_token=False).warnings]
    assert said[0] == "web.listen: whoever reaches 0.0.0.0:80 can see whom you watch"
    assert not [each for each in said if each.startswith(("telegram.webhook", "alerts.language"))]
    shipped = Path(__file__).parent.parent / "config" / "guetteur.yaml"
    assert load(shipped, {}, need_token=False).warnings == ()


def test_a_warning_about_a_yml_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "tag.yml").write_text("names:\n- Ada Quincampoix\ntags: [frnace]\n", encoding="utf-8")
    (tmp_path / "feeds.yaml").write_text("- {url: https://example.org/feed, tags: [france]}\n", encoding="utf-8")
    file = tmp_path / "g.yaml"
    file.write_text("watchlists: lists\n", encoding="utf-8")
    [warning] = load(file, {}, need_token=False).warnings
    assert (warning.path.name, warning.line) == ("tag.yml", 3)


def test_a_story_must_not_be_forgotten_while_it_takes_articles_in() -> None:
    text = "alerts: {story_window: 72h}\nretention: {matched: 1d}\n"
    reading, _ = check_settings(text, Path("g.yaml"), {}, need_token=False)
    [problem] = reading.problems
    assert str(problem) == (
        "g.yaml:2:22: retention.matched: 1d is less than alerts.story_window (3d); write 3d or more"
    )
