"""The kinds of value that settings and feeds hold: durations, sizes, networks, zones, URLs.

Each is read from the text of the file and refused with what to write instead. Pure.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from bot.yamlmodel import Refused, Text, split_texts, written

_UNITS_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 365 * 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?(ms|[smhdwy])")
_LONGEST = timedelta(days=100 * 365)

_SIZE_UNITS = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_SIZES = {unit.lower(): size for unit, size in _SIZE_UNITS.items()}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]+)", re.IGNORECASE)


def parse_duration(value: Any) -> timedelta:
    """`500ms`, `20s`, `10m`, `6h`, `90d`, `2w`, `5y` (of 365 days), or several: `1h30m`.

    Raises:
        Refused: anything else; a bare number is told which units there are.
    """
    if isinstance(value, timedelta):
        return value
    text = written(value)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        raise Refused(f"{text} has no unit", f"write {text}s, {text}m or {text}h")
    if not re.fullmatch(rf"(?:{_DURATION.pattern} ?)+", text):
        raise Refused(f"{text} is not a duration", "write one like 20s, 10m, 6h, 90d or 5y")
    seconds = sum(float(number) * _UNITS_S[unit] for number, unit in _DURATION.findall(text))
    if seconds > _LONGEST.total_seconds():
        raise Refused(f"{text} is too long", "write at most 100y")
    return timedelta(seconds=seconds)


def format_duration(value: timedelta) -> str:
    """The shortest text that `parse_duration` reads back as this duration."""
    milliseconds = round(value.total_seconds() * 1000)
    for unit in ("y", "d", "h", "m", "s"):
        whole, rest = divmod(milliseconds, int(_UNITS_S[unit] * 1000))
        if whole and not rest:
            return f"{whole}{unit}"
    return f"{milliseconds}ms"


def at_least(least: timedelta) -> AfterValidator:
    """A duration of at least this."""

    def check(value: timedelta) -> timedelta:
        if value < least:
            raise Refused(f"{format_duration(value)} is too short", f"write at least {format_duration(least)}")
        return value

    return AfterValidator(check)


def parse_size(value: Any) -> int:
    """`10MB` as 10,000,000 (bytes); also B, kB, GB and the binary KiB, MiB, GiB."""
    if isinstance(value, int):
        return value
    text = written(value)
    if re.fullmatch(r"\d+(\.\d+)?", text):
        raise Refused(f"{text} has no unit", f"write {format_size(int(float(text)))} if these are bytes, or {text}MB")
    match = _SIZE.fullmatch(text)
    unit = _SIZES.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise Refused(f"{text} is not a size", "write one like 500kB or 10MB")
    return round(float(match[1]) * unit)


def format_size(size: int) -> str:
    """The shortest decimal text that `parse_size` reads back as this size."""
    unit = next(unit for unit in ("GB", "MB", "kB", "B") if size % _SIZE_UNITS[unit] == 0)
    return f"{size // _SIZE_UNITS[unit]}{unit}"


def _parse_network(value: Any) -> IPv4Network | IPv6Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    text = written(value)
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        proper = ip_network(text, strict=False)
    except ValueError:
        raise Refused(f"{text} is not a network", "write one like 10.1.0.0/16") from None
    raise Refused(f"{text} is an address inside a network", f"write {proper}")


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise Refused(f"{name} is not a time zone", "write one like Europe/Paris or Africa/Casablanca") from None
    return name


def is_web_url(text: str) -> bool:
    """http or https, with a host and a valid port."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _check_url(text: str) -> str:
    if not is_web_url(text) or re.search(r"\s", text):
        raise Refused("this is not a web address", "write one that begins with https:// or http://")
    return text


def _check_listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise Refused(f"{text} is not an address and a port", "write one like 127.0.0.1:8080 (null switches it off)")
    return text


def split_listen(listen: str) -> tuple[str, int]:
    """Host and port of an address to listen on."""
    host, _, port = listen.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_DURATION_SCHEMA = {"type": "string", "pattern": r"^(\d+(\.\d+)? ?(ms|[smhdwy]) ?)+$", "examples": ["20s", "10m"]}

Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration),
    WithJsonSchema(_DURATION_SCHEMA),
]
Size = Annotated[
    int,
    BeforeValidator(parse_size),
    Field(gt=0),
    PlainSerializer(format_size),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)? ?([kKMG]i?)?[bB]$", "examples": ["10MB"]}),
]
"""Bytes."""
Network = Annotated[
    IPv4Network | IPv6Network, BeforeValidator(_parse_network), WithJsonSchema({"type": "string", "format": "cidr"})
]
Zone = Annotated[Text, AfterValidator(_check_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Paris"]})]
WebUrl = Annotated[Text, AfterValidator(_check_url), WithJsonSchema({"type": "string", "format": "uri"})]
Listen = Annotated[Text, AfterValidator(_check_listen), WithJsonSchema({"type": "string"})]
FilePath = Annotated[Path, BeforeValidator(lambda value: value if isinstance(value, Path) else str(value).strip())]


def _listed(items: dict[str, Any]) -> WithJsonSchema:
    one = {"type": ["string", "integer", "null"]}
    return WithJsonSchema({"anyOf": [{"type": "array", "items": items}, one]})


Ids = Annotated[tuple[int, ...], BeforeValidator(split_texts), _listed({"type": "integer"})]
Networks = Annotated[tuple[Network, ...], BeforeValidator(split_texts), _listed({"type": "string"})]
Paths = Annotated[tuple[FilePath, ...], BeforeValidator(split_texts), _listed({"type": "string"})]
