"""The datasets of a catalog as a table that a person can search."""

from __future__ import annotations

from typing import Any

from csserv.catalog.catalog import Catalog
from csserv.catalog.entry import CatalogEntry, day
from csserv.errors import GranuleError
from csserv.table import Table


def dataset_table(catalog: Catalog) -> Table:
    """Make a table of the datasets and their coverage, those with files on this machine first."""
    rows = sorted(map(_row, catalog.values()), key=lambda row: not row["files"])
    return Table(tuple(rows), ("name", "title"))


def _row(entry: CatalogEntry) -> dict[str, Any]:
    names = ("name", "title", "number", "units", "time_step")
    row: dict[str, Any] = {name: getattr(entry, name) for name in names}
    row |= {"from": "", "to": "", "files": len(entry.granules) if entry.is_here else 0}
    if row["files"]:
        try:
            row["from"], row["to"] = (day(one) for one in entry.extent())
        except GranuleError as error:  # one broken dataset must not hide the others
            row["from"] = str(error)
    return row
