"""Tells systemd how we are, where it started us with `Type=notify`; elsewhere it does nothing."""

from __future__ import annotations

import socket
from collections.abc import Mapping


class Systemd:
    """Says nothing of itself: who calls it decides when we are ready, alive or stopping."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")

    def say(self, *lines: str) -> None:
        """Such as `READY=1`. What systemd does not hear is its loss: we go on."""
        if not self._address:
            return
        # A name that begins with @ is abstract: it is in no folder, and begins with a NUL in truth.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
                door.settimeout(1.0)
                door.sendto("\n".join(lines).encode(), address)
        except OSError:
            return
