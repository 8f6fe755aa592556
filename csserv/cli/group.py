"""The group of all commands, and the options and errors that they share.

Exit codes: 0 done, 1 an error of ours in one line, 2 wrong usage.
"""

from __future__ import annotations

import click

from csserv.errors import CsservError
from csserv.settings import Settings, read_settings

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Group(click.Group):
    """Prints errors of csserv as one line; any other error is a bug and keeps its traceback."""

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


def with_overrides(settings: Settings, **options: object) -> Settings:
    """Return the settings, changed by the options that are not None."""
    own = {name: value for name, value in options.items() if value is not None}
    return read_settings(**settings.model_dump() | own) if own else settings
