"""Watchlist files: every form that people write, and every mistake with the line to paste."""

from __future__ import annotations

import json
import re
import time
from datetime import date
from pathlib import Path

import pytest

from bot.model import Entity, Kind, Priority, WatchedName, Watchlist
from bot.watchlists import read_folder, read_watchlist
from tests.corpus import corpus_path, needs_corpus

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.yaml"


def read(file: Path, text: str) -> Watchlist:
    file.write_text(text, encoding="utf-8")
    watchlist, problems = read_watchlist(file)
    assert problems == []
    assert watchlist is not None
    return watchlist


def names(file: Path, text: str) -> list[str]:
    return [name.entity.name for name in read(file, text).names]


def only(file: Path, text: str) -> WatchedName:
    [name] = read(file, text).names
    return name


def complaints(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    watchlist, problems = read_watchlist(file)
    assert (watchlist is None) is any(not problem.warning for problem in problems)
    return [str(problem).removeprefix(f"{file.parent}/") for problem in sorted(problems)]


# --- Forms -------------------------------------------------------------------------------------------------------


def test_the_sample_of_the_promise_is_read_whole() -> None:
    watchlist, problems = read_watchlist(ROOT / "watchlists" / "justice-france-maroc.yaml")
    assert problems == []
    assert watchlist is not None
    assert (watchlist.id, watchlist.scope) == ("justice-france-maroc", "list:justice-france-maroc")
    assert (watchlist.title, sorted(watchlist.tags)) == ("Justice France–Maroc", ["france", "maroc"])
    darmanin, amra, bajjou, bingui = watchlist.names
    assert darmanin.entity == Entity("Gérald Darmanin", threshold=85)
    assert (amra.id, amra.explicit_id, amra.priority) == ("amra", True, Priority.URGENT)
    assert amra.entity == Entity(
        "Mohamed Amra",
        aliases=("La Mouche",),
        context=("évasion", "prison", "Incarville", "narcotrafic", "extradition"),
        excluded=("Amra Khan",),
        excluded_context=("football",),
    )
    assert bajjou.note is not None
    assert (bingui.id, bingui.explicit_id) == ("Félix Bingui", False)


def test_a_bare_list_is_a_whole_file_and_its_title_is_its_name(file: Path) -> None:
    watchlist = read(file, "- Mohamed Amra\n- Bingui\n")
    assert (watchlist.title, watchlist.visible_to) == ("people", "everyone")
    assert [name.entity.name for name in watchlist.names] == ["Mohamed Amra", "Bingui"]


def test_a_name_may_be_the_key(file: Path) -> None:
    text = "- Mohamed Amra: {aliases: [La Mouche]}\n- Félix Bingui:\n    note: a\n- Badiss Bajjou:\n  ref: b\n- Darmanin:\n"
    amra, bingui, bajjou, darmanin = read(file, text).names
    assert (amra.entity.name, amra.entity.aliases) == ("Mohamed Amra", ("La Mouche",))
    assert (bingui.note, bajjou.ref, darmanin.entity.name) == ("a", "b", "Darmanin")
    assert names(file, "names: {Mohamed Amra: {note: a}, Bingui: }") == ["Mohamed Amra", "Bingui"]


def test_what_looks_like_no_text_is_text(file: Path) -> None:
    text = "- Null\n- 1984\n- No\n- 22:00\n- 1e3\n- {name: A B, aliases: [null, Yes]}\n"
    *plain, with_aliases = read(file, text).names
    assert [name.entity.name for name in plain] == ["Null", "1984", "No", "22:00", "1e3"]
    assert with_aliases.entity.aliases == ("null", "Yes")
    assert names(file, "- null\n") == names(file, "- name: null\n") == ["null"]


def test_commas_do_as_well_as_brackets(file: Path) -> None:
    entity = only(file, "- {name: Amra, context: 'évasion, prison؛ سجن، فرار', not: Amra Khan, aliases: X Y}\n").entity
    assert entity.context == ("évasion", "prison", "سجن", "فرار")
    assert (entity.excluded, entity.aliases) == (("Amra Khan",), ("X Y",))


def test_the_lists_defaults_hold_where_a_name_says_nothing(file: Path) -> None:
    text = (
        "threshold: wide\ncontext: prison\nkind: organisation\npriority: digest\nnames:\n"
        "  - Les Brumes\n"
        "  - {name: Aldebert Quincampoix, threshold: 0, context: [], kind: person, priority: urgent}\n"
    )
    plain, own = read(file, text).names
    assert (plain.entity.threshold, plain.entity.context, plain.entity.kind) == (78, ("prison",), Kind.ORGANISATION)
    assert plain.priority is Priority.DIGEST
    assert (own.entity.threshold, own.entity.context, own.entity.kind) == (0, (), Kind.PERSON)
    assert own.priority is Priority.URGENT


def test_all_details_are_kept(file: Path) -> None:
    name = only(
        file,
        "- {name: Amra, label: L, note: N, ref: 7, until: 2030-12-31, threshold: strict, not_context: a, id: 12}\n",
    )
    assert (name.label, name.note, name.ref, name.until) == ("L", "N", "7", date(2030, 12, 31))
    assert (name.entity.threshold, name.entity.excluded_context, name.id) == (92, ("a",), "12")


@pytest.mark.parametrize(
    ("written", "seen"),
    [("everyone", "everyone"), ("admins", "admins"), ("[-1001, 42]", (-1001, 42)), ("-1001", (-1001,))],
)
def test_who_may_see_it(file: Path, written: str, seen: object) -> None:
    assert read(file, f"visible_to: {written}\nnames: [Amra]\n").visible_to == seen


def test_aliases_are_tidied_and_never_the_name_itself(file: Path) -> None:
    assert only(file, "- {name: Amra, aliases: [Amra, La Mouche, ' La  Mouche ']}\n").entity.aliases == ("La Mouche",)


# --- Mistakes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- L'Ofast #2\n", "1:3: YAML takes “#2” for a comment and drops it; write - \"L'Ofast #2\", or a space after # if it is a comment"),
        ("- name: L'Ofast #2\n", "1:9: YAML takes “#2” for a comment and drops it; write name: \"L'Ofast #2\", or a space after # if it is a comment"),
        ("- *Amra*\n", "1:3: a value that begins with * means something else in YAML; write it as: - \"*Amra*\""),
        ("- Mohamed\n", "1:3: “Mohamed” alone is a common given name and would alert about thousands of people; add the surname; or, if it is no person, write {name: Mohamed, kind: organisation}"),
        ("- {name: Amra, alias: X}\n", "1:16: there is no key alias; did you mean aliases?"),
        ("- {nmae: Amra}\n", "1:4: there is no key nmae; did you mean name?"),
        ("- {name: Amra, kind: personne}\n", "1:22: kind: personne is not possible here; write person, organisation or phrase"),
        ("- {name: Amra, until: 31/12/2026}\n", "1:23: until: 31/12/2026 is not a date; write it as 2026-12-31"),
        ("- {name: Amra, until: 2026-02-30}\n", "1:23: until: 2026-02-30 is not a date; write one like 2027-12-31"),
        ("- {name: Amra, threshold: 101}\n", "1:27: threshold: 101 is no threshold; write a whole number from 0 to 100, or strict, normal, wide"),
        ("- name:\n", "1:8: name: nothing is written here; write the text or delete the line"),
        ("-\n", "1:2: there is no name here; write one, or delete the line"),
        ("- '***'\n", "1:3: there is no name here; write one, or delete the line"),
        ("- '- !'\n", "1:3: “- !” has no letter and no digit; write the name in letters"),
        ("- " + "a" * 201 + "\n", "1:3: a name of 201 characters; keep it under 201"),
        ("- [a, b]\n", "1:3: a list inside the list of names; write the name first: - name: …"),
        ("- Opération: Mains propres\n", "1:3: a colon and a space make this a “key: value”; if it is one name, write - \"Opération: Mains propres\""),
        ("- Amra: [La Mouche]\n", "1:3: a colon and a space make this a “key: value”; write - Amra: {aliases: [La Mouche]}"),
        ("- Amra\n  Bingui\n", "1:3: one name over 2 lines: “Amra Bingui”; begin each name with “- ” on a line of its own, and look at the quotes"),
        ("names: Amra, Bingui\n", "1:8: the names are one text; begin each name with “- ” on a line of its own"),
        ("Amra\n", "1:1: a text, not a list of names; begin each name with “- ” on a line of its own"),
        ("- Amra\n- Bingui\n- Amra\n", "3:3: “Amra” stands here twice (first on line 1); remove one"),
        ("- {name: Amra A, id: a}\n- {name: Amra B, id: a}\n", "2:10: the id a stands here twice (first on line 1); remove one"),
        ("nams: [Amra]\n", "1:1: there is no key nams; did you mean names?"),
        ("visible_to: everybody\nnames: [Amra]\n", "1:13: visible_to: nobody is named like this; write everyone, admins, or chat ids like [-1001234567890, 4242]"),
        ("names_file: ../x.csv\n", "1:13: names_file is a file beside this one; write x.csv and put it here"),
        ("names_file: x.csv\n", "1:13: x.csv is not there; put it beside this file, or mend the name"),
        ("- {name: A B, aliases: [{a: b}]}\n", "1:25: aliases: a colon and a space make this a “key: value”; if it is one text, write \"a: b\""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_what_to_do(file: Path, text: str, said: str) -> None:
    assert complaints(file, text) == [f"people.yaml:{said}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- Gérald Quincampoix\n- gerald quincampoix\n", "2:3: warning: “gerald quincampoix” stands on line 1 too"),
        ("- Zut Alors #ancien\n", "1:3: warning: YAML takes “#ancien” for a comment"),
        ("- Quincampoix, Kerbrazec\n", "1:3: warning: “Quincampoix, Kerbrazec” is read as one name"),
        ("- {name: Aldebert Quincampoix, aliases: [Mohamed]}\n", "1:10: warning: alias: “Mohamed” alone is a common"),
        ("title: Nobody yet\nnames:\n", "1:1: warning: there are no names"),
        ("", "1:1: warning: there are no names"),
    ],
)
def test_what_is_only_doubtful_is_a_warning_and_the_list_is_used(file: Path, text: str, said: str) -> None:
    [one] = complaints(file, text)
    assert one.startswith(f"people.yaml:{said}")


def test_every_mistake_is_told_at_once(file: Path) -> None:
    said = complaints(file, "titel: x\nthreshold: much\nnames:\n  - Mohamed\n  - *x\n  - {name: A B, prio: x}\n")
    assert [one.split(":")[1] for one in said] == ["1", "2", "4", "5", "6"]


def test_the_pasted_line_is_accepted(file: Path) -> None:
    assert names(file, "- \"L'Ofast #2\"\n- \"*Amra*\"\n- \"Opération: Mains propres\"\n") == [
        "L'Ofast #2", "Amra", "Opération: Mains propres",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "proper"), [("Justice Maroc", "justice-maroc"), ("été", "ete"), ("a" * 49, "a" * 48)])
def test_the_files_name_is_the_id_and_a_bad_one_is_told(tmp_path: Path, name: str, proper: str) -> None:
    said = complaints(tmp_path / f"{name}.yaml", "- Amra\n")
    assert [one.rsplit("; ")[-1] for one in said] == [f"name it {proper}.yaml"]


# --- Tables ------------------------------------------------------------------------------------------------------


def test_names_come_from_a_table_with_or_without_a_heading(file: Path) -> None:
    table = file.with_name("people.csv")
    table.write_text(
        '\ufeffName;aliases;note;not\nAmra;La Mouche|X Y;"a; b";Amra Khan\n\nBingui;;;\n', encoding="utf-8"
    )
    darmanin, amra, bingui = read(file, "names_file: people.csv\nnames: [Darmanin]\n").names
    assert (amra.entity.aliases, amra.note, amra.entity.excluded) == (("La Mouche", "X Y"), "a; b", ("Amra Khan",))
    assert (bingui.note, darmanin.entity.name) == (None, "Darmanin")
    table.write_text("Amra,La Mouche,amra,person\nPNX,,,\n", encoding="utf-8")
    amra, pnx = read(file, "names_file: people.csv\n").names
    assert (amra.id, amra.entity.aliases, pnx.entity.kind) == ("amra", ("La Mouche",), Kind.ORGANISATION)


def test_mistakes_in_a_table_name_its_own_lines(file: Path) -> None:
    file.with_name("people.csv").write_text('name,alias,kind\n"Am\nra",,person\nMohamed,,\nA B,,x\n', encoding="utf-8")
    said = complaints(file, "names_file: people.csv\n")
    assert [one.split("; ")[0] for one in said] == [
        "people.csv:1:1: there is no column alias",
        "people.csv:4:1: “Mohamed” alone is a common given name and would alert about thousands of people",
        "people.csv:5:1: kind: x is not possible here",
    ]


# --- Folders -----------------------------------------------------------------------------------------------------


def test_a_folder_gives_its_good_lists_and_all_problems(tmp_path: Path) -> None:
    for name, text in (("b.yaml", "- Amra\n"), ("a.yml", "- Bingui\n"), ("bad.yaml", "- *x\n"), (".swp.yaml", "- *\n")):
        (tmp_path / name).write_text(text)
    (tmp_path / "notes.txt").write_text("no list")
    watchlists, problems = read_folder(tmp_path)
    assert [watchlist.id for watchlist in watchlists] == ["a", "b"]
    assert [problem.path.name for problem in problems] == ["bad.yaml"]


def test_two_files_with_one_id_are_told(tmp_path: Path) -> None:
    for name in ("a.yaml", "a.yml"):
        (tmp_path / name).write_text("- Amra\n")
    _, [problem] = read_folder(tmp_path)
    assert "a.yaml and a a.yml" in problem.wrong


def test_the_shipped_lists_are_good() -> None:
    watchlists, problems = read_folder(ROOT / "watchlists")
    assert problems == []
    assert len(watchlists) >= 2


@pytest.mark.parametrize(
    "example", re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "watchlists.md").read_text(), re.DOTALL)
)
def test_every_example_of_the_documentation_loads(file: Path, example: str) -> None:
    [table] = re.findall(r"```csv\n(.*?)```", (ROOT / "docs" / "watchlists.md").read_text(), re.DOTALL)
    file.with_name("people.csv").write_text(table)
    assert read(file, example).names


# --- Size --------------------------------------------------------------------------------------------------------


def test_five_thousand_names_are_read_at_once(file: Path) -> None:
    text = "names:\n" + "".join(f"  - {{name: Zorglub Quincampoix{n}, id: q{n}, context: a}}\n" for n in range(5000))
    begun = time.process_time()
    assert len(read(file, text).names) == 5000
    assert time.process_time() - begun < 3


@needs_corpus
@pytest.mark.parametrize("part", ["seed", "public"])
def test_the_labelled_names_are_all_accepted(file: Path, part: str) -> None:
    rows = [json.loads(line) for line in corpus_path("names", f"{part}.watch.jsonl").read_text().splitlines()]
    file.write_text(
        "".join(f"- {json.dumps({key: row[key] for key in ('id', 'name', 'aliases')})}\n" for row in rows),
        encoding="utf-8",
    )
    watchlist, problems = read_watchlist(file)
    assert [problem for problem in problems if not problem.warning] == []
    assert watchlist is not None
    assert len(watchlist.names) == len(rows)
