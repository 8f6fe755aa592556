"""Which coordinate of a variable is time: of validity, or of a run of a forecast and its leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from csserv.catalog.read.coordinates import Variable, auxiliary, kind_of, lookup, text_of
from csserv.catalog.read.times.calendar_units import is_length, is_moment
from csserv.errors import GranuleError

#: names of dimensions of time that nothing else tells, and of lead times
TIMES = ("time", "valid_time", "t")
LEADS = ("lead", "leadtime", "lead_time", "step", "l", "forecast_hour", "fhour", "forecast_period")


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """The coordinates that tell the times of a variable.

    Attributes
    ----------
    stamp : the coordinate along the dimension of time, or of the file's one moment; None where
        the date stands in the file's name only
    run : the one run of a forecast, where ``stamp`` holds its lead times
    leads : lead times, one of which is chosen, where ``stamp`` holds the runs
    """

    stamp: Variable | None
    run: Variable | None = None
    leads: Variable | None = None

    @property
    def dimension(self) -> str:
        """Name of the dimension of time; empty where the file is of one moment."""
        return str(self.stamp.dimensions[0]) if self.stamp is not None and self.stamp.ndim else ""


def find_time(variable: Variable, taken: set[str], in_name: bool) -> TimeAxis:
    """Find the coordinates of time.

    Parameters
    ----------
    taken : dimensions of place
    in_name : whether the date stands in the file's name

    Raises
    ------
    GranuleError : there are none; says how to go on
    """
    dimensions = [name for name in variable.dimensions if name not in taken]
    coordinates = [(name, found) for name in dimensions for found in _along(variable, name)]
    if in_name:
        return _of_name(coordinates)
    for is_kind in (_is_time, _is_text):
        if found := [one for _, one in coordinates if is_kind(one)]:
            return TimeAxis(found[0])
    runs = [one for one in _every(variable, coordinates) if _is_run(one)]
    leads = [one for one in _every(variable, coordinates) if _is_lead(one)]
    if runs:
        return _of_runs(runs[0], leads[0] if leads else None)
    if found := [one for one in auxiliary(variable) if one.size == 1 and _is_time(one)]:
        return TimeAxis(found[0])
    if found := [one for name, one in coordinates if name.casefold() in TIMES]:
        return TimeAxis(found[0])  # whose units will be said to be missing
    names = ", ".join(variable.dimensions)
    raise GranuleError(
        f"no time among its dimensions {names or '(none)'}; where the date stands in the file's "
        "name, say so in the dataset's row: time_from_name = 'rain.%Y.%m.%d'"
    )


def _along(variable: Variable, dimension: str) -> Iterator[Variable]:
    """Yield the coordinate of a dimension, then others that run along it alone."""
    own = lookup(variable, dimension)
    if own is not None:
        yield own
    for one in auxiliary(variable):
        plain = one.ndim == 1 or (one.ndim == 2 and kind_of(one) == "S")
        if plain and one.name != dimension and one.dimensions[0] == dimension:
            yield one


def _every(variable: Variable, coordinates: list[tuple[str, Variable]]) -> Iterator[Variable]:
    """Yield coordinates of dimensions, then those of the whole file."""
    yield from (one for _, one in coordinates)
    yield from (one for one in auxiliary(variable) if one.size == 1)


def _of_name(coordinates: list[tuple[str, Variable]]) -> TimeAxis:
    """Take the date from the name: there can be but one step."""
    for name, one in coordinates:
        if name.casefold() in TIMES or _is_time(one):
            if one.size > 1:
                raise GranuleError(
                    f"it has {one.size} steps along {name}, so its date cannot stand in its name "
                    "(time_from_name)"
                )
            return TimeAxis(None)
    return TimeAxis(None)


def _of_runs(run: Variable, lead: Variable | None) -> TimeAxis:
    if lead is None:
        return TimeAxis(run)
    if run.size == 1 and lead.ndim:
        return TimeAxis(lead, run=run)
    return TimeAxis(run, leads=lead)


def _is_time(one: Variable) -> bool:
    standard = text_of(one, "standard_name")
    if standard in ("forecast_reference_time", "forecast_period"):
        return False
    return standard == "time" or is_moment(text_of(one, "units")) or text_of(one, "axis") == "T"


def _is_text(one: Variable) -> bool:
    """Whether it holds dates as text, as WRF's Times does."""
    return kind_of(one) in "SU" and one.name.casefold() in (*TIMES, "times", "date", "datetime")


def _is_run(one: Variable) -> bool:
    return text_of(one, "standard_name") == "forecast_reference_time"


def _is_lead(one: Variable) -> bool:
    named = one.name.casefold() in LEADS and is_length(text_of(one, "units"))
    return text_of(one, "standard_name") == "forecast_period" or named
