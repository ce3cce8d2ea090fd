"""The command line: parse, call, print; nothing else.

Each command lives in a module of its own and is imported only when it is asked for, so that `guetteur --help` or
`match` never loads Telegram, the database or Alembic.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path
from types import TracebackType

import click

from bot import __version__
from bot.errors import AnotherInstanceError, ConfigError, GuetteurError, NewerDatabaseError, UsageError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_ANOTHER_INSTANCE = 75
"""`EX_TEMPFAIL`: try again later."""

COMMANDS = {
    "run": "bot.cli.run:run",
    "demo": "bot.cli.demo:demo",
    "init": "bot.cli.init:init",
    "check": "bot.cli.check:check",
    "match": "bot.cli.match:match",
    "stories": "bot.cli.stories:stories",
    "backtest": "bot.cli.backtest:backtest",
    "feeds": "bot.cli.feeds:feeds",
    "watchlists": "bot.cli.watchlists:watchlists",
    "why": "bot.cli.why:why",
    "coverage": "bot.cli.coverage:coverage",
    "status": "bot.cli.status:status",
    "decisions": "bot.cli.decisions:decisions",
    "person": "bot.cli.person:person",
    "db": "bot.cli.db:db",
    "schema": "bot.cli.schema:schema",
}
"""Command → where it lives, in the order of the help page."""


class LazyGroup(click.Group):
    """A group that imports a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, attribute = place.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="GUETTEUR_CONFIG",
    default=Path("config/guetteur.yaml"),
    show_default=True,
    help="The settings; $GUETTEUR_CONFIG names another file.",
)
"""`--config F`, the same everywhere."""


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="guetteur")
def cli() -> None:
    """A lookout for the news: finds watchlist names in RSS and Atom feeds and tells each story once, in Telegram.

    Exit codes: 0 done, 1 failed or in part, 2 usage or configuration, 75 another instance runs.
    """


def database_errors() -> tuple[type[Exception], ...]:
    """SQLAlchemy's, if a command loaded it; we do not, for it is slow."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return (loaded.SQLAlchemyError,) if loaded else ()


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    from bot.logs import print_last_words  # here, because it loads structlog

    print_last_words(kind, error, trace)


def main() -> None:
    """Run the command line; errors that a person can mend are printed, not traced."""
    sys.excepthook = _last_words
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that knows no Arabic must not end the program
    try:
        code = cli(standalone_mode=False)
        click.echo(nl=False)  # flushes what is still unsaid, so that a closed pipe shows here
    except BrokenPipeError:  # whoever read our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python would complain at its end
        raise SystemExit(EXIT_FAILED) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
    except (click.Abort, KeyboardInterrupt):
        raise SystemExit(EXIT_FAILED) from None
    except AnotherInstanceError as error:
        click.echo(f"guetteur: {error}", err=True)
        raise SystemExit(EXIT_ANOTHER_INSTANCE) from None
    except (ConfigError, UsageError, NewerDatabaseError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(EXIT_USAGE) from None
    except GuetteurError as error:
        click.echo(f"guetteur: {error}", err=True)
        raise SystemExit(EXIT_FAILED) from None
    except database_errors() as error:
        cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        click.echo(f"guetteur: the database gave an error: {cause}", err=True)
        raise SystemExit(EXIT_FAILED) from None
    raise SystemExit(code if isinstance(code, int) else 0)
