"""What systemd is told, over a socket in a folder or an abstract one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from bot.health.systemd import Systemd


@pytest.mark.parametrize("abstract", [False, True])
def test_lines_arrive_in_one_message(tmp_path: Path, abstract: bool) -> None:
    name = f"@guetteur-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.settimeout(5)
        ear.bind(f"\0{name[1:]}" if abstract else name)
        Systemd({"NOTIFY_SOCKET": name}).say("READY=1", "STATUS=ok")
        assert ear.recv(1000) == b"READY=1\nSTATUS=ok"


def test_elsewhere_nothing_is_said() -> None:
    Systemd({}).say("READY=1")


def test_a_systemd_that_does_not_listen_disturbs_nobody(tmp_path: Path) -> None:
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).say("WATCHDOG=1")
