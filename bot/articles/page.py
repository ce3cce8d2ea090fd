"""An article page → its text, without menus, teasers and "read also" boxes, and what the page says of itself.

Pure. Runs in the worker: trafilatura is imported there and nowhere else.
"""

from __future__ import annotations

import codecs
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from bot.articles.boxes import drop_boxes, without_box_lines
from bot.articles.clean import MAX_TEXT_CHARS, MAX_TITLE_CHARS
from bot.articles.gaps import with_gaps_filled
from bot.articles.page_facts import PageFacts, Rights, elements_of, page_address
from bot.markup import flat_text, storable

MAX_HTML_CHARS = 3_000_000
"""The largest real page of our corpus has 0.7 million; the rest of a longer one is left out."""
ERROR_PAGE_CHARS = 1_500
"""A longer text is an article, whatever its title."""
ERROR_TITLE = re.compile(
    r"(?:error |erreur )?(?:40[0-9]|41[0-9]|429|451|50[0-9])\b|(?:page|article) (?:not found|introuvable|non trouvée?)"
    r"|access (?:denied|to this page)|accès refusé|just a moment|attention required|are you a (?:robot|human)"
    r"|(?:security|bot) (?:check|verification)|captcha|service unavailable|الصفحة غير موجودة",
    re.IGNORECASE,
)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)

Node = Any
"""An element of lxml; its stubs leave most of it untyped."""


@dataclass(frozen=True, slots=True)
class Page:
    """What may be used of a page. `text` has one line a block and at most `MAX_TEXT_CHARS`; all of it can be stored.

    Of a `reserved` page no text is taken; of a `paywalled` one only what its publisher says is free.
    """

    text: str
    canonical_url: str | None = None
    """What the page calls itself, else `found_at`."""
    found_at: str | None = None
    """Where it was found, after redirects, in canonical form; None for a front page, which is no article's address."""
    language: str | None = None
    published_at: datetime | None = None
    title: str | None = None
    reserved: bool = False
    paywalled: bool = False


def read_page(body: bytes, *, content_type: str | None, url: str, now: datetime) -> Page:
    """The article of the page that `url` answered (after redirects) with `body`. An error page has no text."""
    tree = _tree(storable(decoded(body, content_type)[:MAX_HTML_CHARS]))
    if tree is None:
        return Page("")
    facts = PageFacts(tree)
    rights = facts.rights()
    title = facts.title()
    text = _free_text(tree, facts, rights).removeprefix(f"{title}\n")
    if len(text) < ERROR_PAGE_CHARS and ERROR_TITLE.match(title or ""):
        text = ""
    return Page(
        text=text,
        canonical_url=facts.canonical_url(url),
        found_at=page_address(url),
        language=facts.language(),
        published_at=facts.published_at(now),
        title=storable(title)[:MAX_TITLE_CHARS] if title else None,
        reserved=rights.reserved,
        paywalled=rights.paywalled,
    )


def decoded(body: bytes, content_type: str | None) -> str:
    """The page's characters: UTF-8 when it is that, else the charset of its header or its `<meta>`, else Windows-1252.

    Not the header first: many servers add their default charset to pages of another.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", errors="replace")
    header = Message()
    header["Content-Type"] = content_type or ""
    in_page = _DECLARED.search(body[:10_000])
    said = [header.get_content_charset(), in_page[1].decode("ascii", errors="replace") if in_page else None]
    if b"\x1b" not in body:  # ISO-2022-JP would pass for ASCII
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    for name in filter(None, said):
        try:
            return body.decode("cp1252" if name.lower() in {"iso-8859-1", "latin1"} else name, errors="replace")
        except (LookupError, ValueError):  # no charset that Python knows, or none that makes text
            continue
    return body.decode("cp1252", errors="replace")


def _tree(html: str) -> Node | None:
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return lxml_html.document_fromstring(html.encode(), parser=parser)
    except (etree.LxmlError, ValueError):  # nothing in it
        return None


def _free_text(tree: Node, facts: PageFacts, rights: Rights) -> str:
    """The text, but for what is reserved or paid for."""
    if rights.reserved:
        return ""
    if rights.paywalled:
        paid = elements_of(tree, rights.paid_parts) if rights.paid_parts else None
        if paid is None:
            return ""
        for element in (*paid, *tree.xpath("//script")):  # JSON-LD repeats the paid text
            if element.getparent() is not None:
                element.drop_tree()
    return article_text(tree, facts.meta("description", "og:description") or "")


def article_text(tree: Node, description: str) -> str:
    """The words of the article, its standfirst and captions included. Changes `tree`."""
    drop_boxes(tree)
    text = plain_lines(without_box_lines(_extracted(tree)))
    if not text:
        return ""
    text = with_gaps_filled(text, tree)
    standfirst = flat_text(description)
    if standfirst not in flat_text(text) and standfirst in flat_text(tree.text_content()):
        text = f"{standfirst}\n{text}"
    return text[:MAX_TEXT_CHARS]


def plain_lines(text: str) -> str:
    """Storable, blanks folded, no empty line."""
    lines = (" ".join(line.split()) for line in storable(text).split("\n"))
    return "\n".join(filter(None, lines))


def _extracted(tree: Node) -> str:
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)  # what it finds odd in a page is no news
    return extract(tree, include_comments=False, favor_recall=True) or ""
