"""Datasets as a table to look through."""

from __future__ import annotations

from typing import Any

from csserv.catalog.catalog import Catalog, CatalogEntry, day
from csserv.errors import GranuleError
from csserv.table import Table


def dataset_table(catalog: Catalog) -> Table:
    """List datasets, and what of them is on this machine."""
    return Table(tuple(_row(entry) for entry in catalog.values()), ("name", "title"))


def _row(entry: CatalogEntry) -> dict[str, Any]:
    names = ("name", "title", "number", "units", "time_step")
    row: dict[str, Any] = {name: getattr(entry, name) for name in names}
    row |= {"from": "", "to": "", "files": len(entry.granules)}
    if row["files"]:
        try:
            row["from"], row["to"] = (day(one) for one in entry.extent())
        except GranuleError as error:  # one broken dataset must not hide the others
            row["from"] = str(error)
    return row
