from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.search.query import LONGEST_PHRASE, Part, part_of, read_query
from bot.search.terms import MOST_BYTES, SIGNS, indexed, is_run
from bot.text import fold_text


def terms(text: str) -> list[str]:
    return list(indexed("", text).text)


def test_words_are_those_of_the_matcher() -> None:
    written = "L’évasion d’Aurélie VANTADOUR, à Port-Salins; نائب الرئيس"
    assert terms(written) == fold_text(written).split()


def test_scripts_without_blanks_are_indexed_in_pairs() -> None:
    assert terms("JR東日本の") == ["jr", "東日", "日本", "本の", "の", SIGNS]
    assert terms("นายทักษิณ") == ["นา", "าย", "ยท", "ทก", "กษ", "ษณ", "ณ"]
    assert terms("김정은") == ["김정", "정은", "은", SIGNS]
    assert terms("東 京") == ["東", "京", SIGNS]


def test_words_that_may_be_of_a_name_are_told_from_the_others() -> None:
    assert indexed("Marée haute", "le Port 7 B2B 3M فانتادور 東京").names == {"maree", "port", "b2b", "فانتادور"}


def test_a_book_is_indexed_to_its_middle() -> None:
    assert sum(map(len, terms("Vantadour " * 100_000))) <= MOST_BYTES


def test_what_people_write_becomes_parts() -> None:
    query = read_query('évasion "Port Salins" «la marée')
    assert query is not None
    assert query.parts == (Part(("evasion",)), Part(("port", "salins")), Part(("la", "maree")))
    query = read_query('évasion -foot* -"à quai" incar* l’évasion')
    assert query is not None
    assert query.parts == (Part(("evasion",)), Part(("incar",), prefix=True), Part(("l", "evasion")))
    assert query.without == (Part(("foot",), prefix=True), Part(("a", "quai")))


def test_a_hyphen_inside_a_word_takes_nothing_away() -> None:
    assert read_query("Port-Salins - marée") == read_query("Port-Salins marée")


def test_nothing_to_look_for_is_no_query() -> None:
    assert [read_query(each) for each in ("", "-foot", '""', "*", "- -", '"')] == [None] * 6


def test_a_sign_alone_is_how_a_pair_begins() -> None:
    assert part_of("東") == Part(("東",), prefix=True)
    assert part_of("東日本") == Part(("東日", "日本"))


@given(st.text())
def test_a_query_holds_nothing_but_terms(written: str) -> None:
    query = read_query(written)
    for part in (*query.parts, *query.without) if query else ():
        assert part.terms
        assert all(term and not term.isspace() for term in part.terms)


@given(st.text(), st.text())
def test_what_stands_in_a_text_is_found_in_its_terms(before: str, phrase: str) -> None:
    part = part_of(phrase)
    found = terms(f"{before} \n {phrase}")
    if part is None or len(part.terms) >= LONGEST_PHRASE:
        return
    places = range(len(found))
    assert any(_stands(found[at : at + len(part.terms)], part) for at in places), (found, part)


def _stands(found: list[str], part: Part) -> bool:
    *first, last = part.terms
    same = found[:-1] == first
    return len(found) == len(part.terms) and same and (found[-1].startswith(last) if part.prefix else found[-1] == last)


@given(st.text(alphabet="東日本の한글กข"))
def test_signs_are_runs(text: str) -> None:
    assert all(is_run(term) for term in terms(text) if term != SIGNS)
