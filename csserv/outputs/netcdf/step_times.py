"""The times of many steps as numbers: dates and texts are made where somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # slow to import, and `import csserv` reads this module
    import cftime

#: what the seconds count from
EPOCH = "seconds since 1970-01-01"

#: calendars whose dates are those of numpy from 1582-10-15 on, and how far both write alike
REAL = ("standard", "proleptic_gregorian")
FIRST, AFTER = (int(np.datetime64(day, "s").astype(int)) for day in ("1582-10-15", "10000-01-01"))

DAY = 86400


@dataclass(frozen=True, eq=False)
class StepTimes(Sequence["cftime.datetime"]):
    """Times as whole seconds; a sequence of dates.

    Forty years of days are 117 kB, and as dates 0.1 s to send to a worker.

    Attributes
    ----------
    seconds : (n,) since ``EPOCH``
    calendar : cftime's name of it
    """

    seconds: NDArray[np.int64]
    calendar: str

    @classmethod
    def of(cls, times: Sequence[cftime.datetime]) -> StepTimes:
        """Count the seconds of dates, at least one, all of a calendar."""
        if isinstance(times, StepTimes):
            return times
        import cftime

        calendar = str(times[0].calendar)
        found = np.rint(cftime.date2num(list(times), EPOCH, calendar))
        return cls(found.astype(np.int64), calendar)

    @classmethod
    def joined(cls, parts: Iterable[Sequence[cftime.datetime]]) -> StepTimes:
        """Put times one after the other; a part at least is not empty."""
        every = [cls.of(one) for one in parts if len(one)]
        return cls(np.concatenate([one.seconds for one in every]), every[0].calendar)

    def pick(self, places: Sequence[int]) -> Self:
        """Keep some, in the order given."""
        return type(self)(self.seconds[np.asarray(places, np.int64)], self.calendar)

    @cached_property
    def dates(self) -> tuple[cftime.datetime, ...]:
        """All of them as dates."""
        import cftime

        if not len(self.seconds):
            return ()
        return tuple(
            cftime.num2date(self.seconds, EPOCH, self.calendar, only_use_cftime_datetimes=True)
        )

    @cached_property
    def texts(self) -> list[str] | None:
        """All as ISO 8601, midnight as the day alone; None of a calendar that numpy does not know.

        >>> StepTimes(np.array([0, 3600]), "standard").texts
        ['1970-01-01', '1970-01-01T01:00:00']
        """
        seconds = self.seconds
        if self.calendar not in REAL or not len(seconds):
            return None
        if seconds.min() < FIRST or seconds.max() >= AFTER:
            return None
        return [*_texts(seconds.tobytes())]

    @property
    def is_daily(self) -> bool:
        """Whether no day has more than one step."""
        return bool((np.diff(np.sort(self.seconds // DAY)) > 0).all())

    def __len__(self) -> int:
        return len(self.seconds)

    @overload
    def __getitem__(self, place: int) -> cftime.datetime: ...

    @overload
    def __getitem__(self, place: slice) -> StepTimes: ...

    def __getitem__(self, place: int | slice) -> cftime.datetime | StepTimes:
        if isinstance(place, slice):
            return StepTimes(self.seconds[place], self.calendar)
        return self.dates[place]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StepTimes):
            same = self.calendar == other.calendar
            return same and np.array_equal(self.seconds, other.seconds)
        return isinstance(other, Sequence) and self.dates == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, Any]:
        return {"seconds": self.seconds, "calendar": self.calendar}


@lru_cache(maxsize=4)  # requests often repeat a period, and one has both starts and ends
def _texts(seconds: bytes) -> tuple[str, ...]:
    moments = np.frombuffer(seconds, np.int64).astype("M8[s]")
    texts: list[str] = np.datetime_as_string(moments.astype("M8[D]")).tolist()
    for place in np.flatnonzero(moments != moments.astype("M8[D]")).tolist():
        texts[place] = str(moments[place])
    return tuple(texts)
