"""The rule by which steps become longer ones: where it is stated, or that nothing states it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from csserv.catalog.timeline.intervals import said_days
from csserv.errors import InvalidRequestError, shortened
from csserv.units import (
    calendar_step,
    is_accumulable,
    is_known,
    is_rate,
    is_same_kind,
    is_temperature,
)

#: words in names of quantities of which steps hold amounts
FLOWS = (
    *("precipitation", "precip ", "precip$", "rainfall", "snowfall", "evapo", "transpir"),
    *("runoff", "snowmelt", "snow melt", "rain rate", "rain amount", "rain depth", "drizzle"),
    *("infiltration", "drainage", "recharge", "baseflow", "sunshine", "radiation", "irradiation"),
    *("irradiance", "integral of", "integral wrt time"),
)

#: names of variables that say the same in a few letters
FLOW_NAMES = (
    *("rain", "rr", "pr", "tp", "cp", "lsp", "ppt", "pre", "prcp", "et", "eto", "et0", "aet"),
    *("pet", "smlt", "sf", "ro", "sro", "ssro", "ssrd", "ssr", "strd"),
)

#: words in names of quantities that steps have a state of, even where they speak of water
STATES = (
    *("moisture", "content", "storage", "snow depth", "snow amount", "snow water", "snow cover"),
    *("height", "altitude", "elevation", "water level", "sea level", "lake level", "groundwater"),
    *("canopy water", "equivalent thickness", "equivalent water thickness", "geopotential"),
    *("precipitable", "ice thickness", "thickness of ice", "thickness of sea ice"),
)

#: names of states that come without units
INDICES = (
    *("ndvi", "evi", "evi2", "savi", "ndwi", "ndmi", "lai", "fpar", "fapar", "albedo", "vhi"),
    *("vci", "tci", "esi", "spi", "spei", "scpdsi", "pdsi", "vegetation index", "leaf area index"),
)

#: CF cell method for time → rule for making longer steps
METHODS = {"sum": "sum", "maximum": "max", "minimum": "min", "mean": "mean", "point": "mean"}

#: how far the length of the data's steps may be from the calendar step of their units [1]
NEAR = 0.25


@dataclass(frozen=True)
class Quantity:
    """What is known of a variable that tells how its steps become longer ones.

    Attributes
    ----------
    units : of the data
    names : variable, standard and long name
    cell_methods : the CF attribute, or an empty text
    step_days : how long its steps are [days]; 0 where it is not known
    is_running : whether the file says that values are sums since some moment (GRIB's "accum")
    is_of_days : whether the file says that values are means of the amounts of days (GRIB's "avg…")
    classes : what its values stand for (``flag_meanings``); empty where they are numbers
    """

    units: str
    names: tuple[str, ...]
    cell_methods: str = ""
    step_days: float = 0.0
    is_running: bool = False
    is_of_days: bool = False
    classes: str = ""

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(re.sub(r"[_\W]+", " ", name.casefold()).strip() for name in self.names)

    @property
    def is_flow(self) -> bool:
        """Whether its names speak of something of which a step holds an amount."""
        return self._speaks_of(FLOWS) or any(name in FLOW_NAMES for name in self._words)

    @property
    def is_state(self) -> bool:
        """Whether its names speak of a state."""
        return self._speaks_of(STATES)

    @property
    def is_index(self) -> bool:
        """Whether its names are those of an index, which needs no units."""
        return self._speaks_of([rf"\b{word}\b" for word in INDICES])

    def _speaks_of(self, words: Sequence[str]) -> bool:
        return any(re.search("|".join(words), name) for name in self._words)

    @property
    def of_classes(self) -> str:
        """That its values are classes, for a message."""
        return f"the values of {self.text} are classes ({shortened(self.classes, 60)})"

    @property
    def text(self) -> str:
        """Name and units, for a message."""
        return f"{self.names[0]} [{self.units or 'no units'}]"


def time_rule(quantity: Quantity, own: str = "") -> str:
    """Choose how longer steps are made: "rate", "sum", "mean", "max" or "min".

    "rate": a flux (mm/day) is multiplied by its time and added up. "sum": amounts (mm or kg m-2 a
    step) are added up. "mean": states are averaged over time. The first of these that is known
    decides: what is asked for (``own``), the CF cell method for time, the units, and for units of
    amounts and states alike the names.

    Parameters
    ----------
    own : ``over_time`` of the request, or of the catalog row

    Raises
    ------
    InvalidRequestError : nothing says it; the message says what was found, and how to go on
    """
    rate = is_rate(quantity.units, quantity.is_flow and not quantity.is_state)
    if quantity.classes and own not in ("max", "min"):
        raise InvalidRequestError(
            f"{quantity.of_classes}, which have no mean or sum over time: ask for over_time max or "
            "min, or for native steps"
        )
    if own:
        if own == "sum" and not rate:
            _check_calendar_step(quantity)
        return "rate" if own == "sum" and rate else own
    _check_running(quantity)
    method = _time_method(quantity.cell_methods)
    if method in ("max", "min"):
        return method
    if rate:
        return "rate"
    if calendar_step(quantity.units):
        return _of_calendar_step(quantity)
    if method == "sum":
        if is_temperature(quantity.units):
            raise _unsaid(quantity, "its cell_methods say sum, but temperatures have none")
        return method
    return _by_units(quantity, method)


def _by_units(quantity: Quantity, method: str) -> str:
    """Decide by units, then by names; ``method`` is "mean", "?" for one that is not known, or none.

    Only where units may be those of an amount or of a state, as millimetres are, names decide.
    """
    if method == "?":
        raise _unsaid(quantity, f"its cell_methods are {quantity.cell_methods!r}")
    if is_accumulable(quantity.units):
        if quantity.is_flow == quantity.is_state:
            if method:
                return method
            raise _unsaid(quantity, "it may be an amount of each step, or a state")
        if quantity.is_flow and method:
            raise _unsaid(quantity, "it looks like an amount, but its cell_methods say mean")
        return "sum" if quantity.is_flow else "mean"
    is_bare = is_known(quantity.units) and is_same_kind(quantity.units, "1")
    if is_bare and quantity.is_flow and not method:
        raise _unsaid(quantity, "it looks like an amount, but its units are none of an amount")
    if method or is_known(quantity.units):
        return "mean"
    if quantity.is_index or (quantity.is_state and not quantity.is_flow):
        return "mean"
    raise _unsaid(quantity, "its units are not known")


def _of_calendar_step(quantity: Quantity) -> str:
    if is_accumulable(quantity.units):
        _check_calendar_step(quantity)
        return "sum"
    raise _unsaid(quantity, "it may be an amount of each step, or a trend")


def _check_calendar_step(quantity: Quantity) -> None:
    """See that amounts of a calendar step are those of the data's steps.

    Raises
    ------
    InvalidRequestError : the data have other steps
    """
    step = calendar_step(quantity.units)
    wanted = said_days(step)
    if not step or not quantity.step_days or not wanted:
        return
    if abs(quantity.step_days / wanted - 1) > NEAR:
        raise InvalidRequestError(
            f"{quantity.text} is an amount of a step of a {step}, but the steps of the data are of "
            f"{quantity.step_days:.3g} days: say units, and scale, in the dataset's row, or ask "
            "for a mean over time (over_time = 'mean')"
        )


def _check_running(quantity: Quantity) -> None:
    """See that values are no sums since the beginning of a day, which grow from step to step.

    Raises
    ------
    InvalidRequestError : they may be: ERA5's hours hold an hour each, those of ERA5-Land all since
        00 UTC, and both say the same of themselves. Or they are means of such sums by month, in m
        and not in m/day
    """
    if quantity.is_running and 0 < quantity.step_days < 1:
        raise InvalidRequestError(
            f"{quantity.text} may be the amount of each step, or the sum since the beginning of "
            "the day (GRIB_stepType is accum): say over_time = 'sum' or over_time = 'accumulated' "
            "in the dataset's row; `csserv datasets add` finds it out from the numbers"
        )
    is_amount = is_accumulable(quantity.units) and quantity.is_flow and not quantity.is_state
    if quantity.is_of_days and quantity.step_days > 1 and is_amount:
        raise InvalidRequestError(
            f"{quantity.text} is the mean of amounts of days (GRIB_stepType begins with avg), as "
            f"in monthly means of ECMWF: say units = '{quantity.units}/day' in the dataset's row, "
            "or how steps become longer ones (over_time)"
        )


def _unsaid(quantity: Quantity, why: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"nothing says how steps of {quantity.text} become longer ones: {why}; say over_time "
        "(sum, mean, max or min) in the request or in the dataset's row, or ask for native steps"
    )


def _time_method(cell_methods: str) -> str:
    """Return the (last) method for time; "?" for one that is not known; empty for none."""
    found = re.findall(r"\btime *: *(?:\w+ *: *)*(\w+)", cell_methods)
    return METHODS.get(found[-1], "?") if found else ""
