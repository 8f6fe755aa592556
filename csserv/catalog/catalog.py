"""The catalog: a table of datasets, those of the package and those of the data folder."""

from __future__ import annotations

import time
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self, TypeAlias

from csserv.catalog.entry import CatalogEntry
from csserv.catalog.header_store.known_headers import Headers
from csserv.catalog.live_tables import Tables
from csserv.catalog.row_fields import Row
from csserv.catalog.timeline.coverage import Coverage
from csserv.errors import EmptySelectionError, GranuleError, UnknownDatasetError
from csserv.machine.patience import Patience

#: dataset → what it covers, or why its files cannot be read
Covered: TypeAlias = Mapping[str, Coverage | GranuleError]

BUILT_IN = Path(__file__).parent / "datasets.toml"

#: name of the table of datasets that a data folder may hold
TABLE = "datasets.toml"


class Catalog(Mapping[str, CatalogEntry]):
    """Dataset name → entry; a ClimateSERV number, or its digits as text, finds the entry too.

    When a table changes, the catalog does so within half a second; where a change is wrong, what
    was right before stays.
    """

    def __init__(self, tables: Tables, data: Path, headers: Headers) -> None:
        self._tables, self._data, self._headers = tables, data, headers
        self._latest = self._named(tables.read())
        self._listed: tuple[float, _Named, Covered] | None = None

    @classmethod
    def read(
        cls,
        data: Path,
        own: Path | None = None,
        cache: Path | None = None,
        patience: Patience | None = None,
    ) -> Self:
        """Read the built-in table, the data folder's and the user's own; later rows win.

        If two tables give the same number to different datasets, the dataset of the later table
        keeps it, and the other one has no number.

        Parameters
        ----------
        data : the data folder; its ``datasets.toml`` is read if there is one
        own : path of the user's table
        cache : folder for headers of files, shared by processes; None keeps them in memory only
        patience : how long to wait for a file; a minute if not given

        Raises
        ------
        SettingsError : a file is missing or is not TOML, or a row has a wrong or missing field
        """
        return cls(Tables(BUILT_IN, data / TABLE, own, patience), data, Headers(cache, patience))

    def __getitem__(self, name: str) -> CatalogEntry:
        for at_once in (False, True):  # one that was added just now is looked for at once
            if entry := self._known(at_once).find(str(name)):
                return entry
        raise UnknownDatasetError(str(name), self)

    def __contains__(self, name: object) -> bool:
        return self._known().find(str(name)) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._known().entries)

    def __len__(self) -> int:
        return len(self._known().entries)

    def values(self) -> ValuesView[CatalogEntry]:
        """Return all entries of one moment."""
        return self._known().entries.values()

    def items(self) -> ItemsView[str, CatalogEntry]:
        """Return all names and entries of one moment."""
        return self._known().entries.items()

    def here(self) -> dict[str, CatalogEntry]:
        """Return the names and entries of the datasets that have files on this machine."""
        entries = self._known().entries
        wanted = {one.files for one in entries.values() if not one.withdrawn}
        found = self._headers.which_match(self._data, wanted)
        return {
            name: one for name, one in entries.items() if not one.withdrawn and one.files in found
        }

    def coverages(self, within: float = 0.0) -> Covered:
        """Return what the datasets with files on this machine cover, or why one cannot be read.

        Parameters
        ----------
        within : how long ago the files may have been looked at for somebody else [s]
        """
        known, listed, moment = self._known(), self._listed, time.monotonic()
        if listed and listed[1] is known and moment - listed[0] < within:
            return listed[2]
        covered = self._covered(known)
        self._listed = moment, known, covered
        return covered

    def _covered(self, known: _Named) -> Covered:
        entries = {name: one for name, one in known.entries.items() if not one.withdrawn}
        asked = {name: (one.files, one.granule) for name, one in entries.items()}
        seen = self._headers.look_at_all(self._data, asked)
        covered: dict[str, Coverage | GranuleError] = {}
        for name, entry in entries.items():
            if name in seen and not seen[name]:
                continue
            try:
                covered[name] = entry.coverage(seen.get(name))
            except EmptySelectionError:  # it has no files
                continue
            except GranuleError as error:
                covered[name] = error
        return covered

    def _known(self, at_once: bool = False) -> _Named:
        rows = self._tables.news(at_once)
        if rows is not None:
            self._latest = self._named(rows)
        return self._latest

    def _named(self, rows: Mapping[str, Row]) -> _Named:
        built_in = self._tables.built_in
        return _Named(
            {
                name: CatalogEntry.of(name, self._data, row, name in built_in, self._headers)
                for name, row in rows.items()
            }
        )


@dataclass(frozen=True)
class _Named:
    """The entries at one moment, by name and by number."""

    entries: dict[str, CatalogEntry]

    def find(self, name: str) -> CatalogEntry | None:
        """Find an entry by name, by number, or by its name in other capitals if only one has it."""
        if found := self.entries.get(name) or self._numbered.get(name):
            return found
        alike = [one for one in self.entries if one.casefold() == name.casefold()]
        return self.entries[alike[0]] if len(alike) == 1 else None

    @cached_property
    def _numbered(self) -> dict[str, CatalogEntry]:
        return {str(e.number): e for e in self.entries.values() if e.number is not None}
