"""Which datasets exist, and which files hold them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import shapely

from csserv.catalog.granule import Granule, Header
from csserv.catalog.listing import files, look
from csserv.catalog.origins import superseded
from csserv.errors import EmptySelectionError, GranuleError, SettingsError, UnknownDatasetError
from csserv.request import Area, Period
from csserv.request.period import Day

BUILT_IN = Path(__file__).parent / "datasets.toml"

#: words for the step of a dataset, and their length, about [days]
STEP_DAYS = {"hour": 1 / 24, "day": 1.0, "pentad": 5.0, "dekad": 10.0, "month": 30.4, "year": 365.2}


@dataclass(frozen=True)
class CatalogEntry:
    """One dataset: a row of ``datasets.toml`` and the folder of the data."""

    name: str
    title: str
    variable: str
    files: str  #: glob below the data folder
    data: Path
    number: int | None = None  #: ClimateSERV's datatype number
    units: str = ""  #: where the files do not say it
    time_step: str = ""
    over_time: str = ""  #: "sum", "mean", "max" or "min", where files do not say how steps add up
    source: str = ""
    licence: str = ""
    citation: str = ""

    @property
    def granules(self) -> list[Granule]:
        """All files of the dataset on this machine, in the order of their names.

        Hidden ones, whose name or folder begins with a dot, are drafts of something.
        """
        return [Granule(path, self.variable) for path in files(self.data, self.files)]

    @property
    def step_days(self) -> float:
        """How long a step is, about, for data that hold but one [days]."""
        return STEP_DAYS.get(self.time_step, 1.0)

    def describe(self) -> dict[str, Any]:
        """Say what the dataset is, for lists and for the provenance of a result."""
        names = ("name", "title", "number", "units", "time_step", "source", "licence", "citation")
        return {name: getattr(self, name) for name in names}

    def covering(self, period: Period) -> list[tuple[Granule, Header]]:
        """Find the granules that hold a step of the period, in time order.

        Raises
        ------
        EmptySelectionError : no files here, or none holds a day of the period; says what there is
        GranuleError : a file that may hold a step of the period is unreadable
        """
        every = self.by_time(period)
        found = [pair for pair in every if pair[1].steps(period)]
        if not found:
            first, last = every[0][1].first, max(header.last for _, header in every)
            raise EmptySelectionError(
                f"{self.name} has no data in {period}; it has {day(first)} to {day(last)}"
            )
        return found

    def check_area(self, area: Area) -> None:
        """Refuse an area that misses the grid altogether, saying what there is."""
        grid = self.by_time()[0][1].grid
        if not any(shapely.intersects(zone.geometry, grid.frame) for zone in area.zones):
            west, south, east, north = grid.bounds
            raise EmptySelectionError(
                f"{area.title} lies outside {self.name}, which covers longitude {west:g} to "
                f"{east:g}, latitude {south:g} to {north:g}"
            )

    def extent(self) -> tuple[Day, Day]:
        """First and last day of the data on this machine."""
        every = self.by_time()
        return every[0][1].first, max(header.last for _, header in every)

    def superseded(self) -> list[Path]:
        """List the files whose data others of the dataset hold already; nobody reads them."""
        headers = look(self.data, self.files, self.variable)
        known = {path: one.origins for path, one in headers.items() if isinstance(one, Header)}
        return sorted(superseded(known))

    def by_time(self, period: Period | None = None) -> list[tuple[Granule, Header]]:
        """List the granules that are readable, in time order, without those superseded.

        One that is not is an error only where it may hold a step of the period: its place
        among the names of the others tells which days it has.
        """
        headers = look(self.data, self.files, self.variable)
        if not headers:
            raise EmptySelectionError(
                f"{self.name} has no files on this machine (looked for {self.files} "
                "below CSSERV_DATA; `csserv sample-data` makes the samples)"
            )
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
            if path not in older
        ]
        return sorted(found, key=lambda pair: (pair[1].first, pair[0].path.name))


class Catalog(Mapping[str, CatalogEntry]):
    """Dataset name → entry; a ClimateSERV number, or its digits, finds the entry as well."""

    def __init__(self, entries: Iterable[CatalogEntry]) -> None:
        self._entries = {entry.name: entry for entry in entries}

    @classmethod
    def read(cls, data: Path, own: Path | None = None) -> Self:
        """Read the built-in table, then the user's own, whose rows win.

        Raises
        ------
        SettingsError : a file is missing, is no TOML, or a row has a wrong or missing name
        """
        tables: dict[str, dict[str, Any]] = {}
        for path in [BUILT_IN, *([own] if own else [])]:
            tables |= _tables(path)
        return cls(_entry(name, table, data) for name, table in tables.items())

    def __getitem__(self, name: str) -> CatalogEntry:
        entry = self._entries.get(name) or self._numbered.get(str(name))
        if entry is None:
            raise UnknownDatasetError(str(name), self)
        return entry

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @cached_property
    def _numbered(self) -> dict[str, CatalogEntry]:
        return {str(e.number): e for e in self._entries.values() if e.number is not None}


def file_names(granules: Iterable[tuple[Granule, Header]]) -> list[str]:
    """Name the files of granules; for one made of others, those."""
    return [
        name
        for granule, header in granules
        for name in ([Path(path).name for path in header.origins] or [granule.path.name])
    ]


def day(numbers: Day) -> str:
    """Write a day of any calendar.

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


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the catalog {path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"the catalog {path} is no TOML: {error}") from None


def _entry(name: str, table: dict[str, Any], data: Path) -> CatalogEntry:
    allowed = {field.name for field in fields(CatalogEntry)} - {"name", "data"}
    if wrong := set(table) - allowed:
        raise SettingsError(
            f"dataset {name}: unknown {', '.join(sorted(wrong))}; "
            f"allowed are {', '.join(sorted(allowed))}"
        )
    if (over_time := table.get("over_time", "")) not in ("", "sum", "mean", "max", "min"):
        raise SettingsError(
            f"dataset {name}: over_time is {over_time!r}; allowed are sum, mean, max, min"
        )
    if lacking := {"title", "variable", "files"} - set(table):
        raise SettingsError(f"dataset {name} lacks {', '.join(sorted(lacking))}")
    return CatalogEntry(name=name, data=data, **table)
