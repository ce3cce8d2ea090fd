"""Writing names to a watchlist file: proved, whole, by one writer at a time, or refused with a word to the person."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.watchlists import read_watchlist
from bot.watchlists.writer import (
    add_alias,
    add_exclusion,
    add_name,
    add_namesake_context,
    remove_name,
)

TEXT = "title: Quais  # shown\nnames:\n  # the port\n  - Aurélie Vantadour\n  - {name: Karim Lazregui, id: karim}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "quais.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def names(path: Path) -> list[str]:
    found, problems = read_watchlist(path)
    assert found is not None, problems
    return [name.id for name in found.names]


def test_a_name_is_added_and_removed_without_a_trace(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    before = file.read_bytes()
    assert add_name(file, "Badiss Kerbrazec", ["La Mouche"]).entity.aliases == ("La Mouche",)
    assert names(file) == ["Aurélie Vantadour", "karim", "Badiss Kerbrazec"]
    assert remove_name(file, "badiss kerbrazec").id == "Badiss Kerbrazec"
    assert file.read_bytes() == before
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_a_word_more_about_a_name_is_found_by_id_or_name_and_said_once(file: Path) -> None:
    assert add_alias(file, "Aurelie VANTADOUR", "La Vigie").entity.aliases == ("La Vigie",)
    before = file.read_bytes()
    add_alias(file, "Aurélie Vantadour", "La Vigie")
    assert file.read_bytes() == before
    assert add_exclusion(file, "karim", "Karim Lazregui Khan").entity.excluded == ("Karim Lazregui Khan",)
    assert add_namesake_context(file, "Karim Lazregui", "football").entity.excluded_context == ("football",)
    assert "  # the port\n" in file.read_text()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AURÉLIE vantadour", "is on Quais already"),
        ("Mohamed", "left as it is: .*common given name"),
        ("", "left as it is"),
    ],
)
def test_what_cannot_be_added_is_refused(file: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        add_name(file, name)
    assert file.read_text() == TEXT


def test_what_is_not_there_is_refused_and_so_is_what_stands_in_a_table(file: Path) -> None:
    with pytest.raises(UsageError, match="Nobody is not on Quais"):
        remove_name(file, "Nobody")
    (file.parent / "people.csv").write_text("Yann Kerbrazou\n")
    file.write_text(TEXT + "names_file: people.csv\n")
    with pytest.raises(UsageError, match="stands in the table"):
        add_alias(file, "Yann Kerbrazou", "X")
    assert add_name(file, "Badiss Kerbrazec").id == "Badiss Kerbrazec"


def test_a_file_with_mistakes_or_anchors_is_to_be_mended_first(file: Path) -> None:
    for text in (TEXT + "tilte: x\n", "names:\n  - &a Aurélie Vantadour\n  - *a\n"):
        file.write_text(text)
        with pytest.raises(UsageError, match="mend the file first"):
            add_name(file, "Badiss Kerbrazec")
        assert file.read_text() == text


def test_a_read_only_file_is_refused_with_the_line_to_paste(file: Path) -> None:
    file.chmod(0o444)
    with pytest.raises(UsageError, match="read-only: edit it where it comes from"):
        add_name(file, "Badiss Kerbrazec")


def write_twenty(path: Path, who: str) -> None:
    for number in range(20):
        add_name(path, f"{who}{number} Kerbrazec")


def test_two_who_write_at_once_lose_nothing(file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_twenty, args=(file, who)) for who in ("Yann", "Maël")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert len(names(file)) == 42
    assert file.read_text().startswith(TEXT)
