"""What the sample newsroom sends: RSS 2.0, Atom and article pages, as bytes.

Pure: the same listing gives the same bytes, so that an ETag means something. Everything is escaped by the library that
writes it.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from string import Template
from xml.etree import ElementTree as ET

from bot.newsroom.day import HERE, Item, Listed, Outlet

PAGE = Template((HERE / "page.html").read_text(encoding="utf-8"))
READ_ALSO = {"fr": "À lire aussi", "en": "Read also", "ar": "اقرأ أيضا"}


def page_url(origin: str, outlet: Outlet, item: Item) -> str:
    return f"{origin}/{outlet.id}/{item.id}.html"


def link(origin: str, outlet: Outlet, entry: Listed) -> str:
    """The link as the feed gives it, trackers included."""
    url = page_url(origin, outlet, entry.item)
    return f"{url}?{entry.query}" if entry.query else url


def feed_document(origin: str, outlet: Outlet, entries: Sequence[Listed], changed: datetime) -> bytes:
    write = _rss if outlet.format == "rss" else _atom
    root = write(origin, outlet, entries, changed)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def malformed_document(outlet: Outlet) -> bytes:
    """A feed cut off in its head, with an ampersand that nobody escaped."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{outlet.title} & <'.encode()


def media_type(outlet: Outlet) -> str:
    return f"application/{outlet.format}+xml"


def _rss(origin: str, outlet: Outlet, entries: Sequence[Listed], changed: datetime) -> ET.Element:
    root = ET.Element("rss", {"version": "2.0", "xmlns:content": "http://purl.org/rss/1.0/modules/content/"})
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", outlet.title)
    _add(channel, "link", f"{origin}/{outlet.id}/")
    _add(channel, "description", outlet.about)
    _add(channel, "language", outlet.language)
    _add(channel, "lastBuildDate", format_datetime(changed, usegmt=True))
    for entry in entries:
        _rss_item(channel, origin, outlet, entry)
    return root


def _rss_item(channel: ET.Element, origin: str, outlet: Outlet, entry: Listed) -> None:
    item = ET.SubElement(channel, "item")
    _add(item, "title", entry.title)
    _add(item, "link", link(origin, outlet, entry))
    _add(item, "guid", f"{outlet.id}:{entry.guid}", isPermaLink="false")
    if entry.item.dated:
        _add(item, "pubDate", format_datetime(entry.published, usegmt=True))
    _add(item, "description", f"<p>{html.escape(entry.item.lead)}</p>")
    if outlet.full_text:
        _add(item, "content:encoded", paragraphs(entry.item))


def _atom(origin: str, outlet: Outlet, entries: Sequence[Listed], changed: datetime) -> ET.Element:
    root = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": outlet.language})
    _add(root, "title", outlet.title)
    _add(root, "subtitle", outlet.about)
    _add(root, "id", f"tag:{outlet.id}.example,2026:feed")
    _add(root, "updated", changed.isoformat(timespec="seconds"))
    ET.SubElement(root, "link", {"href": f"{origin}/{outlet.id}/"})
    author = ET.SubElement(root, "author")
    _add(author, "name", outlet.title)
    for entry in entries:
        _atom_entry(root, origin, outlet, entry)
    return root


def _atom_entry(root: ET.Element, origin: str, outlet: Outlet, entry: Listed) -> None:
    element = ET.SubElement(root, "entry")
    _add(element, "title", entry.title)
    _add(element, "id", f"tag:{outlet.id}.example,2026:{entry.guid}")
    ET.SubElement(element, "link", {"rel": "alternate", "href": link(origin, outlet, entry)})
    if entry.item.dated:
        _add(element, "published", entry.published.isoformat(timespec="seconds"))
    _add(element, "updated", entry.updated.isoformat(timespec="seconds"))
    _add(element, "summary", entry.item.lead)
    if outlet.full_text:
        _add(element, "content", paragraphs(entry.item), type="html")


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text


def paragraphs(item: Item) -> str:
    """The text as HTML."""
    return "\n".join(f"<p>{html.escape(part, quote=False)}</p>" for part in item.paragraphs)


def page(origin: str, outlet: Outlet, entry: Listed, others: Sequence[Listed]) -> bytes:
    """The article page, with a menu and a box of other headlines as pages have."""
    also = "\n".join(
        f'<li><a href="{html.escape(link(origin, outlet, other))}">{html.escape(other.title)}</a></li>'
        for other in others
    )
    return PAGE.substitute(
        language=outlet.language,
        direction="rtl" if outlet.language == "ar" else "ltr",
        outlet=html.escape(outlet.title),
        about=html.escape(outlet.about),
        url=html.escape(page_url(origin, outlet, entry.item)),
        title=html.escape(entry.title),
        lead=html.escape(entry.item.lead),
        published=entry.published.isoformat(timespec="seconds"),
        text=paragraphs(entry.item),
        read_also=READ_ALSO[outlet.language],
        also=also,
    ).encode()
