"""From when to when the steps of a result last, and how files count their time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cftime

from csserv.outputs.netcdf.step_times import StepTimes
from csserv.outputs.series import iso_texts

#: unit of time → how all times end that are whole ones of it, as ISO 8601 writes them
UNITS = {"hours": ":00:00", "minutes": ":00", "seconds": ""}

#: CF 1.11, 4.4: no archive tells whether its clocks counted leap seconds
LEAP_SECONDS = "leap_seconds: unknown"


@dataclass(frozen=True, eq=False)
class StepIntervals:
    """Beginnings and ends of steps, (time,) each; an end is not of its step.

    A longer step that the period cuts lasts as long as the period does: its value is of that part.
    """

    start: Sequence[cftime.datetime]
    end: Sequence[cftime.datetime]

    @classmethod
    def joined(cls, parts: Sequence[StepIntervals]) -> StepIntervals:
        """Put intervals one after the other."""
        starts, ends = (StepTimes.joined(every) for every in zip(*map(_ends, parts), strict=True))
        return cls(starts, ends)

    def pick(self, places: Sequence[int]) -> StepIntervals:
        """Keep some, in the order given."""
        return StepIntervals(
            StepTimes.of(self.start).pick(places), StepTimes.of(self.end).pick(places)
        )

    def to_dict(self, times: Sequence[cftime.datetime]) -> dict[str, list[str]]:
        """Return ends as ISO 8601, and starts unless they are the times that steps are named by."""
        end = iso_texts(self.end)
        same = StepTimes.of(times) == StepTimes.of(self.start)
        return {"end": end} if same else {"start": iso_texts(self.start), "end": end}


def _ends(one: StepIntervals) -> tuple[Sequence[cftime.datetime], Sequence[cftime.datetime]]:
    return one.start, one.end


def interval_texts(plain: Mapping[str, Any]) -> tuple[list[str], list[str]] | None:
    """Return starts and ends of the steps of a result's JSON; None where they are not known."""
    found = plain.get("intervals")
    if not found:
        return None
    return found.get("start") or plain["series"][0]["time"], found["end"]


def time_units(texts: Iterable[str]) -> str:
    """Return CF units in which times are whole numbers, so that they come back as they were.

    Parameters
    ----------
    texts : ISO 8601, the first not empty

    >>> time_units(["2019-02-01", "2019-03-01"])
    'days since 2019-02-01'
    >>> time_units(["2019-02-01T06:00:00", "2019-02-01T09:30:00"])
    'minutes since 2019-02-01'
    """
    given = list(texts)
    first = min(given)[:10]
    clocks = [text[10:] for text in given if "T" in text]
    if not clocks:
        return f"days since {first}"
    unit = next(unit for unit, tail in UNITS.items() if all(c.endswith(tail) for c in clocks))
    return f"{unit} since {first}"
