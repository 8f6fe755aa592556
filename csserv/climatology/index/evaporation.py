"""Potential evapotranspiration: as it is given, or from temperatures, by climate-indices."""

from __future__ import annotations

from typing import Any

import cftime
import numpy as np
from numpy.typing import NDArray

from csserv.climatology.index.calculation import Calculation
from csserv.climatology.index.index_libraries import CLIMATE_INDICES, library, load, quiet
from csserv.climatology.index.index_series import Floats
from csserv.climatology.index.year_steps import YearSteps
from csserv.errors import InvalidRequestError


def potential_evaporation(asked: Calculation) -> tuple[Floats, dict[str, Any]]:
    """Return (time, series) [mm/step], and the lines of the receipt that say how."""
    method = asked.parameters["pet"]
    needed = PET_INPUTS[method]
    if missing := [kind for kind in needed if kind not in asked.inputs.values]:
        raise InvalidRequestError(
            f"{asked.name} with pet={method!r} needs {' and '.join(needed)}; "
            f"{' and '.join(missing)} is not given"
        )
    if method == "given":
        return asked.amounts("pet"), {"pet": "as given"}
    if asked.inputs.latitudes is None:
        raise InvalidRequestError(f"{asked.name} with pet={method!r} needs the latitudes of series")
    with quiet():
        demand, how = _METHODS[method](asked, np.asarray(asked.inputs.latitudes, float))
    source = library(CLIMATE_INDICES)
    return demand, {"pet": how, "pet_library": f"{source['library']} {source['version']}"}


def _thornthwaite(asked: Calculation, latitudes: Floats) -> tuple[Floats, str]:
    """Thornthwaite (1948): of monthly mean temperatures and the length of days."""
    if asked.time_step != "monthly":
        raise InvalidRequestError(
            f"Thornthwaite's evaporation is one of months, not of {asked.time_step} steps; "
            "ask for monthly steps, or for pet='hargreaves'"
        )
    eto = load("climate_indices.eto", CLIMATE_INDICES)
    steps = asked.steps
    cube = steps.fold(asked.degrees("temperature"))
    block = cube.reshape(-1, cube.shape[2], 1)
    found = eto.eto_thornthwaite(block, latitudes[:, None], steps.first_year, True)
    how = "Thornthwaite (1948); heat index of the whole record given"
    return steps.unfold(found.reshape(cube.shape)), how


def _hargreaves(asked: Calculation, latitudes: Floats) -> tuple[Floats, str]:
    """Hargreaves (1985): of lowest and highest temperature, radiation of each day.

    Of longer steps, each day has the mean temperatures of its step.
    """
    steps = asked.steps
    if steps.calendar == "360_day":
        raise InvalidRequestError("Hargreaves' evaporation needs days of a real year, not 360_day")
    eto = load("climate_indices.eto", CLIMATE_INDICES)
    low, high = asked.degrees("temperature_min"), asked.degrees("temperature_max")
    mean = asked.degrees("temperature") if _has_mean(asked) else (low + high) / 2
    cubes = [steps.fold(values) for values in (low, high, mean)]
    of_day, leap_day = _steps_of_days(steps)
    demand = np.full(cubes[0].shape, np.nan)
    for year in range(steps.years):
        low, high, mean = (cube[year, of_day][:, :, None] for cube in cubes)
        daily = eto.eto_hargreaves(low, high, mean, latitudes[:, None], True)[:, :, 0]
        if not _is_leap(steps, year):
            daily[leap_day] = 0.0
        sums = np.zeros(demand.shape[1:])
        np.add.at(sums, of_day, daily)
        demand[year] = sums
    given = "as given" if _has_mean(asked) else "midway between lowest and highest"
    how = f"Hargreaves (1985); each day has its step's temperatures; mean temperature {given}"
    return steps.unfold(demand), how


def _has_mean(asked: Calculation) -> bool:
    return "temperature" in asked.inputs.values


def _steps_of_days(steps: YearSteps) -> tuple[NDArray[np.int64], int]:
    """Return (366,) the step of the year that each day of a leap year lies in, and the leap day."""
    days = np.arange("2000-01-01", "2001-01-01", dtype="datetime64[D]")
    if steps.time_step == "daily":
        numbers = np.arange(366)
        numbers[59:] -= 366 - steps.count  # without leap days, 29 February counts as the 28th: 0 mm
        return numbers, 59
    months = days.astype("datetime64[M]").astype(int) % 12
    within = (days - days.astype("datetime64[M]")).astype(int)
    parts, length = {"monthly": (1, 31), "dekad": (3, 10), "pentad": (6, 5)}[steps.time_step]
    return months * parts + np.minimum(within // length, parts - 1), 59


def _is_leap(steps: YearSteps, year: int) -> bool:
    if steps.time_step == "daily" and steps.count == 366:
        return True  # the day that common years lack is filled up, and left out when unfolded
    number = steps.first_year + year
    return bool(cftime.is_leap_year(number, steps.calendar))


_METHODS = {"thornthwaite": _thornthwaite, "hargreaves": _hargreaves}

#: way to have potential evapotranspiration → what it needs
PET_INPUTS = {
    "given": ("pet",),
    "thornthwaite": ("temperature",),
    "hargreaves": ("temperature_min", "temperature_max"),
}
