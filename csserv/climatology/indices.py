"""The table of indices: what each is, what it needs, what computes it. A new one is a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from csserv.climatology.index import rainy_season, relative, standardized
from csserv.climatology.index.calculation import Calculation
from csserv.climatology.index.daily_counts import PERIODS, Count, counted
from csserv.climatology.index.evaporation import PET_INPUTS
from csserv.climatology.index.index_libraries import CLIMATE_INDICES, XCLIM
from csserv.climatology.index.index_series import IndexSeries
from csserv.climatology.index.parameter_kinds import Choice, MonthDay, Number, ParameterKind
from csserv.climatology.index.standardized import DISTRIBUTIONS, ZERO_RULES
from csserv.errors import InvalidRequestError, nearest
from csserv.language import mark

#: time steps of which a year has the same number every year
STEPS = ("monthly", "dekad", "pentad", "daily")


@dataclass(frozen=True)
class IndexRow:
    """An index.

    Attributes
    ----------
    title : what it is, in a few words
    compute : computes it; its docstring says the definition, and where it comes from
    inputs : what it is computed of, whatever its parameters
    time_steps : steps that the series may have
    units : of the values
    library : whose formula it is; "csserv" where no library has it
    has_reference : whether it compares with other years
    most_accumulated : steps that may be added up; 1 for none
    parameters : name → what it may be
    presets : of a parameter's word → what other parameters are by default then
    """

    title: str
    compute: Callable[[Calculation], IndexSeries]
    inputs: tuple[str, ...]
    time_steps: tuple[str, ...]
    units: str
    library: str
    has_reference: bool = True
    most_accumulated: int = 72
    parameters: Mapping[str, ParameterKind] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def needs(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what it is computed of, with these parameters."""
        pet = parameters.get("pet", self.parameters["pet"].default) if self._has_pet else ""
        return (*self.inputs, *(PET_INPUTS[pet] if pet else ()))

    @property
    def has_own_steps(self) -> bool:
        """Whether it has a value for each year or season, in place of one for each step."""
        return not {"per", "search_from"}.isdisjoint(self.parameters)

    @property
    def definition(self) -> str:
        """What it is, and who defined it so."""
        count = getattr(self.compute, "keywords", {}).get("count")
        if count is None:
            return " ".join((self.compute.__doc__ or "").split())
        name = count.long_name.format(threshold=count.threshold, days="n")
        if isinstance(count.threshold, float):
            name = count.long_name.format(threshold=f"{count.threshold:g} {count.units}")
        return f"{name[0].upper()}{name[1:]}. Source: xclim.indices.{count.function}"

    @property
    def _has_pet(self) -> bool:
        return "pet" in self.parameters


def _distribution(default: str, *names: str) -> Choice:
    return Choice(default, mark("distribution that is fitted to each step of the year"), names)


_PET = Choice(
    "thornthwaite",
    mark(
        "potential evapotranspiration: 'thornthwaite' (monthly mean temperature), 'hargreaves' "
        "(lowest and highest temperature), or 'given'"
    ),
    tuple(PET_INPUTS),
)

_PER: dict[str, ParameterKind] = {
    "per": Choice("year", mark("what is counted over"), tuple(PERIODS)),
    "first_month": Number(1, mark("month that years begin in"), 1, 12, whole=True),
}

_WET_DAY = Number(1.0, mark("least rain of a wet day [mm]"), 0.01, 500.0)

_SPELL = Number(7, mark("fewest days of a spell"), 2, 120, whole=True)

_SEARCH: dict[str, ParameterKind] = {
    "search_from": MonthDay("03-01", mark("day that the search begins on, month and day")),
    "search_days": Number(90, mark("days that are searched"), 1, 366, whole=True),
}


def _count(title: str, count: Count, **parameters: ParameterKind) -> IndexRow:
    return IndexRow(
        title=title,
        compute=partial(counted, count=count),
        inputs=(count.kind,),
        time_steps=("daily",),
        units=count.result,
        library=XCLIM,
        has_reference=False,
        most_accumulated=1,
        parameters={**parameters, **_PER},
    )


def _rain(function: str, threshold: str | float, name: str) -> Count:
    return Count(function, "precipitation", threshold, "mm/day", name)


def _longest(function: str, which: str) -> Count:
    name, cut = f"longest run of days {which}", "cut at the end of a period"
    return Count(function, "precipitation", "wet_day", "mm/day", name, spells=cut)


def _spells(function: str, op: str, name: str) -> Count:
    whole = "counted once, in the period that it begins in"
    fixed = {"op": op, "resample_before_rl": False}
    return Count(function, "precipitation", "wet_day", "mm", name, "days", whole, fixed, "1")


#: name → index
INDICES: Mapping[str, IndexRow] = MappingProxyType(
    {
        "spi": IndexRow(
            mark("standardized precipitation index"),
            standardized.spi,
            ("precipitation",),
            STEPS,
            "1",
            CLIMATE_INDICES,
            most_accumulated=2196,
            parameters={
                "distribution": _distribution("gamma", "gamma", "pearson"),
                "zero_rule": Choice("classic", mark("score of no rain"), tuple(ZERO_RULES)),
            },
        ),
        "spei": IndexRow(
            mark("standardized precipitation evapotranspiration index"),
            standardized.spei,
            ("precipitation",),
            STEPS,
            "1",
            CLIMATE_INDICES,
            most_accumulated=2196,
            parameters={
                "distribution": _distribution("loglogistic", *DISTRIBUTIONS),
                "pet": _PET,
            },
        ),
        "pnp": IndexRow(
            mark("per cent of normal precipitation"),
            relative.percent_of_normal,
            ("precipitation",),
            STEPS,
            "%",
            CLIMATE_INDICES,
            most_accumulated=2196,
        ),
        "deciles": IndexRow(
            mark("rainfall deciles"),
            relative.deciles,
            ("precipitation",),
            STEPS,
            "1",
            "csserv",
            most_accumulated=2196,
        ),
        "eddi": IndexRow(
            mark("evaporative demand drought index"),
            relative.evaporative_demand,
            (),
            ("monthly", "daily"),
            "1",
            CLIMATE_INDICES,
            most_accumulated=72,
            parameters={"pet": _PET},
        ),
        "vci": IndexRow(
            mark("vegetation condition index"),
            relative.vegetation_condition,
            ("ndvi",),
            STEPS,
            "%",
            "csserv",
            most_accumulated=1,
        ),
        "cdd": _count(
            mark("consecutive dry days: the longest dry spell"),
            _longest("maximum_consecutive_dry_days", "below {threshold}"),
            wet_day=_WET_DAY,
        ),
        "cwd": _count(
            mark("consecutive wet days: the longest wet spell"),
            _longest("maximum_consecutive_wet_days", "of {threshold} or more"),
            wet_day=_WET_DAY,
        ),
        "dry_spells": _count(
            mark("number of dry spells"),
            _spells("dry_spell_frequency", "max", "runs of {days} days or more below {threshold}"),
            wet_day=_WET_DAY,
            days=_SPELL,
        ),
        "wet_spells": _count(
            mark("number of wet spells"),
            _spells(
                "wet_spell_frequency", "min", "runs of {days} days or more of at least {threshold}"
            ),
            wet_day=_WET_DAY,
            days=_SPELL,
        ),
        "r10mm": _count(
            mark("days of heavy rain, 10 mm or more"),
            _rain("wetdays", 10.0, "days of {threshold} or more"),
        ),
        "r20mm": _count(
            mark("days of very heavy rain, 20 mm or more"),
            _rain("wetdays", 20.0, "days of {threshold} or more"),
        ),
        "rain_days": _count(
            mark("wet days"),
            _rain("wetdays", "wet_day", "days of {threshold} or more"),
            wet_day=_WET_DAY,
        ),
        "heat_days": _count(
            mark("hot days"),
            Count(
                "tx_days_above",
                "temperature_max",
                "hot_day",
                "degC",
                "days whose highest temperature is above {threshold}",
            ),
            hot_day=Number(35.0, mark("temperature that a hot day is above [degC]"), -50.0, 70.0),
        ),
        "onset": IndexRow(
            mark("onset of the rains"),
            rainy_season.onset,
            ("precipitation",),
            ("daily",),
            "d",
            "csserv",
            has_reference=False,
            most_accumulated=1,
            parameters={
                "definition": Choice(
                    "iri", mark("whose defaults the others have"), ("iri", "icpac")
                ),
                **_SEARCH,
                "wet_day": Number(1.0, mark("rain that a wet day has more of [mm]"), 0.0, 100.0),
                "spell_days": Number(5, mark("days of a wet spell"), 1, 30, whole=True),
                "spell_rain": Number(20.0, mark("least rain of a wet spell [mm]"), 0.0, 1000.0),
                "wet_days": Number(3, mark("fewest wet days of a wet spell"), 0, 30, whole=True),
                "dry_days": Number(7, mark("days of a dry spell"), 1, 60, whole=True),
                "look_ahead": Number(
                    21,
                    mark("days after a wet spell in which no dry spell may end"),
                    0,
                    120,
                    whole=True,
                ),
            },
            presets={"icpac": {"spell_days": 3, "wet_days": 1}},
        ),
        "cessation": IndexRow(
            mark("end of the rains"),
            rainy_season.cessation,
            ("precipitation",),
            ("daily",),
            "d",
            "csserv",
            has_reference=False,
            most_accumulated=1,
            parameters={
                **_SEARCH,
                "loss": Number(5.0, mark("water that the soil loses [mm/day]"), 0.1, 30.0),
                "capacity": Number(60.0, mark("most water that the soil holds [mm]"), 1.0, 1000.0),
                "dry_soil": Number(
                    5.0, mark("water below which the soil is dry [mm]"), 0.01, 1000.0
                ),
                "dry_days": Number(
                    3, mark("days in a row that the soil is dry"), 1, 60, whole=True
                ),
            },
        ),
    }
)


def index_row(name: str) -> IndexRow:
    """Return an index by its name.

    Raises
    ------
    InvalidRequestError : there is none; names near ones, and all
    """
    if name in INDICES:
        return INDICES[name]
    close = nearest(str(name), INDICES)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise InvalidRequestError(f"unknown index {name!r}; {hint}there are {', '.join(INDICES)}")
