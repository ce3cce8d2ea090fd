"""Made-up people and made-up news, in any number: each name far from every other, each item an event of its own.

Everything comes from a seed, so that a run can be repeated. Publishes nothing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import chain

from rapidfuzz.distance import Levenshtein

GIVEN = (
    "Aurélie", "Tomás", "Karim", "Ingrid", "Basile", "Noémie", "Yannick", "Dagmar", "Séverin", "Fatou",
    "Clémence", "Rachid", "Agathe", "Loïc", "Samira", "Edgar", "Hélène", "Mehdi", "Solène", "Viktor",
)  # fmt: skip
ONSETS = (
    "b",
    "br",
    "c",
    "cr",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "qu",
    "r",
    "t",
    "tr",
    "v",
    "z",
)
VOWELS = ("a", "e", "i", "o", "u", "ou", "ai", "é")
ENDINGS = ("c", "gue", "l", "lle", "n", "nt", "r", "rd", "s", "th", "x", "ze")
APART = 4
"""Typing errors between any two surnames: more than are forgiven."""

WHO = (
    "le tribunal", "la mairie", "un jury", "le conseil portuaire", "la préfecture", "une fondation", "le syndicat",
    "l'évêché", "la chambre de commerce", "un éditeur", "le musée", "l'académie", "une banque", "le théâtre",
    "un armateur", "la criée", "le rectorat", "une clinique", "l'observatoire", "la cour d'appel",
)  # fmt: skip
DID = (
    "décore", "condamne", "relaxe", "licencie", "embauche", "assigne", "félicite", "expose", "indemnise", "soupçonne",
    "recherche", "accueille", "exclut", "nomme", "remercie", "désavoue", "entend", "poursuit", "réhabilite", "invite",
)  # fmt: skip
ABOUT = (
    "un phare solaire", "des huîtres volées", "une régate truquée", "un herbier de varech", "un opéra inachevé",
    "douze chiens errants", "une horloge réparée", "un galion englouti", "des timbres rares", "une grève des grues",
    "un tunnel inondé", "des vaccins périmés", "une comète inconnue", "un film muet", "une fabrique de savon",
    "des oliviers arrachés", "un pont fissuré", "une loterie de kermesse", "des archives brûlées", "un cirque ambulant",
    "des ruches empoisonnées", "un manuscrit retrouvé", "une école fermée", "un train fantôme", "des truffes en serre",
    "une marée noire", "un vignoble gelé", "des drones égarés", "un barrage contesté", "une statue déplacée",
)  # fmt: skip
WHERE = (
    "dans la brume du matin", "pendant la braderie", "au lendemain des moissons", "sous une pluie de grêle",
    "avant la saison des pluies", "en marge du carnaval", "à la veille du marathon", "après trois ans d'enquête",
    "malgré un recours suspensif", "devant une salle comble", "au terme d'une nuit blanche", "loin des caméras",
    "sur la place du marché", "au pied du glacier", "dans un hangar désaffecté", "à bord d'un chalutier",
)  # fmt: skip


@dataclass(frozen=True)
class News:
    """What is to be published about somebody."""

    number: int
    name: str
    title: str
    text: str

    @property
    def mark(self) -> str:
        """Stands in this headline and in no other."""
        return mark(self.number)


def mark(number: int) -> str:
    return f"dossier {number:05}"


def names(count: int, seed: int) -> list[str]:
    """So many people whom no spelling confuses."""
    luck, surnames = random.Random(seed), list[str]()
    while len(surnames) < count:
        surname = _surname(luck)
        if all(Levenshtein.distance(surname, other, score_cutoff=APART) >= APART for other in surnames):
            surnames.append(surname)
    return [f"{luck.choice(GIVEN)} {surname.capitalize()}" for surname in surnames]


def news(number: int, name: str, seed: int) -> News:
    """One event. Nothing but the name ever comes back together."""
    luck = random.Random(f"{seed} {number}")
    about, others = luck.choice(ABOUT), luck.sample(ABOUT, 3)
    title = f"{luck.choice(WHO).capitalize()} {luck.choice(DID)} {name} pour {about} ({mark(number)})"
    sentences = chain(
        [f"{name} a appris la nouvelle {luck.choice(WHERE)}."],
        (f"Le même jour, {where} : {other}." for other, where in zip(others, luck.sample(WHERE, 3), strict=True)),
    )
    return News(number, name, title, " ".join(sentences) if luck.random() < 0.7 else "")


def _surname(luck: random.Random) -> str:
    return "".join(luck.choice(ONSETS) + luck.choice(VOWELS) for _ in range(3)) + luck.choice(ENDINGS)
