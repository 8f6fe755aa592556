"""Options of a request: time step, units, weighting, and the choice of further dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args

from csserv.errors import InvalidRequestError
from csserv.request.reference import read_reference

#: names of the ways to weight cells
Weighting = Literal["area", "centre", "share"]
WEIGHTINGS: tuple[str, ...] = get_args(Weighting)

#: most steps that one step of a result may hold
MOST_ACCUMULATED = 1000

#: how longer steps can be made
OverTime = Literal["sum", "mean", "max", "min"]
OVER_TIME: tuple[str, ...] = get_args(OverTime)

#: whether the year of a step is part of what it is compared with
OwnYear = Literal["in", "out"]
OWN_YEAR: tuple[str, ...] = get_args(OwnYear)


#: options that are pairs of a name and a value
PAIRS = ("select", "index_options")


@dataclass(frozen=True)
class Options:
    """The options of a request.

    Attributes
    ----------
    time_step : "native" (the data's own) or a longer one (``csserv.zonal.over_time.timestep``)
    least_valid : share of a longer step that must have data, cell by cell [%], or it is missing
    over_time : how longer steps are made: one of ``OVER_TIME``; as the data need it if empty
    accumulate : how many time steps each step of the result holds: itself and those before it, so
        that monthly steps with 3 are rolling sums of three months; 1 to ``MOST_ACCUMULATED``
    units : of the series; those that the operation gives if empty
    weighting : "area": exact shares of cells; "centre": whole cells by their centre, as in older
        services; "share": covered shares of cells, whatever their area, as exactextract has them
    against : first and last year of the reference that says what is normal, such as "1991/2020";
        "default" for what suits the dataset; empty to compare with nothing
    own_year : "in" or "out": whether a step's own year is part of what it is compared with
    index : in place of the values, an index of them such as "spi"; empty for none. It is computed
        of the whole record, and has ``against`` as its reference
    index_options : (name, value) of what it can be told, such as its distribution
    select : (dimension, coordinate) to take of each dimension other than time, latitude, longitude;
        several with commas between, ``*`` for all

    Raises
    ------
    InvalidRequestError : unknown weighting, ``over_time`` or ``own_year``, ``least_valid`` outside
        0 to 100, ``accumulate`` is no whole number or outside its range, ``against`` no whole years
    """

    time_step: str = "native"
    least_valid: float = 80.0
    over_time: str = ""
    accumulate: int = 1
    units: str = ""
    weighting: str = "area"
    against: str = ""
    own_year: str = "in"
    index: str = ""
    index_options: tuple[tuple[str, Any], ...] = ()
    select: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        _check_texts({"time_step": self.time_step, "units": self.units, "index": self.index})
        if self.weighting not in WEIGHTINGS:
            raise InvalidRequestError(
                f"unknown weighting {self.weighting!r}; allowed are {', '.join(WEIGHTINGS)}"
            )
        if self.over_time not in ("", *OVER_TIME):
            raise InvalidRequestError(
                f"over_time is {self.over_time!r}; allowed are {', '.join(OVER_TIME)}"
            )
        object.__setattr__(self, "least_valid", _percent(self.least_valid))
        if self.own_year not in OWN_YEAR:
            raise InvalidRequestError(
                f"own_year is {self.own_year!r}; allowed are {', '.join(OWN_YEAR)}"
            )
        object.__setattr__(self, "accumulate", _whole(self.accumulate))
        object.__setattr__(self, "against", read_reference(self.against))
        object.__setattr__(self, "index_options", tuple(sorted(map(tuple, self.index_options))))
        if self.index_options and not self.index:
            raise InvalidRequestError("options of an index are given, and no index")
        object.__setattr__(self, "select", tuple(sorted((k, _text(v)) for k, v in self.select)))

    @property
    def makes_longer(self) -> bool:
        """Whether steps of the result are made of several of the data's."""
        return self.time_step != "native" or self.accumulate > 1

    @property
    def step_name(self) -> str:
        """Short name of the time step, for names of files; empty where steps stay as they are.

        >>> Options(time_step="monthly", accumulate=3).step_name
        'monthly-3'
        """
        if self.accumulate > 1:
            return f"{self.time_step}-{self.accumulate}"
        return self.time_step if self.makes_longer else ""

    @classmethod
    def of(
        cls,
        select: Mapping[str, Any] | None = None,
        index_options: Mapping[str, Any] | None = None,
        **others: Any,
    ) -> Self:
        """Build options from arguments; those that are None keep their default."""
        given = {name: value for name, value in others.items() if value is not None}
        return cls(
            select=_pairs("select", select),
            index_options=_pairs("index_options", index_options),
            **given,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the options that differ from their default, as plain values."""
        given = {one.name: (getattr(self, one.name), one.default) for one in fields(self)}
        plain = {name: value for name, (value, default) in given.items() if value != default}
        named = {name: [list(one) for one in plain[name]] for name in PAIRS if name in plain}
        return plain | named

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """Build options from what ``to_dict`` returned.

        Raises
        ------
        InvalidRequestError : one is of a newer version, which alone knows what it asks for
        """
        if newer := sorted(plain.keys() - {one.name for one in fields(cls)}):
            raise InvalidRequestError(
                f"the request has {', '.join(newer)} among its options, which this csserv does not "
                "know: a newer version made it, and can compute it"
            )
        pairs = {name: tuple(map(tuple, plain.get(name, ()))) for name in PAIRS}
        return cls(**{**plain, **pairs})

    @classmethod
    def as_known(cls, plain: Mapping[str, Any]) -> Self:
        """Build options to show, without what a newer version has among them."""
        known = {one.name for one in fields(cls)}
        try:
            return cls.from_dict({name: plain[name] for name in known & plain.keys()})
        except InvalidRequestError:
            return cls()


def _whole(given: Any) -> int:
    """Read how many steps are accumulated."""
    try:
        number = int(given)
    except (TypeError, ValueError, OverflowError):
        number = 0
    if number != given or not 1 <= number <= MOST_ACCUMULATED:
        raise InvalidRequestError(
            f"accumulate is {given!r}; allowed are whole numbers from 1 to {MOST_ACCUMULATED}"
        )
    return number


def _percent(given: Any) -> float:
    """Read the least share of valid steps."""
    try:
        number = given if isinstance(given, int | float) else float(given)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= 100:
        raise InvalidRequestError(
            f"the least share of valid steps is {given!r}; allowed are 0 to 100, in per cent"
        )
    return number


def _check_texts(given: Mapping[str, Any]) -> None:
    """See that each is one text; lists are tried where several are wanted."""
    for name, one in given.items():
        if not isinstance(one, str):
            raise InvalidRequestError(f"{name} is {one!r}; allowed is one, as a text")


def _pairs(name: str, given: Any) -> tuple[tuple[str, Any], ...]:
    """Return names and values of a mapping; none if it is empty."""
    if given and not isinstance(given, Mapping):
        raise InvalidRequestError(
            f"{name} is {given!r}; allowed are names with values, such as {{'name': 'value'}}"
        )
    return tuple((given or {}).items())


def _text(given: Any) -> str:
    """Write a coordinate, or several, as text."""
    return ",".join(map(str, given)) if isinstance(given, list | tuple | range) else str(given)
