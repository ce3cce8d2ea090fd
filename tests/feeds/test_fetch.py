from __future__ import annotations

import ipaddress
import math
import string
import traceback
from collections.abc import AsyncIterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from bot.errors import FetchError
from bot.feeds.fetch import AnswerError, Document, NotModified, Validators, fetch_feed, min_wait_s
from bot.model import Feed
from bot.net import GuardedSession, Limits
from tests.newsstand import FEED, Item, Newsstand, newsstand

LIMITS = Limits(timeout_s=10, max_bytes=1_000_000)
NOTHING = Validators()
NUMBERS = (st.integers(0, 9999) | st.integers(0, 10**400)).map(str)


@pytest.fixture
async def stand() -> AsyncIterator[Newsstand]:
    async with newsstand() as stand:
        yield stand


@pytest.fixture
async def session() -> AsyncIterator[GuardedSession]:
    session = GuardedSession(
        allow_networks=[ipaddress.ip_network("127.0.1.0/24")], user_agent="Guetteur/test", concurrency=4, per_host=2
    )
    yield session
    await session.close()


def feed_at(url: str, **headers: str) -> Feed:
    return Feed("phare", url, headers=headers)


async def poll(session: GuardedSession, url: str, validators: Validators = NOTHING, **headers: str) -> Document:
    fetched = await fetch_feed(session, feed_at(url, **headers), validators, LIMITS)
    assert isinstance(fetched, Document)
    return fetched


async def failure(session: GuardedSession, stand: Newsstand) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        await fetch_feed(session, feed_at(stand.url()), NOTHING, LIMITS)
    return caught.value


async def test_a_poll_brings_the_document(stand: Newsstand, session: GuardedSession) -> None:
    stand.publish(Item("Un titre"))
    document = await poll(session, stand.url())
    assert b"Un titre" in document.body
    assert document.content_type == "application/rss+xml"
    assert document.url == stand.url()
    assert len(document.digest) == 32


async def test_what_a_site_that_negotiates_is_asked_for(stand: Newsstand, session: GuardedSession) -> None:
    stand.publish()
    await poll(session, stand.url())
    accepted = [kind.strip().partition(";q=") for kind in stand.requests[0].headers["Accept"].split(",")]
    weights = {kind: float(weight or 1) for kind, _, weight in accepted}
    assert weights["application/rss+xml"] == weights["application/atom+xml"] == 1
    assert weights["application/rss+xml"] > weights["application/feed+json"] > weights["application/json"]
    assert weights["*/*"] == min(weights.values())
    assert "text/html" not in weights


async def test_validators_are_echoed_to_the_byte(stand: Newsstand, session: GuardedSession) -> None:
    etag, date = 'W/"a\'b,c "', "Sat, 01 Jan 2022 00:00:00 +0000 "
    stand.answer(200, b"<rss/>", ETag=etag, Last_Modified=date.strip())
    first = await poll(session, stand.url())
    await poll(session, stand.url(), first.validators)
    again = stand.requests[1].headers
    assert (again["If-None-Match"], again["If-Modified-Since"]) == (etag, date.strip())


async def test_nothing_new(stand: Newsstand, session: GuardedSession) -> None:
    stand.publish(Item("Un titre"), Cache_Control="max-age=600")
    first = await poll(session, stand.url())
    again = await fetch_feed(session, feed_at(stand.url()), first.validators, LIMITS)
    assert again == NotModified(first.validators, min_wait_s=600)


async def test_a_304_may_bring_fresh_validators(stand: Newsstand, session: GuardedSession) -> None:
    stand.answer(304, ETag='"v2"')
    again = await fetch_feed(session, feed_at(stand.url()), Validators('"v1"', "a date"), LIMITS)
    assert again == NotModified(Validators('"v2"', "a date"))


async def test_validators_that_a_200_lost_are_dropped(stand: Newsstand, session: GuardedSession) -> None:
    stand.answer(200, b"<rss/>", Last_Modified="Sat, 01 Jan 2022 00:00:00 GMT")
    again = await poll(session, stand.url(), Validators('"v1"', "a date"))
    assert again.validators == Validators(None, "Sat, 01 Jan 2022 00:00:00 GMT")


async def test_a_304_tells_how_long_to_stay_away(stand: Newsstand, session: GuardedSession) -> None:
    for said, expected in (({"Cache_Control": "max-age=600", "Age": "60"}, 540), ({}, None)):
        stand.answer(304, b"", **said)
        again = await fetch_feed(session, feed_at(stand.url()), Validators('"v1"'), LIMITS)
        assert again.min_wait_s == expected


async def test_a_304_that_was_not_asked_for_is_an_error(stand: Newsstand, session: GuardedSession) -> None:
    stand.answer(304)
    assert (await failure(session, stand)).code == "http"


async def test_the_feeds_own_headers_are_sent(stand: Newsstand, session: GuardedSession) -> None:
    stand.publish()
    await poll(session, stand.url(), Authorization="Bearer FAKE", Accept="text/xml")
    assert stand.requests[0].headers["Authorization"] == "Bearer FAKE"
    assert stand.requests[0].headers.getall("Accept") == ["text/xml"]  # type: ignore[attr-defined]  # a multidict


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "refused"), (403, "refused"), (451, "refused"), (410, "gone"), (404, "http"), (500, "http"), (599, "http")],
)
async def test_statuses(stand: Newsstand, session: GuardedSession, status: int, code: str) -> None:
    stand.answer(status)
    error = await failure(session, stand)
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize(
    ("status", "header", "value"),
    [
        (503, "cf_mitigated", "challenge"),
        (403, "cf_mitigated", "challenge"),
        (200, "cf_mitigated", "challenge"),
        (202, "x_amzn_waf_action", "challenge"),
        (405, "x_amzn_waf_action", "captcha"),
    ],
)
async def test_a_challenge_is_a_refusal(
    stand: Newsstand, session: GuardedSession, status: int, header: str, value: str
) -> None:
    stand.answer(status, b"", **{header: value})
    error = await failure(session, stand)
    assert (error.code, error.status) == ("refused", status)
    assert "browser" in str(error)


@pytest.mark.parametrize(
    "page",
    [
        "<title>Just a moment...</title>",
        "<title>Attention Required! | Wall</title>",
        "<script>window._cf_chl_opt={}</script>",
        "<form id='cf-chl-form'>",
        "<script src='https://ct.captcha-delivery.com/c.js'>",
        "<script src='/_Incapsula_Resource?x=1'>",
        "<h1>Pardon Our Interruption</h1>",
    ],
)
@pytest.mark.parametrize(("status", "code"), [(429, "refused"), (503, "refused"), (500, "http"), (404, "http")])
async def test_a_page_that_wants_a_browser_is_a_refusal_of_a_busy_server(
    stand: Newsstand, session: GuardedSession, page: str, status: int, code: str
) -> None:
    stand.answer(status, page.encode(), Content_Type="text/html; charset=utf-8")
    assert (await failure(session, stand)).code == code


async def test_a_busy_server_is_no_wall(stand: Newsstand, session: GuardedSession) -> None:
    stand.answer(503, b"<h1>Back in a moment</h1>", Content_Type="text/html", Retry_After="60")
    error = await failure(session, stand)
    assert (error.code, error.retry_after_s) == ("http", 60)


async def test_an_error_says_who_answered(stand: Newsstand, session: GuardedSession) -> None:
    async with newsstand("127.0.1.8") as elsewhere:
        elsewhere.answer(429, Retry_After="60")
        stand.redirect(elsewhere.url(), status=301)
        assert (await failure(session, stand)).url == elsewhere.url()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Sat, 01 Jan 2022 00:10:00 GMT", 600),
        ("Fri, 31 Dec 2021 00:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("²", None),
    ],
)
async def test_retry_after_in_both_forms(
    stand: Newsstand, session: GuardedSession, value: str, seconds: float | None
) -> None:
    stand.answer(429, Retry_After=value, Date="Sat, 01 Jan 2022 00:00:00 GMT")
    assert (await failure(session, stand)).retry_after_s == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache_Control": "public, max-age=300"}, 300),
        ({"Cache_Control": "Max-Age = 300", "Age": "100"}, 200),
        ({"Cache_Control": "max-age=300", "Age": "400"}, None),
        ({"Cache_Control": "no-cache"}, None),
        ({"Cache_Control": "max-age=soon"}, None),
        ({"Expires": "Sat, 01 Jan 2022 00:05:00 GMT"}, 300),
        ({"Expires": "0"}, None),
        ({"Cache_Control": "max-age=60", "Expires": "Sat, 01 Jan 2022 00:05:00 GMT"}, 60),
        ({"Cache_Control": "max-age=0", "Expires": "Sat, 01 Jan 2022 00:05:00 GMT"}, None),
        ({"Expires": "Sat, 01 Jan 2022 00:05:00 GMT", "Age": "100"}, 200),
        ({"Expires": "Fri, 31 Dec 2021 00:00:00 GMT"}, None),
        ({"Cache_Control": "max-age=300", "Age": "-5"}, 300),
        ({"Cache_Control": "s-maxage=900, max-age=300"}, 300),
        ({"Cache_Control": "s-maxage=900"}, None),
        ({"Cache_Control": "x-max-age=900"}, None),
        ({"Cache_Control": "max-age=300, no-cache"}, None),
        ({"Cache_Control": "No-Store,max-age=300"}, None),
        ({"Cache_Control": 'no-cache="Set-Cookie", max-age=300'}, 300),
        ({"Cache_Control": 'max-age="300"'}, 300),
        ({"Cache_Control": "no-cache", "Expires": "Sat, 01 Jan 2022 00:05:00 GMT"}, None),
        ({"Cache_Control": "max-age=300", "Retry_After": "900"}, 900),
        ({"Cache_Control": "no-cache", "Retry_After": "900"}, 900),
    ],
)
async def test_how_long_the_server_asks_us_to_stay_away(
    stand: Newsstand, session: GuardedSession, headers: dict[str, str], seconds: float | None
) -> None:
    stand.answer(200, b"<rss/>", Date="Sat, 01 Jan 2022 00:00:00 GMT", **headers)
    assert (await poll(session, stand.url())).min_wait_s == seconds


def test_directives_may_come_in_several_lines() -> None:
    lines = CIMultiDict([("Cache-Control", "public"), ("cache-control", "max-age=300")])
    assert min_wait_s(CIMultiDictProxy(lines)) == 300


@given(
    st.dictionaries(
        st.sampled_from(["Age", "Cache-Control", "Date", "Expires", "Retry-After"]),
        st.text(string.printable + "é²٣")
        | NUMBERS
        | NUMBERS.map("max-age={}".format)
        | st.builds("Sat, 01 Jan {} 00:00:00 +{}".format, NUMBERS, NUMBERS),
    )
)
@example({"Retry-After": "Sat, 01 Jan 2022 00:00:00 +99999999999999", "Date": "Sat, 01 Jan 2022 00:00:00 GMT"})
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    wait = min_wait_s(CIMultiDictProxy(CIMultiDict(headers)))
    assert wait is None or 0 < wait < math.inf


@pytest.mark.parametrize(
    ("statuses", "moved"), [((301,), 1), ((308, 301), 2), ((302,), None), ((301, 302), 1), ((302, 301), None)]
)
async def test_permanent_redirects_are_remembered_up_to_the_first_passing_one(
    stand: Newsstand, session: GuardedSession, statuses: tuple[int, ...], moved: int | None
) -> None:
    paths = [FEED, "/1", "/2"]
    for number, status in enumerate(statuses):
        stand.redirect(paths[number + 1], path=paths[number], status=status)
    stand.publish(path=paths[len(statuses)])
    document = await poll(session, stand.url())
    assert document.moved_to == (stand.url(paths[moved]) if moved else None)


async def test_a_move_that_would_tell_credentials_elsewhere_is_not_remembered(
    stand: Newsstand, session: GuardedSession
) -> None:
    async with newsstand("127.0.1.8") as elsewhere:
        elsewhere.publish()
        stand.redirect(elsewhere.url(), status=301)
        assert (await poll(session, stand.url())).moved_to == elsewhere.url()
        assert (await poll(session, stand.url(), X_Key="FAKE")).moved_to is None
        with_password = stand.url().replace("http://", "http://user:FAKE@")
        assert (await poll(session, with_password)).moved_to is None


async def test_errors_do_not_show_secrets(stand: Newsstand, session: GuardedSession) -> None:
    url = stand.url().replace("http://", "http://user:FAKE-1@") + "?token=FAKE-2"
    with pytest.raises(FetchError) as caught:
        await fetch_feed(session, feed_at(url), NOTHING, LIMITS)
    assert caught.value.status == 404
    assert "FAKE" not in "".join(traceback.format_exception(caught.value))
