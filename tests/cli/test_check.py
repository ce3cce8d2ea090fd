"""`guetteur check`: what a person sees, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli

ROOT = Path(__file__).parents[2]


def check(*arguments: str | Path) -> tuple[int, str]:
    result: Result = CliRunner().invoke(cli, ["check", *map(str, arguments)], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    code: int = result.return_value
    return code, result.stdout


def test_the_shipped_files_are_all_good() -> None:
    code, said = check("--config", ROOT / "config" / "guetteur.yaml")
    assert code == 0
    assert said.endswith(" names: all good\n")


def test_watchlists_alone_need_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("- Aldebert Quincampoix\n")
    assert check("--watchlists", tmp_path) == (0, "1 watchlist, 1 name: all good\n")


def test_every_mistake_stands_on_a_line_and_the_exit_code_is_2(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text("- Mohamed\n- {name: A B, alias: x}\n- Quincampoix, Kerbrazec\n")
    code, said = check("--watchlists", tmp_path)
    lines = said.splitlines()
    assert code == 2
    assert [line.split(": ")[0] for line in lines[:3]] == [f"{file}:1:3", f"{file}:2:15", f"{file}:3:3"]
    assert lines[3] == "2 mistakes and 1 warning in 1 file"


def test_warnings_alone_are_told_and_pass(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("names:\n")
    code, said = check("--watchlists", tmp_path)
    assert code == 0
    assert said.endswith("1 watchlist, 0 names: 1 warning\n")


@pytest.mark.parametrize(("text", "code"), [("- Aldebert Quincampoix\n", 0), ("- Mohamed\n", 2)])
def test_json_says_the_same(tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "people.yaml").write_text(text)
    returned, said = check("--watchlists", tmp_path, "--json")
    report = json.loads(said)
    assert (returned, report["good"]) == (code, code == 0)
    assert report["feeds"] is None
    for problem in report["problems"]:
        assert problem.keys() == {"file", "line", "column", "wrong", "mend", "warning"}
    assert len(report["problems"]) == (code == 2)


def test_a_broken_configuration_is_reported_with_its_other_files(tmp_path: Path) -> None:
    (tmp_path / "guetteur.yaml").write_text("polling: {interval: 1}\nwatchlists: lists\n")
    (tmp_path / "feeds.yaml").write_text("- nonsense\n")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "people.yaml").write_text("- *x\n")
    code, said = check("--config", tmp_path / "guetteur.yaml")
    assert code == 2
    assert said.splitlines()[-1] == "3 mistakes in 3 files"
