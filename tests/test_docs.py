"""What README and docs say is there, and what is there they say: commands, options, keys, lines of the log, links.

The lists come from the program. Metrics are held by tests/web/test_metrics.py, what docs/watchlists.md says is found by
tests/cli/test_match.py, its examples by tests/watchlists/test_read.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.cli import COMMANDS, cli
from bot.config.reference import reference
from bot.config.settings import Settings, WebhookSettings
from bot.health.judge import WORDS
from bot.telegram.handlers import COMMANDS as IN_TELEGRAM
from bot.watchlists import read_watchlist

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
TO_USERS = [page for page in PAGES if "decisions" not in page.parts]
"""What is true of the program now; a decision is true of its day."""

OF_OTHERS = {"newbot", "revoke", "feed", "rss", "proc"}
"""Commands of @BotFather's, and paths of web sites and of Linux."""


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


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


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for text in (each.read_text(encoding="utf-8") for each in TO_USERS):
        for target in re.findall(r"(?:`|^ {4})make ([a-z]+(?:-[a-z]+)*)", text, re.MULTILINE):
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
    for page in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        text = page.read_text(encoding="utf-8")
        for part in ("**Context.**", "**Choice", "**Why not**", "**Look again**"):
            assert part in text or part.rstrip("*") in text, f"{page.name} lacks {part}"


def test_the_index_lists_every_decision_under_its_title() -> None:
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    titles = [(each.read_text("utf-8").partition("\n")[0].removeprefix("# "), each.name) for each in pages]
    assert re.findall(r"^- \[(.+)\]\((.+)\)$", page("decisions/README.md"), re.MULTILINE) == titles


# --- In Telegram ------------------------------------------------------------------------------------------------------

DOCUMENTED = re.findall(r"^\| `/([a-z]+)", page("telegram.md"), re.MULTILINE)


def test_every_command_in_telegram_is_documented_once_and_the_reverse() -> None:
    assert sorted(DOCUMENTED) == sorted(set(DOCUMENTED))
    assert set(DOCUMENTED) == set(IN_TELEGRAM)


@pytest.mark.parametrize("text_of", TO_USERS, ids=lambda each: each.name)
def test_no_page_names_a_command_in_telegram_that_is_not_there(text_of: Path) -> None:
    text = text_of.read_text(encoding="utf-8")
    named = {name for name in re.findall(r"`/([a-z]+)(?=[` ])", text) if f"`/{name}/" not in text}
    assert named <= set(DOCUMENTED) | OF_OTHERS | web_paths()


def web_paths() -> set[str]:
    """The first words of what the dashboard's server answers."""
    return set(re.findall(r'"/([a-z]+)', (ROOT / "bot" / "web" / "server.py").read_text("utf-8")))


# --- On the command line ----------------------------------------------------------------------------------------------


def commands(found: click.Command | None = None, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """(`feeds add`, the command), all of them."""
    if found is None:
        inner = [(each, cli.get_command(click.Context(cli), each)) for each in COMMANDS]
    else:
        inner = list(getattr(found, "commands", {}).items())
    for word, command in inner:
        assert command is not None
        yield f"{name}{word}", command
        yield from commands(command, f"{name}{word} ")


KNOWN = dict(commands())


def calls(text: str) -> Iterator[tuple[str, list[str]]]:
    """(command, options) of every `guetteur …` that a page shows, in backticks or on a line of its own."""
    for inline, line in re.findall(
        r"`guetteur ([^`]+)`|^(?: {4})?(?:\$ )?(?:\.venv/bin/)?guetteur (.+)$", text, re.MULTILINE
    ):
        called = (inline or line).partition("#")[0].partition(" | ")[0]
        words = re.split(r"[\s|]+", called)
        name = " ".join(words[:2]) if " ".join(words[:2]) in KNOWN else words[0]
        yield name, re.findall(r"(?<![\w-])--[a-z][a-z-]*", called)


@pytest.mark.parametrize("text_of", TO_USERS, ids=lambda each: each.name)
def test_every_call_that_a_page_shows_can_be_made(text_of: Path) -> None:
    for name, options in calls(text_of.read_text(encoding="utf-8")):
        if not re.fullmatch("[a-z ]+", name):
            continue  # `guetteur --help`, `guetteur …`
        assert name in KNOWN, f"guetteur {name}"
        possible = {option for each in KNOWN[name].params for option in each.opts} | {"--help", "--config"}
        assert set(options) <= possible, f"guetteur {name}"


@pytest.mark.parametrize("name", [name for name in KNOWN if " " in name])
def test_every_command_of_a_group_is_in_the_readme_or_the_docs(name: str) -> None:
    group, _, word = name.partition(" ")
    texts = [each.read_text("utf-8") for each in TO_USERS]
    assert any(re.search(rf"guetteur {name}\b|`{group} [^`]*\b{word}\b", text) for text in texts)


# --- Keys -------------------------------------------------------------------------------------------------------------


def keys() -> set[str]:
    """Of the settings, dotted."""
    dumped = Settings().model_dump()
    found = {f"{key}.{inner}" for key, value in dumped.items() if isinstance(value, dict) for inner in value}
    return found | {f"telegram.webhook.{key}" for key in WebhookSettings.model_fields}


def test_the_reference_is_what_the_models_say() -> None:
    assert page("configuration.md") == reference(), "guetteur schema --markdown > docs/configuration.md"


def test_the_reference_holds_every_key() -> None:
    table = set(re.findall(r"^\| `([a-z_]+)`", reference(), re.MULTILINE))
    assert {key.rpartition(".")[2] for key in keys()} | set(Settings.model_fields) - set(
        Settings().model_dump()
    ) <= table


@pytest.mark.parametrize("text_of", PAGES, ids=lambda each: each.name)
def test_every_key_that_a_page_names_exists(text_of: Path) -> None:
    sections = {key.partition(".")[0] for key in keys()}
    text = text_of.read_text(encoding="utf-8")
    named = {each for each in re.findall(r"`([a-z_]+\.[a-z_.]+)[`:]", text) if each.partition(".")[0] in sections}
    files = {f"{section}.{ending}" for section in sections for ending in ("yaml", "py")}
    assert named - files <= keys()
    variables = {each.lower().replace("__", ".") for each in re.findall(r"GUETTEUR_([A-Z]+__[A-Z_]+)\b", text)}
    assert variables - {"section.key"} <= keys()


# --- Words of the program ---------------------------------------------------------------------------------------------


def told_at_info() -> Iterator[str]:
    """What the daemon logs with `log.info("…")`; the sample newsroom is none of it."""
    for module in sorted((ROOT / "bot").rglob("*.py")):
        if "newsroom" in module.parts:
            continue
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.info":
                said = [each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)]
                yield from map(str, said)


def test_every_line_of_the_log_at_info_is_documented_and_the_reverse() -> None:
    [table] = re.findall(r"\| Line \| When \|\n(.+?)\n\n", page("operating.md"), re.DOTALL)
    documented = {line for row in table.splitlines()[1:] for line in re.findall(r"`([^`]+)`", row.split("|")[1])}
    # Of these two the level depends on what they tell.
    assert documented == set(told_at_info()) | {"names found", "health"}


def test_every_trouble_of_health_is_documented_and_the_reverse() -> None:
    [table] = re.findall(r"\| Trouble \| State \| When \|\n(.+?)\n\n", page("operating.md"), re.DOTALL)
    documented = {code for row in table.splitlines()[1:] for code in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert documented == set(WORDS)


def test_the_glossary_explains_each_word_once_and_all_of_the_flow() -> None:
    words = re.findall(r"^\| ([^|]+?) \|", page("glossary.md"), re.MULTILINE)
    assert sorted(words) == sorted(set(words))
    flow = "feed entry article watchlist entity alias mention match story alert subscription delivery outbox message"
    operation = "notice preference mute digest lesson verdict bundle canary pulse trouble tick retention coverage gap"
    assert set(flow.split()) | set(operation.split()) <= set(words)
