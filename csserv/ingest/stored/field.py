"""One step of a product as numbers: cut out of the file that came from the provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import cftime
from numpy.typing import NDArray

from csserv.catalog.packing.packing import Packing
from csserv.catalog.read.corrections import Corrections
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.grid import Grid, Window
from csserv.catalog.read.header import Header
from csserv.catalog.read.windows import read_stored
from csserv.errors import FetchError, GranuleError
from csserv.ingest.products.product_table import Product
from csserv.ingest.stored.box import Box, whole
from csserv.ingest.web.answers import NotThereError

#: how the start of a step stands in the name of a downloaded file
DATED = "%Y%m%dT%H%M"

#: forms of files that do not say when they hold
UNDATED = ("geotiff",)


@dataclass(frozen=True, eq=False)
class Field:
    """One step.

    Attributes
    ----------
    stored : (1, rows, columns) numbers as they are stored, north up, columns eastwards
    grid, window : where they lie
    """

    stored: NDArray[Any]
    packing: Packing
    grid: Grid
    window: Window
    units: str


def read_field(path: Path, product: Product, start: datetime, box: Box | None) -> Field:
    """Read a step of a file of a provider.

    Parameters
    ----------
    path : its name holds the start of the step, as ``DATED``
    box : what to cut out; None for all of it

    Raises
    ------
    NotThereError : the file does not hold the step
    FetchError : the file is not what the table of providers says of it
    EmptySelectionError : the box lies outside
    """
    granule = Granule(path, product.variable, corrections_of(product))
    try:
        header = granule.header()
        step = _step_of(header, product, start)
        grid = header.grid
        if isinstance(grid, CurvedGrid):
            raise FetchError("its cells do not lie between lines of latitude and longitude")
        window = box.window(grid) if box else whole(grid)
        stored = read_stored(granule.source(range(step, step + 1), known=header), window)
    except GranuleError as error:
        raise FetchError(f"what came is not usable: {error}") from None
    units = product.units or header.units
    return Field(stored, header.layout.packing, grid, window, units)


def corrections_of(product: Product) -> Corrections:
    """Take what the table of providers says in place of the files."""
    return Corrections(
        missing=product.missing,
        scale=product.scale,
        offset=product.offset,
        units=product.units,
        time_from_name=DATED if _is_undated(product) else "",
    )


def _is_undated(product: Product) -> bool:
    return not product.dated or product.form.rpartition("/")[2].partition(".")[0] in UNDATED


def _step_of(header: Header, product: Product, start: datetime) -> int:
    """Find the step of a file by its time.

    Raises
    ------
    NotThereError : the file has no such step; says which it has
    """
    end, moments = product.step.end(start), [_plain(one) for one in header.times]
    at_end = product.label == "end" or (len(moments) == 1 and moments[0] == end)
    at_end = at_end and not _is_undated(product)  # of these, we have written the time: the start
    found = [
        i for i, one in enumerate(moments) if (start < one <= end if at_end else start <= one < end)
    ]
    if len(found) != 1:
        has = ", ".join(f"{one:%Y-%m-%d %H:%M}" for one in moments[:3])
        raise NotThereError(f"called of {start:%Y-%m-%d %H:%M}, it holds {has}")
    return found[0]


def _plain(moment: cftime.datetime) -> datetime:
    """Turn a moment of any calendar into Python's; to the second."""
    parts = (moment.year, moment.month, moment.day, moment.hour, moment.minute)
    try:
        return datetime(*parts) + timedelta(seconds=moment.second)
    except ValueError:  # such as 30 February
        raise FetchError(f"{moment} is no day of the calendar") from None
