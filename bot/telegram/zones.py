"""Which time zone somebody means by a city, a country or an IANA name, as they write it. Pure."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from rapidfuzz import fuzz, process

from bot.telegram.render import folded
from bot.texts import LANGUAGES, place_names

SHOWN = 6
CLOSE = 75
"""Of 100: `casablnca` is Casablanca, `xyz` is nowhere."""
REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
USUAL = ("Europe/Paris", "Africa/Casablanca", "Africa/Algiers", "Africa/Tunis", "Europe/London", "America/Montreal")
"""Where our first readers live: shown before anything was written."""
_LARGEST = (
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Europe/Moscow",
    "Asia/Shanghai",
)
_OTHER_CITIES = {
    "Rabat": "Africa/Casablanca",
    "الرباط": "Africa/Casablanca",
    "Lyon": "Europe/Paris",
    "Marseille": "Europe/Paris",
    "Genève": "Europe/Zurich",
    "Ottawa": "America/Toronto",
    "Washington": "America/New_York",
}
"""No zone is named after them, and readers are likely to write them."""


def zone_named(words: str) -> str | None:
    """The IANA name that this is, whatever its case; UTC counts."""
    return _by_name().get("_".join(words.split()).casefold())


def zone_of_place(words: str) -> str | None:
    """The zone of the city or country of this name in any of our languages; None where there are none, or several."""
    zones = _by_place().get(folded(words), ())
    return zones[0] if len(zones) == 1 else None


def zones_like(words: str) -> list[str]:
    """The zones of the city or country that this may be, the likeliest first; none when nothing is near."""
    wanted = folded(words)
    if not wanted:
        return []
    exact = _by_place().get(wanted, ())
    near = process.extract(wanted, _by_place().keys(), scorer=fuzz.WRatio, score_cutoff=CLOSE, limit=3 * SHOWN)
    ranked = sorted(near, key=lambda found: (-fuzz.ratio(wanted, found[0]), found[0]))
    close = (zone for place, _, _ in ranked if fuzz.ratio(wanted, place) >= CLOSE for zone in _by_place()[place])
    begun = (zone for place, zones in _by_place().items() if place.startswith(wanted) for zone in zones)
    found = [*exact, *(() if exact else (*begun, *close))]
    return list(dict.fromkeys(found))[:SHOWN]


@cache
def _by_name() -> dict[str, str]:
    zones = [each for each in available_timezones() if each.split("/")[0] in REGIONS]
    return {each.casefold(): each for each in [*zones, "UTC"]}


@cache
def _by_place() -> dict[str, tuple[str, ...]]:
    """City or country, folded → its zones, those that many use first."""
    found: dict[str, dict[str, None]] = {}
    for zone in sorted(_by_name().values(), key=lambda each: (each not in USUAL + _LARGEST, each)):
        city = zone.rsplit("/", 1)[-1].replace("_", " ")
        for place in {city, *(name for language in LANGUAGES for name in place_names(language, zone))}:
            found.setdefault(folded(place), {})[zone] = None
    for city, zone in _OTHER_CITIES.items():
        found.setdefault(folded(city), {})[zone] = None
    return {place: tuple(zones) for place, zones in found.items() if place}
