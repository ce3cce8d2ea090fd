"""The sample newsroom that `guetteur demo` reads: six invented outlets and one day of their news, in under a minute.

`outlets/*.yaml` holds what each outlet publishes and when, `watchlists/demo.yaml` whom the demo looks for; `day.py`
tells what stands in a feed at a moment, `documents.py` writes it as RSS, Atom or HTML, `server.py` serves it on
loopback. Outlets, towns and events are invented, and so is everybody they happen to. About the four real names (Gérald
Darmanin, Mohamed Amra, Badiss Mohammed Bajjou, Félix Bingui) the day repeats only what was widely reported about the
judicial cooperation between France and Morocco: nothing else may be added about them.

What the day shows, by the marker `shows:` in the data:

    new-story        alerts: Aurélie Vantadour and Consortium Halcyon, told first by Le Courrier des Quais
    same-story       two more outlets tell it in other words: they join the alert, nothing rings
    new-name         hours later a watched name is new in that story (Karim Lazregui): a reply to the alert, it rings
    edited-headline  another headline under the same guid: the message shows it, nothing rings
    republished      the same page under another guid, its link with utm_ trackers: nothing
    baseline         watched names in entries from before the first poll: stored, nothing rings
    misspelt         alerts although the name is written otherwise: « Badis Bajou »
    arabic           alerts in Arabic: a listed Arabic alias behind a prefix (وكريم), and names spelt by ear (محمد عمرة)
    reordered        alerts: "Berenguel, Tomás" and a possessive, in English
    possible         a frequent surname alone, no word of the context near: waits to be checked, never rings
    namesake         another given name before a watched surname (Bastien Vantadour): nothing
    substring        words that only contain a name (Martinique) or a given name alone (Gérald): nothing
    broken-feed      HTTP 500, then malformed XML, for some seconds: the other feeds go on
    recovered        alerts: what that outlet published meanwhile is read once its feed is back
"""
