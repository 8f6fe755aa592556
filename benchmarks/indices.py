"""What indices cost: many series at once, beside the libraries that are called one by one.

``python -m benchmarks.indices`` prints CPU and wall time [s], and by how much the numbers differ
from those of climate-indices, of SPI-3 of 4,556 series of 45 years of months.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.measure import Meter
from csserv.climatology.asked_index import AskedIndex, compare_index, compute_index
from csserv.climatology.index.index_libraries import CLIMATE_INDICES, load, quiet
from csserv.climatology.index.index_series import IndexInputs

Values = NDArray[np.float64]

YEARS = (1991, 2020)
MONTHS = np.arange("1981-01", "2026-01", dtype="M8[M]").astype("M8[D]")


def rain(series: int) -> Values:
    """Make monthly rain, a tenth of whose months are dry."""
    random = np.random.default_rng(0)
    falls = random.random((len(MONTHS), series)) >= 0.1
    return falls * random.gamma(0.8, 60.0, (len(MONTHS), series))


def ours(values: Values, distribution: str) -> Values:
    """Compute SPI-3 as csserv does."""
    asked = AskedIndex("spi", "monthly", YEARS, 3, {"distribution": distribution})
    return compute_index(asked, _inputs(values)).values


def one_by_one(values: Values, distribution: str) -> Values:
    """Compute SPI-3 by climate-indices, a series at a time."""
    indices = load("climate_indices.indices", CLIMATE_INDICES)
    monthly = load("climate_indices.compute", CLIMATE_INDICES).Periodicity.monthly
    kind = indices.Distribution(distribution)
    with quiet():
        every = [indices.spi(one, 3, kind, 1981, *YEARS, monthly) for one in values.T]
    return np.stack(every, axis=1)


def by_xclim(values: Values, distribution: str) -> Values:
    """Compute SPI-3 by xclim, as a second opinion does: after csserv's own."""
    asked = AskedIndex("spi", "monthly", YEARS, 3, {"distribution": distribution})
    inputs = _inputs(values)
    return compare_index(asked, inputs, compute_index(asked, inputs)).values


#: what is measured → how, and the distribution
MEASURED: dict[str, tuple[Callable[[Values, str], Values], str]] = {
    "csserv, gamma": (ours, "gamma"),
    "climate-indices one by one, gamma": (one_by_one, "gamma"),
    "csserv, and xclim as a second opinion, gamma": (by_xclim, "gamma"),
    "csserv, Pearson III": (ours, "pearson"),
    "climate-indices one by one, Pearson III": (one_by_one, "pearson"),
}


def _inputs(values: Values) -> IndexInputs:
    return IndexInputs({"precipitation": values}, {"precipitation": "mm"}, MONTHS)


def main() -> None:
    """Measure each way, once, after its libraries are loaded."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=4556)
    values = rain(parser.parse_args().series)
    found: dict[str, Values] = {}
    for name, (way, distribution) in MEASURED.items():
        way(values[:, :2], distribution)
        meter = Meter([psutil.Process()])
        with meter.running():
            found[name] = way(values, distribution)
        cost = meter.cost
        print(f"{name}: CPU {cost.cpu:.1f} s, wall {cost.wall:.1f} s, {cost.memory:.0f} MB")
    for kind in ("gamma", "Pearson III"):
        apart = found[f"csserv, {kind}"] - found[f"climate-indices one by one, {kind}"]
        print(
            f"{kind}: csserv and climate-indices differ by {np.nanmax(np.abs(apart)):.0e} at most"
        )


if __name__ == "__main__":
    main()
