"""Options for what an area file does not say, shared by the commands that read one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:  # slow to import, so loaded when a command needs it
    from csserv.request.files import FileChoices

#: each is a field of ``FileChoices``; what is said of layers differs from command to command
FILE_OPTIONS = (
    click.option("--name-field", help="Field of the file that names the zones, as ADM2_EN."),
    click.option("--id-field", help="Field of the file with their ids, as ADM2_PCODE."),
    click.option("--crs", help="Coordinate system of the file, as EPSG:32737, if it has none."),
    click.option("--encoding", help="Encoding of the texts of a shapefile or table, as cp1256."),
    click.option("--lon-field", help="Column of a table with the longitudes, as POINT_X."),
    click.option("--lat-field", help="Column of a table with the latitudes."),
)


def with_file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options to a command."""
    for option in reversed(FILE_OPTIONS):
        command = option(command)
    return command


def take_choices(given: dict[str, Any]) -> FileChoices:
    """Take the choices out of the options that a command was given."""
    from csserv.request.files import FileChoices

    names = [field.name for field in fields(FileChoices)]
    return FileChoices(**{name: given.pop(name, None) or "" for name in names})
