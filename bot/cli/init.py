"""`guetteur init`: settings, feeds and sample watchlists for those who installed the wheel."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import click

import bot
from bot.errors import UsageError

FOLDERS = ("config", "watchlists")

ENV_EXAMPLE = """\
# Copy this file to .env and put in the token that @BotFather gave you. Keep .env to yourself.
TELEGRAM_BOT_TOKEN=
"""

NEXT_STEPS = """\
Next:
  1. look at config/guetteur.yaml and config/feeds.yaml, and write your names into watchlists/
  2. {guetteur} check              tells every mistake
  3. {guetteur} run --console      prints alerts here, without Telegram
  4. make a bot with @BotFather in Telegram, put its token into .env (see .env.example), then
     set -a; . ./.env; set +a; {guetteur} run"""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
def init(folder: Path) -> None:
    """Write settings, feeds and sample watchlists into FOLDER (default: here). Never overwrites a file."""
    samples = sample_files(Path(bot.__file__).parent)
    try:
        said = [_write(folder / place, text) for place, text in [*samples.items(), (Path(".env.example"), ENV_EXAMPLE)]]
        (folder / "var").mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written ({error.strerror}); name a folder of your own") from error
    click.echo("\n".join(said))
    if folder != Path():
        click.echo(f"\nFirst: cd {folder}")
    called = called_from_anywhere(sys.argv[0], python=sys.executable, found=shutil.which("guetteur"))
    click.echo(NEXT_STEPS.format(guetteur=called))


def called_from_anywhere(started: str, *, python: str, found: str | None) -> str:
    """How to call this very program again, from any folder.

    Args:
        started: the program as it was started, `sys.argv[0]`.
        found: the one that the shell finds by its name, if any.
    """
    program = Path(started).absolute()
    if program.name != "guetteur":  # `python -m bot`
        return shlex.join([python, "-m", "bot"])
    return "guetteur" if found is not None and Path(found).absolute() == program else shlex.quote(str(program))


def sample_files(package: Path) -> dict[Path, str]:
    """Where each sample goes → its text: from the installed wheel, else from the checkout around the package."""
    root = package / "samples" if (package / "samples").is_dir() else package.parent
    files = [file for name in FOLDERS for file in sorted((root / name).glob("*.yaml"))]
    if not files:
        raise UsageError(f"the samples are missing in {root}; install guetteur again")
    return {file.relative_to(root): file.read_text(encoding="utf-8") for file in files}


def _write(path: Path, text: str) -> str:
    """Write the file unless it is there, and say which."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return f"kept  {path} (it was there)"
    return f"wrote {path}"
