"""Seeded records of rain and temperature, and calls of the libraries as anybody would make them."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csserv.climatology.asked_index import AskedIndex, compute_index
from csserv.climatology.index.index_libraries import load, quiet
from csserv.climatology.index.index_series import IndexInputs, IndexSeries

Floats = NDArray[np.float64]

REFERENCE = (1991, 2020)


def months(first: int = 1981, last: int = 2025) -> NDArray[np.datetime64]:
    return np.arange(f"{first}-01", f"{last + 1}-01", dtype="M8[M]").astype("M8[D]")


def days(first: int = 1991, last: int = 2010) -> NDArray[np.datetime64]:
    return np.arange(f"{first}-01-01", f"{last + 1}-01-01", dtype="M8[D]")


def parts_of_months(parts: int, first: int = 1991, last: int = 2020) -> NDArray[np.datetime64]:
    """Starts of dekads (3) or pentads (6)."""
    each = np.arange(parts) * (30 // parts)
    return (months(first, last)[:, None] + each.astype("m8[D]")).ravel()


def rain(steps: int, series: int = 3, seed: int = 0, dry: float = 0.1) -> Floats:
    """Rain of some series, a share of whose steps is dry."""
    rng = np.random.default_rng(seed)
    return rng.gamma(0.8, 60.0, (steps, series)) * (rng.random((steps, series)) >= dry)


def arid(years: int = 45, series: int = 20, seed: int = 1) -> Floats:
    """Monthly rain of a dry country with two short seasons."""
    rng = np.random.default_rng(seed)
    wet = np.array([0.02, 0.05, 0.3, 0.7, 0.6, 0.1, 0.03, 0.02, 0.05, 0.4, 0.7, 0.3])
    falls = rng.random((years, 12, series)) < wet[:, None]
    return (falls * rng.gamma(0.7, 40.0, falls.shape)).reshape(-1, series)


def warmth(steps: int, series: int = 3, seed: int = 5) -> Floats:
    """Monthly mean temperatures [degC]."""
    rng = np.random.default_rng(seed)
    year = 18.0 + 7.0 * np.sin(2 * np.pi * np.arange(steps) / 12.0)
    return year[:, None] + rng.normal(0.0, 1.5, (steps, series))


def index(
    name: str,
    values: Floats | Mapping[str, Floats],
    starts: Any,
    time_step: str = "monthly",
    accumulate: int = 1,
    reference: tuple[int, int] | None = REFERENCE,
    units: Mapping[str, str] | None = None,
    latitudes: Floats | None = None,
    **parameters: Any,
) -> IndexSeries:
    kinds = values if isinstance(values, Mapping) else {"precipitation": values}
    known = {
        kind: "degC" if kind.startswith("temp") else "1" if kind == "ndvi" else "mm"
        for kind in kinds
    }
    inputs = IndexInputs(kinds, {**known, **(units or {})}, starts, latitudes)
    asked = AskedIndex(name, time_step, reference, accumulate, parameters)
    return compute_index(asked, inputs)


def climate_indices(module: str) -> ModuleType:
    return load(f"climate_indices.{module}", "climate-indices")


def spi_of_library(
    values: Floats, scale: int, distribution: str = "gamma", first: int = 1981, **more: Any
) -> Floats:
    """SPI of (time, series), a series at a time, as the library's own examples call it."""
    indices, monthly = climate_indices("indices"), climate_indices("compute").Periodicity.monthly
    kind = indices.Distribution(distribution)
    with quiet():
        every = [
            indices.spi(one, scale, kind, first, *REFERENCE, monthly, **more) for one in values.T
        ]
    return np.stack(every, axis=1)
