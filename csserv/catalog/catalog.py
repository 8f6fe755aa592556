"""The catalog: a table of datasets, and for each one the files (granules) that hold its data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import shapely

from csserv.catalog.coverage import Coverage, measure
from csserv.catalog.listing import has_files, list_files, read_headers
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.granule import Granule, Header
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.origins import superseded
from csserv.catalog.toml_table import read_table
from csserv.errors import EmptySelectionError, GranuleError, UnknownDatasetError
from csserv.request import Area, Period
from csserv.request.period import Day

BUILT_IN = Path(__file__).parent / "datasets.toml"

#: name of the table of datasets that a data folder may hold
TABLE = "datasets.toml"

#: ``time_step`` of a catalog row → approximate length of the step [days]
STEP_DAYS = {
    "hour": 1 / 24,
    "day": 1.0,
    "3 days": 3.0,
    "pentad": 5.0,
    "week": 7.0,
    "dekad": 10.0,
    "15 days": 15.0,
    "month": 30.4,
    "year": 365.2,
}


@dataclass(frozen=True)
class CatalogEntry:
    """One dataset: its row of ``datasets.toml``, and the folder its files lie in."""

    name: str
    title: str
    variable: str
    files: str  #: glob of its files, relative to the data folder
    data: Path
    number: int | None = None  #: ClimateSERV's datatype number
    units: str = ""  #: used where the files state none
    time_step: str = ""
    over_time: str = ""  #: how steps become longer ones: sum, mean, max, min; empty: as files say
    source: str = ""
    licence: str = ""
    citation: str = ""
    description: str = ""
    resolution: str = ""  #: in words, as its makers state it
    region: str = ""
    old_name: str = ""  #: its former name in ClimateSERV
    select: Mapping[str, Any] = field(default_factory=dict, hash=False)  #: dimension → coordinate
    withdrawn: str = ""  #: why the dataset was withdrawn; empty if it was not

    @property
    def is_here(self) -> bool:
        """Whether the dataset has files on this machine and was not withdrawn."""
        return not self.withdrawn and has_files(self.data, self.files)

    @property
    def granules(self) -> list[Granule]:
        """All files of the dataset on this machine, in the order of their names.

        Hidden files, or files in hidden folders (a name that begins with a dot), are unfinished
        drafts and left out.
        """
        return [Granule(path, self.variable) for path in list_files(self.data, self.files)]

    @property
    def step_days(self) -> float:
        """Approximate length of a step, for data of a single step; 1 if unknown [days]."""
        return STEP_DAYS.get(self.time_step, 1.0)

    def describe(self) -> dict[str, Any]:
        """Return the fields that describe the dataset, for listings and a result's provenance."""
        return {name: getattr(self, name) for name in DESCRIBED}

    def check_here(self) -> None:
        """Check that the dataset has files on this machine.

        Raises
        ------
        EmptySelectionError : it was withdrawn, or has no files here; says how to add them
        """
        if not self.is_here:
            raise EmptySelectionError(self.unavailable_reason)

    @property
    def unavailable_reason(self) -> str:
        """Why the dataset cannot be used, and what to do about it; for an error message."""
        name = f"{self.name} ({self.title})"
        if self.withdrawn:
            return f"{name} is not to be had: {self.withdrawn}"
        return (
            f"{name} has no files on this server: nothing in its data folder is called "
            f"{self.files}; to add it, put its NetCDF files there, or say where they are with "
            f"`csserv datasets add` (`csserv sample-data` makes samples of some)"
        )

    def coverage(self) -> Coverage:
        """Return the period, grid and units of the dataset's files, and their missing steps.

        Raises
        ------
        EmptySelectionError : it was withdrawn, or has no files here
        GranuleError : none of its files is readable
        """
        return self.coverage_of(self.by_time())

    def coverage_of(self, granules: Iterable[tuple[Granule, Header]]) -> Coverage:
        """Return the same as ``coverage``, from files whose headers were read already."""
        return measure(granules, STEP_DAYS.get(self.time_step, 0.0))

    def covering(self, period: Period) -> list[tuple[Granule, Header]]:
        """Find the granules that hold a step of the period, in time order.

        Raises
        ------
        EmptySelectionError : no files here, or none with a step in the period; the message names
            the first and the last day there are
        GranuleError : an unreadable file may hold a step of the period
        """
        return self.select_covering(self.by_time(period), period)

    def select_covering(
        self, granules: Sequence[tuple[Granule, Header]], period: Period
    ) -> list[tuple[Granule, Header]]:
        """Choose, from all files of the dataset, those that hold a step of the period.

        Raises
        ------
        EmptySelectionError : none does; the message names the first and the last day there are
        """
        found = [pair for pair in granules if pair[1].steps(period)]
        if not found:
            first, last = granules[0][1].first, max(header.last for _, header in granules)
            raise EmptySelectionError(
                f"{self.name} has no data in {period}; it has {day(first)} to {day(last)}"
            )
        return found

    def check_area(self, area: Area, grid: Grid | CurvedGrid) -> None:
        """Check that at least one zone of the area touches the grid.

        Raises
        ------
        EmptySelectionError : none does; the message gives the bounds of the grid
        """
        if not any(shapely.intersects(zone.geometry, grid.frame) for zone in area.zones):
            west, south, east, north = grid.bounds
            raise EmptySelectionError(
                f"{area.title} lies outside {self.name}, which covers longitude {west:g} to "
                f"{east:g}, latitude {south:g} to {north:g}"
            )

    def extent(self) -> tuple[Day, Day]:
        """First and last day of the data on this machine, as (year, month, day)."""
        every = self.by_time()
        return every[0][1].first, max(header.last for _, header in every)

    def superseded(self) -> list[Path]:
        """List the files that a merged file of the dataset replaces; they are not read any more."""
        headers = read_headers(self.data, self.files, self.variable)
        known = {path: one.origins for path, one in headers.items() if isinstance(one, Header)}
        return sorted(superseded(known))

    def by_time(self, period: Period | None = None) -> list[tuple[Granule, Header]]:
        """List the readable granules in time order, without superseded ones.

        Parameters
        ----------
        period : what will be read; None means that unreadable files are skipped

        Raises
        ------
        EmptySelectionError : it was withdrawn, or has no files here
        GranuleError : no file is readable, or an unreadable one may hold a step of the period,
            judging by the days of the files before and after it in the order of names
        """
        headers = {} if self.withdrawn else read_headers(self.data, self.files, self.variable)
        if not headers:
            raise EmptySelectionError(self.unavailable_reason)
        seen = list(headers.values())
        readable = {path: one for path, one in headers.items() if isinstance(one, Header)}
        for place, error in enumerate(seen):
            if isinstance(error, GranuleError) and (
                not readable or (period and _may_hold(seen, place, period))
            ):
                raise error
        older = superseded({path: header.origins for path, header in readable.items()})
        found = [
            (Granule(path, self.variable), header)
            for path, header in readable.items()
            if not older or path not in older
        ]
        return sorted(found, key=lambda pair: (pair[1].first, pair[0].path.name))


#: fields of a dataset that ``CatalogEntry.describe`` returns
DESCRIBED = (
    *("name", "title", "number", "description", "variable", "units", "time_step", "resolution"),
    *("region", "source", "licence", "citation"),
)


class Catalog(Mapping[str, CatalogEntry]):
    """Dataset name → entry; a ClimateSERV number, or its digits as text, finds the entry too."""

    def __init__(self, entries: Iterable[CatalogEntry]) -> None:
        self._entries = {entry.name: entry for entry in entries}

    @classmethod
    def read(cls, data: Path, own: Path | None = None) -> Self:
        """Read the built-in table, the data folder's and the user's own; later rows win.

        If two tables give the same number to different datasets, the dataset of the later table
        keeps it, and the other one has no number.

        Parameters
        ----------
        data : the data folder; its ``datasets.toml`` is read if there is one
        own : path of the user's table

        Raises
        ------
        SettingsError : a file is missing or is not TOML, or a row has a wrong or missing field
        """
        rows: dict[str, dict[str, Any]] = {}
        with_data = data / TABLE
        numbered: dict[int, str] = {}
        for path in (BUILT_IN, with_data if with_data.exists() else None, own):
            fresh = read_table(path) if path else {}
            rows |= fresh
            numbered |= {row["number"]: name for name, row in fresh.items() if "number" in row}
        for name, row in rows.items():
            if numbered.get(row.get("number", -1), name) != name:
                del row["number"]
        return cls(CatalogEntry(**_BLANK | row, name=name, data=data) for name, row in rows.items())

    def __getitem__(self, name: str) -> CatalogEntry:
        entry = self._entries.get(name) or self._numbered.get(str(name))
        if entry is None:
            raise UnknownDatasetError(str(name), self)
        return entry

    def __contains__(self, name: object) -> bool:
        return name in self._entries or str(name) in self._numbered

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @cached_property
    def _numbered(self) -> dict[str, CatalogEntry]:
        return {str(e.number): e for e in self._entries.values() if e.number is not None}


def file_names(granules: Iterable[tuple[Granule, Header]]) -> list[str]:
    """List the file names of granules; a merged file counts as the files it was made of."""
    return [
        name
        for granule, header in granules
        for name in ([Path(path).name for path in header.origins] or [granule.path.name])
    ]


def day(numbers: Day) -> str:
    """Write a (year, month, day) of any calendar as ``YYYY-MM-DD``.

    >>> day((2019, 2, 30))
    '2019-02-30'
    """
    return "{:04}-{:02}-{:02}".format(*numbers)


def _may_hold(headers: Sequence[Header | GranuleError], place: int, period: Period) -> bool:
    """Whether an unreadable granule may hold a step of the period."""
    before = [one.last for one in headers[:place] if isinstance(one, Header)]
    after = [one.first for one in headers[place:] if isinstance(one, Header)]
    return (not before or max(before) < _day(period.end)) and (
        not after or min(after) > _day(period.start)
    )


def _day(given: date) -> Day:
    return given.year, given.month, given.day


#: fields that the row of a withdrawn dataset may leave out
_BLANK = {"variable": "", "files": ""}
