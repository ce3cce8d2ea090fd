"""What README and docs say is there: every command, every link, every watchlist that they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli import COMMANDS, cli
from bot.watchlists import read_watchlist

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_and_explains_itself(command: str) -> None:
    assert re.search(rf"`(?:guetteur )?{command}\b", README), f"the README does not name {command}"
    loaded = cli.get_command(None, command)  # type: ignore[arg-type]  # the group asks nothing of its context
    assert loaded is not None
    assert loaded.help


def test_the_readme_names_no_command_that_is_not_there() -> None:
    named = set(re.findall(r"(?:bin/|`)guetteur ([a-z]+)\b", README))
    assert len(named) > 3
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"make {target}"


def test_the_readmes_watchlist_loads_without_a_complaint(tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "example.yaml"
    file.write_text(example, encoding="utf-8")
    watchlist, problems = read_watchlist(file)
    assert problems == []
    assert watchlist is not None
    assert [name.shown for name in watchlist.names] == ["Aurélie Vantadour", "Karim Lazregui", "Consortium Halcyon"]


def test_every_decision_has_its_parts() -> None:
    for page in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for part in ("**Context.**", "**Choice", "**Why not**", "**Look again**"):
            assert part in text or part.rstrip("*") in text, f"{page.name} lacks {part}"
