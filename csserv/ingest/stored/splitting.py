"""Takes a folded file apart into files of steps again, so that some can be replaced."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from pathlib import Path

from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.windows import read_stored
from csserv.errors import GranuleError
from csserv.ingest.stored.box import whole
from csserv.ingest.stored.fetched_archive import Archive, starts_of
from csserv.ingest.stored.field import Field
from csserv.ingest.stored.origin_variables import read_arrivals
from csserv.ingest.stored.step_file import write_step


def split_steps(
    archive: Archive, path: Path, folder: Path, leave: Container[datetime]
) -> dict[datetime, Path]:
    """Write each step of a folded file into a file of its own.

    Parameters
    ----------
    folder : gets the files
    leave : steps that are left out

    Returns
    -------
    start of a step → its file

    Raises
    ------
    GranuleError : the folded file is damaged
    """
    granule = archive.entry.granule(path)
    header = granule.header()
    grid, packing = header.grid, header.layout.packing
    if isinstance(grid, CurvedGrid):
        raise GranuleError(f"{path.name} is on a curved grid; fetch makes none")
    made, came = {}, read_arrivals(path)
    for number, start in enumerate(starts_of(header)):
        if start in leave:
            continue
        source = granule.source(range(number, number + 1), known=header)
        field = Field(read_stored(source, whole(grid)), packing, grid, whole(grid), header.units)
        made[start] = folder / archive.step_path(start).name
        step = archive.product.step
        write_step(made[start], field, step, came[start], archive.description)
    return made
