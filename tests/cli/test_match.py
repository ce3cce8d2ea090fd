"""`guetteur match`: what a person and a program see, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import ConfigError, UsageError

WATCHLIST = """\
title: Rédaction
names:
  - {name: Aldebert Quincampoix, id: aq, aliases: [La Mouette]}
  - Mohamed Tazrouti
  - Aldebert Martin
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "newsroom.yaml").write_text(WATCHLIST, encoding="utf-8")
    return lists


def match(*arguments: str | Path, stdin: str | bytes = "") -> Result:
    result: Result = CliRunner().invoke(cli, ["match", *map(str, arguments)], input=stdin, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_lines_in_lines_out_in_order_with_code_point_offsets(folder: Path) -> None:
    said = match(
        "--jsonl", "--watchlists", folder,
        stdin=lines(
            {"id": "b", "title": "𝄞 Quincampoix", "text": "Rien."},
            {"id": 1, "text": "𝄞 Muhammad Tazrouti, libre", "language": "fr"},
            {"id": "a", "text": "Personne."},
        ),
    )  # fmt: skip
    assert said.return_value == 0
    first, second, third = map(json.loads, said.stdout.splitlines())
    assert (first["id"], third) == ("b", {"id": "a", "matches": []})
    [found] = first["matches"]
    assert (found["field"], found["start"], found["end"], found["entity"]) == ("title", 2, 13, "aq")
    [found] = second["matches"]
    reasons = found.pop("reasons")
    assert found == {
        "watchlist": "newsroom",
        "entity": "Mohamed Tazrouti",
        "alias": "Mohamed Tazrouti",
        "text": "Muhammad Tazrouti",
        "start": 2,
        "end": 19,
        "field": "text",
        "score": 98,
        "tier": "certain",
    }
    assert reasons[0] == {"code": "full-name", "text": "full name"}


@pytest.mark.parametrize(
    "bad",
    [b"{", b"[1]", b'{"text": "x"}', b'{"id": 1}', b'{"id": 1, "text": 7}', b'{"id": 1, "text": "\xff"}',
     rb'{"id": 1, "text": "\ud800"}', b"[" * 100_000],
)  # fmt: skip
def test_a_bad_line_is_told_apart_and_the_rest_goes_on(folder: Path, bad: bytes) -> None:
    good = b'{"id": 2, "text": "Aldebert Quincampoix"}\n'
    said = match("--jsonl", "--watchlists", folder, stdin=bad + b"\n" + good)
    assert said.return_value == 1
    assert said.stderr.startswith("line 1: ")
    assert [json.loads(line)["id"] for line in said.stdout.splitlines()] == [2]


def test_jsonl_reads_a_file_too(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text(lines({"id": 1, "text": "La Mouette"}), encoding="utf-8")
    said = match("--jsonl", "--watchlists", folder, "--file", file)
    assert json.loads(said.stdout)["matches"][0]["alias"] == "La Mouette"


def test_a_person_sees_the_mention_its_tier_its_list_and_why(folder: Path) -> None:
    said = match("--watchlists", folder, "Selon Martin, Muhammad Tazrouti est libre.").stdout
    assert "[Martin]" in said
    assert "[Muhammad Tazrouti]" in said
    assert "98/100 certain" in said
    assert "possible" in said
    assert "(Rédaction)" in said
    assert "Muhammad = mohamed: the same name" in said
    assert "also a given name" in said


def test_nobody_found_is_said(folder: Path) -> None:
    assert "Nobody on the watchlists" in match("--watchlists", folder, "Rien.").stdout


def test_the_text_comes_from_standard_input_or_a_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("Aldebert Quincampoix", encoding="utf-8")
    for said in (
        match("--json", "--watchlists", folder, "--file", file),
        match("--json", "--watchlists", folder, stdin="Aldebert Quincampoix"),
    ):
        assert [found["entity"] for found in json.loads(said.stdout)["matches"]] == ["aq"]


def test_two_texts_at_once_are_a_mistake(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("x")
    with pytest.raises(UsageError, match="one of"):
        match("--watchlists", folder, "text", "--file", file)


def test_a_wrong_watchlist_is_told_line_by_line(folder: Path) -> None:
    (folder / "bad.yaml").write_text("- {name: A B, alias: x}\n")
    with pytest.raises(ConfigError, match=r"bad\.yaml:1:"):
        match("--watchlists", folder, "text")


def test_without_a_folder_that_of_the_settings_is_read_else_the_one_here(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GUETTEUR_CONFIG", raising=False)
    with pytest.raises(UsageError, match="--watchlists"):
        match("Aldebert Quincampoix")
    folder.rename(tmp_path / "watchlists")
    assert "98" not in match("Aldebert Quincampoix").stdout
    (tmp_path / "watchlists").rename(tmp_path / "elsewhere")
    (tmp_path / "g.yaml").write_text("watchlists: elsewhere\nfeeds: []\n")
    assert "100/100" in match("--config", tmp_path / "g.yaml", "Aldebert Quincampoix").stdout
