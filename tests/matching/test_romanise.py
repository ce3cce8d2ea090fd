"""Letters of other alphabets, what words sound like, and the consonants that scripts share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.romanise import (
    abjad_skeletons,
    abjad_vowels,
    is_abjad,
    is_cyrillic,
    is_ideographic,
    is_latin,
    latin,
    skeletons,
    sound,
    sounds,
    syllabic,
)
from bot.text import fold


@pytest.mark.parametrize(
    ("written", "roman"),
    [
        ("Vantadour", "vantadour"),
        ("Łęcki", "lecki"),
        ("محمد", "mhmd"),
        ("تازروتي", "tazruti"),
        ("فاطمة", "fatma"),
        ("وليد", "wlid"),
        ("زواوي", "zwawi"),
        ("גילמור", "gilmur"),
        ("צ'אק", "chak"),
        ("Честалов", "chestalov"),
        ("Ющенко", "yushenko"),
        ("Μπρούνο", "bruno"),
        ("Παπαδόπουλος", "papadopulos"),
        ("Τσίπρας", "chipras"),
        ("წიქარიშვილი", "tsikarishvili"),
        ("Վարդապետյան", "vardapetyan"),
        ("Հարություն", "harutyun"),
        ("ヘンダーソン", "hendason"),
        ("한서윤", "hanseoyun"),
    ],
)
def test_a_word_of_any_alphabet_has_latin_letters(written: str, roman: str) -> None:
    assert latin(fold(written)) == roman


@given(st.text(min_size=1, max_size=12).map(fold).filter(bool))
def test_latin_letters_are_latin_and_written_once(folded: str) -> None:
    roman = latin(folded)
    assert folded.isascii() or roman == "" or (roman.isascii() and roman.isalnum())
    assert latin(roman) == roman


@pytest.mark.parametrize(
    ("word", "of_script"),
    [("amra", is_latin), ("عمرة", is_abjad), ("ברנד", is_abjad), ("игорь", is_cyrillic), ("渡", is_ideographic),
     ("ヘ", is_ideographic), (fold("한"), is_ideographic)],
)  # fmt: skip
def test_a_word_is_of_one_script(word: str, of_script: object) -> None:
    assert [each for each in (is_latin, is_abjad, is_cyrillic, is_ideographic) if each(word)] == [of_script]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bajjou", "badjou"),
        ("bingui", "binguy"),
        ("soukhanov", "sukhanov"),
        ("smirnoff", "smirnov"),
        ("chtcherbakov", "shcherbakov"),
        ("zhukov", "joukov"),
        ("abdelkader", "abdulqadir"),
        ("abderrahmane", "abdurahman"),
        ("quincampoix", "kinkampoix"),
        ("wilson", "ouilson"),
    ],
)
def test_two_habits_of_spelling_have_one_sound(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("amra", "amara"), ("martin", "marton"), ("karim", "karima"), ("bindui", "bondui"), ("vantadour", "vandatour")],
)
def test_two_names_have_two_sounds(one: str, other: str) -> None:
    assert sound(one) != sound(other)
    assert not set(sounds(one)) & set(sounds(other))


@pytest.mark.parametrize(
    ("abroad", "name"),
    [
        ("jewgeni", "yevgeny"),
        ("chworostin", "khvorostin"),
        ("muellenbaeumer", "mullenbaumer"),
    ],
)
def test_a_word_sounds_as_several_readers_say_it(abroad: str, name: str) -> None:
    assert sound(abroad) != sound(name)
    assert sound(name) in sounds(abroad)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14))
def test_a_sound_is_one_of_its_sounds(word: str) -> None:
    assert sound(word) in sounds(word)


@pytest.mark.parametrize(
    ("arabic", "roman"),
    [
        ("دارمانان", "darmanin"),
        ("تازروتي", "tazrouti"),
        ("برويز", "pervez"),
        ("غيلمور", "gilmore"),
    ],
)
def test_arabic_shares_its_consonants_with_latin_letters(arabic: str, roman: str) -> None:
    assert abjad_skeletons(fold(arabic)) & skeletons(roman, abjad=True)


def test_arabic_shares_no_consonants_with_another_name() -> None:
    assert not abjad_skeletons("تازروتي") & skeletons("vantadour", abjad=True)


@pytest.mark.parametrize(
    ("written", "vowels"), [("تازروتي", "aui"), ("محمد", ""), ("زواوي", "i"), ("فاطمة", "aa"), ("وليد", "i")]
)
def test_the_vowels_that_an_arabic_word_writes(written: str, vowels: str) -> None:
    assert abjad_vowels(fold(written)) == vowels


@pytest.mark.parametrize(("foreign", "name"), [("хуго", "hugo"), ("гюго", "hugo"), ("бертран", "bertrand")])
def test_cyrillic_shares_its_consonants_with_latin_letters(foreign: str, name: str) -> None:
    assert skeletons(latin(foreign), abjad=False) & skeletons(name, abjad=False)


@pytest.mark.parametrize(("signs", "chinese"), [("ヘンダーソン", False), ("헨더슨", False), ("亨德森", True)])
def test_signs_write_the_few_consonants_of_a_foreign_name(signs: str, chinese: bool) -> None:
    assert syllabic(latin(fold(signs)), chinese=chinese) & syllabic("henderson")
    assert not syllabic(latin(fold(signs)), chinese=chinese) & syllabic("robertson")
