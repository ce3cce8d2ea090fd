"""Edits of a watchlist as text: every line but the one that is meant stays as it is."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.watchlists import edits
from bot.watchlists.edits import NewName, extend, remove
from bot.watchlists.read import parse_watchlist

HERE = Path("quais.yaml")


def add(text: str, name: str, aliases: Sequence[str] = ()) -> str:
    return edits.add(text, [NewName(name, {"aliases": aliases} if aliases else {})])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "- N N\n"),
        ("# nobody yet\n", "# nobody yet\n- N N\n"),
        ("- A A\n", "- A A\n- N N\n"),
        ("- A A", "- A A\n- N N"),
        ("-   A A # a word\n", "-   A A # a word\n-   N N\n"),
        ("- A A\r\n- B B\r\n", "- A A\r\n- B B\r\n- N N\r\n"),
        ("title: T\n", "title: T\nnames:\n  - N N\n"),
        ("title: T\nnames:\n", "title: T\nnames:\n  - N N\n"),
        ("names: null # soon\ntitle: T\n", "names:  # soon\n  - N N\ntitle: T\n"),
        ("names:\n- A A\n\ntitle: T\n", "names:\n- A A\n- N N\n\ntitle: T\n"),
        (
            "names:\n    - A A\n    # - B B, retired\ntitle: T\n",
            "names:\n    - A A\n    # - B B, retired\n    - N N\ntitle: T\n",
        ),
        ("names:\n  - A A\n# about the title\ntitle: T\n", "names:\n  - A A\n  - N N\n# about the title\ntitle: T\n"),
        ("names: [A A, B B] # both\n", "names: [A A, B B, N N] # both\n"),
        ("names: []\n", "names: [N N]\n"),
        ("names: [\n  A A, # one\n  B B,\n]\n", "names: [\n  A A, # one\n  B B, N N,\n]\n"),
        ("names:\n  A A: {kind: person}\n  B B:\n", "names:\n  A A: {kind: person}\n  B B:\n  N N:\n"),
        ("names: {A A: {kind: person}}\n", "names: {A A: {kind: person}, N N: null}\n"),
        ("-\n  name: A A\n  note: |\n    long\n", "-\n  name: A A\n  note: |\n    long\n- N N\n"),
    ],
)
def test_a_name_is_added_where_the_others_stand(before: str, after: str) -> None:
    assert add(before, "N N") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- A A\n", '- A A\n- name: N N\n  aliases: [X, "Y: Z"]\n'),
        ("- {name: A A}\n", '- {name: A A}\n- {name: N N, aliases: [X, "Y: Z"]}\n'),
        ("[A A]\n", '[A A, {name: N N, aliases: [X, "Y: Z"]}]\n'),
        ("names:\n  A A:\n", 'names:\n  A A:\n  N N: {aliases: [X, "Y: Z"]}\n'),
    ],
)
def test_a_name_with_aliases_is_written_as_the_others_are(before: str, after: str) -> None:
    assert add(before, "N N", ["X", "Y: Z"]) == after


@pytest.mark.parametrize("name", ["*Amra*", "L'Ofast #2", "no: yes", "null", "-x", "[a]", "1984", "أحمد", "O'Brien"])
def test_quotes_stand_only_where_they_are_needed(name: str) -> None:
    edited = add("- A A\n", name)
    assert (edited == f"- A A\n- {name}\n") is (name in {"1984", "أحمد", "O'Brien"})


def test_braces_without_names_are_refused() -> None:
    with pytest.raises(UsageError, match="edit it by hand"):
        add("{title: T}\n", "N N")


@pytest.mark.parametrize(
    ("before", "number", "after"),
    [
        ("- A A\n- B B # b\n- C C\n", 1, "- A A\n- C C\n"),
        ("- A A\n- B B", 1, "- A A"),
        ("names:\n  - A A\ntitle: T\n", 0, "names:\ntitle: T\n"),
        ("# one\n- name: A A\n  # inside\n  kind: person\n  # behind\n# two\n- B B\n", 0, "# one\n# two\n- B B\n"),
        ("-\n  name: A A\n- B B\n", 0, "- B B\n"),
        ("names: [A A, B B, C C]\n", 0, "names: [B B, C C]\n"),
        ("names: [A A, B B, C C]\n", 2, "names: [A A, B B]\n"),
        ("names: [A A]\n", 0, "names: []\n"),
        ("names:\n  A A:\n    kind: person\n  B B:\n", 0, "names:\n  B B:\n"),
    ],
)
def test_a_name_is_removed_with_its_own_lines(before: str, number: int, after: str) -> None:
    assert remove(before, number) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- A A # a word\n", "- name: A A # a word\n  aliases: [X]\n"),
        ('-   "A A"\n', '-   name: "A A"\n    aliases: [X]\n'),
        ("- A A", "- name: A A\n  aliases: [X]"),
        ("[A A, B B]\n", "[{name: A A, aliases: [X]}, B B]\n"),
        ("- name: A A\n  aliases: [Y] # known\n", "- name: A A\n  aliases: [Y, X] # known\n"),
        ("- name: A A\n  aliases: []\n", "- name: A A\n  aliases: [X]\n"),
        ("- name: A A\n  aliases:\n  kind: person\n", "- name: A A\n  aliases: [X]\n  kind: person\n"),
        ("- name: A A\n  aliases: Y, Z\n", "- name: A A\n  aliases: [Y, Z, X]\n"),
        ("- name: A A\n  aliases:\n    - Y # known\n  kind: person\n",
         "- name: A A\n  aliases:\n    - Y # known\n    - X\n  kind: person\n"),
        ("- name: A A\n  kind: person\n- B B\n", "- name: A A\n  kind: person\n  aliases: [X]\n- B B\n"),
        ("- {name: A A, kind: person}\n", "- {name: A A, kind: person, aliases: [X]}\n"),
        ("- A A: {kind: person}\n", "- A A: {kind: person, aliases: [X]}\n"),
        ("- A A:\n", "- A A: {aliases: [X]}\n"),
        ("- A A:\n    kind: person\n", "- A A:\n    kind: person\n    aliases: [X]\n"),
        ("names:\n  A A:\n  B B:\n", "names:\n  A A: {aliases: [X]}\n  B B:\n"),
        ("names:\n  A A: {kind: person}\n", "names:\n  A A: {kind: person, aliases: [X]}\n"),
    ],
)  # fmt: skip
def test_an_alias_is_added_in_the_style_of_its_entry(before: str, after: str) -> None:
    assert extend(before, 0, "aliases", ["X"]) == after


# --- Laws -------------------------------------------------------------------------------------------------------------

WORD = st.text("abcdeéšж漢🙂'-", min_size=2, max_size=8).map(lambda word: f"Z{word}".strip("-'"))
COMMENT = st.text("abc :#-é🙂[]{}\"'", max_size=12).map(lambda text: f"# {text}")


@st.composite
def entry(draw: st.DrawFn, number: int) -> list[str]:
    """The lines of one entry of a list, with comments in and behind it."""
    name = f"{draw(WORD)} Q{number}"
    behind = draw(st.sampled_from(["", "  # a word"]))
    match draw(st.sampled_from(["short", "quoted", "lines", "braces", "key"])):
        case "short":
            lines = [f"- {name}{behind}"]
        case "quoted":
            lines = [f'- "{name}"{behind}']
        case "lines":
            lines = [f"- name: {name}{behind}", "  kind: person", f"  aliases: [{draw(WORD)} R{number}]{behind}"]
        case "braces":
            lines = [f"- {{name: {name}, note: a word}}{behind}"]
        case _:
            lines = [f"- {name}: {{kind: person}}{behind}"]
    if draw(st.booleans()):
        lines.insert(draw(st.integers(0, len(lines))), draw(COMMENT))
    return lines


@st.composite
def watchlist(draw: st.DrawFn) -> str:
    entries = [draw(entry(number)) for number in range(draw(st.integers(1, 5)))]
    indent = draw(st.sampled_from(["", "  ", "    "]))
    lines = [f"{indent}{line}" for lines in entries for line in lines]
    if draw(st.booleans()) or indent:
        lines = ["title: T  # shown", "names:", *lines, *draw(st.sampled_from([[], ["description: D", "# end"]]))]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


def read(text: str) -> dict[str, object]:
    found, problems = parse_watchlist(text, HERE)
    assert found is not None, problems
    return {name.id: name for name in found.names}


def missing(before: str, after: str) -> list[str]:
    """The lines of `before` that `after` does not hold at their place."""
    changes = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line[2:] for line in changes if line.startswith("- ")]


@given(watchlist())
def test_adding_changes_no_line_and_no_other_name(text: str) -> None:
    edited = add(text, "Neuf Kerbrazec", ["Le Neuf"])
    assert missing(text, edited) == []
    after = read(edited)
    assert {name_id: after[name_id] for name_id in read(text)} == read(text)
    assert after.keys() - read(text).keys() == {"Neuf Kerbrazec"}


@given(watchlist())
def test_what_was_added_is_removed_without_a_trace(text: str) -> None:
    edited = add(text, "Neuf Kerbrazec")
    assert remove(edited, len(read(text))) == text


@given(watchlist(), st.data())
def test_removing_changes_no_other_name_and_adds_no_line(text: str, data: st.DataObject) -> None:
    names = list(read(text))
    number = data.draw(st.integers(0, len(names) - 1))
    edited = remove(text, number)
    assert missing(edited, text) == []
    assert read(edited) == {key: name for key, name in read(text).items() if key != names[number]}


@given(watchlist(), st.data())
def test_an_alias_changes_one_line_at_most_and_one_name(text: str, data: st.DataObject) -> None:
    names = list(read(text))
    number = data.draw(st.integers(0, len(names) - 1))
    edited = extend(text, number, "aliases", ["Le Neuf"])
    assert len(missing(text, edited)) <= 1
    after = read(edited)
    assert [key for key in names if after[key] != read(text)[key]] == [names[number]]
