"""Who may come in: names that we answer to, the password, and what a browser may do with what it gets."""

from __future__ import annotations

import base64

import pytest

from bot.config.values import is_loopback, split_listen
from bot.web.doors import SECURITY_HEADERS, knock_address, knows_password, may_be_asked_as


@pytest.mark.parametrize(
    ("listen", "host", "port", "loopback"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080, True),
        ("[::1]:80", "::1", 80, True),
        ("localhost:1", "localhost", 1, True),
        ("0.0.0.0:8080", "0.0.0.0", 8080, False),
        ("[::]:8080", "::", 8080, False),
        ("10.1.2.3:8080", "10.1.2.3", 8080, False),
        ("watch.example:8080", "watch.example", 8080, False),
    ],
)
def test_where_we_listen(listen: str, host: str, port: int, loopback: bool) -> None:
    assert split_listen(listen) == (host, port)
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("header", ["127.0.0.1:8080", "localhost", "LOCALHOST:8080", "[::1]:8080", "127.0.0.1"])
def test_this_machine_may_ask_by_its_own_names(header: str) -> None:
    assert may_be_asked_as(header, "127.0.0.1", has_password=False)


@pytest.mark.parametrize(
    "header", ["evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "", None, "[", "10.0.0.1"]
)
def test_a_web_page_that_points_its_name_at_us_learns_nothing(header: str | None) -> None:
    assert not may_be_asked_as(header, "127.0.0.1", has_password=False)
    assert may_be_asked_as(header, "127.0.0.1", has_password=True)  # which no browser sends to another name
    assert may_be_asked_as(header, "0.0.0.0", has_password=False)


def basic(said: str) -> str:
    return "Basic " + base64.b64encode(said.encode()).decode()


@pytest.mark.parametrize(("header", "known"), [
    (basic("anna:s3same-öffne"), True), (basic(":s3same-öffne"), True), ("basic " + basic("x:s3same-öffne")[6:], True),
    (basic("anna:s3same"), False), (basic("s3same-öffne"), False), (basic("anna:"), False), ("Basic %%%", False),
    ("Bearer s3same-öffne", False), ("", False), (None, False),
])  # fmt: skip
def test_the_password(header: str | None, known: bool) -> None:
    assert knows_password(header, "s3same-öffne") is known


def test_a_password_may_hold_a_colon() -> None:
    assert knows_password(basic("anna:a:b"), "a:b")


def test_whoever_listens_everywhere_is_found_here() -> None:
    assert knock_address("0.0.0.0:80") == ("127.0.0.1", 80)
    assert knock_address("[::]:80") == ("::1", 80)
    assert knock_address("10.0.0.5:80") == ("10.0.0.5", 80)


def test_no_script_runs_and_no_other_site_is_asked() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert not {word for word in policy.replace(";", " ").split() if "://" in word or word == "*"}
