"""Takes "read also" boxes out of a page, wherever they stand: beside the article, between its paragraphs, inside one.

What they name is another article's. Pure but for the tree, which is changed. A sentence that only begins like a box
("Related to the minister, she …") stays: a box is short, and mostly links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from bot.markup import INLINE

MAX_BOX_CHARS = 3_000
MAX_LINE_CHARS = 400
"""A paragraph that begins with a marker and is longer is prose."""
MOST_MARKERS = 500
"""A real page has some dozens; what lies behind so many is left as it is, for the sake of time."""
MOSTLY = 0.6
"""From this share of its text on that is links, a box is made of links."""

_ALSO_AR = "[أا]يض\u064b?ا\u064b?"
_PHRASES = (
    # French
    "(?:à|a) (?:lire|voir|écouter|ecouter|relire|découvrir|decouvrir)(?: aussi| également| egalement)?",
    "(?:lire|voir|écouter|ecouter|relire|lisez|regarder) (?:aussi|également|egalement)",
    "lire la suite|sur (?:le|ce) m[êe]me (?:sujet|th[èe]me)|dans la m[êe]me rubrique|pour aller plus loin",
    "(?:nos |les )?(?:articles?|contenus?|sujets?) (?:li[ée]s?|similaires?|associ[ée]s?|connexes?|recommand[ée]s?)",
    "(?:les )?(?:articles )?(?:les )?plus (?:lus|populaires|consult[ée]s)|(?:à|a) ne pas (?:manquer|rater)",
    "(?:vous aimerez|vous pourriez aimer|cela peut vous int[ée]resser|ceci pourrait vous int[ée]resser)(?: aussi)?",
    "recommand[ée]s? pour vous|notre s[ée]lection|contenus? sponsoris[ée]s?",
    # English
    "read (?:also|more|next|this next)|also read|further reading|see also|up next|top stories|trending(?: now)?",
    "related(?: (?:articles?|stor(?:y|ies)|content|news|topics?|posts?|reading|coverage|links?|videos?))?",
    "more on this(?: story| topic)?|more stories|more news|recommended(?: for you| stories| reading| articles)?",
    "you (?:may|might) also (?:like|be interested in)|don['’]t miss|most (?:read|popular|viewed)|editor['’]s picks?",
    "(?:sponsored|promoted) (?:content|stories)",
    # Arabic
    f"[إاٱ]قر[أا] (?:{_ALSO_AR}|المزيد)|(?:شاهد|طالع|[إا]قرئي) {_ALSO_AR}|قد يهمك(?: {_ALSO_AR})?",
    "(?:مواضيع|[أا]خبار|مقالات) (?:ذات صلة|متعلقة|مرتبطة)|ذات صلة|الأكثر قراءة",
    # Spanish, German, Italian, Portuguese, Dutch
    "(?:lea|lee|leer|ver) (?:tambi[ée]n|m[áa]s)|te puede interesar|noticias relacionadas",
    "lesen sie (?:auch|mehr)|mehr zum thema|auch interessant|leggi anche|leia (?:tamb[ée]m|mais)|lees (?:ook|meer)",
)
_SIGN = r"[\s\[(«»>→•*–—▶►|:.+-]"
MARKER = re.compile(rf"{_SIGN}*+(?:{'|'.join(_PHRASES)})(?!\w)", re.IGNORECASE)
MARKER_ALONE = re.compile(rf"(?:{MARKER.pattern}){_SIGN}*+\]?\)?", re.IGNORECASE)
MARKER_LAST = re.compile(rf"(?:^|[\s.!?…»”\"\[(])((?:{'|'.join(_PHRASES)})\s*[:>→»–—-]*\s*)$", re.IGNORECASE)
SET_OFF = re.compile(r"\s*[:>→»|–—▶►-]")
"""What parts a marker from the title of the other article."""

BOX_CLASS = re.compile(
    r"(?:^|[\s_-])(?:related|read-?(?:also|more|next)|lire-?(?:aussi|plus)|a-?lire|see-?also|recommend\w*|suggest\w*"
    r"|most-?(?:read|popular|viewed)|(?:les-)?plus-?lus|more-?(?:stories|news|on)|outbrain|taboola)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
ARTICLE_PARTS = ("html", "article", "main", "body", "h1")
Node = Any
"""An element of lxml; its stubs leave most of it untyped."""


def drop_boxes(tree: Node) -> None:
    """Remove every such box from `tree`; what stands around it stays."""
    for element in list(tree.iter("aside", "div", "section", "nav", "ul", "ol", "p", "figure")):
        name = f"{element.get('class', '')} {element.get('id', '')}"
        if BOX_CLASS.search(name) and _is_link_box(element):
            _drop(element)
    marked = (text for text in tree.xpath("//text()") if MARKER.match(text) or MARKER_LAST.search(text[-80:]))
    for text in list(islice(marked, MOST_MARKERS)):
        if MARKER.match(text):
            _drop_marked(tree, text.getparent(), tail=text.is_tail)
        else:
            _cut_last(text.getparent(), tail=text.is_tail)


def without_box_lines(text: str) -> str:
    """`text` without lines that are nothing but a marker, or a marker and a title."""
    return "\n".join(line for line in text.split("\n") if not _is_box_line(line))


def _is_box_line(line: str) -> bool:
    found = MARKER.match(line)
    if not found:
        return False
    return bool(MARKER_ALONE.fullmatch(line)) or (
        len(line) <= MAX_LINE_CHARS and SET_OFF.match(line, found.end()) is not None
    )


def _is_link_box(element: Node) -> bool:
    text = _words(element)
    return len(text) <= MAX_BOX_CHARS and not _holds_article(element) and _link_share(element, text) >= MOSTLY


def _holds_article(element: Node) -> bool:
    return element.tag in ARTICLE_PARTS or any(True for _ in element.iter(*ARTICLE_PARTS))


def _drop_marked(tree: Node, holder: Node, *, tail: bool) -> None:
    """The box that a text beginning with a marker opens."""
    inline = holder.getparent() if tail else holder
    block = inline
    while block.tag in INLINE and block.getparent() is not None:
        block = block.getparent()
    if not _attached(block, tree):
        return
    text = _words(block)
    found = MARKER.match(text)
    if found is None:
        _drop_inside(holder, block, tail=tail)
    elif MARKER_ALONE.fullmatch(text):
        _drop_headed(block)
    elif len(text) <= MAX_LINE_CHARS and (
        SET_OFF.match(text, found.end()) or _link_share(block, text, but=found.end()) >= MOSTLY
    ):
        _drop(block)


def _drop_inside(holder: Node, block: Node, *, tail: bool) -> None:
    """The marker stands within a paragraph of prose: it goes, and the links that follow it at once."""
    if tail:
        return
    inline = holder
    while inline.getparent() is not block and MARKER.match(_words(inline.getparent())):
        inline = inline.getparent()
    text = _words(inline)
    if MARKER_ALONE.fullmatch(text):
        while _is_sign(inline.tail or ""):
            following = inline.getnext()
            if following is None or following.tag != "a":
                break
            _drop(inline)
            inline = following
        _drop(inline)
    elif len(text) <= MAX_LINE_CHARS and _link_share(inline, text) >= MOSTLY / 2:
        _drop(inline)


def _cut_last(holder: Node, *, tail: bool) -> None:
    """A marker at the end of bare text, before a link: both go."""
    link = holder.getnext() if tail else next(iter(holder), None)
    if link is None or link.tag != "a":
        return
    text = holder.tail if tail else holder.text
    found = MARKER_LAST.search(text)
    if found is None:
        return
    if tail:
        holder.tail = text[: found.start(1)]
    else:
        holder.text = text[: found.start(1)]
    _drop(link)


def _drop_headed(heading: Node) -> None:
    """The box of which `heading` is the title: what holds little else than links, or the links that follow."""
    box = heading
    while (parent := box.getparent()) is not None and _is_box_of(parent, heading):
        box = parent
    if box is heading:
        for following in list(_link_lists(heading)):
            _drop(following)
    _drop(box)


def _is_box_of(element: Node, heading: Node) -> bool:
    text = _words(element)
    if len(text) > MAX_BOX_CHARS or not MARKER.match(text) or _holds_article(element):
        return False
    needed = 0.0 if element.tag in {"aside", "nav"} else MOSTLY / 2
    return _link_share(element, text, but=len(_words(heading))) >= needed


def _link_lists(heading: Node) -> Iterator[Node]:
    for following in heading.itersiblings():
        text = _words(following)
        if text and (len(text) > MAX_BOX_CHARS or _link_share(following, text) < MOSTLY):
            return
        yield following


def _link_share(element: Node, text: str, *, but: int = 0) -> float:
    """How much of its text, but for the first characters, is inside links: 0 to 1."""
    if element.tag == "a":
        return 1.0
    linked = sum(len(_words(link)) for link in element.iter("a"))
    return linked / max(1, len(text) - but)


def _words(element: Node) -> str:
    """Its text; of what is too long for a box, the beginning."""
    parts: list[str] = []
    length = 0
    for part in element.itertext():
        parts.append(part)
        length += len(part.strip())
        if length > MAX_BOX_CHARS:
            break
    return " ".join("".join(parts).split())


def _is_sign(text: str) -> bool:
    return re.fullmatch(rf"{_SIGN}*", text) is not None


def _attached(element: Node, tree: Node) -> bool:
    """Still in the tree: not inside a box that has gone already."""
    return element is tree or any(ancestor is tree for ancestor in element.iterancestors())


def _drop(element: Node) -> None:
    """Remove the element; the text behind it stays."""
    if element.getparent() is not None:
        element.drop_tree()
