"""The words for each reason, in every language we speak. A reason is stored as its code and values only."""

from __future__ import annotations

from bot.model import Reason

WORDS: dict[str, dict[str, str]] = {
    "full-name": {"fr": "nom complet", "en": "full name"},
    "shorter-name": {"fr": "prénom et nom", "en": "given name and surname"},
    "surname-first": {"fr": "nom de famille en tête", "en": "surname first"},
    "initial": {"fr": "initiale « {initial} »", "en": "initial “{initial}”"},
    "surname": {"fr": "nom de famille seul : « {text} »", "en": "surname alone: “{text}”"},
    "all-words": {"fr": "tous les mots", "en": "all its words"},
    "acronym": {"fr": "sigle", "en": "acronym"},
    "same-name": {"fr": "{text} = {name} : le même nom", "en": "{text} = {name}: the same name"},
    "sounds-alike": {"fr": "{text} ≈ {name} : même prononciation", "en": "{text} ≈ {name}: sounds the same"},
    "doubled": {"fr": "{text} ≈ {name} : consonne doublée", "en": "{text} ≈ {name}: doubled consonant"},
    "inflected": {"fr": "{text} ≈ {name} : forme déclinée", "en": "{text} ≈ {name}: inflected form"},
    "transliterated": {"fr": "{text} ≈ {name} : autre écriture", "en": "{text} ≈ {name}: another script"},
    "joined": {"fr": "{text} ≈ {name} : écrit en deux mots", "en": "{text} ≈ {name}: written as two words"},
    "typo": {"fr": "{text} ≈ {name} : faute de frappe", "en": "{text} ≈ {name}: typing error"},
    "other-name": {
        "fr": "{text} ≠ {name} : un autre prénom, proche",
        "en": "{text} ≠ {name}: another name, close to it",
    },
    "check-other-name": {"fr": "à vérifier : peut être quelqu’un d’autre", "en": "to check: may be somebody else"},
    "named-in-full": {"fr": "nommé en entier dans l’article", "en": "named in full in the article"},
    "context": {"fr": "contexte : {words}", "en": "context: {words}"},
    "no-context": {"fr": "aucun mot du contexte", "en": "no word of the context"},
    "rare-surname": {"fr": "nom de famille rare", "en": "rare surname"},
    "asked-for": {"fr": "demandé tel quel", "en": "asked for as it is"},
    "frequent-surname": {"fr": "nom de famille fréquent", "en": "frequent surname"},
    "also-given-name": {"fr": "aussi un prénom", "en": "also a given name"},
    "only-sounds-alike": {
        "fr": "à vérifier : un autre nom peut se prononcer ainsi",
        "en": "to check: another name may sound the same",
    },
    "also-common-word": {"fr": "aussi un mot courant dans l’article", "en": "also a common word in the article"},
    "perhaps-other-person": {
        "fr": "peut-être un autre prénom devant, ou un autre nom",
        "en": "perhaps another given name before it, or another name",
    },
    "below-threshold": {"fr": "sous le seuil de {threshold}", "en": "below the threshold of {threshold}"},
    "namesake-context": {"fr": "contexte d’un homonyme : {words}", "en": "context of a namesake: {words}"},
    "excluded": {"fr": "exclu : « {phrase} » dans la même phrase", "en": "excluded: “{phrase}” in the same sentence"},
    "relative": {
        "fr": "l’article nomme en entier quelqu’un d’autre de ce nom",
        "en": "the article names somebody else of that surname in full",
    },
    "taken": {
        "fr": "un nom plus proche, ou plusieurs, prennent le passage",
        "en": "a closer name takes the words, or several fit",
    },
    "not-together": {
        "fr": "les mots sont là, mais ne forment pas un nom",
        "en": "the words are there, but do not make one name",
    },
    "other-person": {"fr": "un autre nom à côté : « {text} »", "en": "another name beside it: “{text}”"},
    "too-little": {
        "fr": "seul et ainsi écrit, cela ne suffit pas",
        "en": "alone and in this spelling it says too little",
    },
    "fits-many-names": {"fr": "convient à trop de noms de la liste", "en": "fits too many names of the list"},
    "no-capital": {"fr": "sans majuscule", "en": "without a capital"},
    "fits-many": {"fr": "convient à {number} noms de la liste", "en": "fits {number} names of the list"},
}


def explain(reason: Reason, language: str) -> str:
    """The reason in words; English where the language has none."""
    words = WORDS[reason.code]
    return words.get(language, words["en"]).format_map(reason.values)
