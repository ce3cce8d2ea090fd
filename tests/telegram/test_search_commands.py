"""/search, /latest, /trend, and what /watch says of the stored articles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.matching.index import matcher_of
from bot.model import Kind, Muted, Scope, Target, chat_scope, list_scope
from bot.storage import names
from bot.storage.articles import index_articles
from bot.storage.schema import articles, feeds, verdicts
from bot.storage.stories import save_matches
from bot.storage.wishes import add_mute
from tests.telegram.newsroom import ADA, ADMIN, EVE, NOW, Newsroom

HERE = Target(ADA.id)
JUSTICE = list_scope("justice")


async def publish(newsroom: Newsroom, title: str, text: str = "", *, days_ago: float = 2, feed: str = "a") -> int:
    """An article that the editor looked at, with what it found for the names of the watchlists."""
    at = NOW() - timedelta(days=days_ago)
    async with newsroom.database.transaction() as tx:
        if not (await tx.execute(select(feeds.c.id).where(feeds.c.id == feed))).first():
            known = {"url_digest": "", "tags": [], "active": True, "state": "ok", "next_poll_at": NOW()}
            read = {"baseline_at": NOW() - timedelta(days=30), "last_good_at": NOW()}
            await tx.execute(insert(feeds).values(id=feed, title=f"Média {feed.upper()}", **known, **read))
        row = {
            "feed_id": feed, "url": f"https://exemple.fr/{title}", "title": title, "text": text, "published_at": at,
            "dated": True, "seen_at": at, "digest": "", "state": "done",
        }  # fmt: skip
        article_id = int((await tx.execute(insert(articles).values(row).returning(articles.c.id))).scalar_one())
        await index_articles(tx, [article_id])
        found = matcher_of(await names.all_names(tx)).find(title, text, "fr")
        await save_matches(tx, article_id, found)
    return article_id


async def follow(newsroom: Newsroom, scope: Scope = JUSTICE) -> None:
    await newsroom.ask(ADA, f"/subscribe {scope.removeprefix('list:')}")


# --- /watch ---------------------------------------------------------------------------------------------------------


async def test_a_new_name_is_told_what_it_would_have_rung(newsroom: Newsroom) -> None:
    await publish(newsroom, "Jeanne Exemple élue", "À Lyon.", days_ago=5)
    await publish(newsroom, "Jeanne Exemple élue maire", "À Lyon.", days_ago=4.9, feed="b")
    await publish(newsroom, "La grève", "Selon Jeane Exemple, non.", days_ago=1)
    await publish(newsroom, "Autre chose", "Sofia Exemple.", days_ago=1)
    answer = await newsroom.ask(ADA, "/watch Jeanne Exemple")
    assert "(2 flux lus, 4 articles) : 2 affaires, moins d’une par semaine" in answer.text
    lines = [line for line in answer.text.splitlines() if line.startswith("• ")]
    assert [line.split(" · ")[1:] for line in lines] == [
        ["La grève", "Média A"],
        ["Jeanne Exemple élue maire", "Média B +1"],
    ]
    labels = [button["text"] for row in answer.buttons for button in row]
    assert labels == ["Seulement Jeanne", "C’est une organisation", "Graphies", "+ Contexte", "Annuler"]


async def test_a_name_that_is_in_every_article_says_so(newsroom: Newsroom) -> None:
    for number in range(90):
        await publish(newsroom, f"Jeanne Exemple {number}", days_ago=0.5 + number / 1000)
    answer = await newsroom.ask(ADA, "/watch Jeanne Exemple")
    assert "plusieurs par jour" in answer.text


async def test_before_anything_was_read_nothing_is_normal(newsroom: Newsroom) -> None:
    assert "Je n’ai encore lu aucun flux" in (await newsroom.ask(ADA, "/watch Jeanne Exemple")).text


async def test_only_the_whole_name_counts_once_somebody_says_so(newsroom: Newsroom) -> None:
    answer = await newsroom.ask(ADA, "/watch Jeanne Exempledary")
    await newsroom.press(ADA, answer, "Seulement Jeanne")
    assert "Seulement le nom entier" in answer.text
    async with newsroom.database.read() as connection:
        [name] = await names.names_of(connection, chat_scope(HERE))
    matcher = matcher_of([name])
    assert name.entity.in_full
    assert matcher.find("", "Exempledary a parlé. J. Exempledary aussi.") == []
    assert matcher.find("", "Jeanne Exempledary a parlé.") != []


async def test_a_surname_becomes_the_whole_name_of_somebody_listed_here(newsroom: Newsroom) -> None:
    await follow(newsroom)
    answer = await newsroom.ask(ADA, "/watch Bingui")
    await newsroom.press(ADA, answer, "Seulement Félix")
    async with newsroom.database.read() as connection:
        [name] = await names.names_of(connection, chat_scope(HERE))
    assert (name.id, name.entity.name) == ("Félix Bingui", "Félix Bingui")
    assert newsroom.matching.watched == {(chat_scope(HERE), "Félix Bingui")}


async def test_the_spellings_come_beside_the_answer(newsroom: Newsroom) -> None:
    answer = await newsroom.ask(ADA, "/watch Ysolde Durand")
    await newsroom.press(ADA, answer, "Graphies")
    beside = newsroom.botapi.sent_to(ADA.id)[-1]
    assert beside.text.startswith("Ysolde Durand\nJ’accepte")


async def test_words_of_the_context_are_asked_for_and_kept(newsroom: Newsroom) -> None:
    answer = await newsroom.ask(ADA, "/watch Ysolde D'Arand")
    await newsroom.press(ADA, answer, "+ Contexte")
    question = newsroom.botapi.sent_to(ADA.id)[-1]
    assert question.asks
    kept = await newsroom.ask(ADA, "prison, évasion", reply_to=question)
    assert "Contexte : prison, évasion" in kept.text
    async with newsroom.database.read() as connection:
        [name] = await names.names_of(connection, chat_scope(HERE))
    assert name.entity.context == ("prison", "évasion") or set(name.entity.context) == {"prison", "évasion"}
    assert "Je ne comprends que les commandes" in (await newsroom.ask(ADA, "prison", reply_to=kept)).text


# --- /search --------------------------------------------------------------------------------------------------------


async def test_articles_are_searched_by_words_and_phrases_in_pages(newsroom: Newsroom) -> None:
    for number in range(8):
        await publish(newsroom, f"Marée {number}", "Le port de Lyon.", days_ago=number + 1)
    page = await newsroom.ask(ADA, '/search "port de lyon" marée')
    assert page.text.startswith("Trouvé : 8 articles · page 1 sur 2")
    assert page.text.count("• ") == 6
    await newsroom.press(ADA, page, "Plus anciens")
    assert page.text.count("• ") == 2
    assert "Marée 7" in page.text
    await newsroom.press(ADA, page, "Plus récents")
    assert "Marée 0" in page.text
    assert "Rien pour « tempête »" in (await newsroom.ask(ADA, "/search tempête")).text
    assert "Que chercher ?" in (await newsroom.ask(ADA, "/search -port")).text
    assert "Moins de mots" in (await newsroom.ask(ADA, "/search marée " + "port " * 20)).text


async def test_a_stranger_may_not_search(newsroom: Newsroom) -> None:
    await publish(newsroom, "Marée")
    assert "Marée" not in (await newsroom.ask(EVE, "/search marée")).text


# --- /latest --------------------------------------------------------------------------------------------------------


async def test_the_latest_stories_are_marked_where_they_did_not_ring(newsroom: Newsroom) -> None:
    await follow(newsroom)
    await publish(newsroom, "Félix Bingui jugé", days_ago=3)
    await publish(newsroom, "Amra encore", "Amra s’est tu, dit-on.", days_ago=2)
    muted = await publish(newsroom, "Mohamed Amra transféré", days_ago=1)
    async with newsroom.database.transaction() as tx:
        identity = "name:mohamed amra"
        await add_mute(tx, HERE, Muted.NAME, shown="Amra", now=NOW(), until=None, made_by=1, identity=identity)
    lines = (await newsroom.ask(ADA, "/latest")).text.splitlines()
    assert lines[0] == "Dernières affaires suivies ici"
    assert "Mohamed Amra transféré" in lines[1]
    assert lines[1].endswith("🔕 en sourdine")
    assert "à vérifier" in lines[2]
    assert lines[3].endswith("Média A")
    async with newsroom.database.transaction() as tx:
        lesson = {"kind": "article", "value": ""}
        here = {"chat_id": HERE.chat_id, "topic_id": 0, "given_by": 1, "given_at": NOW()}
        learnt = {
            "article_id": muted,
            "scope": JUSTICE,
            "name_id": "Mohamed Amra",
            "verdict": "other",
            "lesson": lesson,
        }
        await tx.execute(insert(verdicts).values(**here, **learnt))
    told = (await newsroom.ask(ADA, "/latest")).text
    assert "transféré" not in told
    assert told.endswith("✗ 1 article laissé de côté : vous avez dit que c’est une autre personne.")


async def test_the_latest_of_a_name_goes_back_to_before_it_was_watched(newsroom: Newsroom) -> None:
    assert "Rien n’est suivi ici" in (await newsroom.ask(ADA, "/latest")).text
    await publish(newsroom, "Jeanne Exemple élue")
    assert "Jeanne Exemple élue" in (await newsroom.ask(ADA, "/latest jeanne exemple")).text
    assert "Rien sur Paul Exemplier" in (await newsroom.ask(ADA, "/latest Paul Exemplier")).text
    assert "prénom courant" in (await newsroom.ask(ADA, "/latest Mohamed")).text
    await follow(newsroom)
    assert "Rien encore sur ce qui est suivi" in (await newsroom.ask(ADA, "/latest")).text


async def judge(
    newsroom: Newsroom,
    article_id: int,
    kind: str,
    value: str = "",
    *,
    scope: Scope = JUSTICE,
    name: str = "Mohamed Amra",
) -> None:
    """What Ada said of a name in an article."""
    said = {"verdict": "right" if kind == "spelling" else "other", "lesson": {"kind": kind, "value": value}}
    here = {"chat_id": HERE.chat_id, "topic_id": 0, "given_by": ADA.id, "given_at": NOW()}
    about = {"article_id": article_id, "scope": scope, "name_id": name}
    async with newsroom.database.transaction() as tx:
        await tx.execute(insert(verdicts).values(**here, **about, **said))


async def test_the_latest_of_a_name_is_as_this_chat_judged_it(newsroom: Newsroom) -> None:
    await newsroom.ask(ADA, "/watch Paul Martin")
    weak = await publish(newsroom, "Martin encore", "Martin s’est tu, dit-on.", days_ago=3)
    other = await publish(newsroom, "Paul Martin champion", days_ago=2)
    await publish(newsroom, "Paul Martin transféré", days_ago=1)
    lines = (await newsroom.ask(ADA, "/latest paul martin")).text.splitlines()[1:]
    assert ["champion" in line for line in lines] == [False, True, False]
    assert [line.endswith("à vérifier") for line in lines] == [False, False, True]
    mine = chat_scope(HERE)
    await judge(newsroom, other, "article", scope=mine, name="Paul Martin")
    await judge(newsroom, weak, "spelling", "Martin", scope=mine, name="Paul Martin")
    async with newsroom.database.transaction() as tx:
        identity = "name:paul martin"
        await add_mute(tx, HERE, Muted.NAME, shown="Paul Martin", now=NOW(), until=None, made_by=1, identity=identity)
    first, second, left = (await newsroom.ask(ADA, "/latest Paul Martin")).text.splitlines()[1:]
    assert first.endswith("Média A · 🔕 en sourdine")
    assert second.endswith("Média A · ✓ confirmé · 🔕 en sourdine")
    assert left == "✗ 1 article laissé de côté : vous avez dit que c’est une autre personne."
    assert "champion" in (await newsroom.ask(ADMIN, "/latest Paul Martin")).text  # her verdict is hers


# --- /trend ---------------------------------------------------------------------------------------------------------


async def test_a_chart_is_a_photo_with_its_words(newsroom: Newsroom) -> None:
    await publish(newsroom, "Jeanne Exemple élue")
    await publish(newsroom, "Jeanne Exemple réélue", days_ago=40)
    answer = await newsroom.ask(ADA, "/trend Jeanne Exemple")
    assert answer.photo is not None
    assert answer.text.splitlines()[:2] == ["Mentions par jour, 30 jours", "• Jeanne Exemple, 1 article"]
    await newsroom.press(ADA, answer, "90 jours")
    assert "• Jeanne Exemple, 2 articles" in newsroom.botapi.sent_to(ADA.id)[-1].text
    assert newsroom.botapi.violations == []


async def test_without_a_name_every_name_that_is_followed_is_counted(newsroom: Newsroom) -> None:
    assert "Rien n’est suivi ici" in (await newsroom.ask(ADA, "/trend")).text
    await follow(newsroom)
    assert "Rien encore" in (await newsroom.ask(ADA, "/trend")).text
    await publish(newsroom, "Félix Bingui et Mohamed Amra")
    await publish(newsroom, "Félix Bingui", days_ago=3)
    caption = (await newsroom.ask(ADA, "/trend")).text
    assert caption.splitlines()[1:3] == ["• Félix Bingui, 2 articles", "• Mohamed Amra, 1 article"]
    assert "aucun article récent" in (await newsroom.ask(ADA, "/trend Paul Exemplier")).text


@pytest.mark.parametrize("asked", ["/trend", "/trend Mohamed Amra"])
async def test_a_chart_does_not_count_what_a_verdict_took_out(newsroom: Newsroom, asked: str) -> None:
    await follow(newsroom)
    other = await publish(newsroom, "Mohamed Amra champion", days_ago=2)
    await publish(newsroom, "Mohamed Amra transféré", days_ago=1)
    assert "• Mohamed Amra, 2 articles" in (await newsroom.ask(ADA, asked)).text
    await judge(newsroom, other, "article")
    caption = (await newsroom.ask(ADA, asked)).text.splitlines()
    assert caption[1] == "• Mohamed Amra, 1 article"
    assert caption[-1] == "✗ 1 article laissé de côté : vous avez dit que c’est une autre personne."


async def test_a_name_is_an_organisation_once_somebody_says_so(newsroom: Newsroom) -> None:
    answer = await newsroom.ask(ADA, "/watch Consortium Halcyon")
    assert any(button["text"] == "Seulement Consortium" for row in answer.buttons for button in row)
    await newsroom.press(ADA, answer, "C’est une organisation")
    assert "C’est noté comme une organisation : seul le nom entier compte." in answer.text
    assert not [
        b for row in answer.buttons for b in row if b["text"] in {"Seulement Consortium", "C’est une organisation"}
    ]
    async with newsroom.database.read() as connection:
        [name] = await names.names_of(connection, chat_scope(HERE))
    assert name.entity.kind is Kind.ORGANISATION
    assert (name.scope, name.id) in newsroom.matching.watched
