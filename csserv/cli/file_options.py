"""Options for what an area file does not say, shared by the commands that read one."""

from __future__ import annotations

from collections.abc import Callable

import click

#: each is a field of ``FileChoices``; what is said of layers differs from command to command
FILE_OPTIONS = (
    click.option("--name-field", help="Field of the file that names the zones, as ADM2_EN."),
    click.option("--id-field", help="Field of the file with their ids, as ADM2_PCODE."),
    click.option("--crs", help="Coordinate system of the file, as EPSG:32737, if it has none."),
    click.option("--encoding", help="Encoding of the texts of a shapefile, as cp1256."),
)


def with_file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command."""
    for option in reversed(FILE_OPTIONS):
        command = option(command)
    return command
