"""The words in and around names that are none: particles, titles, words of grammar, legal forms."""

from __future__ import annotations

from bot.text import fold


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words.split())


def _written(words: str) -> tuple[str, ...]:
    return tuple(words.split())


PARTICLES = _folded(
    "de du des la le les d l von van der den zu zur di da do dos das del della el al ul bin ben ibn bint abu abou "
    "ould bou ter ten mac mc of the ال بن ابن ابو بنت عبد ولد"
)
"""Words inside a name that one writes and another leaves out."""

TITLES = _folded(
    "m mm mme mlle mr mrs ms miss dr pr me maitre sir lord lady herr frau senor senora sr sra don dona signor "
    "monsieur madame docteur professeur president presidente ministre minister depute senateur senator juge judge "
    "procureur general colonel capitaine maire mayor roi king prince princesse cheikh sheikh imam pere sister "
    "père chancelier chancellor premier gouverneur governor سيد السيد السيده الوزير وزير الرئيس رئيس الشيخ г "
    "господин министр президент"
)
"""Words before a surname that are no given name."""

PLACES = _folded(
    "rue avenue boulevard place quai impasse allée chemin route pont château village commune ville hameau quartier "
    "gare aéroport stade lycée collège école hôtel hôpital musée théâtre prison île lac mont vallée canton "
    "street road avenue square bridge castle village town city airport stadium school hospital hotel museum island "
    "lake calle plaza avenida puente castillo pueblo ciudad aeropuerto estadio via piazza straße strasse platz schloss "
    "dorf"
)
"""Words before a name that is a place's then."""

RANKS = _folded(
    "king queen prince princess duke duchess earl count countess lord lady sir dame emperor empress pope saint st "
    "sheikh emir sultan roi reine prince princesse duc duchesse comte comtesse pape saint sainte cheikh"
)
"""What stands before a name in a list and is none."""

COURTESY = _folded(
    "m mm mr mrs ms miss mme mlle dr pr prof me maitre monsieur madame mademoiselle docteur herr frau senor senora"
)
"""Before a name and nowhere else in it: the M of `Alfred M. Green` is his own."""

FUNCTION_WORDS = _folded(
    "a apres après avec avant chez comme contre dans de depuis des du elle en entre et hier ici il ils la le les "
    "leur lors lorsque mais ni notre on or ou où par pas pendant pour pourquoi puis quand que qui quoi sans selon "
    "ses si son sous sur tandis un une vers y about after against all and as at before but by for from how if in "
    "into it its like no not of on since so than that the then this to under until was what when where while who "
    "why will with without yet according al como con contra cuando del desde el ella en entre es hasta hay la las "
    "lo los para pero por segun sin sobre su tras y aber als auch auf aus bei bis das dem den der die ein eine "
    "für gegen im ist laut mit nach nicht ohne seit über und unter vom von vor während wie wird zu zum в на и с "
    "по о об от для из за к у но как что при под после"
)
"""Words that begin a sentence before a surname ("Selon Darmanin") and are no given name."""

_ARABIC = _written(
    "أن إن إلى على من في عن كان كانت يكون تكون لم لن لا ما قد لقد هذا هذه ذلك تلك التي الذي الذين كل بين بعد قبل عند "
    "مع ثم أو أم بل حتى منذ كما لكن ولكن ولكنه ولكنها غير أي هو هي هم نحن أنه أنها إنه إنها ليس ليست إذا أما أيضا حيث "
    "حين كيف عدم دون ضد خلال حول نحو لدى عام عبر أمس اليوم أكثر بعض جدا فقط هناك هنا ان الى انه انها اي او اذا قال "
    "قالت وقال وقالت أكد وأكد"
)
_HEBREW = _written(
    "את של על לא כי הוא היא גם אל עם או אם כל זה זו אך רק מה יותר היה היתה הייתה לפי בין עד אחרי לפני אין יש"
)
NEVER_NAMES = frozenset([*_ARABIC, *_HEBREW, *("و" + word for word in _ARABIC), *("ف" + word for word in _ARABIC)])
"""Words of grammar in scripts without capitals, as they are written: على is "on", and folded it would be Ali."""

CONJUNCTIONS = _folded("et and y e und ou or o i и та و ve och og a")
"""Between two names they make two people: "Gérald X et Y Darmanin" is nobody."""

ARTICLES = _folded("le la les l the el los las il lo der die das o os")
"""A person's alias that begins with one is a nickname: only its own capitals tell it from a common noun."""

SPLIT_HEADS = _folded(
    "mc mac o al el ul ud abd abdel abdul abdal abdou abder abdur abou abu ben bin bel ould ait van von der de del di "
    "da du la le saint st san jean marie anne عبد ال ابو بن"
)
"""First pieces of names that one writes in one word and another in two: Mc Grath, Abdel Kader."""

LEGAL_FORMS = _folded(
    "societe company compania gesellschaft sa sas sarl sasu sci scop snc ltd limited inc incorporated llc llp plc "
    "gmbh ag kg ohg mbh se spa srl bv nv ab oy as corp corporation co company cie groupe group holding sl slu cv "
    "ооо зао оао ao"
)
"""Dropped at will, and different in every register: Rourke Holdings Ltd is Rourke Holdings Limited."""

CONNECTORS = _folded(
    "de du des d l la le les of the and et y und & e von van der für for del della dei di da do dos das"
)
"""Words of an organisation's name that carry nothing."""


def is_common_word(word: str) -> bool:
    """A word of grammar, a particle or a title in one of the languages we read: no name by itself."""
    return fold(word) in FUNCTION_WORDS | PARTICLES | CONJUNCTIONS | TITLES | ARTICLES
