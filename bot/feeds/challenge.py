"""How a wall against robots shows itself, in headers and pages. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

CHALLENGE_HEADERS = {"cf-mitigated": {"challenge"}, "x-amzn-waf-action": {"challenge", "captcha"}}
"""Cloudflare and AWS WAF say so themselves, under any status."""
CHALLENGE_PAGE = re.compile(
    rb"cf[-_]chl|Just a moment|captcha-delivery|_Incapsula_|Attention Required!|Pardon Our Interruption"
)
"""Cloudflare, DataDome, Imperva: the page that asks whether we are human. Ordinary pages hold these words too, in their
guard's script: search only what is short, or answered with an error."""


def says_challenge(headers: Mapping[str, str]) -> bool:
    """Whether the headers (of any case) say that a person with a browser is asked for."""
    return any(headers.get(name) in values for name, values in CHALLENGE_HEADERS.items())
