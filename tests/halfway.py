"""A task whose blocks a test does one by one, as workers would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from csserv import Area, Service, Settings
from csserv.catalog import Catalog
from csserv.tasks.log.task_log import TaskLog
from csserv.tasks.run.attempt import Attempt, Call
from csserv.tasks.run.attempt_plan import plan_attempt
from tests.files import Layout, write_granule

BOX = Area.from_box(22.0, -2.0, 26.0, 2.0)
LAT, LON = np.linspace(79.75, -80, 320), np.linspace(-179.5, 179.5, 360)
DAYS = np.arange(1.0, 366)

#: dataset → lengths of its chunks; a year of it is 168 MB, so that it is cut into blocks
CHUNKS = {"maps": (73, 320, 360), "columns": (365, 40, 40)}


def write_year(folder: Path) -> Path:
    """Write a year of data, each day of which holds its number, in two layouts."""
    values = np.broadcast_to(DAYS[:, None, None], (365, len(LAT), len(LON))).astype("f4")
    for name, chunks in CHUNKS.items():
        layout = Layout(storage={"chunksizes": chunks, "zlib": True, "complevel": 1})
        write_granule(folder / name / "rain.nc", values, LAT, LON, layout)
    return folder


def known_here(folder: Path, data: Path) -> Settings:
    """Write a catalogue of these data; return settings that know it."""
    catalog = folder / "own.toml"
    row = '[{0}]\ntitle = "Rain"\nvariable = "rain"\nfiles = "{0}/*.nc"\nunits = "mm/day"\n'
    catalog.write_text("".join(row.format(name) for name in CHUNKS))
    return Settings(home=folder / "home", data=data, catalog=catalog)


def planned(
    settings: Settings,
    dataset: str,
    operation: str,
    area: Area,
    period: str = "2019",
    **options: Any,
) -> Attempt:
    """Submit, claim and plan a task; nothing has been done for it yet."""
    with Service(settings, starts_runner=False) as service:
        service.submit(dataset, operation, area, period, **{"units": "cm/day"} | options)
    log = TaskLog(settings.home)
    task = log.claim(60.0)
    assert task is not None
    return plan_attempt(task, area, Catalog.read(settings.data, settings.catalog), settings.home)


def run(call: Call) -> None:
    """Do it."""
    call.function(*call.args)


def blocks(attempt: Attempt) -> list[Call]:
    """Do the weights; list the calls of the blocks."""
    for call in attempt.waiting:
        run(call)
    assert len(attempt.later[0]) > 1
    return attempt.later[0]
