"""What a person wants to know of a dataset before asking: from when to when, how fine, gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

import cftime
import numpy as np

from csserv.catalog import CatalogEntry
from csserv.request.period import Day
from csserv.zonal.timestep import NATIVE, TIME_STEPS, step_lengths

#: length of a step, about [days] → its word
WORDS = {1.0: "daily", 5.0: "every 5 days", 7.0: "weekly", 10.0: "every 10 days"}
LONGER = {30.4: "monthly", 91.3: "every 3 months", 365.2: "yearly"}


@dataclass(frozen=True)
class Gap:
    """Steps that are missing between two that are there."""

    after: Day
    before: Day
    steps: int


@dataclass(frozen=True)
class Facts:
    """What the files of a dataset say, all together."""

    name: str
    title: str
    units: str
    first: date
    last: date
    step_days: float
    steps: int
    files: int
    rows: int
    columns: int
    cell: tuple[float, float]  #: of latitude and longitude, about [degrees]
    bounds: tuple[float, float, float, float]
    gaps: tuple[Gap, ...]
    updated: str  #: when the latest file was written, UTC
    further: tuple[tuple[str, tuple[str, ...]], ...]  #: dimensions to choose of, and their labels

    @classmethod
    def of(cls, entry: CatalogEntry) -> Facts:
        """Read the headers of the files of a dataset.

        Raises
        ------
        EmptySelectionError : it has no files on this machine
        GranuleError : none of them is readable
        """
        headers = [header for _, header in entry.by_time()]
        times = sorted({time for header in headers for time in header.times})
        lengths = step_lengths(times, entry.step_days)
        grid = headers[0].grid
        west, south, east, north = grid.bounds
        written = max(header.signature[2] for header in headers) / 1e9
        return cls(
            name=entry.name,
            title=entry.title,
            units=headers[0].units or entry.units,
            first=as_date(times[0]),
            last=as_date(times[-1]),
            step_days=float(np.median(lengths)),
            steps=len(times),
            files=len(headers),
            rows=grid.rows,
            columns=grid.columns,
            cell=((north - south) / grid.rows, (east - west) / grid.columns),
            bounds=_within_the_map(west, south, east, north),
            gaps=_gaps(times),
            updated=datetime.fromtimestamp(written, UTC).strftime("%Y-%m-%d %H:%M UTC"),
            further=tuple((one.name, one.labels) for one in headers[0].further),
        )

    @property
    def step(self) -> str:
        """The step of the data in a word."""
        words = WORDS | LONGER
        nearest = min(words, key=lambda days: abs(np.log(days / self.step_days)))
        if abs(np.log(nearest / self.step_days)) < 0.15:
            return words[nearest]
        hours = self.step_days * 24
        return f"every {hours:.3g} hours" if hours < 24 else f"every {self.step_days:.3g} days"

    @property
    def time_steps(self) -> list[str]:
        """The time steps that can be asked for: the data's own, and longer ones."""
        longer = [name for name, days in TIME_STEPS.items() if days > self.step_days * 1.05]
        return [NATIVE, *longer]

    @property
    def missing(self) -> int:
        """How many steps the gaps lack."""
        return sum(gap.steps for gap in self.gaps)


def as_date(time: cftime.datetime) -> date:
    """Bring a time of any calendar to a day that a person can choose, the last of its month."""
    for day in range(time.day, 0, -1):
        try:
            return date(time.year, time.month, day)
        except ValueError:  # 30 February
            continue
    raise AssertionError("each month has a first day")


def _gaps(times: list[cftime.datetime]) -> tuple[Gap, ...]:
    if len(times) < 3:
        return ()
    days = np.array([(b - a).total_seconds() / 86400 for a, b in pairwise(times)])
    usual = float(np.median(days))
    return tuple(
        Gap(_day(times[i]), _day(times[i + 1]), round(days[i] / usual) - 1)
        for i in np.flatnonzero(days > 1.5 * usual).tolist()
    )


def _day(time: cftime.datetime) -> Day:
    return time.year, time.month, time.day


def _within_the_map(
    west: float, south: float, east: float, north: float
) -> tuple[float, float, float, float]:
    """Bring the longitudes of a grid to those of the map; one that goes round has all."""
    if east - west >= 359.9 or (west < 180 < east):
        return -180.0, south, 180.0, north
    turn = 360.0 * np.floor((west + 180.0) / 360.0)
    return float(west - turn), south, float(east - turn), north
