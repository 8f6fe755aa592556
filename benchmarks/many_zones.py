"""What results of many zones and long series cost: whole requests, their JSON, who reads it.

    python -m benchmarks.many_zones [--archive DIR] [--runs N]

Builds the archives (some minutes, 2 GB, kept), and writes medians to benchmarks/RESULTS.md. Memory
is how much the process grew that grew most: of workers, runner, and who asks.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import shapely

from benchmarks.index_request import boxes
from benchmarks.long_archive import LAT, LON, long_archive
from benchmarks.measure import Cost, Meter, Peer, Values
from benchmarks.normals import catalog_of
from benchmarks.page import machine, put_part
from csserv import Service
from csserv.catalog.samples.many_years import build_many_years
from csserv.climatology.normals import REFERENCE_STATISTICS
from csserv.outputs import Result
from csserv.outputs.against import AGAINST
from csserv.outputs.document.compact_form import compact, of_year
from csserv.outputs.result_json import each_series, read_document, write_document
from csserv.request import Area, Zone
from csserv.settings import read_settings

RESULTS = Path(__file__).parent / "RESULTS.md"
LAYOUT = "(365,50,50)"

#: growth of any process [MB]; of the smaller JSON its size [MB], and its time to write, or read [s]
MOST_MEMORY, MOST_SIZE, MOST_TIME = 300.0, 30.0, 0.3


@dataclass(frozen=True)
class Asked:
    """A question of many numbers."""

    what: str
    dataset: str
    area: Area
    period: str
    options: dict[str, Any]


def units(count: int) -> Area:
    """Divide the archive into parts that have no edges of cells."""
    random = np.random.default_rng(5)
    box = shapely.box(LON[0], LAT[0], LON[-1], LAT[-1])
    x, y = random.uniform(LON[0], LON[-1], count), random.uniform(LAT[0], LAT[-1], count)
    parts = shapely.voronoi_polygons(shapely.MultiPoint(np.c_[x, y]), extend_to=box).geoms
    zones = [Zone(f"u{n}", f"unit {n}", one.intersection(box)) for n, one in enumerate(parts)]
    return Area(tuple(zones), f"{count} units")


def questions() -> Iterator[Asked]:
    """Yield them, the smallest first."""
    for count in (113, 1000):
        what = f"{count:,} zones, 40 years of days"
        yield Asked(what, LAYOUT, units(count), "1981/2020", {})
    normals = {"time_step": "monthly", "against": "1991/2020"}
    what = "4,556 zones, 45 years of months and their normals"
    yield Asked(what, "synthetic_rain", boxes(), "1981/2025", normals)


def ask(service: Service, asked: Asked) -> tuple[Cost, Path]:
    """Submit, wait until the result is there; its cost, and where it lies."""
    own = psutil.Process()
    meter = Meter([own, *own.children(recursive=True)])
    with meter.running():
        task = service.submit(asked.dataset, "mean", asked.area, asked.period, **asked.options)
        service.wait(task)
    return meter.cost, service.settings.home / "results" / task.id


def read_by_zones(folder: Path, root: Path) -> Values:
    """Make a table of each zone, and keep the sum of its values."""
    return np.array([one.to_dataframe()["value"].sum() for one in Result(folder).by_zones()])


def read_all(folder: Path, root: Path) -> Values:
    """Make arrays of the whole."""
    return np.array([Result(folder).to_xarray().sum()])


@dataclass(frozen=True)
class Measured:
    """What one question cost, and its JSON: to write, to read [s], by zones and at once."""

    asked: Asked
    costs: list[Cost]
    size: float
    writing: float
    reading: float
    readers: list[Cost]

    @property
    def memory(self) -> float:
        """Most growth of a process [MB]."""
        return max(one.memory for one in self.costs)

    def row(self) -> str:
        """Write it as a row of the table."""
        cpu, wall = (
            statistics.median(getattr(one, n) for one in self.costs) for n in ("cpu", "wall")
        )
        readers = " | ".join(f"{one.cpu:.1f} | {one.memory:.0f}" for one in self.readers)
        numbers = f"{cpu:.1f} | {wall:.1f} | {self.memory:.0f}"
        json = f"{self.size:.0f} | {self.writing:.2f} | {self.reading:.2f}"
        return f"| {self.asked.what} | {numbers} | {json} | {readers} |"


def timed(call: Callable[[], Any], runs: int) -> float:
    """Return the median CPU time of a call [s]."""
    found = []
    for _ in range(runs):
        started = time.process_time()
        call()
        found.append(time.process_time() - started)
    return statistics.median(found)


def time_to_write(path: Path, runs: int) -> float:
    """Write a document once more, from its arrays [s]."""
    plain, series = stored_members(path), list(each_series(path, arrays=True))
    with tempfile.TemporaryDirectory(dir=path.parent.parent) as folder:
        return timed(lambda: write_document(Path(folder) / path.name, plain, series), runs)


def stored_members(path: Path) -> dict[str, Any]:
    """Return the members of a compact document, as they are given to be written."""
    plain, times = read_document(path, with_series=False), next(each_series(path))["time"]
    if AGAINST not in plain:
        return compact(plain, times, {})
    _, months = np.unique([one[5:] for one in times], return_inverse=True)
    return compact(plain, times, of_year(REFERENCE_STATISTICS, months))


def measure(service: Service, asked: Asked, runs: int, known: Path) -> Measured:
    """Ask, and read what is answered; a small result is read before, so that code is loaded."""
    costs = []
    for _ in range(runs):
        cost, folder = ask(service, asked)
        costs.append(cost)
    path = folder / f"{folder.name}.json"
    writing = time_to_write(path, runs)
    reading = timed(lambda: read_document(path, arrays=True), runs)
    readers = []
    for way in (read_by_zones, read_all):
        peer = Peer(way, folder)
        peer.run(known)
        readers.append(peer.run(folder)[0])
        peer.close()
    return Measured(asked, costs, path.stat().st_size / 1e6, writing, reading, readers)


@contextmanager
def serving(data: Path, home: Path, dataset: str) -> Iterator[tuple[Service, Path]]:
    """Start a service; yield it, and a small result of a dataset, once it is warm."""
    # all is computed: what is kept has a page of its own
    with Service(read_settings(home=home, data=data, workers=2, store_max=0)) as service:
        some = Area.from_box(33, 1, 34, 2)
        yield service, ask(service, Asked("", dataset, some, "1991", {}))[1]


def verdicts(every: list[Measured]) -> list[str]:
    """Write each target, what was measured, and whether that meets it."""
    small, memory = every[0], max(one.memory for one in every)
    rows = [
        ("growth of a process [MB]", MOST_MEMORY, memory),
        (f"JSON of {small.asked.what} [MB]", MOST_SIZE, small.size),
        ("writing it [s]", MOST_TIME, small.writing),
        ("reading it [s]", MOST_TIME, small.reading),
    ]
    return [
        f"| {what} | at most {most:g} | {found:.2f} | {'met' if found <= most else 'missed'} |"
        for what, most, found in rows
    ]


def page(every: list[Measured]) -> str:
    """Write the part of the page of results."""
    return "\n".join(
        [
            "# What many zones and long series cost",
            "",
            "Made by `python -m benchmarks.many_zones`. Whole requests to a service with two",
            "workers, from submit until the result is on disk; CPU of all processes together;",
            "memory is how much the process grew that grew most. JSON is written from arrays, and",
            "read to arrays. By zones: a table of each zone, one after the other; at once: one",
            "array of all. Sizes and memory count: other work on the machine lengthens the times.",
            "",
            machine("orjson"),
            "",
            "| | target | measured | |",
            "| --- | --- | --- | --- |",
            *verdicts(every),
            "",
            "| | CPU [s] | wall [s] | memory [MB] | JSON [MB] | to write [s] | to read [s] | "
            "by zones [s] | memory [MB] | at once [s] | memory [MB] |",
            f"|{' --- |' * 11}",
            *[one.row() for one in every],
        ]
    )


def main() -> None:
    """Measure, print, and write the part of the page of results."""
    root, runs = long_archive(__doc__)
    catalog_of(root)
    every: list[Measured] = []
    few, many = list(questions())[:2], list(questions())[2:]
    with tempfile.TemporaryDirectory() as name:
        years = Path(name) / "data"
        build_many_years(years)
        for data, asked in ((root, few), (years, many)):
            home = Path(name) / f"home-{len(every)}"
            with serving(data, home, asked[0].dataset) as (service, known):
                for one in asked:
                    every.append(measure(service, one, runs, known))
                    print(every[-1].row(), flush=True)
                    put_part(RESULTS, page(every))


if __name__ == "__main__":
    main()
