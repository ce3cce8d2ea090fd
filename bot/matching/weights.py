"""Every weight and threshold of matching, each with an example of why. Nothing is tuned anywhere else."""

# --- How much one word of a name is worth, from 0 to 100 ------------------------------------------------------------

EXACT = 100
"""Darmanin = DARMANIN, Gérald = Gerald: case and accents never say who is meant."""
SAME_NAME = 97
"""Mohamed = Mohammed = محمد: a name that parents and newspapers spell in many ways."""
SOUNDS_ALIKE = 95
"""Bajjou ≈ Badjou, Bingui ≈ Binguy: the same sounds by the spelling habits of another language."""
INFLECTED = 93
"""Русланом = Руслан, Péternek = Péter: the ending belongs to the grammar."""
SAME_SOUND = 92
"""Вантадур = Vantadour: another script, and nothing left to guess."""
TRANSLITERATED = 88
"""دارمانان ≈ Darmanin: a script that does not write every vowel agrees in all it writes."""
TYPO = 88
"""Quincampiox ≈ Quincampoix: one slip in a long word."""
OTHER_NAME = 80
"""Gérard ≈ Gérald: one slip apart, but a name of its own; it needs somebody to check it."""
INITIAL = 86
"""G. for Gérald: it could be Georges."""

# --- What a whole mention loses ---------------------------------------------------------------------------------------

WORD_BETWEEN = 2
"""Aldebert *Hugo* Quincampoix: usually a middle name, sometimes another person."""
BARE_SURNAME = 6
"""Darmanin alone: his sister has that name too."""

AS_WRITTEN = 98
"""From here on a name stands as it was listed, a middle name apart."""
CLOSE = 6
"""Two readings of one span that are no further apart are equally good."""

POSSIBLE_BELOW_THRESHOLD = 12
"""A mention that misses its threshold by no more than this waits to be checked instead of vanishing."""

# --- How far words may differ -----------------------------------------------------------------------------------------

SHORTEST_WITH_TYPO = 5
"""Below five letters another letter is another name: Amra, Amar, Omra."""
SHORTEST_WITH_WRONG_START = 8
"""Below eight letters a surname with another letter at its start waits to be checked: Bondui, Bindui."""
ONE_NAME = 55
ONE_SHORT_NAME = 75
"""Two Latin spellings that the table calls one name are no less alike (rapidfuzz's ratio): Jewgeni and Yevgeny have 57,
and Alexander is not Sasha. Up to four letters it takes more: Li is not Ri."""
SHORTEST_WITH_TWO_TYPOS = 11
"""Chtcherbakov, Papadopoulos: long names are copied wrongly twice."""
SHORTEST_SOUND = 3
"""Li, Ly and Lee are three families."""

SHORTEST_BARE = 4
"""Un, Ali, Lee: shorter surnames alone are words and given names of some language."""
SHORTEST_BARE_OTHERWISE = 5
"""Sounds of a bare surname in another spelling, case or script: Bajou for Bajjou, but not Kery for Curie."""
ALIKE_IN_SIGNS = 45
"""Letters and all, as alike (rapidfuzz's ratio) as 헤밍스, heard `himingsiu`, and Hemings; 소유자는 is no Simone."""
GUESSED_SIGNS = 4
"""The same in Han, Kana and Hangul, which write fewer: 로버트 헨더슨 has seven of Robert Henderson."""
GUESSED = 7
"""Consonants that must agree of a whole name where nothing else does: ألدبرت فانتادور has nine."""
LONG_ORGANISATION = 3
"""Three words in their order name a body even in lower case: comptoir maritime de kerbrazec."""

RARE_WITH_TITLE = 6
"""The same behind a title, which says that a person is meant."""
RARE = 2
"""A surname with more spellings in the table of known names is borne by many: Wilson has 18, Macron 8, Darmanin 2."""
SHORTEST_RARE = 5
"""Pio, Sol, Roc: short surnames are words somewhere."""
MOST_WORDS_BETWEEN = 2
"""Given name and surname may have this many middle names or particles between them."""
MOST_READ_ALONE = 20
"""Times that one written surname is looked at in one text, for the place where it says most."""
MOST_READ = 25
"""Places in one text where one alias is looked at: an article that names somebody names them well among the first."""
MOST_WORDS = 20_000
"""Different words of one text that are read; an article has hundreds, a hostile page any number."""
MOST_SIGNS = 10_000
"""Signs of Han, Kana and Hangul that are read of one text."""
NEAR = 40
"""`not_context` looks this many words around a mention."""
MOST_ENTRIES = 3
"""A bare word that fits more entries of one watchlist than this says nothing."""
