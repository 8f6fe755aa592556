"""Files of rain of two months each, of which two versions lie ready; requests, done at once."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.request import Zone
from csserv.tasks.kept.kept_store import KeptStore
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt_plan import plan_attempt
from tests.files import Layout, write_granule
from tests.halfway import run

LAT, LON = np.arange(5.75, -6, -0.5), np.arange(20.25, 40, 0.5)

#: large and small, overlapping, at the edge of the data, a point, and one off the data in part
ZONES = tuple(
    Zone(str(number), f"zone {number}", shape)
    for number, shape in enumerate(
        [
            shapely.box(21.1, -5.2, 38.3, 5.7),
            shapely.box(24.0, -3.0, 30.0, 3.0),
            shapely.Polygon([(22, -5), (39, -4), (25, 5)]),
            shapely.Point(33.2, -1.9).buffer(0.9),
            shapely.Point(33.26, 2.24),
            shapely.box(18.0, -1.0, 22.0, 1.0),
        ]
    )
)

#: files of two months each; of each there are two that hold other numbers
FILES = [(year, month) for year in range(2010, 2020) for month in (1, 3, 5)]

#: so large that several calls share the same steps
WIDE = Area.from_box(-150.0, -60.0, 150.0, 60.0)

STORE = 10**9


def write_file(path: Path, year: int, month: int, seed: int) -> None:
    random = np.random.default_rng((year, month, seed))
    rain = random.gamma(0.3, 9.0, (61, len(LAT), len(LON)))
    rain[:, :4, :9] = np.nan  # a sea
    rain[random.random(rain.shape) < 0.01] = np.nan
    packed = month == 3  # beside others that are not
    stored = np.where(np.isnan(rain), -9, np.round(rain * 20)) if packed else rain
    own = {"_FillValue": np.int16(-9), "scale_factor": 0.05, "add_offset": 0.01 * (year - 2010)}
    layout = Layout(
        dtype="i2" if packed else "f4",
        attributes=own if packed else {},
        units=f"days since {year}-{month:02}-01",
        storage={"chunksizes": (13, 24, 16) if year < 2018 else (7, 12, 40), "zlib": True},
    )
    write_granule(path, stored[: 59 if month == 1 else 61], LAT, LON, layout)


def write_archive(folder: Path, files: Sequence[tuple[int, int]] = FILES) -> Path:
    """Write both versions of files, choose the first, and wait until they may be believed."""
    for year, month in files:
        for seed in (0, 1):
            write_file(folder / "all" / f"rain_{year}{month:02}_{seed}.nc", year, month, seed)
        choose(folder, year, month, 0)
    text = '[rain]\ntitle = "Rain"\nvariable = "rain"\nfiles = "rain_*.nc"\nunits = "mm/day"\n'
    (folder / "own.toml").write_text(text)
    time.sleep(2.1)
    return folder


def choose(folder: Path, year: int, month: int, seed: int) -> None:
    """Let one of two files be that of the dataset."""
    link = folder / "data" / f"rain_{year}{month:02}.nc"
    link.parent.mkdir(exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(folder / "all" / f"rain_{year}{month:02}_{seed}.nc")


def settings_of(folder: Path) -> Settings:
    return Settings(home=folder / "home", data=folder / "data", catalog=folder / "own.toml")


def result(own: Settings, store: KeptStore | None, dataset: str, **asked: Any) -> dict[str, Any]:
    """Compute a request as a runner and its workers do; return what answers it."""
    with Service(own, starts_runner=False) as service:
        service.submit(dataset, **asked)
    task = TaskLog(own.home).claim(60.0)
    assert task is not None
    area = TaskLog(own.home).area(task.request)
    attempt = plan_attempt(task, area, Catalog.read(own.data, own.catalog), own.home, store)
    for calls in (attempt.waiting, *attempt.later):
        for call in calls:
            run(call)
    whole = json.loads((own.home / "results" / task.id / f"{task.id}.json").read_text())
    told = whole.pop("provenance").get("kept", {})
    del whole["id"], whole["checksum"]
    return whole | {"kept": told}


def kept_steps(one: dict[str, Any]) -> int:
    return int(one["kept"].get("steps", 0))
