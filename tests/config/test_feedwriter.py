"""Writing a file of feeds: proved, whole, by one writer at a time, or refused with a word to the person."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from bot.config.feeds import read_feeds
from bot.config.feedwriter import add_feeds, remove_feed
from bot.errors import ConfigError, UsageError
from bot.model import Feed

NEW = Feed("", "https://new.example/rss", "Le Phare")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(b"# Les flux\n- https://a.example/rss # un\n- {id: b, url: https://b.example/}\n")
    return path


def ids(path: Path) -> list[str]:
    return [one.feed.id for one in read_feeds(path.read_text(), path, {})[0]]


def test_a_feed_is_added_with_an_id_and_found_there_the_second_time(file: Path) -> None:
    before = file.read_text()
    added = add_feeds([file], [NEW], {})
    assert [feed.id for feed in added.added] == ["new.example-rss"]
    assert file.read_text() == f'{before}- {{id: new.example-rss, url: "https://new.example/rss", title: Le Phare}}\n'
    again = add_feeds([file], [Feed("", "https://NEW.example:443/rss")], {})
    assert again.added == ()
    assert [there.id for _, there in again.present] == ["new.example-rss"]


def test_adding_and_removing_leaves_the_file_its_rights_and_every_byte(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    file.chmod(0o640)
    before = file.read_bytes()
    add_feeds([file], [NEW], {})
    assert file.read_bytes() != before
    remove_feed([file], "new.example-rss", {})
    assert file.read_bytes() == before
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_the_first_yaml_file_is_written_and_a_link_to_it_stays_a_link(file: Path, tmp_path: Path) -> None:
    opml = tmp_path / "a.opml"
    opml.write_text('<opml><outline xmlUrl="https://o.example/"/></opml>')
    link = tmp_path / "linked.yaml"
    link.symlink_to(file.name)
    add_feeds([opml, link], [NEW], {})
    assert link.is_symlink()
    assert "new.example-rss" in file.read_text()
    with pytest.raises(UsageError, match=r"a\.opml, which is OPML"):
        remove_feed([opml, link], "o.example", {})
    with pytest.raises(UsageError, match="no YAML file"):
        add_feeds([opml], [NEW], {})


def test_a_feed_of_any_file_is_removed_from_its_own(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("- https://c.example/\n- https://d.example/\n")
    path, feed = remove_feed([file, other], "c.example", {})
    assert (path, feed.url, other.read_text()) == (other, "https://c.example/", "- https://d.example/\n")


def test_a_variable_stays_a_variable_and_its_address_is_compared_as_it_is_read(file: Path) -> None:
    wanted = Feed("keyed", "https://k.example/${KEY}/rss")
    add_feeds([file], [wanted], {"KEY": "s3cret"})
    assert "https://k.example/${KEY}/rss" in file.read_text()
    assert "s3cret" not in file.read_text()
    environ = {"KEY": "s3cret", "HOST": "a.example"}
    assert add_feeds([file], [Feed("", "https://k.example/s3cret/rss")], environ).added == ()
    assert add_feeds([file], [Feed("hosted", "https://${HOST}/rss")], environ).added == ()


def test_an_address_that_holds_what_looks_like_a_variable_is_known_again(file: Path) -> None:
    wanted = Feed("", "https://odd.example/$${HOME}/rss")
    assert add_feeds([file], [wanted], {"HOME": "/x"}).added[0].url == wanted.url
    again = add_feeds([file], [wanted], {"HOME": "/x"})
    assert again.added == ()
    assert again.present[0][1].url == "https://odd.example/${HOME}/rss"


def test_what_would_change_another_feeds_id_is_refused(file: Path) -> None:
    """Its id was made of its address, with the query because the plain one was taken: what is stored hangs on it."""
    file.write_text("- https://a.example/rss\n- https://a.example/rss?page=2\n")
    with pytest.raises(UsageError, match=r"write `id: a\.example-rss-page-2`"):
        remove_feed([file], "a.example-rss", {})
    with pytest.raises(UsageError, match=r"the id a\.example-rss is taken"):
        add_feeds([file], [Feed("a.example-rss", "https://new.example/")], {})
    assert file.read_text() == "- https://a.example/rss\n- https://a.example/rss?page=2\n"


def test_a_file_that_is_read_only_missing_or_wrong_is_refused_and_left(file: Path) -> None:
    before = file.read_text()
    file.chmod(0o444)
    with pytest.raises(UsageError, match="read-only"):
        add_feeds([file], [NEW], {})
    with pytest.raises(UsageError, match="read-only"):
        remove_feed([file], "b", {})
    file.chmod(0o644)
    with pytest.raises(UsageError, match="no feed nobody"):
        remove_feed([file], "nobody", {})
    assert file.read_text() == before
    with pytest.raises(UsageError, match="cannot be read"):
        add_feeds([file.with_name("gone.yaml")], [NEW], {})
    file.write_text("- url: nonsense\n")
    with pytest.raises(ConfigError, match="not a web address"):
        add_feeds([file], [NEW], {})
    file.write_text("[https://a.example/]\n")
    with pytest.raises(UsageError, match="left as it is"):
        add_feeds([file], [NEW], {})


def _add_some(path: Path, writer: int) -> None:
    for number in range(5):
        add_feeds([path], [Feed("", f"https://w{writer}.example/{number}")], {})


def test_of_several_who_write_at_once_none_loses_what_it_wrote(file: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    writers = [context.Process(target=_add_some, args=(file, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    written = ids(file)
    assert len(written) == 2 + 15
    assert len(set(written[1:])) == 16
