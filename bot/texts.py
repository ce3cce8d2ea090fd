"""Every text that people read in Telegram, in one place: key → language → words.

Values stand in `{braces}`; a text holds Telegram's HTML where it is shown as a message, so whoever fills it in
passes escaped values (`telegram/markup.py`). The words for why a name matched live beside the rules, in
`matching/reasons.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "en"

CATALOGUE: Mapping[str, Mapping[str, str]] = {
    # --- An alert ------------------------------------------------------------------------------------------------
    "alert.spelling": {"fr": "≈ « {spelling} »", "en": "≈ “{spelling}”"},
    "alert.possible": {"fr": "à vérifier, {score}/100", "en": "to check, {score}/100"},
    "alert.more-names.one": {"fr": "et un autre nom", "en": "and one more name"},
    "alert.more-names.other": {"fr": "et {n} autres noms", "en": "and {n} more names"},
    "alert.also": {"fr": "Aussi cités : {names}", "en": "Also named: {names}"},
    "alert.outlets.one": {"fr": "{n} média", "en": "{n} outlet"},
    "alert.outlets.other": {"fr": "{n} médias", "en": "{n} outlets"},
    "more.one": {"fr": "et un autre", "en": "and one more"},
    "more.other": {"fr": "et {n} autres", "en": "and {n} more"},
    "alert.new-in-story": {
        "fr": "Nouveau nom dans une affaire déjà signalée",
        "en": "A new name in a story you know",
    },
    "alert.outlets-reached.one": {"fr": "{n} média en parle", "en": "{n} outlet tells it"},
    "alert.outlets-reached.other": {"fr": "{n} médias en parlent maintenant", "en": "{n} outlets tell it by now"},
    "alert.withdrawn": {"fr": "Retiré par l’éditeur", "en": "Withdrawn by the publisher"},
    "alert.outlet-withdrawn": {"fr": "retiré", "en": "withdrawn"},
    "alert.retitled": {"fr": "Titre modifié : {when}", "en": "Headline changed: {when}"},
    "alert.follows": {"fr": "Suite de : {title}", "en": "Follows: {title}"},
    "alert.no-title": {"fr": "Article sans titre", "en": "Untitled article"},
    "bundle.title.one": {"fr": "Rattrapage : {n} affaire", "en": "Caught up: {n} story"},
    "bundle.title.other": {"fr": "Rattrapage : {n} affaires", "en": "Caught up: {n} stories"},
    "bundle.burst.one": {"fr": "{n} affaire", "en": "{n} story"},
    "bundle.burst.other": {"fr": "{n} affaires d’un coup", "en": "{n} stories at once"},
    "bundle.late.one": {"fr": "Retenue jusqu’ici : {n} affaire", "en": "Held up until now: {n} story"},
    "bundle.late.other": {
        "fr": "Retenues jusqu’ici, faute de liaison : {n} affaires",
        "en": "Held up until now, for want of a connection: {n} stories",
    },
    "alert.late": {"fr": "Retenu jusqu’ici, faute de liaison", "en": "Held up until now, for want of a connection"},
    "alert.old": {
        "fr": "Retenu faute de liaison : ce n’est plus une nouvelle",
        "en": "Held up for want of a connection: no longer news",
    },
    "bundle.blind": {
        "fr": "Je ne lisais plus les flux de {since} à {until}.",
        "en": "I could not read the feeds from {since} to {until}.",
    },
    "bundle.lost": {
        "fr": "Ont pu publier et retirer des articles entre-temps : {titles}.",
        "en": "May have listed and dropped articles meanwhile: {titles}.",
    },
    "bundle.nothing-lost": {
        "fr": "Les flux relus depuis n’ont rien perdu.",
        "en": "The feeds read since have lost nothing.",
    },
    "alert.button.why": {"fr": "Pourquoi ?", "en": "Why?"},
    # --- Times ---------------------------------------------------------------------------------------------------
    "time.clock": {"fr": "{hour} h {minute}", "en": "{hour_padded}:{minute}"},
    "time.yesterday": {"fr": "hier {clock}", "en": "yesterday {clock}"},
    "time.day": {"fr": "{day} {month}, {clock}", "en": "{day} {month}, {clock}"},
    "time.year": {"fr": "{day} {month} {year}, {clock}", "en": "{day} {month} {year}, {clock}"},
    "time.months": {
        "fr": "janv. févr. mars avril mai juin juil. août sept. oct. nov. déc.",
        "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    },
    # --- Languages of articles -----------------------------------------------------------------------------------
    "language.ar": {"fr": "arabe", "en": "Arabic"},
    "language.de": {"fr": "allemand", "en": "German"},
    "language.en": {"fr": "anglais", "en": "English"},
    "language.es": {"fr": "espagnol", "en": "Spanish"},
    "language.fr": {"fr": "français", "en": "French"},
    "language.it": {"fr": "italien", "en": "Italian"},
    "language.nl": {"fr": "néerlandais", "en": "Dutch"},
    "language.pt": {"fr": "portugais", "en": "Portuguese"},
    "language.ru": {"fr": "russe", "en": "Russian"},
    "language.uk": {"fr": "ukrainien", "en": "Ukrainian"},
    # --- Why -----------------------------------------------------------------------------------------------------
    "why.title": {"fr": "Pourquoi cet article ?", "en": "Why this article?"},
    "why.certain": {"fr": "certain, {score}/100", "en": "certain, {score}/100"},
    "why.possible": {"fr": "à vérifier, {score}/100", "en": "to check, {score}/100"},
    "why.found-title": {"fr": "lu dans le titre : « {spelling} »", "en": "read in the headline: “{spelling}”"},
    "why.found-text": {"fr": "lu dans le texte : « {spelling} »", "en": "read in the text: “{spelling}”"},
    "why.from-list": {"fr": "liste « {title} »", "en": "watchlist “{title}”"},
    "why.personal": {"fr": "nom ajouté ici", "en": "name added here"},
    "why.note": {"fr": "Note : {note}", "en": "Note: {note}"},
    "why.nothing": {
        "fr": "Aucun des noms suivis ici n’y figure.",
        "en": "It holds none of the names followed here.",
    },
    "why.baseline": {
        "fr": "Il était déjà en ligne à ma première lecture de ce flux : je ne l’ai pas signalé.",
        "en": "It was online already when I first read this feed, so I did not announce it.",
    },
    "why.waiting": {
        "fr": "Je viens de le lire : il est en cours d’examen.",
        "en": "I have just read it: in the works.",
    },
    "why.not-sent": {"fr": "Il n’a pas donné d’alerte ici.", "en": "It gave no alert here."},
    "why.told-before": {
        "fr": "La même affaire avait déjà été annoncée ici : « {title} » ({outlet}), {when}.",
        "en": "The same story had been told here already: “{title}” ({outlet}), {when}.",
    },
    "why.joined": {"fr": "Pourquoi la même affaire : {reason}.", "en": "Why the same story: {reason}."},
    "why.follows": {"fr": "Suite de l’affaire « {title} ».", "en": "It follows the story “{title}”."},
    "why.shown.at-once": {"fr": "L’alerte le citait déjà.", "en": "The alert named it from the start."},
    "why.shown.edited": {
        "fr": "Ajouté à ce message, sans sonner : {when}.",
        "en": "Added to that message, silently: {when}.",
    },
    "why.shown.due": {
        "fr": "Sera ajouté à ce message, sans sonner : {when}.",
        "en": "To be added to that message, silently: {when}.",
    },
    "why.shown.not-edited": {"fr": "Ce message n’a pas été modifié.", "en": "That message was not edited."},
    "why.shown.other-feeds": {
        "fr": "La liste ne regarde pas ce flux : il n’est pas ajouté à ce message.",
        "en": "The watchlist does not look at this feed, so it is not added to that message.",
    },
    "why.edited": {
        "fr": "Message modifié depuis, sans sonner : {when}.",
        "en": "Message edited since, silently: {when}.",
    },
    "why.shown-already": {
        "fr": "L’alerte qui partait citait déjà autant de médias : pas de second message.",
        "en": "The alert about to leave named as many outlets already: no second message.",
    },
    "story.new-story": {"fr": "première de son affaire", "en": "the first of its story"},
    "story.same-event": {
        "fr": "même événement que « {title} », sûr à {percent}",
        "en": "the same event as “{title}”, {percent} sure",
    },
    "story.same-words": {
        "fr": "{percent} des mots de « {title} »",
        "en": "{percent} of the words of “{title}”",
    },
    "why.delivery.sent": {"fr": "Alerte envoyée ici : {when}.", "en": "Alert sent here: {when}."},
    "why.delivery.held": {
        "fr": "Gardé à vérifier, sans sonner : je n’étais pas assez sûr.",
        "en": "Kept to be checked, without ringing: I was not sure enough.",
    },
    "why.delivery.waiting": {"fr": "L’alerte est en route.", "en": "The alert is on its way."},
    "why.delivery.failed": {"fr": "L’alerte n’a pas pu être envoyée ici.", "en": "The alert could not be sent here."},
    "why.delivery.suppressed": {"fr": "L’alerte a été retenue.", "en": "The alert was held back."},
    "why.unknown-url": {
        "fr": "Aucun de mes flux n’a listé cette adresse.",
        "en": "None of my feeds listed this address.",
    },
    "why.ask": {
        "fr": "Répondez /why à une de mes alertes, ou écrivez <code>/why https://…</code>",
        "en": "Reply /why to one of my alerts, or write <code>/why https://…</code>",
    },
    "why.gone": {"fr": "Je n’ai plus rien sur cette alerte.", "en": "I no longer hold anything about that alert."},
    # --- Start and help ------------------------------------------------------------------------------------------
    "start.welcome": {
        "fr": (
            "<b>Je guette des noms dans la presse.</b>\n"
            "Dès qu’un article en cite un, même mal orthographié ou en arabe, je vous préviens ici, une fois.\n\n"
            "• /watchlists : suivre une liste\n"
            "• <code>/watch Prénom Nom</code> : ajouter un nom\n"
            "• /list : ce que vous suivez\n"
            "• /help : tout le reste"
        ),
        "en": (
            "<b>I watch the news for names.</b>\n"
            "As soon as an article names one, even misspelt or in Arabic, I tell you here, once.\n\n"
            "• /watchlists: follow a list\n"
            "• <code>/watch First Last</code>: add a name\n"
            "• /list: what you follow\n"
            "• /help: all the rest"
        ),
    },
    "start.button.watchlists": {"fr": "Voir les listes", "en": "See the watchlists"},
    "start.claimed": {
        "fr": "<b>Bienvenue.</b> Vous administrez maintenant ce bot. /invite crée un lien pour un collègue.",
        "en": "<b>Welcome.</b> You now administer this bot. /invite makes a link for a colleague.",
    },
    "start.joined": {
        "fr": "<b>Bienvenue.</b> Vous avez maintenant accès.",
        "en": "<b>Welcome.</b> You have access now.",
    },
    "start.bad-link": {
        "fr": "Ce lien a déjà servi ou n’est plus valable. Demandez-en un autre à la personne qui vous l’a donné.",
        "en": "This link was used already or is out of date. Ask whoever gave it to you for another one.",
    },
    "help": {
        "fr": (
            "<b>Ce que je sais faire</b>\n"
            "/watchlists : parcourir les listes, suivre par bouton\n"
            "/subscribe LISTE, /unsubscribe LISTE : suivre une liste, ne plus la suivre\n"
            "<code>/watch Prénom Nom</code> : guetter un nom, pour cette discussion seulement\n"
            "/unwatch NOM : ne plus le guetter\n"
            "/list : ce qui est suivi ici\n"
            "/why : en réponse à une alerte, ou avec l’adresse d’un article\n\n"
            "Dans un groupe, seuls ses administrateurs changent ce qu’il suit ; "
            "dans un forum, chaque sujet a son propre suivi."
        ),
        "en": (
            "<b>What I can do</b>\n"
            "/watchlists: browse the watchlists, follow by button\n"
            "/subscribe LIST, /unsubscribe LIST: follow a watchlist, stop following it\n"
            "<code>/watch First Last</code>: watch for a name, for this chat only\n"
            "/unwatch NAME: stop watching for it\n"
            "/list: what is followed here\n"
            "/why: as a reply to an alert, or with an article’s address\n\n"
            "In a group only its administrators change what it follows; "
            "in a forum each topic follows its own."
        ),
    },
    "help.admin": {
        "fr": "\n\n<b>Vous administrez ce bot</b>\n/invite : un lien d’accès, pour une personne et sept jours",
        "en": "\n\n<b>You administer this bot</b>\n/invite: a link that gives access, for one person and seven days",
    },
    # --- Access --------------------------------------------------------------------------------------------------
    "access.refused": {
        "fr": "Ce bot est réservé à ses invités. Si vous devez y avoir accès, demandez un lien à son administrateur.",
        "en": "This bot is for invited people. If you should have access, ask its administrator for a link.",
    },
    "access.group-admins": {
        "fr": "Seuls les administrateurs du groupe changent ce qu’il suit.",
        "en": "Only the group’s administrators change what it follows.",
    },
    "access.admins-only": {
        "fr": "Cette commande est réservée aux administrateurs du bot.",
        "en": "This command is for the bot’s administrators.",
    },
    "invite.link": {
        "fr": "Lien d’accès, pour <b>une personne</b> et sept jours :\n{link}",
        "en": "A link that gives access, for <b>one person</b> and seven days:\n{link}",
    },
    "invite.private": {
        "fr": "Demandez-le-moi en privé : un lien écrit ici servirait au premier venu.",
        "en": "Ask me in private: a link written here would serve whoever is first.",
    },
    # --- Watchlists ----------------------------------------------------------------------------------------------
    "lists.title": {"fr": "Les listes", "en": "The watchlists"},
    "lists.page": {"fr": "page {page} sur {pages}", "en": "page {page} of {pages}"},
    "lists.none": {
        "fr": "Il n’y a pas encore de liste. <code>/watch Prénom Nom</code> guette un nom.",
        "en": "There is no watchlist yet. <code>/watch First Last</code> watches for a name.",
    },
    "lists.hint": {
        "fr": "Un bouton suit une liste (✓) ou cesse de la suivre.",
        "en": "A button follows a watchlist (✓) or stops following it.",
    },
    "lists.names.one": {"fr": "{n} nom", "en": "{n} name"},
    "lists.names.other": {"fr": "{n} noms", "en": "{n} names"},
    "lists.holds": {"fr": "{count} : {names}", "en": "{count}: {names}"},
    "lists.unknown": {
        "fr": "Je ne connais pas de liste « {query} ». Les voici :",
        "en": "I know no watchlist “{query}”. Here they are:",
    },
    "lists.subscribed": {"fr": "✓ Suivie ici : <b>{title}</b>", "en": "✓ Followed here: <b>{title}</b>"},
    "lists.already": {"fr": "<b>{title}</b> est déjà suivie ici.", "en": "<b>{title}</b> is followed here already."},
    "lists.unsubscribed": {
        "fr": "<b>{title}</b> n’est plus suivie ici.",
        "en": "<b>{title}</b> is no longer followed here.",
    },
    "lists.not-followed": {
        "fr": "<b>{title}</b> n’était pas suivie ici.",
        "en": "<b>{title}</b> was not followed here.",
    },
    "lists.button.follow": {"fr": "Suivre", "en": "Follow"},
    "lists.button.unfollow": {"fr": "Ne plus suivre", "en": "Stop following"},
    "lists.older": {"fr": "‹ Précédentes", "en": "‹ Previous"},
    "lists.newer": {"fr": "Suivantes ›", "en": "Next ›"},
    # --- Personal names ------------------------------------------------------------------------------------------
    "watch.done": {"fr": "<b>Je guette « {name} »</b>", "en": "<b>I am watching for “{name}”</b>"},
    "watch.here": {"fr": "pour cette discussion, alerte immédiate", "en": "for this chat, immediate alert"},
    "watch.surname": {
        "fr": "Un mot seul : je le lis comme un nom de famille.",
        "en": "One word: I read it as a surname.",
    },
    "watch.acronym": {
        "fr": "Tout en capitales : je le lis comme un sigle.",
        "en": "All capitals: I read it as an acronym.",
    },
    "watch.organisation": {
        "fr": "Une forme juridique : je le lis comme une organisation.",
        "en": "A legal form: I read it as an organisation.",
    },
    "watch.phrase": {
        "fr": "Je cherche ces mots tels quels, à la suite.",
        "en": "I look for these very words, in this order.",
    },
    "watch.accepts": {"fr": "<b>J’accepte</b> {spellings} …", "en": "<b>I accept</b> {spellings} …"},
    "watch.checks": {
        "fr": "<b>À vérifier, sans sonner</b> {spellings}",
        "en": "<b>To check, without ringing</b> {spellings}",
    },
    "watch.refuses": {"fr": "<b>Je refuse</b> {spellings}", "en": "<b>I refuse</b> {spellings}"},
    "watch.perhaps-listed": {
        "fr": "C’est peut-être <b>{name}</b>, déjà dans « {title} », suivie ici.",
        "en": "This may be <b>{name}</b>, already in “{title}”, followed here.",
    },
    "watch.also-listed": {
        "fr": "Déjà dans « {title} », suivie ici : pas d’alerte en double.",
        "en": "Already in “{title}”, followed here: no alert comes twice.",
    },
    "watch.no-replay": {
        "fr": "<i>Je préviens de ce qui paraît à partir de maintenant ; les anciens articles ne sonnent pas.</i>",
        "en": "<i>I announce what is published from now on; old articles do not ring.</i>",
    },
    "watch.already": {
        "fr": "<b>{name}</b> est déjà guetté ici. /list montre tout.",
        "en": "<b>{name}</b> is watched for here already. /list shows everything.",
    },
    "watch.refused": {
        "fr": "Je ne peux pas guetter « {name} » : {reason}",
        "en": "I cannot watch for “{name}”: {reason}",
    },
    "watch.refused.several": {
        "fr": "cela ressemble à plusieurs noms : donnez-les l’un après l’autre.",
        "en": "this looks like several names: give them one by one.",
    },
    "watch.refused.common-word": {
        "fr": "c’est un mot courant, il sonnerait toute la journée : donnez le nom entier.",
        "en": "it is an everyday word and would ring all day: give the whole name.",
    },
    "watch.refused.empty": {"fr": "il n’y a pas de nom.", "en": "there is no name."},
    "watch.refused.too-long": {"fr": "c’est trop long pour un nom.", "en": "it is too long for a name."},
    "watch.refused.no-letters": {
        "fr": "il n’y a ni lettre ni chiffre.",
        "en": "it holds neither a letter nor a digit.",
    },
    "watch.refused.given-name": {
        "fr": (
            "c’est un prénom courant, qui sonnerait pour des milliers de gens. Ajoutez le nom : "
            "<code>/watch {name} …</code>"
        ),
        "en": (
            "it is a common given name and would ring for thousands of people. Add the surname: "
            "<code>/watch {name} …</code>"
        ),
    },
    "watch.ask": {
        "fr": "Quel nom ? Écrivez par exemple <code>/watch Jeanne Exemple</code>",
        "en": "Which name? Write for example <code>/watch Jane Example</code>",
    },
    "watch.button.undo": {"fr": "Annuler", "en": "Undo"},
    "unwatch.done": {"fr": "Je ne guette plus <b>{name}</b>.", "en": "I no longer watch for <b>{name}</b>."},
    "unwatch.which": {"fr": "Quel nom ne faut-il plus guetter ?", "en": "Which name should I stop watching for?"},
    "unwatch.none": {"fr": "Aucun nom n’a été ajouté ici.", "en": "No name was added here."},
    "unwatch.unknown": {
        "fr": "« {name} » n’est pas parmi les noms ajoutés ici. Les voici :",
        "en": "“{name}” is not among the names added here. Here they are:",
    },
    "unwatch.gone": {"fr": "Ce nom n’est plus guetté.", "en": "This name is no longer watched for."},
    # --- What is followed ----------------------------------------------------------------------------------------
    "list.title": {"fr": "<b>Suivi ici</b>", "en": "<b>Followed here</b>"},
    "list.lists": {"fr": "<b>Listes</b>", "en": "<b>Watchlists</b>"},
    "list.names": {"fr": "<b>Noms ajoutés ici</b>", "en": "<b>Names added here</b>"},
    "list.paused": {"fr": "(en pause : son fichier a disparu)", "en": "(paused: its file is gone)"},
    "list.empty": {
        "fr": "Rien n’est suivi ici. /watchlists montre les listes, <code>/watch Prénom Nom</code> ajoute un nom.",
        "en": "Nothing is followed here. /watchlists shows the lists, <code>/watch First Last</code> adds a name.",
    },
    "list.more.one": {"fr": "… et {n} autre", "en": "… and {n} more"},
    "list.more.other": {"fr": "… et {n} autres", "en": "… and {n} more"},
    # --- What the admins are told ----------------------------------------------------------------------------------
    "notice.title": {"fr": "Nouvelles du guetteur", "en": "From the lookout"},
    "notice.feed-failing": {
        "fr": "« {title} » ne se laisse plus lire depuis {since} : {fault}. Je continue d’essayer.",
        "en": "“{title}” cannot be read since {since}: {fault}. I keep trying.",
    },
    "notice.feed-refused": {
        "fr": "« {title} » ne veut plus de moi ({fault}) ; en échec depuis {since}. J’essaie encore, rarement.",
        "en": "“{title}” does not want me ({fault}); failing since {since}. I still try, seldom.",
    },
    "notice.feed-gone": {
        "fr": "« {title} » a été retiré par son éditeur (410) : suspendu. Reprendre : guetteur feeds resume {feed}",
        "en": "“{title}” was taken down by its publisher (410). Suspended; to go on: guetteur feeds resume {feed}",
    },
    "notice.feed-quiet": {
        "fr": "« {title} » n’a rien publié depuis {since}, ce qui ne lui ressemble pas.",
        "en": "“{title}” has published nothing since {since}, which is unlike it.",
    },
    "notice.feed-recovered": {"fr": "« {title} » est de retour.", "en": "“{title}” is back."},
    "notice.network-down": {
        "fr": "Aucun site ne me répond depuis {since} : c’est mon réseau. Les flux attendent.",
        "en": "No site has answered me since {since}: it is my network. The feeds wait.",
    },
    "notice.network-up": {
        "fr": "Mon réseau était coupé, {since} – {until}. Je rattrape ce qui a paru.",
        "en": "My network was down, {since} – {until}. I am catching up.",
    },
    "notice.chat-no-rights": {
        "fr": "« {chat} » : je n’ai plus le droit d’y écrire. Rien n’y part tant qu’on ne me le rend pas.",
        "en": "“{chat}”: I may no longer write there; nothing is sent until an administrator gives me back the right.",
    },
    "notice.two-instances": {
        "fr": (
            "Un autre programme se sert du même jeton : les demandes arrivent chez l’un ou chez l’autre. "
            "Arrêtez l’un des deux."
        ),
        "en": "Another program uses the same token: what people ask reaches one or the other. Stop one of them.",
    },
    "fault.http": {"fr": "son serveur répond {status}", "en": "its server answers {status}"},
    "fault.refused": {"fr": "accès refusé, {status}", "en": "access refused, {status}"},
    "fault.challenge": {"fr": "une page contre les robots", "en": "a page against robots"},
    "fault.gone": {"fr": "retiré, 410", "en": "taken down, 410"},
    "fault.timeout": {"fr": "pas de réponse à temps", "en": "no answer in time"},
    "fault.dns": {"fr": "son nom de domaine est inconnu", "en": "its host name is unknown"},
    "fault.connection": {"fr": "la connexion échoue", "en": "the connection fails"},
    "fault.tls": {"fr": "son certificat n’est pas valable", "en": "its certificate is not valid"},
    "fault.address": {"fr": "son adresse est privée", "en": "its address is private"},
    "fault.redirects": {"fr": "trop de redirections", "en": "too many redirections"},
    "fault.too-large": {"fr": "un document trop gros", "en": "too large a document"},
    "fault.decoding": {"fr": "une réponse illisible ou tronquée", "en": "an answer cut short or unreadable"},
    "fault.html": {"fr": "une page web au lieu d’un flux", "en": "a web page instead of a feed"},
    "fault.empty": {"fr": "une réponse vide", "en": "an empty answer"},
    "fault.not-a-feed": {"fr": "ce n’est pas un flux", "en": "it is not a feed"},
    "fault.deadline": {"fr": "trop long à lire", "en": "too long to read"},
    "fault.other": {"fr": "une erreur, voir le journal", "en": "an error, see the log"},
    # --- Odds and ends -------------------------------------------------------------------------------------------
    "button.expired": {"fr": "Ce bouton n’est plus valable.", "en": "This button is no longer valid."},
    "command.unknown": {
        "fr": "Je ne connais pas cette commande. /help les montre.",
        "en": "I do not know this command. /help shows them.",
    },
    "error": {
        "fr": "Quelque chose a échoué de mon côté ; c’est noté dans mon journal. Réessayez dans un moment.",
        "en": "Something failed on my side; it is in my log. Try again in a moment.",
    },
    "back": {
        "fr": "<b>Me revoilà.</b> Pendant que je ne pouvais pas écrire ici : {stories}. /latest les montre.",
        "en": "<b>I am back.</b> While I could not write here: {stories}. /latest shows them.",
    },
    "back.stories.one": {"fr": "{n} affaire", "en": "{n} story"},
    "back.stories.other": {"fr": "{n} affaires", "en": "{n} stories"},
    "channel.added": {
        "fr": "Je suis dans <b>{title}</b>. Publiez-y /watchlists pour choisir ce que j’y annonce.",
        "en": "I am in <b>{title}</b>. Post /watchlists there to choose what I announce.",
    },
    # --- What Telegram's own menu and profile say ------------------------------------------------------------------
    "bot.about": {
        "fr": "Je guette des noms dans la presse et vous préviens une fois par affaire.",
        "en": "I watch the news for names and tell you once a story.",
    },
    "bot.description": {
        "fr": (
            "Je lis les médias choisis par ceux qui me font tourner et je cherche les noms de vos listes, même mal "
            "orthographiés. Chaque affaire est annoncée une seule fois, avec la phrase qui cite le nom.\n\n"
            "Pressez Démarrer ; l’accès peut demander une invitation."
        ),
        "en": (
            "I read the media that those who run me chose and look for the names on your lists, even misspelt. Each "
            "story is told once, with the sentence that names the person.\n\n"
            "Press Start; you may need an invitation."
        ),
    },
    "menu.start": {"fr": "Commencer", "en": "Begin"},
    "menu.help": {"fr": "Ce que je sais faire", "en": "What I can do"},
    "menu.watchlists": {"fr": "Voir les listes et les suivre", "en": "See the watchlists and follow them"},
    "menu.subscribe": {"fr": "Suivre une liste", "en": "Follow a watchlist"},
    "menu.unsubscribe": {"fr": "Ne plus suivre une liste", "en": "Stop following a watchlist"},
    "menu.watch": {"fr": "Guetter un nom", "en": "Watch for a name"},
    "menu.unwatch": {"fr": "Ne plus guetter un nom", "en": "Stop watching for a name"},
    "menu.list": {"fr": "Ce qui est suivi ici", "en": "What is followed here"},
    "menu.why": {"fr": "Pourquoi cette alerte, ou ce lien", "en": "Why this alert, or this link"},
    "menu.invite": {"fr": "Inviter quelqu’un", "en": "Invite somebody"},
    "group.added": {
        "fr": (
            "<b>Je guette des noms dans la presse.</b> "
            "Un administrateur du groupe choisit ce qui est suivi ici : /watchlists"
        ),
        "en": (
            "<b>I watch the news for names.</b> "
            "An administrator of the group chooses what is followed here: /watchlists"
        ),
    },
}


def text(language: str, key: str, **values: object) -> str:
    """The words for `key`, in English where the language has none of its own."""
    words = CATALOGUE[key]
    return words.get(language, words[DEFAULT_LANGUAGE]).format(**values)


def plural(language: str, key: str, n: int, **values: object) -> str:
    """The same for a number: `key.one` or `key.other`. French says "0 nom", English "0 names"."""
    one = n in {0, 1} if language == "fr" else n == 1
    return text(language, f"{key}.{'one' if one else 'other'}", n=n, **values)


def story_reason(code: str, values: Mapping[str, str], language: str) -> str:
    """Why an article is in its story, in words; the code itself where there are none."""
    if f"story.{code}" in CATALOGUE:
        return text(language, f"story.{code}", **values)
    return " ".join([code, *(f"{key}={value}" for key, value in values.items())])


def language_of(code: str | None, default: str) -> str:
    """A language we speak, guessed from Telegram's code (`fr`, `fr-CA`)."""
    spoken = (code or "").lower().split("-")[0]
    return spoken if spoken in LANGUAGES else default
