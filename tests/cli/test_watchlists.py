"""`guetteur watchlists`: what a person sees and what stands in the files afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.errors import UsageError
from bot.watchlists import read_watchlist

QUAIS = "title: Les quais\nnames:\n  - Aurélie Vantadour  # the port\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lists").mkdir()
    (tmp_path / "guetteur.yaml").write_text("storage: {url: 'sqlite:///x.db'}\nwatchlists: lists\n")
    (tmp_path / "feeds.yaml").write_text("- https://phare.example/feed\n")
    (tmp_path / "lists" / "quais.yaml").write_text(QUAIS, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str | Path, said: bytes | None = None) -> tuple[int, str]:
    asked = ["watchlists", *map(str, arguments), "--config", str(folder / "guetteur.yaml")]
    result = CliRunner().invoke(cli, asked, input=said, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value or 0, result.output


def names(folder: Path, watchlist: str = "quais") -> list[str]:
    found, _ = read_watchlist(folder / "lists" / f"{watchlist}.yaml")
    assert found is not None
    return [name.shown for name in found.names]


def test_listed_as_lines_and_as_data(folder: Path) -> None:
    assert run(folder, "list") == (0, "quais        1 name  Les quais\n")
    _, said = run(folder, "list", "--json")
    assert json.loads(said) == {"watchlists": [{"id": "quais", "title": "Les quais", "names": 1}]}


def test_added_and_removed_beside_the_comments(folder: Path) -> None:
    code, said = run(folder, "add", "Les quais", " “Badiss  Kerbrazec” ", "--alias", "La Mouche")
    assert (code, said.split(" to ")[0]) == (0, "Added Badiss Kerbrazec")
    assert names(folder) == ["Aurélie Vantadour", "Badiss Kerbrazec"]
    assert (folder / "lists" / "quais.yaml").read_text().startswith(QUAIS)
    code, said = run(folder, "remove", "quais", "badiss kerbrazec")
    assert (code, said.split(" from ")[0]) == (0, "Removed Badiss Kerbrazec")
    assert (folder / "lists" / "quais.yaml").read_text() == QUAIS


def test_a_common_name_is_added_with_a_warning(folder: Path) -> None:
    assert "warning: " in run(folder, "add", "quais", "Paul Durand")[1]


def test_a_list_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(UsageError, match="there is no watchlist port"):
        run(folder, "add", "port", "Badiss Kerbrazec")


def test_an_import_is_previewed_and_written_once_somebody_agrees(folder: Path) -> None:
    file = folder / "quais.csv"
    file.write_text("name;aliases\nAurélie Vantadour;\nBadiss Kerbrazec;La Mouche\nMohamed;\n", encoding="utf-8")
    code, said = run(folder, "import", file, said=b"n\n")
    assert code == 1
    assert names(folder) == ["Aurélie Vantadour"]
    assert "quais.csv:4:1: “Mohamed” alone is a common given name" in said
    assert "on quais already: Aurélie Vantadour" in said
    assert "1 name for quais, 1 there already, 1 mistake." in said
    code, said = run(folder, "import", file, said=b"y\n")
    assert code == 1, "in part: a name was refused"
    assert names(folder) == ["Aurélie Vantadour", "Badiss Kerbrazec"]


def test_a_pasted_list_makes_a_new_watchlist(folder: Path) -> None:
    pasted = "1. Badiss Kerbrazec\n2. Maël Quincampoix\n".encode()
    with pytest.raises(UsageError, match="--to LIST"):
        run(folder, "import", "-", said=pasted)
    assert run(folder, "import", "-", "--to", "port", said=pasted)[0] == 1
    assert not (folder / "lists" / "port.yaml").exists()
    assert run(folder, "import", "-", "--to", "port", "--yes", said=pasted)[0] == 0
    assert names(folder, "port") == ["Badiss Kerbrazec", "Maël Quincampoix"]
    with pytest.raises(UsageError, match="no id of a watchlist"):
        run(folder, "import", "-", "--to", "../port", "--yes", said=b"Yann Kerbrazou\n")


def test_the_preview_as_data_writes_nothing(folder: Path) -> None:
    file = folder / "new.txt"
    file.write_text("Badiss Kerbrazec\n")
    code, said = run(folder, "import", file, "--to", "quais", "--json")
    report = json.loads(said.splitlines()[0])
    assert code == 1
    assert [each["name"] for each in report["names"]] == ["Badiss Kerbrazec"]
    assert report["alerts_a_week"] is None
    assert names(folder) == ["Aurélie Vantadour"]


def test_what_is_exported_is_imported_again(folder: Path) -> None:
    run(folder, "add", "quais", "Badiss Kerbrazec", "--alias", "La Mouche")
    _, table = run(folder, "export")
    (folder / "copy.csv").write_text(table, encoding="utf-8")
    assert run(folder, "import", folder / "copy.csv", "--yes")[0] == 0
    assert names(folder, "copy") == names(folder)
    _, said = run(folder, "export", "--list", "quais", "--json")
    [exported] = json.loads(said)["watchlists"]
    assert exported["names"][1]["aliases"] == ["La Mouche"]
