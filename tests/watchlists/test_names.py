"""One typed name: tidied, understood or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.given_names import given_names, is_given_name
from bot.model import Entity, Kind
from bot.text import fold
from bot.watchlists import NameRefusal, parse_name
from bot.watchlists.names import MAX_LENGTH, clean_name


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Mohamed Amra", "Mohamed Amra", Kind.PERSON),
        ("  mohamed\u00a0 amra \u200f", "mohamed amra", Kind.PERSON),
        ("« Badiss Bajjou »", "Badiss Bajjou", Kind.PERSON),
        ('"Félix Bingui"', "Félix Bingui", Kind.PERSON),
        ("*Amra*", "Amra", Kind.PERSON),
        ("Amra,", "Amra", Kind.PERSON),
        ("محمد عمرة", "محمد عمرة", Kind.PERSON),
        ("عمرة", "عمرة", Kind.PERSON),
        ("Ge\u0301rald Darmanin", "Gérald Darmanin", Kind.PERSON),
        ("PNACO", "PNACO", Kind.ORGANISATION),
        ("D.G.S.N.", "D.G.S.N.", Kind.ORGANISATION),
        ("G7", "G7", Kind.ORGANISATION),
        ("MOHAMED AMRA", "MOHAMED AMRA", Kind.PERSON),
        ("Bourriquet & Fils SARL", "Bourriquet & Fils SARL", Kind.ORGANISATION),
        ("Bourriquet S.A.", "Bourriquet S.A.", Kind.ORGANISATION),
        ("Brumenwerke GmbH", "Brumenwerke GmbH", Kind.ORGANISATION),
        ("Joana Sá", "Joana Sá", Kind.PERSON),
        ("JOANA SA", "JOANA SA", Kind.PERSON),
        ("1984", "1984", Kind.PHRASE),
        ("L'Ofast #2", "L'Ofast #2", Kind.PHRASE),
    ],
)
def test_a_name_is_tidied_and_its_kind_told_by_its_form(text: str, name: str, kind: Kind) -> None:
    assert parse_name(text) == Entity(name=name, kind=kind)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \u200b\n", "empty"),
        ("**", "empty"),
        ("x" * (MAX_LENGTH + 1), "too-long"),
        ("?!", "no-letters"),
        ("Mohamed", "given-name"),
        ("MARIE", "given-name"),
        ("gerald", "given-name"),
        ("Jean-Pierre", "given-name"),
        ("محمد", "given-name"),
        ("عبد الله", "given-name"),
        ("Сергей", "given-name"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_a_reason(text: str, code: str) -> None:
    refusal = parse_name(text)
    assert isinstance(refusal, NameRefusal)
    assert refusal.code == code


@given(st.text(max_size=60))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once = clean_name(text)
    assert clean_name(once) == once


def test_the_given_names_are_folded_and_many() -> None:
    assert len(given_names()) > 400
    assert all(fold(name) == name for name in given_names())


@pytest.mark.parametrize("surname", ["Amra", "Darmanin", "Bajjou", "Bingui", "Mohamed Ali", "Abdennouri", "عمرة"])
def test_surnames_and_full_names_are_no_given_names(surname: str) -> None:
    assert not is_given_name(surname)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("de", "common-word"),
        ("Un", "common-word"),
        ("ministre", "common-word"),
        ("Ada Quincampoix, Ysolde Kerbrazec", "several"),
        ("Ada Quincampoix ; Ysolde Kerbrazec", "several"),
    ],
)
def test_everyday_words_and_several_names_at_once_are_refused(typed: str, code: str) -> None:
    refusal = parse_name(typed)
    assert isinstance(refusal, NameRefusal)
    assert refusal.code == code


@pytest.mark.parametrize(
    "typed", ["Quincampoix, Ada", "El Hadji", "Un Certain Regard", "Société Kerbrazec, Fils et Cie"]
)
def test_a_comma_or_a_particle_inside_a_name_is_not_refused(typed: str) -> None:
    assert not isinstance(parse_name(typed), NameRefusal)
