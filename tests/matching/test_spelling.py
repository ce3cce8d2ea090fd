"""How one word stands for another, in every way there is."""

from __future__ import annotations

import pytest

from bot.matching.spelling import Likeness, Spelling
from bot.matching.vocabulary import compare
from bot.text import fold


def like(written: str, wanted: str) -> Likeness | None:
    return compare(Spelling(fold(written)), Spelling(fold(wanted)))


@pytest.mark.parametrize(
    ("written", "wanted", "code"),
    [
        ("Kerbrazec", "KERBRAZEC", "exact"),
        ("Mohammed", "Mohamed", "same-name"),
        ("Yusuf", "Youssef", "same-name"),
        ("محمد", "Mohamed", "same-name"),
        ("Badjou", "Bajjou", "sounds-alike"),
        ("Soukhanov", "Sukhanov", "sounds-alike"),
        ("Chworostin", "Khvorostin", "sounds-alike"),
        ("Muellenbaeumer", "Müllenbäumer", "sounds-alike"),
        ("Zaghloul", "Zeghloul", "sounds-alike"),
        ("Vanatdour", "Vantadour", "typo"),
        ("Quincampiox", "Quincampoix", "typo"),
        ("Gérard", "Gérald", "other-name"),
        ("Danièle", "Daniel", "other-name"),
        ("تازروتي", "Tazrouti", "transliterated"),
        ("برويز", "Pervez", "transliterated"),
        ("Честалов", "Chestalov", "transliterated"),
        ("Μαυρομάτης", "Mavromatis", "transliterated"),
        ("Χάλντιν", "Haldin", "transliterated"),
        ("גילמור", "Gilmore", "transliterated"),
        ("צ'אק", "Chuck", "same-name"),
        ("ციკარიშვილი", "Tsikarishvili", "transliterated"),
        ("Ոսկանյան", "Voskanyan", "same-name"),
        ("وكريم", "Karim", "inflected"),
        ("Русланом", "Руслан", "inflected"),
        ("Kerbrazeca", "Kerbrazec", "inflected"),
    ],
)
def test_a_word_stands_for_another(written: str, wanted: str, code: str) -> None:
    found = like(written, wanted)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Amar", "Amra"),
        ("Omra", "Amra"),
        ("Sofia", "Aurélie"),
        ("John", "Jean"),
        ("Novakova", "Novak"),
        ("لكنة", "Logan"),
        ("ترد", "Edouard"),
        ("منصور", "Mansouri"),
        ("Kerbrazec", "Quincampoix"),
    ],
)
def test_another_word_stands_for_nobody(written: str, wanted: str) -> None:
    found = like(written, wanted)
    assert found is None or found.languages is not None


def test_an_ending_belongs_to_some_languages_and_is_a_slip_in_the_others() -> None:
    found = like("Quincampoixa", "Quincampoix")
    assert found is not None
    assert found.languages is not None
    assert "pl" in found.languages
    assert "fr" not in found.languages
    assert found.otherwise is not None
    assert found.otherwise.code == "typo"


def test_a_surname_with_another_letter_at_its_start_is_a_slip_to_check() -> None:
    one, other = like("Bondui", "Bindui"), like("Quoncampoix", "Quincampoix")
    assert one is not None
    assert other is not None
    assert one.code == other.code == "typo"
    assert one is not other
