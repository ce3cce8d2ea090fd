"""A small labelled day of invented news: what grouping must not fall behind of."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations

from bot.stories.features import facts_of
from bot.stories.group import Assignment, Grouping

START = datetime(2026, 4, 6, 6, 0, tzinfo=UTC)

ARTICLES: tuple[tuple[str, float, str, str, str], ...] = (
    # story, hours, language, title, text
    ("ferry", 0, "fr", "Le ferry « Belle-Quérande » s'échoue devant Port-Salins, 143 passagers évacués",
     ("Le ferry « Belle-Quérande » s'est échoué lundi à l'aube sur les rochers de Port-Salins. Ses 143 passagers ont été "
     "évacués par la vedette du port, indique la préfecture maritime.")),
    ("ferry", 1, "fr", "Port-Salins : 143 personnes évacuées d'un ferry échoué",
     ("Les 143 passagers du « Belle-Quérande », échoué lundi matin sur les rochers de Port-Salins, sont tous à terre, "
     "selon la préfecture maritime. Le navire penche mais ne coule pas.")),
    ("ferry", 1.5, "fr", "VIDÉO. Le ferry « Belle-Quérande » s'échoue devant Port-Salins, 143 passagers évacués",
     ("Avec agences - Le ferry « Belle-Quérande » s'est échoué lundi à l'aube sur les rochers de Port-Salins. Ses 143 "
     "passagers ont été évacués par la vedette du port, indique la préfecture maritime.")),
    ("ferry", 2, "en", "Ferry Belle-Quérande runs aground off Port-Salins, 143 taken off",
     "All 143 passengers of the Belle-Quérande were taken off on Monday after the ferry struck rocks at Port-Salins."),
    ("captain", 30, "fr", "Échouement du « Belle-Quérande » : le capitaine Yvon Tréharec mis en examen",
     ("Yvon Tréharec, capitaine du ferry échoué à Port-Salins, a été mis en examen mardi par un juge de Sainte-Ombre. Il "
     "conteste avoir quitté la passerelle.")),
    ("captain", 31, "fr", "Le capitaine du « Belle-Quérande » Yvon Tréharec mis en examen",
     ("Un juge de Sainte-Ombre a mis en examen mardi Yvon Tréharec, qui commandait le ferry échoué à Port-Salins. Son "
     "avocat conteste qu'il ait quitté la passerelle.")),
    ("other ferry", 3, "fr", "Panne de moteur : le ferry « Étoile d'Orvault » remorqué vers Granlieu",
     ("En panne de moteur depuis dimanche soir, le ferry « Étoile d'Orvault » a été remorqué lundi jusqu'à Granlieu. Ses "
     "61 passagers n'ont pas été inquiétés.")),
    ("weather mon", 0.5, "fr", "Météo à Port-Salins : le temps de lundi 6 avril",
     "À Port-Salins, lundi 6 avril, le ciel sera couvert. Il fera de 7 à 13 degrés. Vent d'ouest à 40 km/h."),
    ("weather tue", 24.5, "fr", "Météo à Port-Salins : le temps de mardi 7 avril",
     "À Port-Salins, mardi 7 avril, le ciel sera dégagé. Il fera de 6 à 16 degrés. Vent d'ouest à 25 km/h."),
    ("weather elsewhere", 0.6, "fr", "Météo à Granlieu : le temps de lundi 6 avril",
     "À Granlieu, lundi 6 avril, le ciel sera couvert. Il fera de 4 à 11 degrés. Vent d'ouest à 30 km/h."),
    ("mayor", 4, "en", "Mayor Odile Carrowmore quits over harbour contract in Tarnwick",
     ("Odile Carrowmore resigned on Monday as mayor of Tarnwick after auditors questioned a 12-million harbour contract. "
     "She denies any wrongdoing.")),
    ("mayor", 5, "en", "Tarnwick mayor Carrowmore resigns amid harbour contract row",
     ("The mayor of Tarnwick, Odile Carrowmore, stepped down on Monday. Auditors had questioned how the 12-million "
     "harbour contract was awarded; she denies wrongdoing.")),
    ("namesake", 6, "en", "Carrowmore wins Glenfarrow marathon in the rain",
     "Fintan Carrowmore won the Glenfarrow marathon on Monday in two hours and eleven minutes, ahead of two Kenyans."),
    ("index mon", 9, "en", "Halcyon index ends at 5,412 on Monday, April 6",
     "The Halcyon 40 index closed higher at 5,412 on Monday, April 6. Banks led the session in thin trade."),
    ("index tue", 33, "en", "Halcyon index ends at 5,380 on Tuesday, April 7",
     "The Halcyon 40 index closed lower at 5,380 on Tuesday, April 7. Banks led the session in thin trade."),
    ("factory", 7, "ar", "حريق في مصنع كارمودال للكيماويات في تل الريحان يصيب 27 عاملاً",
     "اندلع حريق كبير فجر الاثنين في مصنع كارمودال للكيماويات في تل الريحان، وأصيب 27 عاملاً بحسب الدفاع المدني."),
    ("factory", 8, "ar", "إصابة 27 عاملاً في حريق مصنع كارمودال بتل الريحان",
     "أصيب 27 عاملاً فجر الاثنين في حريق كبير شب في مصنع كارمودال للكيماويات بتل الريحان، وفق الدفاع المدني."),
    ("factory", 8.5, "ar", "عاجل.. حريق في مصنع كارمودال للكيماويات في تل الريحان يصيب 27 عاملاً",
     "اندلع حريق كبير فجر الاثنين في مصنع كارمودال للكيماويات في تل الريحان، وأصيب 27 عاملاً بحسب الدفاع المدني."),
    ("trial", 10, "ar", "محكمة في وادي السنديان تؤجل محاكمة رجل الأعمال سليم البارودي",
     "أجلت محكمة في وادي السنديان الاثنين محاكمة رجل الأعمال سليم البارودي إلى مايو بطلب من الدفاع."),
)  # fmt: skip


def group() -> tuple[dict[int, int], dict[int, Assignment]]:
    """Article → story, and how it was assigned."""
    grouping = Grouping(timedelta(hours=72))
    stories: dict[int, int] = {}
    assigned: dict[int, Assignment] = {}
    for at in sorted(range(len(ARTICLES)), key=lambda each: ARTICLES[each][1]):
        _, hours, language, title, text = ARTICLES[at]
        facts = facts_of(title, text, language, START + timedelta(hours=hours))
        assigned[at] = grouping.assign(facts)
        joined = assigned[at].story_id
        stories[at] = at if joined is None else joined
        grouping.keep(at, stories[at], title, facts)
    return stories, assigned


def test_no_two_events_are_joined() -> None:
    stories, _ = group()
    wrong = [
        (ARTICLES[a][3], ARTICLES[b][3])
        for a, b in combinations(stories, 2)
        if stories[a] == stories[b] and ARTICLES[a][0] != ARTICLES[b][0]
    ]
    assert wrong == []


def test_nearly_every_event_is_told_once() -> None:
    stories, _ = group()
    found: defaultdict[str, set[int]] = defaultdict(set)
    for at, story in stories.items():
        found[ARTICLES[at][0]].add(story)
    told_again = {event: len(told) for event, told in found.items() if len(told) > 1}
    assert told_again == {}


def test_a_later_stage_follows_the_first() -> None:
    stories, assigned = group()
    first_of_captain = next(at for at in range(len(ARTICLES)) if ARTICLES[at][0] == "captain")
    assert assigned[first_of_captain].follows == stories[0]


def test_the_same_day_gives_the_same_stories() -> None:
    assert group() == group()
