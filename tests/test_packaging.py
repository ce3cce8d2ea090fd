"""The image, the wheel and the locks, as far as they can be read: no Docker engine is needed to see a wrong path."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from bot.cli import cli
from bot.cli.init import FOLDERS
from bot.known_names.table import TABLE
from bot.operation import LOOK_TICK_S
from bot.texts import LANGUAGES
from tests.dockerfile import health_command, stages, taken

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SERVICE = COMPOSE["services"]["guetteur"]


def copied() -> list[str]:
    """What the Dockerfile takes out of the checkout."""
    return [path for stage in stages(DOCKERFILE) for path in taken(stage)]


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


def test_the_image_can_compile_the_known_names_and_does_not_carry_their_source() -> None:
    """`hatch_build.py` reads rigour's list with the project's own folding; both must be there before the installation."""
    before, installation, after = DOCKERFILE.partition("--no-build-isolation .")
    assert installation
    assert "COPY requirements.lock" in before
    assert {"hatch_build.py", "bot", "NOTICE"} <= set(copied())
    assert "pip uninstall --yes rigour" in after.partition("FROM")[0]


def test_the_wheel_carries_the_known_names_and_what_is_owed_for_them() -> None:
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["artifacts"] == [f"bot/known_names/{TABLE}"]
    assert wheel["hooks"] == {"custom": {}}
    assert "NOTICE" in PROJECT["project"]["license-files"]
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    licence = distribution("rigour").read_text("licenses/LICENSE")
    assert licence
    assert licence.strip() in notice
    assert f"rigour\n{distribution('rigour').version} (" in notice


def test_the_wheel_carries_the_catalogues() -> None:
    """Hatch takes all of `bot` that git does not ignore; no pattern in .gitignore may catch them."""
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["bot"]
    assert all((ROOT / "bot" / "locales" / each / "LC_MESSAGES" / "guetteur.po").is_file() for each in LANGUAGES)
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert not [line for line in ignored if line.endswith((".po", "*")) or "locales" in line]


def test_the_wheel_carries_everything_that_the_program_reads() -> None:
    """All of `bot`, and the samples; what Hatch would put in is listed without building."""
    builder = WheelBuilder(str(ROOT))
    inside = {each.distribution_path for each in builder.recurse_included_files()}
    here = {path for path in (ROOT / "bot").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path.relative_to(ROOT).as_posix() for path in here} <= inside
    kinds = {Path(each).suffix for each in inside}
    assert kinds >= {".py", ".po", ".html", ".css", ".txt", ".bin", ".yaml", ".mako", ".typed"}
    samples = {f"bot/samples/{file.relative_to(ROOT)}" for folder in FOLDERS for file in (ROOT / folder).glob("*.yaml")}
    assert samples <= inside
    assert not [each for each in inside if each.startswith(("tests", "benchmarks", "docs"))]


def test_the_list_of_names_is_one_version_everywhere_and_brings_nothing_along() -> None:
    [wanted] = [each for each in PROJECT["build-system"]["requires"] if each.startswith("rigour")]
    assert wanted in PROJECT["dependency-groups"]["build"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(rf"^{re.escape(wanted)} ", lock, re.MULTILINE)
    assert "via rigour" not in lock
    assert not [each for each in ("pyicu", "normality") if re.search(rf"^{each}==", lock, re.MULTILINE)]


@pytest.mark.parametrize("recipe", ["Makefile", "Dockerfile"])
def test_the_locks_are_installed_as_they_are(recipe: str) -> None:
    """Without --no-deps pip would ask for what rigour needs, which the locks leave out."""
    lines = (ROOT / recipe).read_text(encoding="utf-8").splitlines()
    installs = [line for line in lines if re.search(r"--requirement requirements\S*\.lock", line)]
    assert installs
    assert all("--no-deps --require-hashes" in line for line in installs)


def test_the_table_of_known_names_is_made_not_kept() -> None:
    assert f"bot/known_names/{TABLE}" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


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


def test_the_image_asks_the_program_itself_how_it_is() -> None:
    program, command, option = health_command(stages(DOCKERFILE)[-1])
    assert program == "guetteur"
    found = cli.get_command(None, command)  # type: ignore[arg-type]  # the group asks nothing of its context
    assert found is not None
    assert option in {option for each in found.params for option in each.opts}


def test_the_service_unit_starts_the_command_and_may_write_what_it_must() -> None:
    unit = (ROOT / "docs" / "systemd" / "guetteur.service").read_text(encoding="utf-8")
    assert "ExecStart=/opt/guetteur/.venv/bin/guetteur run" in unit
    assert "RestartPreventExitStatus=2 75" in unit
    assert all(f"/opt/guetteur/{folder}" in unit for folder in ("var", "watchlists", "config"))
    assert "Type=notify" in unit
    [watchdog_s] = map(int, re.findall(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE))
    assert watchdog_s > 10 * LOOK_TICK_S
    # The image's user is told where its token is; systemd hands it over as a file.
    assert re.search(r"^#\s*LoadCredential=telegram-token:", unit, re.MULTILINE)
    asked = set(re.findall(r"GUETTEUR_\w+", unit))
    assert asked == {"GUETTEUR_TELEGRAM__TOKEN_FILE"}
