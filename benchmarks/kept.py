"""What kept numbers save: the same request again, a month more, a prepared zone, a day appended.

    python -m benchmarks.kept [--archive DIR] [--runs N]

Builds the archives (some minutes, 2 GB, kept), and writes medians to benchmarks/RESULTS.md.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import psutil

from benchmarks.cases import zones
from benchmarks.long_archive import LAYOUTS, long_archive
from benchmarks.many_zones import units
from benchmarks.measure import Cost, Meter
from benchmarks.normals import catalog_of
from benchmarks.page import machine, put_part
from csserv import Service
from csserv.catalog.catalog import TABLE
from csserv.catalog.toml_table import put_rows
from csserv.request import Area, Options
from csserv.settings import read_settings
from csserv.tasks.kept.kept_store import FOLDER, KeptStore

RESULTS = Path(__file__).parent / "RESULTS.md"

#: what was asked for, and the most that it may take [s]
TARGETS = {
    "the same request again": 0.15,
    "a month more": 0.2,
    "a prepared zone's 40 years of days": 0.02,
    "its 40 years of months, and normals": 0.3,
    "its SPI-3": 0.3,
    "a day more of 4,556 prepared units": 0.2,
    "a year of days of 1,000 prepared zones": 0.15,
    "30 days of all 4,556 prepared units": 0.15,
}

#: files of the dataset that a day is appended to
DAYS = 30


@dataclass(frozen=True)
class Question:
    """What is asked, and of which first answers it is beside."""

    dataset: str
    area: Area
    period: str
    options: dict[str, Any]


def ask(service: Service, asked: Question) -> Cost:
    """Submit, and wait until the result is there."""
    return measured(
        service,
        lambda: service.submit(asked.dataset, "mean", asked.area, asked.period, **asked.options),
    )


def measured(service: Service, submit: Callable[[], Any]) -> Cost:
    """Return what a task costs from submit to its end."""
    own = psutil.Process()
    meter = Meter([own, *own.children(recursive=True)])
    with meter.running():
        service.wait(submit())
    return meter.cost


def forget(service: Service) -> None:
    """Remove what is kept."""
    KeptStore(service.settings.home / FOLDER, 0).clear()


def of_layout(service: Service, layout: str, runs: int) -> dict[str, list[Cost]]:
    """Ask one country of a layout: cold, again, and a month more; then prepared zones."""
    found: dict[str, list[Cost]] = {}
    country = zones()["country"]
    for _ in range(runs):
        forget(service)
        for what, period in (
            ("one country, 39 years and 11 months of days, first", "1981/2020-11"),
            ("the same request again", "1981/2020-11"),
            ("a month more", "1981/2020"),
        ):
            cost = ask(service, Question(layout, country, period, {}))
            found.setdefault(what, []).append(cost)
    every = units(113)
    for options in (Options(), Options(time_step="monthly"), SPI):
        cost = measured(service, partial(service.prepare, layout, every, options=options))
        found.setdefault("113 zones, prepared: days, months, sums of three", []).append(cost)
    many = units(1000)
    service.wait(service.prepare(layout, many, "mean", "2020"))
    for _ in range(runs):
        cost = ask(service, Question(layout, many, "2020", {}))
        found.setdefault("a year of days of 1,000 prepared zones", []).append(cost)
    for zone in every.zones[:runs]:
        alone = Area((zone,), zone.name)
        for what, asked in (
            ("a prepared zone's 40 years of days", dict[str, Any]()),
            ("its 40 years of months, and normals", MONTHS | {"against": "1991/2020"}),
            ("its SPI-3", MONTHS | {"accumulate": 3, "index": "spi", "against": "1991/2020"}),
        ):
            found.setdefault(what, []).append(
                ask(service, Question(layout, alone, "1981/2020", asked))
            )
    return found


MONTHS = {"time_step": "monthly"}
SPI = Options(time_step="monthly", accumulate=3)


def write_day(folder: Path, number: int) -> None:
    """Write the file of a day, of the whole globe at half a degree."""
    day = date(2024, 1, 1) + timedelta(number)
    with netCDF4.Dataset(folder / f"rain.{day:%Y%m%d}.nc", "w") as file:
        for name, axis in (
            ("lat", np.arange(89.75, -90, -0.5)),
            ("lon", np.arange(-179.75, 180, 0.5)),
        ):
            file.createDimension(name, len(axis))
            one = file.createVariable(name, "f8", (name,))
            one.units = {"lat": "degrees_north", "lon": "degrees_east"}[name]
            one[:] = axis
        file.createDimension("time", 1)
        file.createVariable("time", "f8", ("time",)).units = f"days since {day}"
        file["time"][:] = 0
        rain = file.createVariable("rain", "f4", ("time", "lat", "lon"), zlib=True, shuffle=True)
        rain.units = "mm/day"
        rain[:] = np.random.default_rng(number).gamma(0.3, 9.0, (1, 360, 720))


def day_more(data: Path, home: Path, runs: int) -> dict[str, list[Cost]]:
    """Prepare all units of the world, and append days."""
    folder = data / "days"
    folder.mkdir(parents=True)
    for number in range(DAYS):
        write_day(folder, number)
    row = {"title": "Days", "variable": "rain", "files": "days/*.nc", "time_step": "day"}
    put_rows(data / TABLE, {"days": row})
    found: dict[str, list[Cost]] = {}
    with Service(read_settings(home=home, data=data, workers=2)) as service:
        some = Area.from_box(25, 1, 29, 4)
        ask(service, Question("days", some, "2024", {}))  # workers are there, code is loaded
        every = service.area("admin_1_earth/*")
        what = f"4,556 units, {DAYS} days, prepared"
        for number in range(DAYS, DAYS + runs + 1):
            time.sleep(2.1)  # what was written just now is not kept
            cost = measured(service, lambda: service.prepare("days", every))
            found.setdefault(what, []).append(cost)
            what = "a day more of 4,556 prepared units"
            write_day(folder, number)
        for _ in range(runs):
            cost = ask(service, Question("days", every, "2024-01-01/2024-01-30", {}))
            found.setdefault("30 days of all 4,556 prepared units", []).append(cost)
    return found


def row(layout: str, what: str, costs: list[Cost]) -> str:
    """Write medians as a row."""
    cpu, wall = (statistics.median(getattr(one, n) for one in costs) for n in ("cpu", "wall"))
    goal = TARGETS.get(what)
    if goal is None:
        return f"| {layout} | {what} | {cpu:.3f} | {wall:.3f} | | |"
    verdict = "met" if wall <= goal else "missed"
    return f"| {layout} | {what} | {cpu:.3f} | {wall:.3f} | at most {goal:g} s | {verdict} |"


def page(rows: list[str]) -> str:
    """Write the part of the page of results."""
    return "\n".join(
        [
            "# What kept numbers save",
            "",
            "Made by `python -m benchmarks.kept`. Whole requests to a service with two workers,",
            "from submit until the result is on disk; CPU of all processes together; medians.",
            "Daily rain of 1981 to 2020 in yearly files of 240 by 240 cells; a country of 100 by",
            "100 cells; 113 zones that divide the archive. The 4,556 units are those of the world,",
            "on a grid of half a degree, a file a day.",
            "",
            machine(),
            "",
            "| chunks | | CPU [s] | wall [s] | target, wall | |",
            "| --- | --- | --- | --- | --- | --- |",
            *rows,
        ]
    )


def main() -> None:
    """Measure, print, and write the part of the page of results."""
    root, runs = long_archive(__doc__)
    catalog_of(root)
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        with Service(read_settings(home=Path(name) / "long", data=root, workers=2)) as service:
            some = Area.from_box(25, 1, 26, 2)
            for layout in LAYOUTS:
                ask(service, Question(layout, some, "1991", {}))  # code is loaded, headers are read
                for what, costs in of_layout(service, layout, runs).items():
                    rows.append(row(layout, what, costs))
                    print(rows[-1], flush=True)
        for what, costs in day_more(Path(name) / "data", Path(name) / "days", runs).items():
            rows.append(row("a map", what, costs))
            print(rows[-1], flush=True)
    put_part(RESULTS, page(rows))


if __name__ == "__main__":
    main()
