"""`guetteur feeds`: what a person sees and what becomes of the file; `test` asks a server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text, update

from bot.cli import cli
from bot.cli.feeds_screen import Doing
from bot.cli.words import duration, in_line, width
from bot.errors import ConfigError, StorageError, UsageError
from bot.model import Feed
from bot.storage.database import open_database
from bot.storage.feeds import sync_feeds
from bot.storage.revision import HISTORY
from bot.storage.schema import feeds as feeds_table
from bot.storage.schema import metadata
from tests.newsstand import Item, Newsstand, newsstand

FEEDS = """\
# Nos flux
- {id: courrier, url: "https://u:s3cret@courrier.example/rss?api_key=k3y", title: Le Courrier, tags: [mer, brumes]}
- {id: quai, url: https://quai.example/rss, title: صحيفة الرصيف} # en arabe
- {id: phare, url: "https://phare.example/rss"}
- {id: gazette, url: "https://gazette.example/rss", headers: {X-Key: s3cret}}
- {id: nouveau, url: "https://nouveau.example/rss"}
"""
LISTED = ("courrier", "quai", "phare", "gazette")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    file = tmp_path / "g.yaml"
    file.write_text(
        "storage: {url: 'sqlite:///g.db'}\nwatchlists: lists\npolling: {allow_networks: [127.0.0.0/8]}\n",
        encoding="utf-8",
    )
    return file


def feeds(config: Path, *arguments: str, code: int = 0) -> Result:
    command = ["feeds", arguments[0], "--config", str(config), *arguments[1:]]
    result: Result = CliRunner().invoke(cli, command, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    assert (result.return_value or 0) == code, result.output
    return result


def written(config: Path) -> str:
    return (config.parent / "feeds.yaml").read_text(encoding="utf-8")


def polled_until(now: datetime) -> dict[str, dict[str, Any]]:
    """Columns of the feeds' rows. The list counts from the clock on the wall, so `now` must be just now."""
    lately = {"last_good_at": now - timedelta(minutes=3)}
    return {
        "courrier": lately | {"usual_gap_s": 720.0, "newest_at": now - timedelta(minutes=9)},
        "quai": lately | {"noticed": "quiet", "usual_gap_s": 3600.0, "newest_at": now - timedelta(days=9)},
        "phare": {
            "state": "failing",
            "failing_since": now - timedelta(hours=5),
            "last_good_at": now - timedelta(hours=6),
            "failures": 7,
            "last_error": "https://phare.example/rss answered\x1b[31m 503",
        },
        "gazette": {
            "state": "gone",
            "failing_since": now - timedelta(days=1),
            "failures": 1,
            "last_error": "taken down (410)",
        },
    }


@pytest.fixture
def polled(config: Path) -> Path:
    asyncio.run(_poll(f"sqlite:///{config.parent / 'g.db'}"))
    return config


async def _poll(url: str) -> None:
    database = await open_database(url)
    now = datetime.now(UTC)
    due = now + timedelta(minutes=7, seconds=30)
    async with database.transaction() as tx:
        await tx.run_sync(metadata.create_all)
        await tx.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        await tx.execute(text("INSERT INTO alembic_version VALUES (:last)"), {"last": HISTORY[-1]})
        configured = [Feed(feed_id, f"https://{feed_id}.example/rss") for feed_id in LISTED]
        await sync_feeds(tx, configured, dict.fromkeys(LISTED, due))
        for feed_id, columns in polled_until(now).items():
            await tx.execute(update(feeds_table).where(feeds_table.c.id == feed_id).values(columns))
    await database.close()


# --- list ------------------------------------------------------------------------------------------------------------


def test_without_a_database_every_feed_is_listed_as_not_polled(config: Path) -> None:
    said = feeds(config, "list").stdout
    assert said.startswith("5 feeds; nothing was polled yet")
    assert all(feed_id in said for feed_id in (*LISTED, "nouveau"))


def test_troubles_stand_first_with_their_error_and_every_feed_once(polled: Path) -> None:
    said = feeds(polled, "list").stdout
    assert said.startswith("5 feeds: 1 suspended, 1 failing, 1 quiet, 1 not polled yet, 1 ok.")
    places = [said.index(f"\n{feed_id} ") for feed_id in ("gazette", "phare", "quai", "nouveau", "courrier")]
    assert places == sorted(places)
    assert "7 failed polls in a row" in said
    assert "answered[31m 503" in said, "what an error holds does not command the terminal"
    assert "9 days ago" in said
    [ok] = [line for line in said.splitlines() if line.startswith("courrier")]
    assert ok.split("  ")[-1] == "[brumes, mer]"
    assert [cell.strip() for cell in ok.split("  ") if cell][1:5] == ["3 min ago", "in 7 min", "12 min", "0"]


def test_no_secret_is_listed(polled: Path) -> None:
    for said in (feeds(polled, "list").output, feeds(polled, "list", "--json").output):
        assert "s3cret" not in said
        assert "k3y" not in said


def test_a_feed_that_has_moved_for_good_is_listed_with_its_new_address(polled: Path) -> None:
    asyncio.run(
        _change(f"sqlite:///{polled.parent / 'g.db'}", "courrier", {"redirected_to": "https://u:pw@neu.example/rss"})
    )
    said = feeds(polled, "list").stdout
    assert "    now at https://neu.example/rss, where it is polled" in said
    listed = json.loads(feeds(polled, "list", "--json").stdout)["feeds"]
    assert [each["moved_to"] for each in listed[:2]] == ["https://neu.example/rss", None]


def test_data_says_the_same_in_the_order_of_the_file(polled: Path) -> None:
    listed = json.loads(feeds(polled, "list", "--json").stdout)["feeds"]
    assert [(each["id"], each["state"]) for each in listed] == [
        ("courrier", "ok"), ("quai", "quiet"), ("phare", "failing"), ("gazette", "suspended"),
        ("nouveau", "not polled yet"),
    ]  # fmt: skip
    assert listed[0]["url"] == "https://courrier.example/rss?api_key=…"
    assert listed[3]["next_poll_at"] is None
    assert all(each.keys() == listed[0].keys() for each in listed)
    assert {each["state"] for each in listed} <= {doing.value for doing in Doing}


def test_a_value_of_the_environment_is_in_no_list_and_no_export(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWS_KEY", "t0ps3cr3t")
    feeds(config, "add", "https://k.example/${NEWS_KEY}/rss")
    assert "${NEWS_KEY}" in written(config)
    listed, exported = feeds(config, "list").output, feeds(config, "export").output
    assert "https://k.example/…/rss" in listed
    assert 'xmlUrl="https://k.example' not in exported
    assert "t0ps3cr3t" not in listed + exported


@pytest.mark.parametrize("key", ["k", "sek"])
def test_a_short_value_is_hidden_where_it_stands_in_its_own_address(
    config: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("NEWS_KEY", key)
    feeds(config, "add", "https://sekk.example/${NEWS_KEY}/rss?k=${NEWS_KEY}&sek=1")
    feeds(config, "add", f"https://other.example/{key}/rss")
    for said in (feeds(config, "list").output, feeds(config, "list", "--json").output):
        assert "https://sekk.example/…/rss?k=…&sek=1" in said
        assert f"https://other.example/{key}/rss" in said, "a short value is looked for nowhere else"
        assert f"sekk.example/{key}" not in said


# --- add, remove -----------------------------------------------------------------------------------------------------


def test_a_feed_is_added_with_all_that_was_said_and_removed_again(config: Path) -> None:
    given = ["--title", "L'Écho", "--tag", "Mer,port", "--tag", "brumes", "--interval", "5m", "--language", "FR"]
    said = feeds(config, "add", "https://echo.example/rss", *given).stdout
    assert "Added echo.example-rss" in said
    entry = (
        '- {id: echo.example-rss, url: "https://echo.example/rss", title: L\'Écho, language: fr, '
        "tags: [brumes, mer, port], interval: 5m}\n"
    )
    assert written(config) == FEEDS + entry
    assert "Removed echo.example-rss (“L'Écho”)" in feeds(config, "remove", "echo.example-rss").stdout
    assert written(config) == FEEDS


def test_files_are_named_as_one_would_write_them_from_here(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(config.parent)
    assert "Added x.example to feeds.yaml. " in feeds(Path("g.yaml"), "add", "https://x.example/").stdout
    assert "from feeds.yaml. " in feeds(config, "remove", "x.example").stdout
    (config.parent / "feeds.yaml").chmod(0o444)
    with pytest.raises(UsageError, match=r"^feeds\.yaml is read-only"):
        feeds(config, "add", "https://x.example/")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["https://QUAI.example:443/rss"], "there already, as quai"),
        (["quai.example"], "not a web address"),
        (["https://x.example/", "--id", "quai"], "the id quai is taken"),
        (["https://x.example/", "--id", "Ça"], "small letters"),
        (["https://x.example/", "--interval", "5"], "has no unit"),
        (["https://x.example/", "--language", "%"], "not a language code"),
        (["https://x.example/\udcff"], "not UTF-8"),
        (["https://x.example/\x01"], "control character"),
        (["https://x.example/${GUETTEUR_TEST_UNSET}"], "GUETTEUR_TEST_UNSET is not set"),
    ],
)
def test_what_cannot_be_added_is_told_and_nothing_is_written(
    config: Path, arguments: list[str], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        feeds(config, "add", *arguments)
    assert written(config) == FEEDS


def test_an_address_that_looks_like_a_site_is_remarked_upon(config: Path) -> None:
    assert "feeds test https://site.example" in feeds(config, "add", "https://site.example/").stderr
    assert not feeds(config, "add", "https://other.example/rss").stderr


# --- import, export --------------------------------------------------------------------------------------------------


def test_what_is_exported_can_be_imported_elsewhere_without_its_secrets(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.opml"
    told = feeds(config, "export", "--output", str(file))
    assert told.stderr.splitlines() == [
        "warning: courrier was left out, for its address holds a secret",
        "warning: the headers of gazette were left out",
    ]
    assert feeds(config, "export").stdout == file.read_text(encoding="utf-8")
    assert "s3cret" not in file.read_text(encoding="utf-8")
    assert "courrier" not in file.read_text(encoding="utf-8")
    (tmp_path / "feeds.yaml").write_text("# vide\n", encoding="utf-8")
    said = feeds(config, "import", str(file)).stdout
    assert "4 feeds added, 0 skipped, 0 refused. A running daemon" in said
    assert written(config).startswith("# vide\n- {id: ")
    again = feeds(config, "import", str(file)).stdout
    assert again.endswith("0 feeds added, 4 skipped, 0 refused.\n")
    listed = json.loads(feeds(config, "list", "--json").stdout)["feeds"]
    assert [each["title"] for each in listed[:2]] == ["صحيفة الرصيف", ""]


def test_an_export_goes_over_nothing_that_is_there(config: Path) -> None:
    there = config.parent / "feeds.yaml"
    with pytest.raises(UsageError, match=r"feeds\.yaml exists; name a file that does not"):
        feeds(config, "export", "--output", str(there))
    assert written(config) == FEEDS


def test_an_export_names_a_feed_as_it_calls_itself(polled: Path) -> None:
    asyncio.run(_change(f"sqlite:///{polled.parent / 'g.db'}", "phare", {"title": "Le Phare du soir"}))
    assert 'title="Le Phare du soir" xmlUrl="https://phare.example/rss"' in feeds(polled, "export").stdout


async def _change(url: str, feed_id: str, columns: dict[str, Any]) -> None:
    database = await open_database(url)
    async with database.transaction() as tx:
        await tx.execute(update(feeds_table).where(feeds_table.c.id == feed_id).values(columns))
    await database.close()


def test_an_import_goes_on_past_what_cannot_be_used(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "in.opml"
    file.write_text(
        '<opml><body><outline text="Écho ${HOME}" xmlUrl="https://echo.example/rss"/>\n'
        '<outline xmlUrl="ftp://x.example/"/><outline xmlUrl=""/><outline xmlUrl="https://quai.example/rss"/>'
        '<outline xmlUrl="https://ECHO.example/rss"/></body></opml>',
        encoding="utf-8",
    )
    told = feeds(config, "import", str(file), code=1)
    assert "1 feed added, 2 skipped, 2 refused." in told.stdout
    assert f"refused  {file}:2:" in told.stderr
    assert "an outline has an empty xmlUrl" in told.stderr
    assert "(“Écho ${HOME}”)" in told.stdout
    listed = json.loads(feeds(config, "list", "--json").stdout)["feeds"]
    assert listed[-1]["title"] == "Écho ${HOME}", "what stands in another's file is no variable of ours"
    with pytest.raises(UsageError, match="is not OPML"):
        feeds(config, "import", str(config))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("", "is empty"), ("<opml><body>", "not OPML"), ("<opml><body/></opml>", "lists no feed"), ("\udcff", "UTF-8")],
)
def test_a_file_that_is_no_list_of_feeds_is_a_mistake_of_usage(
    config: Path, tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "in.opml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises((UsageError, ConfigError), match=complaint):
        feeds(config, "import", str(file))


# --- resume ----------------------------------------------------------------------------------------------------------


def test_a_suspended_feed_is_resumed_once_and_no_other(polled: Path) -> None:
    assert "polled again" in feeds(polled, "resume", "gazette").stdout
    for feed_id, complaint in [("gazette", "not suspended"), ("phare", "not suspended"), ("nobody", "no feed nobody")]:
        with pytest.raises(UsageError, match=complaint):
            feeds(polled, "resume", feed_id)


def test_before_the_first_run_there_is_nothing_to_resume(config: Path) -> None:
    with pytest.raises(StorageError, match="nothing yet"):
        feeds(config, "resume", "quai")


# --- test ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def stand() -> Iterator[Newsstand]:
    """A newsstand in a thread of its own: the command line runs a loop itself."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    serving = newsstand()
    yield asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(10)
    asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def published(stand: Newsstand, path: str = "/feed.xml", **headers: str) -> None:
    items = [Item(f"Titre {n}", "Le texte. " * n, published=datetime.now(UTC) - timedelta(hours=n)) for n in (3, 1, 2)]
    stand.publish(*items, Item("لوحات متحف الضباب", "نص"), path=path, **headers)


def page(stand: Newsstand, head: str, path: str = "/") -> None:
    stand.serve(f"<!doctype html><html><head>{head}</head></html>".encode(), path=path, content_type="text/html")


def asked(config: Path, url: str, code: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(feeds(config, "test", url, "--json", code=code).stdout)
    return data


def test_a_feed_is_shown_with_its_rhythm_its_entries_and_a_second_answer(config: Path, stand: Newsstand) -> None:
    published(stand, Cache_Control="max-age=900")
    said = feeds(config, "test", stand.url()).stdout
    assert "Le Phare" in said
    assert "RSS 2.0, fr, 4 entries" in said
    assert "one entry about every 60 min" in said
    assert "1 of 4 missing" in said
    assert "to wait 15 min (Cache-Control: max-age=900)" in said
    assert "304, not modified" in said
    assert said.index("Titre 1") < said.index("Titre 2") < said.index("Titre 3") < said.index("\u2068لوحات")
    assert said.rstrip().endswith(f"feeds add {stand.url()}")
    assert len(stand.requests) == 2
    assert "If-None-Match" in stand.requests[1].headers


def test_of_a_page_the_feed_that_it_names_is_found_and_no_more_is_asked(config: Path, stand: Newsstand) -> None:
    published(stand, "/rss-une.xml")
    page(stand, '<link rel=alternate type="application/rss+xml" href=rss-une.xml title="Une">')
    found = asked(config, stand.url("/"))
    assert found["feed"]["url"] == stand.url("/rss-une.xml")
    assert found["feed"]["how"] == "named by the page"
    assert found["links"] == [{"url": stand.url("/rss-une.xml"), "title": "Une"}]
    assert [each.path for each in stand.requests] == ["/", "/rss-une.xml", "/rss-une.xml"]
    assert "is a page. Its feed, named in its head" in feeds(config, "test", stand.url("/")).stdout


def test_a_page_is_known_by_its_type_however_it_begins(config: Path, stand: Newsstand) -> None:
    published(stand)
    body = b"<script>x</script><link rel=alternate type='application/rss+xml' href=/feed.xml>"
    stand.serve(body, path="/", content_type="Text/HTML; charset=utf-8")
    assert asked(config, stand.url("/"))["feed"]["url"] == stand.url()


def test_of_a_page_that_names_none_the_usual_places_are_tried_in_turn(config: Path, stand: Newsstand) -> None:
    published(stand, "/rss")
    page(stand, '<link rel=alternate type="application/json" href="/wp-json/">', "/actu/")
    found = asked(config, stand.url("/actu/"))
    assert (found["feed"]["url"], found["feed"]["how"]) == (stand.url("/rss"), "a usual place")
    assert [each["url"] for each in found["tried"]] == [stand.url("/wp-json/"), stand.url("/feed")]


def test_where_there_is_no_feed_it_says_why_and_the_exit_code_is_1(config: Path, stand: Newsstand) -> None:
    page(stand, "")
    stand.serve(b"not a feed", path="/text", content_type="text/plain")
    assert "it names no feed" in feeds(config, "test", stand.url("/"), code=1).stdout
    assert asked(config, stand.url("/text"), code=1)["feed"] is None
    assert "404" in asked(config, stand.url("/nowhere"), code=1)["error"]
    for url in ("http://[::1", "ftp://x.example/", "http://", "http://127.0.1.7:1/", "https://a b/"):
        assert asked(config, url, code=1)["error"]


def test_redirects_are_shown_and_one_for_good_is_what_to_add(config: Path, stand: Newsstand) -> None:
    published(stand)
    stand.redirect(stand.url(), path="/old", status=301)
    said = feeds(config, "test", stand.url("/old")).stdout
    assert f"301 from {stand.url('/old')} to {stand.url()}" in said
    assert said.rstrip().endswith(f"feeds add {stand.url()}")


def test_a_server_that_does_not_compare_or_changes_each_time_is_told(config: Path, stand: Newsstand) -> None:
    published(stand)
    body = b"<rss version='2.0'><channel><title>t</title><item><title>a</title></item></channel></rss>"
    stand.answer(200, body, path="/deaf", ETag='"1"')
    stand.answer(200, body, path="/bare")
    assert "200 with the same document" in feeds(config, "test", stand.url("/deaf")).stdout
    assert "none: every poll transfers the whole document" in feeds(config, "test", stand.url("/bare")).stdout
    assert asked(config, stand.url("/bare"))["feed"]["second"] is None


def test_the_guard_holds_without_a_configuration_too(tmp_path: Path, stand: Newsstand) -> None:
    published(stand)
    said = feeds(tmp_path / "none.yaml", "test", stand.url(), code=1).stdout
    assert "not a public address" in said
    assert stand.requests == []


def test_a_configured_feed_is_asked_by_its_id_with_its_headers(config: Path, stand: Newsstand) -> None:
    published(stand)
    entry = f'- {{id: keyed, url: "{stand.url()}", headers: {{X-Key: s3cret}}}}\n'
    (config.parent / "feeds.yaml").write_text(entry, encoding="utf-8")
    said = feeds(config, "test", "keyed").stdout
    assert stand.requests[0].headers["X-Key"] == "s3cret"
    assert "s3cret" not in said
    assert "Add it with" not in said


def test_add_with_test_adds_a_feed_and_refuses_a_page(config: Path, stand: Newsstand) -> None:
    published(stand)
    page(stand, '<link rel=alternate type="application/rss+xml" href=feed.xml>')
    assert f"whose feed is {stand.url()}" in feeds(config, "add", stand.url("/"), "--test", code=1).stderr
    assert "404" in feeds(config, "add", stand.url("/gone"), "--test", code=1).stderr
    assert written(config) == FEEDS
    feeds(config, "add", stand.url(), "--test")
    assert stand.url() in written(config)


def test_add_with_test_tells_where_a_feed_has_moved_to(config: Path, stand: Newsstand) -> None:
    published(stand)
    stand.redirect(stand.url(), path="/old", status=301)
    stand.redirect(stand.url(), path="/detour")
    assert f"has moved for good to {stand.url()}:" in feeds(config, "add", stand.url("/old"), "--test").stderr
    assert not feeds(config, "add", stand.url("/detour"), "--test").stderr


def test_what_a_test_says_is_short_and_fits_one_who_only_asks(config: Path, stand: Newsstand) -> None:
    page(stand, "")
    told = feeds(config, "test", stand.url("/"), code=1).stdout
    assert f"tried {stand.url('/rss')}: answered 404" in told
    stand.answer(403, path="/no")
    refused = feeds(config, "test", stand.url("/no"), code=1).stdout
    assert "ask the publisher" in refused
    assert "remove the feed" not in refused
    stand.serve(
        b"<rss version='2.0'><channel><title>t</title><item><title>a</titl></item></channel></rss>", path="/cut"
    )
    cut = feeds(config, "test", stand.url("/cut")).stdout
    assert "faults       line " in cut
    assert "<unknown>" not in cut


def test_who_mistypes_an_id_or_forgets_the_scheme_is_told(config: Path, stand: Newsstand) -> None:
    with pytest.raises(UsageError, match="there is no feed quay;"):
        feeds(config, "test", "quay")
    bare = stand.url().removeprefix("http://")
    assert f"ask for http://{bare}" in feeds(config, "test", bare, code=1).stderr
    assert not feeds(config, "test", stand.url("/nowhere"), code=1).stderr


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "60 min"), (7200, "2 h"), (100_000, "28 h"), (172_800, "2 days")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_texts_from_elsewhere_stay_on_their_line_and_in_their_columns() -> None:
    assert in_line("a\n\x1b[2J\u202eb\x9b") == "a [2Jb"
    assert width("é") == width("e\u0301") == 1
    assert width("霧") == 2
    assert width(in_line("رصيف")) == 4
