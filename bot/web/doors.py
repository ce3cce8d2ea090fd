"""Who may come in, and what a browser may do with what it gets. Pure; `server.py` asks.

Bound to loopback, the Host is checked: else any web page could have the reader's own browser read us, under a name of
its that it points to 127.0.0.1. A password does the same, for no browser sends it to another name.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from hmac import compare_digest
from urllib.parse import urlsplit

from bot.config.values import is_loopback, split_listen

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""No script at all, no other site's content, in no other site's frame; where a link leads learns nothing of us."""
ALWAYS_OPEN = frozenset({"/healthz", "/readyz"})
"""For those who only ask whether we live; with a password they are told no more than that."""


def may_be_asked_as(header: str | None, bound_to: str, *, has_password: bool) -> bool:
    """Whether the request's Host may be ours."""
    if has_password or not is_loopback(bound_to):
        return True
    try:
        host = urlsplit(f"//{header or ''}").hostname
    except ValueError:
        return False
    return host is not None and (is_loopback(host) or host == bound_to.lower())


def knows_password(authorization: str | None, password: str) -> bool:
    """Whether the header holds the password (HTTP Basic, any user name), compared in constant time."""
    kind, _, given = (authorization or "").partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        said = base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return compare_digest(said.partition(b":")[2], password.encode())


def knock_address(listen: str) -> tuple[str, int]:
    """Where somebody on this machine finds who listens there."""
    host, port = split_listen(listen)
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "*": "127.0.0.1"}.get(host, host), port  # noqa: S104
