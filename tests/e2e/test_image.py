"""The image without an engine: the Dockerfile's steps are done in empty places, and the program runs there as it would.

A mount namespace gives the places (/src, /opt and /app are empty, /etc is a copy), then makes the root read-only but for
what `compose.yaml` mounts, and the program runs as the image's user, without rights. Python is this one instead of the
base image's. Takes minutes and asks pip's index, as any build does: `make image-check`.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dockerfile import ROOT, health_command, script, stages, taken

SETTINGS = """\
storage: {url: "sqlite:///../var/guetteur.db"}
polling: {allow_networks: [127.0.0.0/8]}
feeds: [feeds.yaml]
watchlists: ../watchlists
"""
"""One feed, on loopback, where nobody answers: nothing here reaches the internet."""

IN_THE_IMAGE = """\
set -eu
id
for place in /app/x /opt/guetteur/x /etc/x /usr/x; do
  if touch $place 2>/dev/null; then echo "$place can be written"; exit 1; fi
done
for place in /app/config /app/watchlists /app/var /tmp; do touch $place/x; rm $place/x; done
guetteur --version
guetteur check
guetteur demo --day 5
guetteur match "La France voudrait l'extradition de Badis Bajou."
mkdir /tmp/new && cd /tmp/new && guetteur init && guetteur check && guetteur schema >/dev/null && cd /app
cp /settings/* /app/config/
guetteur run --console --log-json &
daemon=$!
for _ in $(seq 100); do
  if {health}; then break; fi
  sleep 0.2
done
{health}
guetteur watchlists add institutions "Office des Brumes de Vauclère"
kill -TERM $daemon
wait $daemon
echo "it ended well"
"""

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root, for a mount namespace"),
]


def test_the_image_is_built_and_runs_without_rights(tmp_path: Path) -> None:
    build, image = stages((ROOT / "Dockerfile").read_text("utf-8"))
    context = _context(tmp_path / "context", [*taken(build), *taken(image)])
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "guetteur.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "settings" / "feeds.yaml").write_text("- http://127.0.0.1:9/feed\n", "utf-8")
    inside = IN_THE_IMAGE.replace("{health}", shlex.join(health_command(image)))
    [entry] = json.loads(image.the("ENTRYPOINT"))
    assert entry == "guetteur"
    lines = [
        "set -eu",
        *_empty_places(tmp_path),
        *script(build, context),
        "cd / && umount /src",
        *script(image, context),
        *_shut(),
        "exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \\",
        f'env -i HOME=/app LD_LIBRARY_PATH=/opt/python/lib PATH="$PATH" PYTHONDONTWRITEBYTECODE=1 sh -c {shlex.quote(inside)}',
    ]
    done = subprocess.run(
        ["unshare", "--mount", "--fork", "--pid", "--mount-proc", "bash", "-c", "\n".join(lines)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "uid=10001" in done.stdout
    assert "it ended well" in done.stdout
    sys.stdout.write(done.stdout)


def _context(folder: Path, paths: list[str]) -> Path:
    """What git knows of these paths: the build context that `.dockerignore` leaves."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *paths], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    for each in filter(None, listed.split("\0")):
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / each, folder / each)
    return folder


def _empty_places(scratch: Path) -> list[str]:
    """Nothing of this machine's checkouts is within reach; Python stands where anybody may read it."""
    return [
        "mount --make-rprivate /",
        f"cp -a /etc {scratch}/etc && mount --bind {scratch}/etc /etc",
        "mkdir -p /src /app /opt /settings",
        "for place in /src /app /opt; do mount -t tmpfs none $place; done",
        "mkdir /opt/python",
        f"mount --bind {sys.base_prefix} /opt/python",
        f"mount --bind {scratch}/settings /settings",
        "chmod 755 /src /app /opt",
        "export PATH=/opt/python/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "unset PYTHONPATH VIRTUAL_ENV || true",
    ]


def _shut() -> list[str]:
    """As `compose.yaml` has it: read-only, but for three folders and /tmp."""
    writable = ("/app/config", "/app/watchlists", "/app/var")
    return [
        *(f"mount --bind {place} {place}" for place in writable),
        "mount -o bind,remount,ro /app",
        "mount -o bind,remount,ro /opt",
        "mount -o bind,remount,ro /etc",
        "mount -o bind,remount,ro /",
        "mount -t tmpfs none /tmp",
    ]
