"""Which of the languages that decline names a text is written in, by its function words.

Feeds say their language or not, and quote others. This guess need only tell whether an ending may be grammar.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet

_FUNCTION_WORDS = {
    "fr": "le la les des du de et est une un dans pour qui que sur avec par au aux ce cette sont été ne pas a à sa ses",
    "en": "a an the of and to in is was for that with on as at by his her from are has have it be this will after",
    "es": "a el la los las de del y en que por con una un para es se su al fue como más pero sus según ha",
    "it": "il lo la gli le di del della e che in con per una un è sono ha nel alla dal anche come più non si al",
    "pt": "o a os as de do da dos das e que em com por para uma um é foi no na ao não mais como se seu sua",
    "ro": "și în de la cu pe un o este care din a fost pentru nu mai că al ale după prin sau au fi",
    "hu": "a az és hogy nem is egy volt meg van de ezt azt szerint még már csak után ki mint amely között",
    "tr": "ve bir bu da de ile için olarak olan daha gibi kadar sonra ise çok en ne dün bugün göre tarafından",
    "fi": "ja on ei se oli että hän myös kun joka mutta ovat mukaan tai sen jo vain kuin ole sekä uuden kanssa",
    "de": "der die das und ist in den von zu mit auf für im dem nicht ein eine des sich auch hat am nach bei wurde",
    "nl": "de het een en van is in op dat te met voor zijn niet aan ook er om bij door naar heeft werd over wordt",
    "sv": "och att det som är en på för med av till har den inte ett om var han hon från vid efter säger i sin",
    "no": "og i det er en på som for med av til har at den ikke et om var han hun fra ved etter sier de",
    "da": "og i det er en på som for med af til har at den ikke et om var han hun fra ved efter siger de blev",
    "pl": "i w na z się nie do że jest o po za od jak był była który przez ale dla oraz to już tak został",
    "cs": "a v na se že je s z o do i za po byl byla podle jako ale který pro od by ve také si už před bude řekl dnes",
    "sk": "a v na sa že je s z o do aj za po bol bola podľa ako ale ktorý pre od by vo tiež si už pred bude dnes",
    "hr": "i u na je se da su za od s koji s a kao nije bio bila će o po iz to ali te prema nakon danas",
    "sl": "in je v na se da so za od ki s z kot ni bil bila bo o po iz to pa tudi danes",
}
_LANGUAGES_OF: dict[str, frozenset[str]] = {
    word: frozenset(language for language, words in _FUNCTION_WORDS.items() if word in words.split())
    for words in _FUNCTION_WORDS.values()
    for word in words.split()
}
_WORDS = frozenset(_LANGUAGES_OF)
FIRM = 4
"""From so many function words on, one fewer makes a second language possible."""
PLENTY = 8
"""From so many function words on, letters are not looked at."""
_LETTERS = {
    "ł": ("pl",), "ż": ("pl",), "ś": ("pl",), "ę": ("pl",), "ą": ("pl",), "ř": ("cs",), "ě": ("cs",), "ů": ("cs",),
    "ľ": ("sk",), "ő": ("hu",), "ű": ("hu",), "ğ": ("tr",), "ı": ("tr",), "ß": ("de",), "å": ("sv", "no", "da"),
    "đ": ("hr", "sr"), "æ": ("da", "no"), "ä": ("fi", "sv", "de"), "ş": ("tr",), "č": ("cs", "sk", "hr", "sl"),
}  # fmt: skip
"""Letters that few languages have; each counts like a function word."""


def languages_of(words: AbstractSet[str], said: str = "") -> frozenset[str]:
    """The likeliest languages of a text, several when it is close; empty when nothing tells.

    Args:
        words: every word of the text, as it is written.
        said: the code of what the feed says it is; believed where the words do not say firmly otherwise.
    """
    votes: Counter[str] = Counter()
    for word in words & _WORDS:
        votes.update(_LANGUAGES_OF[word])
    if max(votes.values(), default=0) < PLENTY:
        for letter in set().union(*words) & _LETTERS.keys():
            votes.update(_LETTERS[letter])
    best = max(votes.values(), default=0)
    likely = frozenset(language for language, count in votes.items() if count >= best - (best >= FIRM))
    if said:
        return likely | {said} if best >= FIRM else frozenset({said})
    return likely
