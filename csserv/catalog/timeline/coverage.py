"""What a dataset's files cover: first and last step, time step, gaps, grid, units and size."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import cftime
import numpy as np

from csserv.catalog.read.axes import Further
from csserv.catalog.read.curved_grid import CurvedGrid
from csserv.catalog.read.grid import Grid
from csserv.catalog.read.times.calendar_units import to_dates
from csserv.catalog.timeline.frequency import Frequency, moment
from csserv.catalog.timeline.timeline import Timeline
from csserv.request import Period

Box = tuple[float, float, float, float]

#: number of steps over which a mean length is taken: 6 years of months, 2 of dekads, 1 of pentads
MANY = 72


@dataclass(frozen=True)
class Gap:
    """A run of missing steps: its first and last day in the data's calendar, ``YYYY-MM-DD``.

    Where steps are shorter than a day: the times of its first and last step,
    ``YYYY-MM-DDThh:mm``.
    """

    first: str
    last: str
    steps: int


@dataclass(frozen=True)
class Missing:
    """The steps that a period should have by the data's frequency, but that no file holds."""

    steps: int
    runs: tuple[Gap, ...]


@dataclass(frozen=True)
class Coverage:
    """What a dataset's files on this machine cover.

    Attributes
    ----------
    first, last : days of the first and the last step, ``YYYY-MM-DD`` in the data's calendar; with
        the time (``Thh:mm``) where steps are shorter than a day
    steps : number of distinct times in all files
    time_step : hourly, daily, weekly, pentad, dekad, half-monthly, monthly, seasonal, yearly,
        "3 days", …; "irregular" where no frequency is found, and so no missing steps are known
    calendar : CF name of the first file's calendar
    units : of the values, as the files state them; empty where they do not
    gaps : runs of missing steps between the first and the last one
    updated : when the newest file was last modified, UTC
    bounds : (west, south, east, north) [degrees]
    resolution : (width, height) of a cell [degrees]; the mean where cell sizes differ
    rows, columns : of the grid
    bytes, files : size and number of the files on disk
    further : dimensions other than time, latitude and longitude, with their labels
    fill : the number that stands for missing values, where the files state one
    frequency : the rule that says which steps there should be; None where none is found
    """

    first: str
    last: str
    steps: int
    time_step: str
    calendar: str
    units: str
    gaps: tuple[Gap, ...]
    updated: str
    bounds: Box
    resolution: tuple[float, float]
    rows: int
    columns: int
    bytes: int
    files: int
    further: tuple[Further, ...]
    fill: float | None
    frequency: Frequency | None
    holes: tuple[range, ...]  #: ``gaps`` as step numbers of the frequency
    ends: range  #: step numbers from the first step to the last one, both included

    @property
    def step_days(self) -> float:
        """Mean length of a step [days]; 0 where there is no frequency."""
        if self.frequency is None:
            return 0.0
        first = self.ends.start
        span = self.frequency.begin(first + MANY) - self.frequency.begin(first)
        return float(span.total_seconds() / 86400 / MANY)

    @property
    def lacking(self) -> int:
        """Number of missing steps in all gaps together."""
        return sum(gap.steps for gap in self.gaps)

    def missing(self, period: Period) -> Missing:
        """Find the steps of a period that no file holds: in gaps, before the first, after the last.

        None are found where there is no frequency.
        """
        if self.frequency is None:
            return Missing(0, ())
        start = moment(period.first, self.calendar)
        wanted = self.frequency.due(start, moment(period.last, self.calendar, after=True))
        before = range(wanted.start, min(self.ends.start, wanted.stop))
        after = range(max(self.ends.stop, wanted.start), wanted.stop)
        inner = (
            range(max(hole.start, wanted.start), min(hole.stop, wanted.stop)) for hole in self.holes
        )
        runs = [run for run in (before, *inner, after) if run]
        return Missing(sum(map(len, runs)), tuple(_gap(self.frequency, run) for run in runs))

    def to_dict(self) -> dict[str, Any]:
        """Return the public fields as plain values that JSON can hold."""
        inner = ("frequency", "holes", "ends", "further")
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in inner}
        return plain | {
            "gaps": [asdict(gap) for gap in self.gaps],
            "bounds": list(self.bounds),
            "resolution": list(self.resolution),
            "further": {one.name: list(one.labels) for one in self.further},
        }


def measure(timeline: Timeline) -> Coverage:
    """Sum up what the files of a dataset say.

    Parameters
    ----------
    timeline : all steps of the dataset; at least one
    """
    headers = [header for _, header in timeline.granules]
    frequency, numbers = timeline.frequency, timeline.numbers
    found = numbers.tolist()
    open_ends = np.flatnonzero(np.diff(numbers) > 1).tolist() if frequency else []
    holes = tuple(range(found[i] + 1, found[i + 1]) for i in open_ends)
    one = headers[0]
    newest = max(header.signature.mtime_ns for header in headers) / 1e9
    short = frequency is not None and frequency.is_short
    ends = to_dates(timeline.start[[0, -1]], timeline.calendar)
    return Coverage(
        first=_written(ends[0], short),
        last=_written(ends[-1], short),
        steps=len(timeline),
        time_step=frequency.name if frequency else "irregular",
        calendar=timeline.calendar,
        units=one.units,
        gaps=tuple(_gap(frequency, hole) for hole in holes) if frequency else (),
        updated=datetime.fromtimestamp(newest, UTC).isoformat(timespec="seconds")[:19] + "Z",
        bounds=_box(one.grid),
        resolution=(round(one.grid.dlon, 6), round(one.grid.dlat, 6)),
        rows=one.grid.rows,
        columns=one.grid.columns,
        bytes=sum(header.signature.size for header in headers),
        files=len(headers),
        further=one.further,
        fill=one.fill,
        frequency=frequency,
        holes=holes,
        ends=range(found[0], found[-1] + 1),
    )


def _gap(frequency: Frequency, run: range) -> Gap:
    """Make the gap of a run of step numbers."""
    short = frequency.is_short
    first, stop = frequency.begin(run.start), frequency.begin(run.stop)
    last = frequency.begin(run.stop - 1) if short else stop - timedelta(days=1)
    return Gap(_written(first, short), _written(last, short), len(run))


def _written(time: cftime.datetime, with_time: bool) -> str:
    day = f"{time.year:04}-{time.month:02}-{time.day:02}"
    return f"{day}T{time.hour:02}:{time.minute:02}" if with_time else day


def _box(grid: Grid | CurvedGrid) -> Box:
    """Return the edges of a grid, with its west edge in -180..180."""
    west, south, east, north = grid.bounds
    if grid.is_cyclic:
        return -180.0, round(south, 6), 180.0, round(north, 6)
    turn = 360.0 * np.floor((west + 180.0) / 360.0)
    low, high = float(west - turn), float(east - turn)
    return round(low, 6), round(float(south), 6), round(high, 6), round(float(north), 6)
