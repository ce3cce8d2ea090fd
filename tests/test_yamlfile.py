"""YAML with places: nothing resolved, nothing shared, every mistake told."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.yamlfile import Located, parse, quote, read

PATH = Path("names.yaml")


def plain(node: Located) -> Any:
    if isinstance(node.value, dict):
        return {key: plain(one) for key, one in node.value.items()}
    return [plain(one) for one in node.value] if isinstance(node.value, list) else node.value


def parsed(text: str) -> Any:
    root, problems = parse(text, PATH)
    assert root is not None
    assert problems == []
    return plain(root)


def complaints(text: str) -> list[str]:
    return [str(problem) for problem in sorted(parse(text, PATH)[1])]


def test_scalars_are_taken_as_written() -> None:
    assert parsed("[no, 22:00, 1984, Null, 1e3, 0x1F, ~, yes, 2026-01-02, '']") == [
        "no", "22:00", "1984", "Null", "1e3", "0x1F", "~", "yes", "2026-01-02", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "null"), [("", True), ("null", True), ("~", True), ("Null", False), ("'null'", False)]
)
def test_only_an_unquoted_nothing_may_be_null(text: str, null: bool) -> None:
    root, _ = parse(f"key: {text}", PATH)
    assert root is not None
    assert isinstance(root.value, dict)
    assert root.value["key"].is_null is null


def test_every_value_and_key_knows_its_place() -> None:
    root, _ = parse("title: Été\nnames:\n  - {name: Æsa, id: x}\n", PATH)
    assert root is not None
    assert isinstance(root.value, dict)
    names = root.value["names"]
    assert names.key_at == (2, 1)
    assert isinstance(names.value, list)
    [item] = names.value
    assert isinstance(item.value, dict)
    assert (item.line, item.column) == (3, 5)
    assert (item.value["id"].line, item.value["id"].column, item.value["id"].key_at) == (3, 21, (3, 17))


def test_an_empty_file_and_one_of_comments_are_empty() -> None:
    assert parsed("") == parsed("# nothing yet\n") == ""


def test_a_key_given_twice_names_both_lines() -> None:
    assert complaints("title: a\ntitle: b\n") == [
        "names.yaml:2:1: title stands here twice (first on line 1); remove one"
    ]


@pytest.mark.parametrize(
    ("text", "place", "paste"),
    [
        ("- *Amra*\n", "1:3", '- "*Amra*"'),
        ("- *Amra\n", "1:3", '- "*Amra"'),
        ("- &Amra x\n", "1:3", '- "&Amra x"'),
        ("- !Amra\n", "1:3", '- "!Amra"'),
        ("- *a {id: z}\n", "1:6", "- {id: z}"),
        ("names: & [a, b]\n", "1:8", "names: [a, b]"),
        ("- @amra\n", "1:3", '- "@amra"'),
        ("title: Justice: France\n", "1:15", 'title: "Justice: France"'),
        ("- 'L'Ofast'\n", "1:6", '- "L\'Ofast"'),
        ('- "La Mouche" Amra\n', "1:15", "- '\"La Mouche\" Amra'"),
        ("- a\n-b\n", "2:1", "- b"),
        ("names:\n  - Mohamed Amra\n    context: prison\n", "3:12", "- name: Mohamed Amra"),
    ],
)
def test_what_yaml_cannot_read_comes_back_as_a_line_to_paste(text: str, place: str, paste: str) -> None:
    [said] = complaints(text)
    assert said.startswith(f"names.yaml:{place}: ")
    assert said.endswith(f" as: {paste}")
    assert complaints(paste + "\n") == []


@pytest.mark.parametrize(
    ("text", "mark"), [("- &a {id: z}\n", "&a"), ("- &a\n  id: z\n", "&a"), ("x: !!map {a: b}\n", "!!map")]
)
def test_a_mark_before_keys_is_to_be_removed_for_quotes_would_make_a_text_of_them(text: str, mark: str) -> None:
    [said] = complaints(text)
    assert said.endswith(f"; remove the {mark}")
    assert complaints(text.replace(mark, "")) == []


def test_an_apostrophe_that_swallows_lines_is_told_where_it_opens() -> None:
    [said] = complaints("- Amra\n- 'Amr Diyab\n- Foo Bana'ah\n")
    assert said.startswith("names.yaml:2:3: the quote that opens here is closed only on line 3")


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("a:\n\t- b\n", "2:1", "tab"),
        ("a: [b, c\n", "1:4", "no end"),
        ("a: {b: c\n", "1:4", "no end"),
        ("a: b\n---\nc: d\n", "2:1", "second document"),
        ("? [a]\n: b\n", "1:3", "bracket"),
        ("a: b\x07\n", "1:5", "control character"),
        ("a: é\x07\n", "1:5", "control character"),
        ("[" * 30, "1:21", "deep"),
        ("[" * 100_000, "1:21", "deep"),
    ],
)
def test_mistakes_have_a_place_and_a_plain_word(text: str, place: str, word: str) -> None:
    [said] = complaints(text)
    assert said.startswith(f"names.yaml:{place}: ")
    assert word in said


def test_every_broken_line_is_told_at_once() -> None:
    said = complaints("- *Amra*\n- Bingui\n- 'L'Ofast'\n- @x\n- !y\n")
    assert [one.split(":")[1] for one in said] == ["1", "3", "4", "5"]


def test_an_alias_bomb_is_only_a_list_of_complaints() -> None:
    levels = "\n".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 12))
    begun = time.monotonic()
    root, problems = parse(f"b0: &b0 x\n{levels}\n", PATH)
    assert root is not None
    assert len(problems) == 12 + 11 * 9
    assert time.monotonic() - begun < 2


def test_a_comment_without_a_space_is_remembered_as_perhaps_cut_off() -> None:
    root, _ = parse("- L'Ofast #2\n- Bingui # a comment\n- Amra      #aligned\n- 'Quoted' #2\n", PATH)
    assert root is not None
    assert isinstance(root.value, list)
    assert [node.cut for node in root.value] == ["#2", "", "", ""]


def test_a_file_that_is_not_utf8_names_the_place(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"- a\n- G\xe9rald\n")
    root, [problem] = read(file)
    assert root is None
    assert (problem.line, problem.column) == (2, 4)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "windows.yaml"
    file.write_bytes(b"\xef\xbb\xbf- Amra\r\n- Bingui\r\n")
    root, problems = read(file)
    assert root is not None
    assert (plain(root), problems) == (["Amra", "Bingui"], [])


def test_a_missing_file_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    root, [problem] = read(tmp_path / "absent.yaml")
    assert root is None
    assert "cannot be read" in problem.wrong


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp"))))
def test_what_is_quoted_reads_back_as_itself(text: str) -> None:
    assert parsed(f"- {quote(text)}\n") == [text]


@given(st.text(st.sampled_from("ab -:#*&!'\"[]{},\n\t|>@%\\é")))
def test_no_text_crashes_and_nothing_is_lost_silently(text: str) -> None:
    root, problems = parse(text, PATH)
    assert root is not None or problems
    lines = len(text.split("\n"))
    assert all(1 <= problem.line <= lines + 1 and problem.column >= 1 for problem in problems)
