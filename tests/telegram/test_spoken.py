"""Times as people write them, in three languages; whatever is written, nothing is raised."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bidi import without_marks
from bot.model import Quiet, Rhythm
from bot.telegram.spoken import Muting, digest_of, muting_of, quiet_of
from bot.telegram.zones import USUAL, zone_named, zones_like
from bot.texts import LANGUAGES, text

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
NIGHT = Quiet(time(22), time(7))


@pytest.mark.parametrize(
    ("words", "who", "hours"),
    [
        ("Bajjou 24h", "Bajjou", 24),
        ("all 30m", "all", 0.5),
        ("7d", "", 168),
        ("tout 2 h", "tout", 2),
        ("Amra pour 3 jours", "Amra", 72),
        ("Amra until 18:00", "Amra", 8),
        ("Amra jusqu’à 18 h 30", "Amra", 8.5),
        ("Amra jusqu'à 9h", "Amra", 23),
        ("الكل 2 ساعة", "الكل", 2),
        ("Amra حتى 18:00", "Amra", 8),
        ("Amra until 6pm", "Amra", 8),
        ("الكل ساعتين", "الكل", 2),
        ("باديس بجو لمدة يوم", "باديس بجو", 24),
        ("Amra أسبوعين", "Amra", 336),
        ("Bajjou ٢٤ ساعة", "Bajjou", 24),
    ],
)
def test_a_name_and_how_long(words: str, who: str, hours: float) -> None:
    assert muting_of(words, NOW, PARIS) == Muting(who, NOW + timedelta(hours=hours))


def test_without_an_end_or_without_a_time() -> None:
    for words in ("Bingui toujours", "Bingui forever", "Bingui دائما", "Bingui 999999d"):
        assert muting_of(words, NOW, PARIS) == Muting("Bingui", forever=True)
    for words in ("Bingui", "Bingui 0h", "until tomorrow", "until 25:00", "2026", ""):
        assert muting_of(words, NOW, PARIS) == Muting(words)
    assert muting_of("7d", NOW, PARIS).everything
    assert muting_of("Tout", NOW, PARIS).everything
    assert not muting_of("", NOW, PARIS).everything


@pytest.mark.parametrize(
    "words",
    [
        "22:00-07:00",
        "22h-7h",
        "22-7",
        "22:00 – 7:00",
        "de 22 h à 7 h",
        "from 22:00 to 7:00",
        "٢٢:٠٠-٠٧:٠٠",
        "10pm-7am",
        "10 p.m. to 7 a.m.",
        "10:00 pm – 7:00 AM",
    ],
)
def test_quiet_hours(words: str) -> None:
    assert quiet_of(words) == NIGHT
    assert quiet_of(words + " silencieux") == Quiet(time(22), time(7), held=False)


def test_quiet_hours_with_minutes_none_and_nonsense() -> None:
    assert quiet_of("22 h 30 - 6 h 15") == Quiet(time(22, 30), time(6, 15))
    assert quiet_of("0-7") == Quiet(time(0), time(7))
    assert quiet_of("12am-12pm") == Quiet(time(0), time(12))
    assert {quiet_of(each) for each in ("13pm-7am", "0am-7am")} == {None}
    assert [quiet_of(each) for each in ("off", "non", "لا")] == [False] * 3
    assert {quiet_of(each) for each in ("", "8-8", "25-7", "22", "22-7-8", "22-7 foo", "foo")} == {None}


def test_digests() -> None:
    daily, half = (Rhythm.DAILY, time(8)), (Rhythm.DAILY, time(8, 30))
    assert [digest_of(each, time(8)) for each in ("daily", "8h", "daily 08:00", "كل يوم 8", "jour")] == [daily] * 5
    assert [digest_of(each, time(9)) for each in ("chaque jour à 8 h 30", "8:30")] == [half] * 2
    assert [digest_of(each, time(9)) for each in ("hourly", "chaque heure", "كل ساعة")] == [
        (Rhythm.HOURLY, time(9))
    ] * 3
    assert digest_of("off", time(9)) == (Rhythm.OFF, time(9))
    assert {digest_of(each, time(9)) for each in ("", "daily 25:00", "off 8h", "hourly daily", "8 9", "at")} == {None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_screens_invite_to_write_is_understood(language: str) -> None:
    for key, understood in (("quiet.hint", quiet_of), ("digest.hint", lambda words: digest_of(words, time(8)))):
        examples = re.findall(r"<code>/\w+ (.+?)</code>", without_marks(text(language, key)))
        assert len(examples) == 3
        assert all(understood(words) is not None for words in examples), examples
        assert language == "en" or not any(word in examples for word in ("off", "daily", "hourly")), examples


@pytest.mark.parametrize(
    "word", ["quotidien", "quotidienne", "tous les jours", "chaque jour", "daily", "يومي", "يوميا", "كل يوم"]
)
def test_every_day_in_every_language(word: str) -> None:
    assert digest_of(word, time(8)) == (Rhythm.DAILY, time(8))


@pytest.mark.parametrize("word", ["off", "never", "non", "jamais", "aucune", "لا", "أبدًا", "بدون"])
def test_never_in_every_language(word: str) -> None:
    assert digest_of(word, time(8)) == (Rhythm.OFF, time(8))
    assert quiet_of(word) is False


def test_zones_by_name_city_and_country() -> None:
    assert zone_named("europe/paris") == "Europe/Paris"
    assert zone_named("America/new york") == "America/New_York"
    assert [zone_named(each) for each in ("paris", "Etc/GMT+5", "", "../etc/passwd", "EST")] == [None] * 5
    for words in ("casablanca", "Maroc", "المغرب", "casablnca", "Rabat", "Morocco"):
        assert zones_like(words)[0] == "Africa/Casablanca", words
    assert zones_like("paris") == ["Europe/Paris"]
    assert zones_like("états unis")[0] == "America/Chicago"
    assert [zones_like(each) for each in ("xyzzy", "", "🙂")] == [[]] * 3
    assert all(zone_named(each) == each for each in USUAL)


@given(st.text(max_size=60) | st.text(st.sampled_from("0123456789:hH.-–à until٢ dm"), max_size=30))
def test_whatever_is_written_is_a_value_or_none(words: str) -> None:
    found = muting_of(words, NOW, PARIS)
    assert found.until is None or NOW < found.until <= NOW + timedelta(days=366)
    quiet_of(words)
    digest_of(words, time(8))
    assert zone_named(words) is None or ZoneInfo(str(zone_named(words)))
    assert all(ZoneInfo(each) for each in zones_like(words))
