from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.articles.address import canonical_url

PAGE = "https://phare.example/a/port-42.html"


def google_news(url: str) -> str:
    """The name of an item as Google News gave them until 2024."""
    size = len(url)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    message = b"\x08\x13\x22" + length + url.encode() + b"\xd2\x01\x00"
    return base64.urlsafe_b64encode(message).decode().rstrip("=")


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Phare.Example:80/A/b/", "https://phare.example/A/b"),
        ("https://phare.example/", "https://phare.example"),
        ("https://phare.example:8443/a", "https://phare.example:8443/a"),
        ("https://user:FAKE@phare.example/a", "https://phare.example/a"),
        ("https://phare.example/a#xtor=RSS-3", "https://phare.example/a"),
        ("https://phare.example/#!/a/12", "https://phare.example#!/a/12"),
        ("https://phare.example//a///b", "https://phare.example/a/b"),
        ("https://phare.example/a/%7ejo%2fb", "https://phare.example/a/~jo%2Fb"),
        ("https://phare.example/a/index.php?id=3", "https://phare.example/a?id=3"),
        ("https://m.co/a", "https://m.co/a"),
        ("https://mobile.co.uk/a", "https://mobile.co.uk/a"),
        ("https://www.phare.co.uk/a", "https://phare.co.uk/a"),
        ("https://fr.m.phare.example/a", "https://fr.phare.example/a"),
        ("https://phare.example/été", "https://phare.example/%C3%A9t%C3%A9"),
        ("https://phare.example/%c3%a9t%c3%a9", "https://phare.example/%C3%A9t%C3%A9"),
        ("https://été.example/a", "https://xn--t-9fab.example/a"),
        ("http://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
        (" https://phare.example/a ", "https://phare.example/a"),
        ("https://phare.example/" + "x" * 2_000, None),
        ("https://...", None),
        ("mailto:a@phare.example", None),
    ],
)
def test_canonical_urls(url: str, canonical: str | None) -> None:
    assert canonical_url(url) == canonical


DOORS = [
    "http://www.phare.example/a/port-42.html",
    "https://m.phare.example/a/port-42.html",
    "https://amp.phare.example/a/port-42.html",
    "https://mobile.phare.example/a/port-42.amp.html",
    "https://www.m.phare.example/amp/a/port-42.html",
    "https://phare.example/a/port-42_amp.html",
    "https://phare.example/a/port-42.html/amp/",
    "https://phare.example/platform/amp/a/port-42.html",
    "https://phare.example/a/port-42.html?amp",
    "https://phare.example/a/port-42.html?outputType=amp",
    "https://phare.example/a/port-42.html?service=print&utm_source=rss",
    "https://phare.example/a/port-42.html/print",
    "https://phare.example/a/port-42.html?print=true",
    "https://phare.example/a/port-42.html?fbclid=x&gclid=y&mc_cid=3&at_medium=RSS&wt_mc=rss&maca=fr-rss",
    "https://phare.example:443/a/port-42.html#comments",
    "https://www-phare-example.cdn.ampproject.org/c/s/www.phare.example/a/port-42.html?amp=1",
    "https://www.google.com/amp/s/www.phare.example/amp/a/port-42.html",
    "https://www.google.co.uk/url?sa=t&rct=j&url=https%3A%2F%2Fwww.phare.example%2Fa%2Fport-42.html&usg=xyz",
    "https://www.google.com/url?q=http://phare.example/a/port-42.html&sa=D",
    "http://news.google.com/news/url?sa=t&fd=R&usg=x&url=http://www.phare.example/a/port-42.html",
    "https://l.facebook.com/l.php?u=https%3A%2F%2Fphare.example%2Fa%2Fport-42.html%3Ffbclid%3Dx&h=AT0",
    "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fphare.example%2Fa%2Fport-42.html&data=05",
    "http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url=https%3a%2f%2fphare.example%2fa%2fport-42.html&c=1",
    "https://news.yandex.ru/yandsearch?cl4url=phare.example%2Fa%2Fport-42.html",
    "https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fphare.example%252Fa%252Fport-42.html",
    f"https://news.google.com/rss/articles/{google_news(PAGE)}?oc=5",
    f"https://news.google.com/__i/rss/rd/articles/{google_news(PAGE)}?oc=5",
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_the_doors_of_one_page(door: str) -> None:
    assert canonical_url(door) == PAGE


def test_a_long_address_within_google_news() -> None:
    page = "https://phare.example/" + "port-" * 30
    assert canonical_url(f"https://news.google.com/articles/{google_news(page)}") == page


@pytest.mark.parametrize(
    "query",
    [
        "source=afp", "id=7", "cid=3", "gallery=7", "gallery=sunset", "affaire=port", "uid=a1b2", "keyword=port",
        "session=nord", "game=12", "reference=port", "video_ref=1234", "ads_id=553", "gl=us", "view=grid", "page=2",
        "print=2", "p=12", "article_id=5", "c_id=3", "eid=x",
    ],
)  # fmt: skip
def test_a_parameter_that_may_choose_the_article_counts(query: str) -> None:
    assert canonical_url(f"{PAGE}?{query}&utm_campaign=matin") == f"{PAGE}?{query}"


@pytest.mark.parametrize(
    "query", ["utm_content=164821", "itm_source=parsely", "utm_id=1", "campaign=matin", "dclid=1", "source=rss"]
)
def test_trackers_do_not_count(query: str) -> None:
    assert canonical_url(f"{PAGE}?{query}&b=2&a=1&a=0") == f"{PAGE}?a=0&a=1&b=2"


def test_what_hides_its_target_is_known_as_itself() -> None:
    secret = base64.urlsafe_b64encode(b"\x08\x13\x22\xc3\x01AU_yqLM" + b"x" * 60).decode()
    one = canonical_url(f"https://news.google.com/rss/articles/{secret}?oc=5&hl=fr")
    assert one == canonical_url(f"https://news.google.com/read/{secret}?hl=fr")
    assert one == f"https://news.google.com/articles/{secret}".rstrip("=")
    assert canonical_url("http://feedproxy.google.com/~r/phare/une/~3/x1/") == canonical_url(
        "https://feeds.feedburner.com/~r/phare/une/~3/x1"
    )
    assert canonical_url("https://www.google.com/url?q=le+port") == "https://google.com/url?q=le+port"


# --- Laws --------------------------------------------------------------------------------------------------------

hosts = st.sampled_from(
    [
        "phare.example", "www.phare.example", "m.phare.example:8080", "été.example", "www.m.amp.phare.co.uk", "m.co.uk",
        "www.google.com", "news.google.com", "x.cdn.ampproject.org", "l.facebook.com", "ＷＷＷ.phare.example", "a..b", "。", "é." * 70,
    ]
)  # fmt: skip
pieces = st.sampled_from(
    ["/", "//", "amp", ".amp", "_amp", ".html", "index.php", "print", "%", "%6", "%31", "%C3%A9", "%2F", "é", "url",
     "c/s/phare.example/a", "amp/s/m.phare.example", "articles", "CBMiAA", "?", "&", "=", "+", "url=", "q=http://m.co/a",
     "utm_x=1", "rss", "amp=", "#", "#!/a", "\ud800", " ", "://", "id=2", ";"]
)  # fmt: skip
urls = st.builds(
    lambda scheme, host, rest: f"{scheme}://{host}/{''.join(rest)}",
    st.sampled_from(["http", "https", "HTTPS"]),
    hosts,
    st.lists(pieces | st.text(max_size=5), max_size=14),
)


@given(urls)
def test_a_canonical_url_stays_what_it_is(url: str) -> None:
    once = canonical_url(url)
    if once is not None:
        assert canonical_url(once) == once
        assert once.isascii()


@given(st.text())
def test_nothing_makes_it_break(text: str) -> None:
    for url in (
        text,
        f"https://{text}",
        f"https://google.com/url?q={text}",
        f"https://news.google.com/articles/{text}",
    ):
        canonical_url(url)


words = st.from_regex(r"[a-z]{3,9}(-[a-z0-9]{1,6}){1,3}", fullmatch=True)


@given(words, st.sampled_from(["www.", "m.", "amp.", ""]), st.sampled_from(["/amp", "/", "", "?utm_source=a", "#x"]))
def test_every_door_leads_to_its_own_page(slug: str, host: str, end: str) -> None:
    assert canonical_url(f"http://{host}phare.example/{slug}{end}") == f"https://phare.example/{slug}"
