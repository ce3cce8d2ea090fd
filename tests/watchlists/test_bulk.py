"""Names in bulk: tables and pasted lists are read, previewed, and written out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Entity, Kind, Priority, WatchedName, Watchlist, list_scope
from bot.watchlists.bulk import preview, read_bulk, to_write, write_table
from bot.watchlists.edits import add
from bot.watchlists.names import refuse
from bot.watchlists.read import parse_watchlist

HEADED = "name{0}aliases{0}context{0}not{0}priority{0}until\nYann Kerbrazou{0}La Mouche|Le Phare{0}prison{0}Yann K Khan{0}urgent{0}2027-12-31\n"


def names(data: bytes | str) -> list[str]:
    return [name.entity.name for name in read_bulk(data).names]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_table_with_a_heading(delimiter: str, encoding: str) -> None:
    bulk = read_bulk((HEADED.format(delimiter) + f"Maël Quincampoix{delimiter * 5}\n").encode(encoding))
    assert bulk.problems == ()
    first, second = bulk.names
    assert (first.entity.name, first.entity.aliases) == ("Yann Kerbrazou", ("La Mouche", "Le Phare"))
    assert (first.entity.excluded, first.priority, first.until) == (
        ("Yann K Khan",),
        Priority.URGENT,
        date(2027, 12, 31),
    )
    assert second.entity.name == "Maël Quincampoix"


def test_a_table_of_an_old_spreadsheet_without_a_heading() -> None:
    bulk = read_bulk('Maël Quincampoix;"La Mouche;Le Phare"\r\nAurélie Vantadour;\r\n'.encode("cp1252"))
    assert [name.entity.name for name in bulk.names] == ["Maël Quincampoix", "Aurélie Vantadour"]
    assert bulk.names[0].entity.aliases == ("La Mouche", "Le Phare")


@pytest.mark.parametrize(
    "line", ["{}", "- {}", "* {}", "• {}", "– {}", "1. {}", "12) {}", "(3) {}", "  -   {}  ", "“{}”", "{},"]
)
def test_a_pasted_list_without_its_bullets_and_numbers(line: str) -> None:
    text = "\n".join(["# suspects", "", line.format("Yann Kerbrazou"), line.format("Maël Quincampoix")])
    assert names(text) == ["Yann Kerbrazou", "Maël Quincampoix"]


def test_what_cannot_be_used_is_told_with_its_line_and_the_rest_is_kept() -> None:
    bulk = read_bulk("Yann Kerbrazou\nMohamed\nAda Quay, Bob Reef\n1984\nYann Kerbrazou\n")
    assert [name.entity.name for name in bulk.names] == ["Yann Kerbrazou", "1984"]
    assert [str(problem).split(";")[0] for problem in bulk.problems] == [
        "the list:2:1: “Mohamed” alone is a common given name and would alert about thousands of people",
        "the list:3:1: “Ada Quay, Bob Reef” reads like several names",
        "the list:5:1: “Yann Kerbrazou” stands here twice (first on line 1)",
    ]


def test_a_refused_alias_is_told_and_its_name_is_kept() -> None:
    bulk = read_bulk(f"name;aliases\nYann Kerbrazou;La Mouche|{'x' * 300}\n")
    assert bulk.names[0].entity.aliases == ("La Mouche",)
    assert len(bulk.problems) == 1


def test_nothing_is_nothing() -> None:
    for data in (b"", "", "\n\n", "name,aliases\n", b"\xff\xfe"):
        assert read_bulk(data).names == ()


def watched(name: str, scope: str = "quais", *aliases: str) -> WatchedName:
    return WatchedName(list_scope(scope), name, Entity(name, aliases=aliases))


def test_a_preview_tells_what_is_there_already_and_what_to_know() -> None:
    target = Watchlist("quais", "Quais", (watched("Yann Kerbrazou"),))
    other = Watchlist("autre", "Autre", (watched("Badiss Kerbrazec", "autre", "Maël Quincampoix"),))
    seen = preview(read_bulk("yann KERBRAZOU\nMaël Quincampoix\nParis\n"), target, [target, other])
    assert [each.entity.name for each in seen.fresh] == ["Maël Quincampoix", "Paris"]
    assert [each.there.id for each in seen.listed] == ["Yann Kerbrazou"]
    assert [(each.there.id, each.watchlist.id) for each in seen.elsewhere] == [("Badiss Kerbrazec", "autre")]
    assert {name.entity.name for name, _ in seen.cautions} >= {"Paris"}
    assert [name.entity.name for name, _ in seen.advised] == ["Maël Quincampoix", "Paris"]


# --- Laws -------------------------------------------------------------------------------------------------------------

WORDS = st.text("abcdéšжأ漢'’#: -,\"[]{}🙂", min_size=1, max_size=12).map(lambda text: " ".join(text.split()))
PHRASES = WORDS.filter(lambda text: bool(text) and any(map(str.isalnum, text)))
NAMES = st.text("abcdéšжأ漢' -", min_size=2, max_size=16).map(lambda text: " ".join(f"Z{text}".split()).strip("'- "))


@st.composite
def watchlists(draw: st.DrawFn) -> Watchlist:
    found = []
    for number in range(draw(st.integers(0, 4))):
        name = f"{draw(NAMES)} Q{number}"
        entity = Entity(
            name,
            kind=draw(st.sampled_from(Kind)),
            aliases=tuple(dict.fromkeys(f"Z{each}" for each in draw(st.lists(NAMES, max_size=2)))),
            context=tuple(draw(st.lists(PHRASES, max_size=2))),
            excluded=tuple(draw(st.lists(PHRASES, max_size=2))),
            threshold=draw(st.integers(0, 100)),
        )
        is_explicit = draw(st.booleans())
        name_id = f"id-{number}" if is_explicit else name
        note, label = draw(st.none() | PHRASES), draw(st.none() | PHRASES)
        found.append(
            WatchedName(
                list_scope("bulk"), name_id, entity, explicit_id=is_explicit, note=note, label=label,
                priority=draw(st.sampled_from(Priority)), until=draw(st.none() | st.dates()),
            )
        )  # fmt: skip
    kept = tuple(each for each in found if refuse(each.entity.name, each.entity.kind) is None)
    return Watchlist("bulk", "Bulk", kept)


@given(watchlists())
def test_what_is_exported_is_imported_again(watchlist: Watchlist) -> None:
    bulk = read_bulk(write_table([watchlist]).encode())
    assert bulk.names == watchlist.names


@given(watchlists())
def test_what_is_written_to_a_watchlist_is_read_again(watchlist: Watchlist) -> None:
    text = add("title: T\nnames:\n", [to_write(name) for name in watchlist.names]) if watchlist.names else ""
    found, problems = parse_watchlist(text, Path("bulk.yaml"))
    assert found is not None, (text, problems)
    assert [replace(name, scope=list_scope("bulk")) for name in found.names] == list(watchlist.names)
