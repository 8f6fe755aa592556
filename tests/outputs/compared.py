"""A result against what is normal, written and read as results are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cftime
import numpy as np

from csserv.climatology.normals import PERCENTILES, compare, describe
from csserv.outputs import Result
from csserv.outputs.result_json import write_document
from csserv.outputs.series import Series
from csserv.request import Area
from tests.climatology.tables import same_steps

YEARS = range(1991, 2021)
ZONES = (("w", "West"), ("e", "East"))
AREA = Area.from_box(30, -1, 33, 2)

PROVENANCE: dict[str, Any] = {
    "dataset": {"name": "rain", "title": "Rain", "source": "", "licence": "", "citation": ""},
    "granules": [{"file": "rain.nc"}],
    "versions": {"csserv": "1"},
    "weighting": "area",
    "steps_read": 1,
    "started": "2026-01-01T00:00:00Z",
    "finished": "2026-01-01T00:00:01Z",
}


def series_of(values: Any, asked: range, members: tuple[str, ...] = (), steps: int = 12) -> Series:
    """Compare some years of (time, series) values, since 1991, with all from 1991 to 2020."""
    comparison = same_steps(steps, YEARS, asked)
    shown = comparison.shown
    times = [cftime.datetime(1991 + n // 12, n % 12 + 1, 1) for n in shown.tolist()]
    return Series(
        times=tuple(times),
        zones=ZONES[: values.shape[1] // max(1, len(members))],
        values=values[None, shown],
        percent=np.full((len(shown), values.shape[1]), 100.0),
        complete=(True,) * len(shown),
        steps_percent=np.full((len(shown), values.shape[1]), 100.0),
        names=("mean",),
        selections=[{"member": one} for one in members] or ({},),
        against=[compare(values, comparison)],
    )


def with_maximum(series: Series) -> Series:
    """Add a second operation, whose values are larger by 1."""
    of_mean = series.against[0]
    more = {name for name in of_mean if name.startswith("normal")}
    of_max = {name: one + 1 if name in more else one for name, one in of_mean.items()}
    values = np.concatenate([series.values, series.values + 1])
    return replace(series, names=("mean", "max"), values=values, against=[of_mean, of_max])


def document(series: Series, units: str = "mm") -> dict[str, Any]:
    """What the JSON of a result says beside its series."""
    ends = [one.replace(day=one.daysinmonth) for one in series.times]
    options = {"time_step": "monthly", "against": "1991/2020", "select": []}
    labels = [one["member"] for one in series.selections if one]
    return {
        "id": "0" * 32,
        "request": {
            "dataset": "rain",
            "operation": ",".join(series.names),
            "area": "two zones",
            "period": f"{series.times[0].strftime('%Y-%m-%d')}/{ends[-1].strftime('%Y-%m-%d')}",
            "options": options,
            "fingerprint": "f" * 64,
        },
        "units": units,
        "variable": {"long_name": "mean of rainfall", "cell_methods": "area: mean time: sum"},
        **({"further": [_further(name) for name in series.names[1:]]} if series.names[1:] else {}),
        **({"dimensions": {"member": _members(labels)}} if labels else {}),
        "time_step": {"name": "monthly", "rule": "sum", "least_valid_percent": 80.0},
        "steps": {
            "end": [one.strftime("%Y-%m-%d") for one in ends],
            "complete": list(series.complete),
        },
        "calendar": "standard",
        "notes": [],
        "against": {
            "reference": "1991/2020",
            "own_year": "in",
            "percentiles": PERCENTILES,
            "statistics": describe(units),
        },
        "series": [],
        "provenance": PROVENANCE,
    }


def write_result(folder: Path, series: Series, units: str = "mm") -> Result:
    """Write a result, and return it as it is read."""
    home = folder / ("0" * 32)
    home.mkdir()
    write_document(home / f"{home.name}.json", document(series, units), series.each())
    return Result(home, AREA)


def _further(operation: str) -> dict[str, Any]:
    """What is said of a further operation, in units of its own."""
    said = {"long_name": f"{operation} of rainfall", "cell_methods": "area: maximum"}
    return {
        "operation": operation,
        "units": "cm",
        "variable": said,
        "statistics": describe("cm"),
    }


def _members(labels: list[str]) -> dict[str, Any]:
    whole = [*map(int, labels)]
    return {"labels": labels, "coordinates": whole, "dtype": "int64", "attributes": {}}
