"""What an index of many zones costs as a request: from submit until the result is on disk."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import shapely

from benchmarks.measure import Cost, Meter
from csserv import Service
from csserv.catalog.samples.many_years import build_many_years
from csserv.request import Area, Zone
from csserv.settings import read_settings

PERIOD, REFERENCE = "1981/2025", "1991/2020"
ROWS, COLUMNS = 68, 67  #: of boxes: 4,556, about as many as the districts of a continent

#: wall [s]
AT_MOST = 60.0


def boxes() -> Area:
    """Divide the land of the samples into boxes, none of which has the edges of cells."""
    west, south, east, north = 32.05, -5.95, 38.95, 5.95
    width, height = (east - west) / COLUMNS, (north - south) / ROWS
    named = [
        (f"{row}-{column}", west + width * column, south + height * row)
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]
    every = [Zone(name, name, shapely.box(x, y, x + width, y + height)) for name, x, y in named]
    return Area(tuple(every), "boxes")


def ask_index(runs: int) -> list[str]:
    """Measure SPI-3 beside the series that it is of; Markdown, the verdict first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_many_years(folder / "data")
        settings = read_settings(home=folder / "home", data=folder / "data", workers=2)
        series: list[Cost] = []
        index: list[Cost] = []
        size = 0.0
        with Service(settings) as service:
            area = boxes()
            ask(service, area)  # workers start, files are looked at
            ask(service, Area(area.zones[:10], "some"), index="spi", against=REFERENCE)
            for _ in range(runs):
                series.append(ask(service, area)[0])
                cost, size = ask(service, area, index="spi", accumulate=3, against=REFERENCE)
                index.append(cost)
    zones = f"{len(area.zones):,} zones, 45 years of dekads"
    wall = statistics.median(one.wall for one in index)
    verdict = "met" if wall <= AT_MOST else "missed"
    return [
        f"| SPI-3 of {zones} [s] | at most {AT_MOST:g} | {wall:.1f} | {verdict} |",
        f"| a whole request of {zones}, months | CPU [s] | wall [s] | memory [MB] | JSON [MB] |",
        "| --- | --- | --- | --- | --- |",
        _row("the series", series, ""),
        _row("SPI-3 of them", index, f"{size:.0f}"),
    ]


def ask(service: Service, area: Area, **options: Any) -> tuple[Cost, float]:
    """Submit, and wait until the result is there; its cost, and its size [MB]."""
    own = psutil.Process()
    meter = Meter([own, *own.children(recursive=True)])
    with meter.running():
        task = service.submit(
            "synthetic_rain", "mean", area, PERIOD, time_step="monthly", **options
        )
        path = service.settings.home / "results" / task.id / f"{task.id}.json"
        while not (path.exists() or service.task(task).state.is_final):
            time.sleep(0.05)
    return meter.cost, path.stat().st_size / 1e6


def _row(what: str, costs: list[Cost], size: str) -> str:
    cpu, wall = (statistics.median(getattr(one, key) for one in costs) for key in ("cpu", "wall"))
    memory = max(one.memory for one in costs)
    return f"| {what} | {cpu:.1f} | {wall:.1f} | {memory:.0f} | {size} |"
