"""The catalogues hold every text in every language, well formed, and the program uses them all."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.bidi import FSI, PDI
from bot.matching.advice_words import MENDS
from bot.matching.variants import Way
from bot.telegram.markup import clean, plain
from bot.texts import (
    CATALOGUES,
    LANGUAGES,
    LOCALES,
    clock,
    day,
    duration,
    has_text,
    language_name,
    language_of,
    listed,
    number,
    percent,
    plural,
    story_reason,
    text,
    words,
)
from tests import telegram_html

PO = {language: CATALOGUES / language / "LC_MESSAGES" / "guetteur.po" for language in LANGUAGES}
READ = {
    language: read_po(path.read_bytes().splitlines(keepends=True), abort_invalid=True) for language, path in PO.items()
}
SOURCES = {path: ast.parse(path.read_text("utf-8")) for path in Path(bot.__file__).parent.rglob("*.py")}


def key_of(entry: Message) -> str:
    return str(entry.id[0] if isinstance(entry.id, tuple | list) else entry.id)


ENTRIES = {language: {key_of(entry): entry for entry in read if entry.id} for language, read in READ.items()}
KEYS = sorted(ENTRIES["fr"])


def forms(language: str, key: str) -> list[str]:
    """All that may be shown for a key."""
    written = ENTRIES[language][key].string
    return [written] if isinstance(written, str) else list(map(str, written or ()))


def placeholders(form: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(form) if name}


# --- The catalogues ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_in_any_language(language: str) -> None:
    assert sorted(ENTRIES[language]) == KEYS
    assert [key for key in KEYS if not all(forms(language, key))] == []
    keys = re.findall(r'^msgid "(.+)"$', PO[language].read_text("utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)), "two entries for one key"
    assert not [entry for entry in READ[language] if entry.fuzzy and entry.id]


def test_the_catalogues_keep_one_order() -> None:
    """So that a text is found beside its translations, and a section holds the same everywhere."""
    orders = [
        re.findall(r'^(?:msgid "(.+)"|# --- (.+) ---)$', PO[each].read_text("utf-8"), re.MULTILINE) for each in PO
    ]
    assert orders[0] == orders[1] == orders[2]


@pytest.mark.parametrize("key", KEYS)
def test_every_language_says_it_with_the_same_values_and_tags(key: str) -> None:
    entries = [ENTRIES[language][key] for language in LANGUAGES]
    assert len({bool(entry.pluralizable) for entry in entries}) == 1
    values = {frozenset().union(*map(placeholders, forms(language, key))) for language in LANGUAGES}
    assert len(values) == 1
    tags = {tuple(sorted(re.findall(r"<[^>]+>", form))) for language in LANGUAGES for form in forms(language, key)}
    assert len(tags) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_the_forms_of_its_language(language: str) -> None:
    categories = {READ_PLURAL[language](n) for n in range(1200)}
    for key, entry in ENTRIES[language].items():
        if entry.pluralizable:
            assert len(forms(language, key)) == READ[language].num_plurals == len(categories), key


READ_PLURAL = {language: Locale.parse(LOCALES[language]).plural_form for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rule_in_the_catalogue_is_the_one_of_the_language(language: str) -> None:
    from gettext import c2py

    rule = c2py(READ[language].plural_expr)
    pairs = {(rule(n), READ_PLURAL[language](n)) for n in range(1200)}
    assert len(pairs) == len({index for index, _ in pairs}) == len({category for _, category in pairs})


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_valid_in_telegram(key: str, language: str) -> None:
    names = {name for form in forms(language, key) for name in placeholders(form)}
    values = {name: plain("<&> \u0628").markup for name in names - {"n"}}
    counts = range(120) if ENTRIES[language][key].pluralizable else ()
    shown = [plural(language, key, n, **values) for n in counts] or [text(language, key, **values)]
    for each in shown:
        assert telegram_html.parse(each + "." if key == "list.separator" else each).text
        assert balanced(each)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_holds_direction_marks(language: str) -> None:
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069]", PO[language].read_text("utf-8"))


def test_arabic_is_written_in_arabic() -> None:
    """Latin words stand there only as commands, in code, and as what Telegram is given."""
    allowed = re.compile(
        r"<[^>]+>|\{\w+\}|/[a-z]+|https://…|\b(?:LIST|NAME|CSV|guetteur feeds resume|guetteur watchlists (?:confirm|import))\b"
    )
    latin = {
        key: left
        for key in KEYS
        for form in forms("ar", key)
        if (left := re.findall(r"[A-Za-zÀ-ÿ]+", allowed.sub("", form))) and key not in {"time.clock", "time.hour"}
    }
    assert latin == {}


# --- The program uses them all ----------------------------------------------------------------------------------------


def literals() -> Iterator[str]:
    for tree in SOURCES.values():
        yield from (
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )


def families() -> set[str]:
    """The beginnings of keys that are put together: `f"reason.{code}"`."""
    starts = (
        node.values[0]
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) and node.values
    )
    return {
        str(start.value)
        for start in starts
        if isinstance(start, ast.Constant) and re.fullmatch(r"(?:[a-z]+\.)+", str(start.value))
    }


def test_every_text_is_used() -> None:
    found, begun = set(literals()), families()
    assert {"reason.", "fault.", "why.shown."} <= begun
    assert [key for key in KEYS if key not in found and not any(key.startswith(start) for start in begun)] == []


def test_ways_and_cautions_have_their_words_and_no_others_have() -> None:
    assert {key for key in KEYS if key.startswith("way.")} == {f"way.{way.value}" for way in Way}
    assert {key for key in KEYS if key.startswith("caution.")} == {f"caution.{code}" for code in MENDS}


def test_every_text_that_is_asked_for_is_there() -> None:
    calls = (node for tree in SOURCES.values() for node in ast.walk(tree) if isinstance(node, ast.Call))
    asked = {
        str(call.args[1].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in {"text", "plural", "words", "said"}
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
    }
    assert len(asked) > 40
    assert asked <= set(KEYS)


def test_every_literal_that_looks_like_a_key_is_one() -> None:
    rooms = {key.split(".")[0] for key in KEYS if "." in key}
    looking = {
        each
        for each in literals()
        if re.fullmatch(r"[a-z]+(?:\.[a-z]+(?:-[a-z]+)*)+", each) and each.split(".")[0] in rooms
    }
    assert looking <= set(KEYS)


# --- Showing them -----------------------------------------------------------------------------------------------------


def test_plurals() -> None:
    assert [plural("fr", "lists.names", n) for n in (0, 1, 2)] == ["0 nom", "1 nom", "2 noms"]
    assert [plural("en", "lists.names", n) for n in (0, 1, 2)] == ["0 names", "1 name", "2 names"]
    assert [plural("ar", "lists.names", n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 103)] == [
        "لا أسماء", "اسم واحد", "اسمان", "3 أسماء", "10 أسماء", "11 اسمًا", "99 اسمًا", "100 اسم", "103 أسماء",
    ]  # fmt: skip
    assert plural("fr", "lists.names", 12345) == "12\u202f345 noms"


def test_a_language_that_we_do_not_speak_is_answered_in_english() -> None:
    assert text("xx", "list.title") == text("en", "list.title")
    assert plural("xx", "lists.names", 1) == "1 name"


def test_a_key_that_is_nowhere_is_a_fault_of_ours() -> None:
    for ask in (words, text):
        with pytest.raises(KeyError, match=r"no\.such"):
            ask("fr", "no.such")
    with pytest.raises(KeyError, match=r"no\.such"):
        plural("fr", "no.such", 2)
    assert not has_text("no.such")


def test_why_an_article_is_in_its_story() -> None:
    assert story_reason("new-story", {}, "en") == "the first of its story"
    assert story_reason("unheard-of", {"title": "X"}, "fr") == "unheard-of title=X"


def test_the_language_is_guessed_from_telegrams_code() -> None:
    codes = ("fr", "fr-CA", "ar-MA", "ar_EG", "AR", "de", None, "")
    assert [language_of(code, "en") for code in codes] == ["fr", "fr", "ar", "ar", "ar", "en", "en", "en"]


def test_dates_numbers_and_languages_are_the_readers() -> None:
    when = datetime(2026, 2, 2, 9, 5)  # noqa: DTZ001  local
    assert [day(each, when.date(), with_year=False) for each in LANGUAGES] == ["2 févr.", "2 Feb", "2 فبراير"]
    assert [day(each, date(2025, 8, 31), with_year=True) for each in LANGUAGES] == [
        "31 août 2025", "31 Aug 2025", "31 أغسطس 2025",
    ]  # fmt: skip
    assert [clock(each, when) for each in LANGUAGES] == ["9 h 05", "09:05", "09:05"]
    assert [number(each, 1234) for each in LANGUAGES] == ["1\u202f234", "1,234", "1,234"]
    assert [percent(each, 0.79) for each in LANGUAGES] == ["79\xa0%", "79%", f"{FSI}79%{PDI}"]
    assert [duration(each, timedelta(hours=3)) for each in LANGUAGES] == ["3\xa0heures", "3 hours", "3 ساعات"]
    assert [language_name(each, "ar-MA") for each in LANGUAGES] == ["arabe", "Arabic", "العربية"]
    assert language_name("fr", "<b>") is None


# --- Direction --------------------------------------------------------------------------------------------------------


def balanced(shown: str) -> bool:
    depth = 0
    for char in shown:
        depth += (char == FSI) - (char == PDI)
        if depth < 0:
            return False
    return depth == 0


def test_names_of_the_other_direction_are_isolated() -> None:
    assert text("ar", "watch.done", name="Jeanne") == "<b>أرصد «\u200f\u2068Jeanne\u2069»</b>"
    assert text("ar", "watch.done", name="جميلة") == "<b>أرصد «جميلة»</b>"
    assert text("fr", "watch.done", name="جميلة") == "<b>Je guette « \u2068جميلة\u2069 »</b>"
    assert text("fr", "watch.done", name="Jeanne") == "<b>Je guette « Jeanne »</b>"


def test_lists_keep_the_order_of_the_language() -> None:
    assert listed("ar", ["Jeanne", "جميلة"]) == "\u200f\u2068Jeanne\u2069، جميلة"
    assert listed("fr", ["Jeanne", "جميلة"]) == "Jeanne, \u2068جميلة\u2069"


def test_commands_in_an_arabic_text_are_isolated_and_can_be_copied() -> None:
    assert "• \u200f\u2068/watchlists\u2069: متابعة قائمة" in text("ar", "start.welcome")
    assert "\u200f\u2068<code>/watch الاسم الكامل</code>\u2069" in text("ar", "start.welcome")
    # Marks inside would be copied along and break the command.
    assert text("ar", "notice.feed-gone", title="x", feed="phare-une").endswith(
        "\u200f\u2068guetteur feeds resume phare-une\u2069"
    )


@given(
    st.sampled_from(LANGUAGES),
    st.sampled_from(KEYS),
    st.text(st.sampled_from("aé /<&1٣ب،\u2066\u2067\u2068\u2069\u202e\u200f"), max_size=12) | st.text(max_size=20),
)
def test_whatever_the_values_are_no_isolate_stays_open(language: str, key: str, value: str) -> None:
    names = {name for form in forms(language, key) for name in placeholders(form)}
    values = {name: plain(clean(value)).markup for name in names - {"n"}}
    assert balanced(
        plural(language, key, 7, **values) if ENTRIES[language][key].pluralizable else text(language, key, **values)
    )
    assert balanced(listed(language, [text(language, key, **{"n": 1} | values), *values.values()]))


def test_a_story_has_one_word_in_arabic() -> None:
    """خبر, as docs/glossary.md gives it: قضية is a case before a court, which most stories are not."""
    said = PO["ar"].read_text("utf-8")
    assert "قضي" not in said
    assert "قضايا" not in said
