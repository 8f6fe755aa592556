"""The group of all commands, and the options and errors that they share.

Exit codes: 0 done, 1 an error of ours in one line, 2 wrong usage.
"""

from __future__ import annotations

import os
from importlib import import_module

import click

from csserv.errors import CsservError
from csserv.logs import LogSettings, set_up_logging
from csserv.machine.collection_pause import load_for_good
from csserv.machine.private_home import hide_as_home
from csserv.settings import Settings, read_settings
from csserv.tasks.cluster.freed_memory import keep_few_arenas

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


#: module of this folder → the commands that it has
COMMANDS = {
    "requesting": ("submit", "estimate", "tasks", "watch", "cancel"),
    "results.showing": ("result", "verify", "moved"),
    "results.report_writing": ("report",),
    "datasets": ("datasets",),
    "doctor": ("doctor",),
    "archives.fetching": ("fetch",),
    "behind.explaining": ("explain", "indices"),
    "behind.indexing": ("index-of",),
    "layers": ("layers",),
    "launching": ("start-scheduler", "start-worker", "certificates"),
    "operating": (
        "run",
        "workers",
        "stop-worker-by-uuid",
        "stop-all-workers",
        "sample-data",
        "demo",
    ),
    "archives.optimising": ("optimise",),
    "seasons": ("outlook",),
    "kept.preparing": ("prepare",),
    "kept.showing_kept": ("store",),
    "keeping": ("repair", "backup", "restore"),
    "serving": ("serve", "up"),
    "archives.standing_in": ("stand-in",),
    "tokens": ("tokens",),
    "users": ("users",),
}
#: commands that go on for long, and write into the home folder only → what their process is
SERVERS = {
    "run": "runner",
    "serve": "server",
    "start-scheduler": "scheduler",
    "start-worker": "worker",
    "up": "server",
}

_HOMES = {name: module for module, names in COMMANDS.items() for name in names}


class Group(click.Group):
    """Load a command when it is asked for: most of them are slow to load.

    Errors of csserv are printed as one line; any other error is a bug and keeps its traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List all names."""
        return sorted(_HOMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command."""
        if cmd_name in _HOMES and cmd_name not in self.commands:
            with load_for_good():
                import_module(f"csserv.cli.{_HOMES[cmd_name]}")
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except CsservError as error:
            raise click.ClickException(str(error)) from None


class NamesToo(click.Group):
    """A group of commands that also takes a name, such as a dataset's, in place of a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command; a word that is none is taken as a name to show."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["show", *args])


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="csserv")
@click.pass_context
def main(ctx: click.Context) -> None:
    """How much rain fell here? Ask archives of gridded climate data.

    Settings are read from CSSERV_* variables and from csserv.toml in CSSERV_HOME.
    """
    ctx.obj = read_settings()
    if process := SERVERS.get(ctx.invoked_subcommand or ""):
        keep_few_arenas()
        before = hide_as_home(ctx.obj.home)
        ctx.call_on_close(lambda: os.umask(before))
        ctx.call_on_close(set_up_logging(LogSettings.of(ctx.obj), process))


def with_overrides(settings: Settings, **options: object) -> Settings:
    """Return the settings, changed by the options that are not None."""
    own = {name: value for name, value in options.items() if value is not None}
    return read_settings(**settings.model_dump() | own) if own else settings
