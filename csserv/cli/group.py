"""The group of all commands, and what they share.

Exit codes: 0 done, 1 an error of ours in one line, 2 wrong usage.
"""

from __future__ import annotations

import click

from csserv.errors import CsservError
from csserv.settings import Settings, read_settings

as_json = click.option("--json", "plain", is_flag=True, help="Print JSON.")


class Group(click.Group):
    """Show our own errors as one line; anything else is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except CsservError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="csserv")
@click.pass_context
def main(ctx: click.Context) -> None:
    """How much rain fell here? Ask archives of gridded climate data.

    Settings are read from CSSERV_* variables and from csserv.toml in CSSERV_HOME.
    """
    ctx.obj = read_settings()


def with_given(settings: Settings, **given: object) -> Settings:
    """Return the settings with the options that were given on the command line."""
    own = {name: value for name, value in given.items() if value is not None}
    return read_settings(**settings.model_dump() | own) if own else settings
