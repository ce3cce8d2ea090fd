"""The image, the wheel and the locks, as far as they can be read: no Docker engine is needed to see a wrong path."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SERVICE = COMPOSE["services"]["guetteur"]


def copied() -> list[str]:
    """What the Dockerfile takes out of the checkout."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [path for line in lines for path in line.split()[:-1]]


@pytest.mark.parametrize("path", copied())
def test_every_copied_path_exists_and_reaches_the_build(path: str) -> None:
    assert (ROOT / path).exists()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert f"!{path.removeprefix('./')}" in ignored


def test_the_image_is_pinned_and_runs_without_root() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in bases)
    user = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert user == ["guetteur"]
    assert "--require-hashes" in DOCKERFILE


def test_the_entry_point_is_the_command() -> None:
    assert PROJECT["project"]["scripts"] == {"guetteur": "bot.__main__:main"}
    assert 'ENTRYPOINT ["guetteur"]' in DOCKERFILE


def test_compose_mounts_what_the_program_writes_and_nothing_else_is_writable() -> None:
    assert SERVICE["read_only"] is True
    inside = {volume.split(":")[1] for volume in SERVICE["volumes"]}
    assert inside == {"/app/config", "/app/watchlists", "/app/var"}
    [uid] = re.findall(r"useradd --uid (\d+)", DOCKERFILE)
    assert SERVICE["user"].startswith(uid)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_name_no_index(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if "==" in line and not line.startswith(" ")]
    hashes = [line for line in lines if "--hash=sha256:" in line]
    assert len(pinned) > 30
    assert len(hashes) >= len(pinned)
    assert not [line for line in lines if "://" in line or "--index" in line or "--find-links" in line]


def test_the_locks_hold_every_dependency() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").lower()
    for requirement in PROJECT["project"]["dependencies"]:
        name = re.split(r"[\[>=<]", requirement)[0].strip().lower()
        assert re.search(rf"^{re.escape(name)}(?:\[[^\]]*\])?==", lock, re.MULTILINE), f"{name} is not locked"


def test_the_service_unit_starts_the_command_and_may_write_what_it_must() -> None:
    unit = (ROOT / "docs" / "systemd" / "guetteur.service").read_text(encoding="utf-8")
    assert "ExecStart=/opt/guetteur/.venv/bin/guetteur run" in unit
    assert "RestartPreventExitStatus=2 75" in unit
    assert all(f"/opt/guetteur/{folder}" in unit for folder in ("var", "watchlists", "config"))
