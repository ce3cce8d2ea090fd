"""What a name is said to accept and refuse is what the matcher does, and the cautions stand where they should."""

from __future__ import annotations

import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.advice import Advice, Example, advise, advise_list, alike
from bot.matching.advice_words import MENDS, apart, caution_words
from bot.matching.variants import Way
from bot.model import Kind, Tier, WatchedName
from bot.texts import has_text
from tests.matching.names import look, watched


def by_way(examples: tuple[Example, ...]) -> dict[Way, str]:
    return {each.way: each.written for each in examples}


def codes(*names: WatchedName) -> list[tuple[str, str]]:
    return [(name.id, caution.code) for name, caution in advise_list(names)]


def all_examples(advice: Advice) -> list[Example]:
    return [*advice.accepts, *advice.checks, *advice.refuses]


# --- Spellings --------------------------------------------------------------------------------------------------------


def test_a_full_name_rings_misspelt_and_not_for_another_person() -> None:
    advice = advise(watched("Ysolde Kerbrazec"))
    accepted = by_way(advice.accepts)
    assert accepted[Way.REVERSED] == "KERBRAZEC Ysolde"
    assert accepted[Way.INITIAL] == "Y. Kerbrazec"
    assert accepted[Way.SURNAME] == "Kerbrazec"
    refused = by_way(advice.refuses)
    assert refused[Way.GIVEN_NAME] == "Ysolde"
    assert refused[Way.OTHER_GIVEN_NAME] == "Sofia Kerbrazec"


def test_the_name_itself_is_tried_like_any_other_spelling() -> None:
    assert advise(watched("Ysolde Kerbrazec")).accepts[0].way is Way.ITSELF
    assert advise(watched("Kerbrazec", context=["port"])).checks[0].way is Way.ITSELF
    assert advise(watched("Ysolde Kerbrazec", excluded=["Ysolde"])).refuses[0].way is Way.ITSELF


@pytest.mark.parametrize(
    ("typed", "printed"), [("ysolde de kerbrazec", "Ysolde de Kerbrazec"), ("kerbrazec", "Kerbrazec")]
)
def test_a_name_typed_without_capitals_is_tried_with_them(typed: str, printed: str) -> None:
    advice = advise(watched(typed))
    assert advice.accepts[0].written == printed
    assert advice.cautions == ()


def test_a_frequent_surname_alone_is_kept_to_check() -> None:
    advice = advise(watched("Ysolde Durand"))
    assert by_way(advice.checks)[Way.SURNAME] == "Durand"
    assert [caution.code for caution in advice.cautions] == ["common-surname"]
    [surname] = [each for each in advice.checks if each.way is Way.SURNAME]
    assert apart(surname, "fr") == "nom de famille fréquent"


def test_without_its_context_a_surname_is_kept_to_check_and_nothing_is_warned_of() -> None:
    advice = advise(watched("Ysolde Durand", context=["faussaire"]))
    [surname] = [each for each in advice.checks if each.way is Way.SURNAME]
    assert apart(surname, "en") == "no word of the context"
    assert advice.cautions == ()


def test_a_surname_watched_alone_is_everybody_of_that_name() -> None:
    advice = advise(watched("Kerbrazec"))
    assert Way.WITH_GIVEN_NAME not in by_way(advice.refuses)
    assert by_way(advice.refuses)[Way.LOWER_CASE] == "kerbrazec"


@pytest.mark.parametrize(
    ("name", "way", "written"),
    [
        ("Karim Youssef", Way.ARABIC, "كريم يوسف"),
        ("Nicolas Michel", Way.CYRILLIC, "Николас Мишель"),
        ("كريم يوسف", Way.LATIN, "Karim Yusuf"),
    ],
)
def test_other_scripts_are_shown_where_every_word_is_known_in_them(name: str, way: Way, written: str) -> None:
    assert by_way(advise(watched(name)).accepts).get(way) == written


def test_no_other_script_is_guessed() -> None:
    assert not {Way.ARABIC, Way.CYRILLIC} & {each.way for each in all_examples(advise(watched("Karim Kerbrazec")))}


def test_an_acronym_is_found_in_capitals_only() -> None:
    advice = advise(watched("ODB", kind=Kind.ORGANISATION))
    assert by_way(advice.accepts) == {Way.ITSELF: "ODB", Way.DOTS: "O.D.B."}
    assert by_way(advice.refuses) == {Way.LOWER_CASE: "odb", Way.LONGER_WORD: "ODBE"}


def test_an_organisation_may_drop_its_legal_form_and_no_other_word() -> None:
    advice = advise(watched("Bourriquet & Fils SA", kind=Kind.ORGANISATION))
    assert by_way(advice.accepts)[Way.NO_LEGAL_FORM] == "Bourriquet & Fils"
    assert by_way(advice.refuses)[Way.FEWER_WORDS] == "Bourriquet"


def test_a_phrase_keeps_its_order() -> None:
    advice = advise(watched("marché des brumes", kind=Kind.PHRASE))
    assert by_way(advice.accepts)[Way.CAPITALS] == "MARCHÉ DES BRUMES"
    assert by_way(advice.refuses)[Way.OTHER_ORDER] == "brumes des marché"


def test_a_nickname_needs_its_capitals() -> None:
    advice = advise(watched("Ysolde Kerbrazec", aliases=["La Tourterelle"]))
    assert ("la tourterelle", Way.LOWER_CASE) in {(each.written, each.way) for each in advice.refuses}


names = st.sampled_from(
    ["Ysolde Kerbrazec", "Karim Youssef", "Jean-Marie de Kerbrazec", "محمد يوسف", "Иван Кербразек", "ODB", "Durand"]
)


@given(names, st.sampled_from(list(Kind)))
def test_the_matcher_says_the_same_of_every_example(name: str, kind: Kind) -> None:
    one = watched(name, kind=kind)
    advice = advise(one)
    for examples, tier in ((advice.accepts, Tier.CERTAIN), (advice.checks, Tier.POSSIBLE), (advice.refuses, None)):
        for example in examples:
            found = look(f"« {example.written} »", one)
            assert (found[0].tier if found else None) is tier
    assert advice == advise(one)


@given(
    st.one_of(st.text(max_size=30), st.from_regex(r"([A-Z][a-z]*['. /-]*){1,4}", fullmatch=True)), st.sampled_from(Kind)
)
def test_anything_that_can_be_watched_can_be_advised_on(name: str, kind: Kind) -> None:
    advice = advise(watched(name, kind=kind, aliases=["Le " + name]))
    written = [each.written for each in all_examples(advice)]
    assert len(set(written)) == len(written)
    assert len(advice.accepts) <= 6
    assert len(advice.checks) <= 3
    assert len(advice.refuses) <= 4


# --- Cautions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (watched("Mohamed Amine"), "lone-given-name"),
        (watched("Kerbrazec Karim"), "surname-first"),
        (watched("Paul Durand"), "common-surname"),
        (watched("Paris"), "common-alone"),
        (watched("Ysolde Kerbrazec", aliases=["Pour"]), "common-word"),
        (watched("Zyl"), "short"),
        (watched("ZQ", kind=Kind.ORGANISATION), "short-acronym"),
        (watched("Ysolde Kerbrazec", excluded=["Ysolde Kerbrazec"]), "never-found"),
        (watched("Ysolde Kerbrazec", threshold=50), "low-threshold"),
    ],
)
def test_a_doubtful_name_is_warned_of(name: WatchedName, code: str) -> None:
    assert codes(name) == [(name.id, code)]


@pytest.mark.parametrize("name", ["Ysolde Kerbrazec", "Kerbrazec", "ODB", "Jean-Marie de Kerbrazec", "Zyl Kerbrazec"])
def test_a_good_name_is_not(name: str) -> None:
    assert codes(watched(name)) == []


def test_a_context_settles_who_is_meant() -> None:
    assert codes(watched("Paris", context=["mairie"]), watched("Zyl", context=["port"])) == []


def test_one_person_listed_twice_is_told_at_the_second_place() -> None:
    first = watched("Badiss Mohammed Kerbrazou")
    second = watched("Badis Kerbrazou")
    [(name, caution)] = advise_list([first, watched("Paul Exemplard"), second])
    assert (name, caution.code, caution.other) == (second, "listed-twice", first)
    assert caution_words(caution, "en").startswith("“Badis Kerbrazou” may be “Badiss Mohammed Kerbrazou”")


def test_an_alias_may_be_the_other_entry() -> None:
    names = [watched("Ysolde Kerbrazec", aliases=["Nadia Vantadour"]), watched("Nadia Vantadour")]
    assert codes(*names) == [("Nadia Vantadour", "listed-twice")]


def test_two_bodies_may_share_an_acronym() -> None:
    first = watched("Office des Brumes", kind=Kind.ORGANISATION, aliases=["ODB"])
    second = watched("Ordre de Bourgogne", kind=Kind.ORGANISATION, aliases=["ODB"])
    [(name, caution)] = advise_list([first, second])
    assert (name, caution.code, caution.other) == (second, "shared-alias", first)
    assert caution.values == {"alias": "ODB", "other": "Office des Brumes"}


def test_a_frequent_surname_of_several_names_is_told_as_frequent() -> None:
    family = [watched(f"{given} Durand") for given in ("Ysolde", "Karim", "Olga", "Aldebert")]
    assert {code for _, code in codes(*family[:3])} == {"common-surname"}
    assert ("Ysolde Durand", "too-ambiguous") in codes(*family)


def test_what_differs_by_case_and_accents_alone_is_left_to_the_loader() -> None:
    assert codes(watched("Ysolde Kerbrazec"), watched("YSOLDE KERBRAZEC")) == []


def test_a_surname_of_several_names_is_told_once_with_its_bearers() -> None:
    family = [watched(f"{given} Kerbrazec") for given in ("Sofia", "Paul", "Karim", "Olga")]
    [(name, caution)] = advise_list(family[:2])
    assert (name, caution.code) == (family[0], "ambiguous")
    assert caution.values == {"surname": "Kerbrazec", "number": "2", "names": "Sofia Kerbrazec, Paul Kerbrazec"}
    assert codes(*family) == [("Sofia Kerbrazec", "too-ambiguous")]


def test_a_context_tells_relatives_apart() -> None:
    assert codes(watched("Sofia Kerbrazec", context=["port"]), watched("Paul Kerbrazec", context=["mairie"])) == []


def test_a_new_name_is_recognised_among_others() -> None:
    others = [watched("Paul Exemplard"), watched("Badiss Mohammed Kerbrazou")]
    assert alike(watched("Badis Kerbrazou"), others) == others[1]
    assert alike(watched("Kerbrazou"), others) == others[1]
    assert alike(watched("Sofia Kerbrazou"), others) is None


def test_long_lists_are_read_in_one_pass() -> None:
    heads, middles, tails = (word.split() for word in ("ka lo mi ne ru", "ba de fi go zu", "ran tel vic pon sud"))
    surnames = ["".join(parts).capitalize() for parts in product(heads, middles, heads, tails)]
    some = [watched(f"Ysolde {surname}") for surname in surnames]
    start = time.perf_counter()
    advise_list(some)
    assert len(some) == 625
    assert time.perf_counter() - start < 5  # the whole takes a third of a second; comparing all pairs takes minutes


# --- Words ------------------------------------------------------------------------------------------------------------


def test_everything_has_its_words() -> None:
    assert [way for way in Way if not has_text(f"way.{way.value}")] == []
    assert [code for code in MENDS if not has_text(f"caution.{code}")] == []
