"""`guetteur check`: what a person sees, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.errors import UsageError

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


# --- Names ------------------------------------------------------------------------------------------------------------


def test_doubtful_names_are_warned_of_where_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text("- Badiss Mohammed Kerbrazou\n- name: Badis Kerbrazou\n- Paris\n- Paul Durand\n")
    code, said = check("--watchlists", tmp_path)
    twice, alone, surname, summary = said.splitlines()
    assert code == 0
    assert twice.startswith(f"{file}:2:9: warning: “Badis Kerbrazou” may be “Badiss Mohammed Kerbrazou”")
    assert "(line 1); make one entry with aliases:" in twice
    assert alone.startswith(f"{file}:3:3: warning: “Paris” alone is also a place")
    assert surname.startswith(f"{file}:4:3: warning: “Durand” is a frequent name")
    assert summary == "1 watchlist, 4 names: 3 warnings"


def test_many_frequent_surnames_are_one_warning(tmp_path: Path) -> None:
    surnames = ("Durand", "Petit", "Moreau", "Leroy", "Roux")
    (tmp_path / "people.yaml").write_text("".join(f"- Ysolde {surname}\n" for surname in surnames))
    warning, summary = check("--watchlists", tmp_path)[1].splitlines()
    assert "people.yaml:1:3: warning: 5 surnames are frequent (Ysolde Durand, Ysolde Petit, Ysolde Moreau …)" in warning
    assert summary.endswith("1 warning")


def test_one_name_shows_its_spellings(tmp_path: Path) -> None:
    code, said = check("Ysolde Durand", "--config", tmp_path / "none.yaml")
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert code == 0
    assert lines[0] == "Ysolde Durand (person, on no watchlist)"
    assert "to check Durand frequent surname" in lines
    assert "no Ysolde given name alone" in lines
    assert lines[-1].startswith("! “Durand” is a frequent name")


def test_a_listed_name_is_tried_with_its_entry(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("- {name: Ysolde Durand, id: yd, context: faussaire}\n")
    said = check("yd", "--watchlists", tmp_path)[1]
    assert said.startswith("Ysolde Durand  (person, people)\n")
    assert "no word of the context" in said


def test_a_name_that_cannot_be_watched_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="common given name"):
        check("Mohamed", "--watchlists", tmp_path)


def test_all_names_show_their_spellings_before_the_mistakes(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("- Ysolde Kerbrazec\n- Paris\n")
    said = check("--watchlists", tmp_path, "--names")[1]
    assert (
        said.index("KERBRAZEC Ysolde") < said.index("Paris  (person, people)") < said.index("people.yaml:2:3: warning")
    )


def test_spellings_as_json(tmp_path: Path) -> None:
    [spellings] = json.loads(check("Ysolde Durand", "--watchlists", tmp_path, "--json")[1])["spellings"]
    assert spellings["watchlist"] is None
    assert spellings["entity"] == spellings["name"] == "Ysolde Durand"
    [surname] = [each for each in spellings["checks"] if each["way"] == "surname"]
    assert surname["written"] == "Durand"
    assert surname["reasons"][-1] == {"code": "frequent-surname", "text": "frequent surname"}
    [given] = [each for each in spellings["refuses"] if each["way"] == "given-name"]
    assert given == {
        "written": "Ysolde", "way": "given-name", "text": "given name alone", "score": None, "reasons": []
    }  # fmt: skip
    assert [each["code"] for each in spellings["cautions"]] == ["common-surname"]
