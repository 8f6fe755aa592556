"""Converting files that csserv does not read where they lie, before they are added."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from csserv.errors import CsservError


def converted(data: Path, name: str, files: str) -> str:
    """Convert GRIB files into NetCDF in the dataset's folder; return which files are meant then."""
    from csserv.ingest.grib.grib_files import find_grib, targets_of
    from csserv.ingest.grib.grib_netcdf import convert_grib

    found = find_grib(data, files)
    if not found:
        return files
    folder = data / name
    some = "1 GRIB file becomes" if len(found) == 1 else f"{len(found)} GRIB files become"
    click.echo(f"{some} NetCDF in {folder}", err=True)
    try:
        for source, target in targets_of(found, folder).items():
            done = convert_grib(source, target)
            click.echo(f"{source.name}: {target.name}{'' if done else ', as before'}", err=True)
    except CsservError:
        with suppress(OSError):  # what has been converted stays
            folder.rmdir()
        raise
    return f"{name}/*.nc"
