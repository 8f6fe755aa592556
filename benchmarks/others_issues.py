"""Two questions that users of exactextract found slow, put to both: its issues 190 and 183.

    python -m benchmarks.others_issues

Grids, steps and zones are as many as there; the files and shapes are made up. Cold: each side opens
the file, finds the shares of cells, and reads all steps, once, in a process of its own that has
loaded its libraries. Writes to benchmarks/RESULTS.md.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.measure import Peer
from benchmarks.page import machine, put_part
from csserv import Area, Zone
from csserv.catalog import Catalog
from csserv.catalog.catalog import TABLE
from csserv.catalog.toml_table import put_rows
from csserv.request import Period, Request
from csserv.tasks.work.in_process import compute_series

RESULTS = Path(__file__).parent / "RESULTS.md"

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A question: of how many rows, columns, steps and zones; and the issue it was asked in."""

    issue: int
    rows: int
    columns: int
    steps: int
    zones: int

    @property
    def name(self) -> str:
        """Name of the dataset, and of its file."""
        return f"issue{self.issue}"

    @property
    def area(self) -> Area:
        """Parts of the grid that have no edges of cells."""
        random = np.random.default_rng(self.issue)
        box = shapely.box(0, 0, self.columns / 10, self.rows / 10)
        points = random.uniform((0, 0), (self.columns / 10, self.rows / 10), (self.zones, 2))
        parts = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=box).geoms
        zones = (Zone(str(n), str(n), one.intersection(box)) for n, one in enumerate(parts))
        return Area(tuple(zones), f"{self.zones} zones")

    def write(self, folder: Path) -> None:
        """Write its file, and name it as a dataset."""
        with netCDF4.Dataset(folder / f"{self.name}.nc", "w") as file:
            for axis, count, first, step in (
                ("lat", self.rows, self.rows / 10 - 0.05, -0.1),
                ("lon", self.columns, 0.05, 0.1),
            ):
                file.createDimension(axis, count)
                one = file.createVariable(axis, "f8", (axis,))
                one.units = {"lat": "degrees_north", "lon": "degrees_east"}[axis]
                one[:] = first + step * np.arange(count)
            file.createDimension("time", self.steps)
            file.createVariable("time", "f8", ("time",)).units = "days since 2020-01-01"
            file["time"][:] = np.arange(self.steps)
            rain = file.createVariable("rain", "f4", ("time", "lat", "lon"), zlib=True)
            rain.units = "mm/day"
            random = np.random.default_rng(self.steps)
            rain[:] = random.gamma(0.3, 9.0, (self.steps, self.rows, self.columns))
        row = {"title": self.name, "variable": "rain", "files": f"{self.name}.nc"}
        put_rows(folder / TABLE, {self.name: row})


#: asked first, so that libraries are loaded
TINY = Asked(1, 8, 8, 3, 2)

QUESTIONS = (Asked(190, 33, 33, 432, 13), Asked(183, 240, 200, 1096, 37))


def ours(asked: Asked, root: Path) -> Values:
    """Let csserv answer, from the file on."""
    entry = Catalog.read(root)[asked.name]
    period = Period.parse("2020/2023")
    request = Request(asked.name, "mean", asked.area, period)
    found = compute_series(entry, entry.covering(period), request)
    return np.asarray(found.series.values[0], np.float64)


def theirs(asked: Asked, root: Path) -> Values:
    """Let exactextract answer, as its pages show it: the file by xarray, all bands at once."""
    xarray, extract = import_module("xarray"), import_module("exactextract").exact_extract
    features = [
        {
            "type": "Feature",
            "properties": {"id": zone.id},
            "geometry": zone.geometry.__geo_interface__,
        }
        for zone in asked.area.zones
    ]
    with xarray.open_dataset(root / f"{asked.name}.nc") as data:
        rain = data["rain"].rename(lon="x", lat="y")
        found: list[dict[str, Any]] = extract(rain, features, ["mean"])
    names = sorted(found[0]["properties"], key=lambda name: int(name.split("_")[1]))
    return np.array([[one["properties"][name] for name in names] for one in found], float).T


WAYS: dict[str, Callable[[Asked, Path], Values]] = {"csserv": ours, "exactextract": theirs}


def row(asked: Asked, root: Path) -> str:
    """Ask both, each in a new process; return what it took."""
    cost, answers = {}, {}
    for name, way in WAYS.items():
        peer = Peer(way, root)
        peer.run(TINY)
        cost[name], answers[name] = peer.run(asked)
        peer.close()
    mine, other = answers["csserv"], answers["exactextract"]
    apart = float(np.nanmax(np.abs(mine - other)) / np.nanmax(np.abs(other)))
    times = cost["exactextract"].cpu / cost["csserv"].cpu
    size = f"{asked.rows} x {asked.columns} x {asked.steps}, {asked.zones} zones"
    numbers = f"{cost['csserv'].cpu:.2f} | {cost['exactextract'].cpu:.1f} | {times:.0f}"
    return f"| #{asked.issue}: {size} | {numbers} | {apart:.0e} |"


def main() -> None:
    """Measure, print, and write the part of the page of results."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for asked in (TINY, *QUESTIONS):
            asked.write(root)
        rows = [row(asked, root) for asked in QUESTIONS]
    page = "\n".join(
        [
            "# Two questions from exactextract's issues",
            "",
            "Made by `python -m benchmarks.others_issues`. Grids, steps and zones are as many as",
            "in its issues 190 and 183; files and shapes are made up. Each in a process of its",
            "own that has loaded its libraries, from opening the file to the means of all zones",
            "and steps; CPU, once. exactextract does not weight cells by their area on the",
            "sphere, which is by how much the means differ.",
            "",
            machine("exactextract"),
            "",
            "| | csserv [s] | exactextract [s] | times | differs by, as a share |",
            "| --- | --- | --- | --- | --- |",
            *rows,
        ]
    )
    print(page)
    put_part(RESULTS, page)


if __name__ == "__main__":
    main()
