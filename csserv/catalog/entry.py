"""One dataset: its row of the table, and the files (granules) that hold its data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import shapely

from csserv.catalog.header_store.known_headers import Headers
from csserv.catalog.header_store.patient_reader import Found
from csserv.catalog.listing import list_files
from csserv.catalog.read.corrections import Corrections
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.granule import Granule
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.header import Header
from csserv.catalog.read.origins import superseded
from csserv.catalog.row_fields import Row, entry_fields
from csserv.catalog.timeline.coverage import Coverage, measure
from csserv.catalog.timeline.intervals import said_days
from csserv.catalog.timeline.running_sums import ACCUMULATED, whole_days
from csserv.catalog.timeline.steps_of_files import TimeRules, lay_timeline
from csserv.catalog.timeline.timeline import Timeline
from csserv.errors import EmptySelectionError, GranuleError
from csserv.notes import Note
from csserv.request import Area, Options, Period
from csserv.request.period import Day


@dataclass(frozen=True)
class CatalogEntry:
    """One dataset: its row of ``datasets.toml``, and the folder its files lie in."""

    name: str
    title: str
    variable: str
    files: str  #: glob of its files, relative to the data folder
    data: Path
    number: int | None = None  #: ClimateSERV's datatype number
    aliases: tuple[str, ...] = ()  #: other names of the variable in the files, tried in order
    units: str = ""  #: in place of the files'; in the built-in table, where they do not say it
    missing: tuple[float, ...] = ()  #: stored numbers that mean missing, besides the files'
    valid: tuple[float | None, float | None] = (None, None)  #: lowest and highest value, unpacked
    scale: float | None = None  #: in place of the files' scale_factor
    offset: float | None = None  #: in place of the files' add_offset
    time_step: str = ""
    over_time: str = ""  #: "sum", "mean", "max", "min" or "accumulated": how steps become longer
    time_at: str = ""  #: "start", "end" or "centre": where in its step a time stamp stands
    time_from_name: str = ""  #: where the date stands in a file's name, as strptime writes it
    bands: str = ""  #: "steps" or "further": what bands are that say no dates
    crs: str = ""  #: of the horizontal axes, in place of the files'
    prefer: str | tuple[str, ...] = ""  #: "final", "newer", or patterns of names, the best first
    source: str = ""
    licence: str = ""
    citation: str = ""
    description: str = ""
    resolution: str = ""  #: in words, as its makers state it
    region: str = ""
    old_name: str = ""  #: what ClimateSERV once called it
    select: Mapping[str, Any] = field(default_factory=dict, hash=False)  #: of other dimensions
    synthetic: str = ""  #: how its data were made up, where they are
    withdrawn: str = ""  #: why it is no more, where it is so
    built_in: bool = False  #: whether the row is csserv's own
    headers: Headers = field(default_factory=Headers, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        name: str,
        data: Path,
        row: Row,
        built_in: bool = False,
        headers: Headers | None = None,
    ) -> Self:
        """Make it of a row that was checked.

        Parameters
        ----------
        headers : what is known of files; the entry reads them by itself if not given
        """
        own: Row = {"name": name, "data": data, "built_in": built_in}
        return cls(**_BLANK | entry_fields(row) | own, headers=headers or Headers())

    @cached_property
    def corrections(self) -> Corrections:
        """What the row says in place of the files.

        The units of the built-in table are those that the makers publish, and correct no file.
        """
        of_bands = self.bands == "steps"
        return Corrections(
            aliases=self.aliases,
            missing=self.missing,
            valid=self.valid,
            scale=self.scale,
            offset=self.offset,
            units="" if self.built_in else self.units,
            crs=self.crs,
            time_from_name="" if of_bands else self.time_from_name,
            first_band=self.time_from_name if of_bands else "",
            band_step=self.time_step if of_bands else "",
        )

    def granule(self, path: Path) -> Granule:
        """Take a file as one of the dataset."""
        return Granule(path, self.variable, self.corrections)

    @property
    def is_here(self) -> bool:
        """Whether the dataset has files on this machine and was not withdrawn."""
        return not self.withdrawn and self.headers.has_files(self.data, self.files)

    @property
    def granules(self) -> list[Granule]:
        """All files of the dataset on this machine, in the order of their names.

        Hidden files, or files in hidden folders (a name that begins with a dot), are unfinished
        drafts and left out.
        """
        return [self.granule(path) for path in list_files(self.data, self.files)]

    def describe(self) -> dict[str, Any]:
        """Return the fields that describe the dataset, for listings and a result's provenance."""
        return dict(self._description)

    @cached_property
    def _description(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in DESCRIBED}

    def record(self) -> dict[str, Any]:
        """Describe the dataset and the corrections of its row, for the provenance of a result."""
        given = {name: getattr(self, name) for name in CORRECTION_FIELDS}
        lists = {n: list(one) if isinstance(one, tuple) else one for n, one in given.items()}
        unsaid: tuple[Any, ...] = ("", [], None, [None, None])
        stated = {name: one for name, one in lists.items() if one not in unsaid}
        return self.describe() | {"corrections": stated}

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
            f"{self.files}; to add it, fetch it (`csserv fetch --list` says what can be), put its "
            "files there, or say where they are with `csserv datasets add`; `csserv sample-data` "
            "makes samples of some"
        )

    def coverage(self, found: Found | None = None) -> Coverage:
        """Return the period, grid and units of the dataset's files, and their missing steps.

        Parameters
        ----------
        found : headers of all its files; they are looked for if not given

        Raises
        ------
        EmptySelectionError : it was withdrawn, or has no files here
        GranuleError : none of its files is readable
        """
        headers = found or self._found()
        kept = self.headers.answers(self)
        return kept.of(headers, "coverage", lambda: measure(self._timeline_of(headers)))

    def covering(self, period: Period, options: Options | None = None) -> Timeline:
        """Find the steps of the period.

        Raises
        ------
        EmptySelectionError : no files here, or none holds a day of the period; says what there is
        GranuleError : a file that may hold a step of the period is unreadable, or files disagree
        """
        return self.covering_of(self.timeline_for(period, options or Options()), period)

    def timeline_for(self, period: Period, options: Options) -> Timeline:
        """Put all its steps in order, as a request needs them.

        Sums since 00 UTC become sums of days where longer steps are asked for.

        Raises
        ------
        EmptySelectionError : it was withdrawn, or has no files here
        GranuleError : a file that may hold a step of the period is unreadable
        InvalidRequestError : its row says that values grow from 00 UTC on, and they cannot
        """
        every = self.timeline(period, dict(options.select))
        if self.over_time != ACCUMULATED:
            return every
        if options.makes_longer:
            return whole_days(every)
        told = Note("accumulated", "each value is the sum since 00 UTC, as the files have it")
        return replace(every, notes=(*every.notes, told))

    def covering_of(self, every: Timeline, period: Period) -> Timeline:
        """Find, of all its steps, those of the period.

        Raises
        ------
        EmptySelectionError : there are none; says what there is
        GranuleError : files disagree about some of them
        """
        found = every.within(period)
        if not len(found):
            first, last = (day((t.year, t.month, t.day)) for t in every.ends)
            raise EmptySelectionError(
                f"{self.name} has no data in {period}; it has {first} to {last}"
            )
        found.check()
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
        """First and last day of the data on this machine."""
        first, last = self.timeline().ends
        return (first.year, first.month, first.day), (last.year, last.month, last.day)

    def superseded(self) -> list[Path]:
        """List the files whose data others of the dataset hold already; nobody reads them."""
        headers = self._look()
        known = {path: one.origins for path, one in headers.items() if isinstance(one, Header)}
        return sorted(superseded(known))

    def check_readable(self) -> None:
        """See that all files can be read.

        Raises
        ------
        GranuleError : one cannot
        """
        for one in self._look().values():
            if isinstance(one, GranuleError):
                raise one

    def _look(self) -> Found:
        return self.headers.look(self.data, self.files, self.granule)

    def timeline(
        self, period: Period | None = None, chosen: Mapping[str, str] | None = None
    ) -> Timeline:
        """Put the steps of all its readable files in order, without files that others supersede.

        A file that cannot be read is an error only where it may hold a step of the period: its
        place among the names of the others tells which days it has.
        """
        found = self._found()
        # whatever the period, if all files can be read; what cannot is looked at anew each time
        kept, question = self.headers.answers(self), tuple(sorted((chosen or {}).items()))
        return kept.of(found, question, lambda: self._timeline_of(found, period, chosen))

    def _found(self) -> Found:
        headers = {} if self.withdrawn else self._look()
        if not headers:
            raise EmptySelectionError(self.unavailable_reason)
        return headers

    def _timeline_of(
        self,
        headers: Found,
        period: Period | None = None,
        chosen: Mapping[str, str] | None = None,
    ) -> Timeline:
        seen = list(headers.values())
        readable = {path: one for path, one in headers.items() if isinstance(one, Header)}
        skipped = []
        for place, (path, error) in enumerate(headers.items()):
            if isinstance(error, GranuleError):
                if not readable or (period and _may_hold(seen, place, period)):
                    raise error
                skipped.append(Note("files_skipped", str(error), path.name))
        older = superseded({path: header.origins for path, header in readable.items()})
        pairs = [
            (self.granule(path), header)
            for path, header in readable.items()
            if not older or path not in older
        ]
        found = lay_timeline(pairs, self.time_rules, dict(self.select) | dict(chosen or {}))
        return replace(found, notes=(*self._own_notes(), *found.notes, *skipped))

    def _own_notes(self) -> Iterator[Note]:
        if self.synthetic:
            yield Note("synthetic", f"synthetic data, not observations: {self.synthetic}")

    @property
    def time_rules(self) -> TimeRules:
        """What the row says of its steps."""
        at_end = "end" if self.over_time == ACCUMULATED else ""  # a sum is one up to its stamp
        return TimeRules(self.time_at or at_end, said_days(self.time_step), self.prefer)


#: fields of a dataset that ``CatalogEntry.describe`` returns
DESCRIBED = (
    *("name", "title", "number", "description", "variable", "units", "time_step", "resolution"),
    *("region", "source", "licence", "citation"),
)


#: fields that correct what files say, or complete it; results depend on them
CORRECTION_FIELDS = (
    *("aliases", "missing", "valid", "scale", "offset", "over_time"),
    *("time_at", "time_from_name", "bands", "crs", "prefer"),
)


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


#: of a dataset that was withdrawn, and so needs no files
_BLANK: Row = {"variable": "", "files": ""}
