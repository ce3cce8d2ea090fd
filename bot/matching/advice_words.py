"""The words of `advice.py` in every language we speak: what sets a spelling apart, and what to know about a name."""

from __future__ import annotations

from collections.abc import Mapping

from bot.matching.advice import Caution, Example
from bot.matching.reasons import explain
from bot.matching.variants import Way
from bot.model import Tier

WAYS: Mapping[Way, Mapping[str, str]] = {
    Way.ITSELF: {"fr": "tel quel", "en": "as it is"},
    Way.ALIAS: {"fr": "alias", "en": "alias"},
    Way.SURNAME: {"fr": "nom de famille seul", "en": "surname alone"},
    Way.DOUBLED: {"fr": "consonne doublée ou non", "en": "consonant doubled or not"},
    Way.HEARD: {"fr": "autre graphie", "en": "another spelling"},
    Way.ARABIC: {"fr": "en arabe", "en": "in Arabic"},
    Way.CYRILLIC: {"fr": "en russe", "en": "in Russian"},
    Way.LATIN: {"fr": "en lettres latines", "en": "in Latin letters"},
    Way.INITIAL: {"fr": "initiale", "en": "initial"},
    Way.REVERSED: {"fr": "ordre inverse", "en": "other order"},
    Way.SHORTER: {"fr": "sans deuxième prénom", "en": "without middle names"},
    Way.NO_PARTICLE: {"fr": "sans particule", "en": "without the particle"},
    Way.NO_HYPHEN: {"fr": "sans trait d’union", "en": "without the hyphen"},
    Way.NO_ACCENT: {"fr": "sans accents", "en": "without accents"},
    Way.SWAPPED: {"fr": "lettres interverties", "en": "letters swapped"},
    Way.MIDDLE: {"fr": "deuxième prénom", "en": "a middle initial"},
    Way.CAPITALS: {"fr": "en capitales", "en": "in capitals"},
    Way.DOTS: {"fr": "avec ou sans points", "en": "with or without dots"},
    Way.NO_LEGAL_FORM: {"fr": "sans forme juridique", "en": "without the legal form"},
    Way.FEWER_WORDS: {"fr": "un mot seul", "en": "one word alone"},
    Way.GIVEN_NAME: {"fr": "prénom seul", "en": "given name alone"},
    Way.OTHER_GIVEN_NAME: {"fr": "un autre prénom", "en": "another given name"},
    Way.WITH_GIVEN_NAME: {"fr": "avec un prénom", "en": "with a given name"},
    Way.CLOSE_GIVEN_NAME: {"fr": "un autre prénom, proche", "en": "another given name, close to it"},
    Way.CLOSE_SURNAME: {"fr": "un autre nom", "en": "another surname"},
    Way.LOWER_CASE: {"fr": "sans capitale", "en": "without capitals"},
    Way.LONGER_WORD: {"fr": "un autre mot", "en": "another word"},
    Way.OTHER_ORDER: {"fr": "autre ordre", "en": "another order"},
}

CAUTIONS: Mapping[str, Mapping[str, str]] = {
    "lone-given-name": {
        "fr": "« {name} » n’est peut-être que des prénoms, sans nom de famille",
        "en": "“{name}” may be given names only, without a surname",
    },
    "surname-first": {
        "fr": "je prends « {given} » pour le nom de famille : écrivez plutôt « {given} {surname} »",
        "en": "“{given}” is taken for the surname; better “{given} {surname}”",
    },
    "common-surname": {
        "fr": "« {surname} » est un nom fréquent : sans le prénom, il ne sonnera pas",
        "en": "“{surname}” is a frequent name: without the given name it does not ring",
    },
    "common-surnames": {
        "fr": "{number} noms de famille sont fréquents ({names} …) : sans le prénom, ils ne sonneront pas",
        "en": "{number} surnames are frequent ({names} …): without the given name they do not ring",
    },
    "common-alone": {
        "fr": "« {name} » seul est aussi un lieu, un mot courant ou le nom de beaucoup de gens : il sonnera souvent",
        "en": "“{name}” alone is also a place, a common word or the surname of many: it will ring often",
    },
    "common-word": {
        "fr": "« {name} » seul est un mot courant : il sonnera toute la journée",
        "en": "“{name}” alone is an everyday word and will ring all day",
    },
    "short": {
        "fr": "« {name} » est très court : bien d’autres noms et mots s’écrivent ainsi",
        "en": "“{name}” is very short: many other names and words are written so",
    },
    "short-acronym": {
        "fr": "« {name} » n’a que deux lettres : bien d’autres sigles s’écrivent ainsi",
        "en": "“{name}” has only two letters: many other acronyms are written so",
    },
    "never-found": {
        "fr": "« {name} » ne sera jamais trouvé, même écrit tel quel",
        "en": "“{name}” is never found, even written just so",
    },
    "low-threshold": {
        "fr": "seuil de {threshold}, très bas (d’ordinaire {usual}) : d’autres noms sonneront aussi",
        "en": "the threshold of {threshold} is very low (usual: {usual}): other names will ring as well",
    },
    "ambiguous": {
        "fr": "« {surname} » seul convient à {number} noms de la liste ({names}) : gardé à vérifier, sans sonner",
        "en": "“{surname}” alone fits {number} names of this list ({names}) and is only kept to check",
    },
    "too-ambiguous": {
        "fr": "« {surname} » seul convient à {number} noms de la liste ({names}) : il ne dit plus rien",
        "en": "“{surname}” alone fits {number} names of this list ({names}) and says nothing any more",
    },
    "listed-twice": {
        "fr": "« {name} » est peut-être « {other} », déjà dans la liste",
        "en": "“{name}” may be “{other}”, who is on this list already",
    },
    "shared-alias": {
        "fr": "l’alias « {alias} » est aussi celui de « {other} », dans la même liste",
        "en": "the alias “{alias}” also stands for “{other}”, who is on this list",
    },
}

MENDS: Mapping[str, str] = {
    "lone-given-name": "add the surname",
    "surname-first": "write the given name first",
    "common-surname": "add context: words that confirm it, or leave it so",
    "common-surnames": "add context: words to those that must ring without it, or leave them so",
    "common-alone": "write the whole name, or add context:",
    "common-word": "write the whole name",
    "short": "write the whole name, or add context:",
    "short-acronym": "write the full form, or make it a phrase",
    "never-found": "look at its threshold and at not:, or write it in full",
    "low-threshold": "write wide, normal or strict, or at least 78",
    "ambiguous": "add context: to tell them apart",
    "too-ambiguous": "add context: to tell them apart",
    "shared-alias": "remove it from one of them, or add context: to both",
    "listed-twice": "make one entry with aliases:, unless these are two people",
}
"""What to do about it in a file."""

_DOUBTFUL = {Way.ITSELF, Way.ALIAS, Way.SURNAME}
"""What is kept to check for a reason of its own, and not for its spelling."""


def apart(example: Example, language: str) -> str:
    """What sets the example apart from the name, in a few words; English where the language has none."""
    if example.match is not None and example.tier is Tier.POSSIBLE and example.way in _DOUBTFUL:
        return explain(example.match.reasons[-1], language)
    words = WAYS[example.way]
    return words.get(language, words["en"])


def caution_words(caution: Caution, language: str) -> str:
    """The caution in words; English where the language has none."""
    words = CAUTIONS[caution.code]
    return words.get(language, words["en"]).format_map(caution.values)
