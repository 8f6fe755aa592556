"""A server as a user starts it, ``csserv serve --api-only``, on small real files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from csserv import RemoteService, Settings
from csserv.opening import connect
from tests.files import LAT, LON, write_granule
from tests.http.climateserv import numbered
from tests.outputs.ensembles import numbers, write_month
from tests.processes import CSSERV, Supervisor, environment, eventually, free_port

TABLE = """
[rain]
title = "Rain"
variable = "rain"
files = "rain/*.nc"
units = "mm/day"
number = 0

[long]
title = "Rain of many days, slow to read"
variable = "rain"
files = "long/*.nc"
units = "mm/day"

[ensemble]
title = "Members"
variable = "rain"
files = "ensemble/*.nc"

[years]
title = "Months of sixteen years"
variable = "rain"
files = "years/*.nc"
units = "mm"

[broken]
title = "A file that is none"
variable = "rain"
files = "broken/*.nc"
"""

#: a part of the grid, and all of it
BOX = {"box": [22.0, -2.0, 26.0, 2.0]}


@dataclass
class Server:
    """A running server."""

    url: str
    settings: Settings
    processes: Supervisor

    def ask(self, method: str, path: str, **how: Any) -> requests.Response:
        return requests.request(method, f"{self.url}/api/v1{path}", timeout=60, **how)

    def submit(self, **asked: Any) -> dict[str, Any]:
        usual = {"dataset": "rain", "operation": "mean", "area": BOX, "period": "2019-01"}
        answer = self.ask("POST", "/tasks", json=usual | asked)
        assert answer.status_code == 202, answer.text
        return dict(answer.json())

    def until_ended(self, task_id: str) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def has_ended() -> bool:
            found.update(self.ask("GET", f"/tasks/{task_id}").json())
            return found["state"] in ("succeeded", "failed", "cancelled")

        eventually(has_ended, what=f"{task_id} did not end")
        return found


def write_data(data: Path) -> None:
    """January 2019 holds 1, 2, 3, … by day, but for the 5th, which has no data; then zeros."""
    for month, first, count in ((1, 0, 31), (2, 31, 28)):
        days = first + np.arange(count)
        level = days + 1.0 if month == 1 else np.zeros(count)
        level[days == 4] = np.nan
        values = np.broadcast_to(level[:, None, None], (count, len(LAT), len(LON)))
        write_granule(data / "rain" / f"rain_{month}.nc", np.array(values), LAT, LON, days=days)
    write_month(data / "ensemble" / "01.nc", "ensemble", numbers("ensemble")[:31], 0)
    for year in range(8):
        days = np.arange(365) + 365 * year
        values = np.ones((365, len(LAT), len(LON)))
        write_granule(data / "long" / f"long_{year}.nc", values, LAT, LON, days=days)
    months = np.arange("2000-01", "2016-01", dtype="M8[M]").astype("M8[D]")
    days = (months - np.datetime64("2019-01-01")).astype(int)
    values = np.broadcast_to((days + 7000.0)[:, None, None], (len(days), len(LAT), len(LON)))
    write_granule(data / "years" / "rain.nc", np.array(values), LAT, LON, days=days)
    numbered.write_numbered(data)
    (data / "broken").mkdir()
    (data / "broken" / "rain.nc").write_text("no NetCDF")


def start(folder: Path, **settings: Any) -> Iterator[Server]:
    write_data(folder / "data")
    catalog = folder / "own.toml"
    catalog.write_text(TABLE + numbered.TABLE)
    own = Settings(home=folder / "home", data=folder / "data", catalog=catalog, **settings)
    port = free_port()
    given = own.model_dump(mode="json", exclude_none=True)
    with Supervisor(environment(given), folder / "output") as processes:
        processes.start("serve", [*CSSERV, "serve", "--api-only", "--port", str(port)])
        url = f"http://127.0.0.1:{port}"
        server = Server(url, own, processes)
        eventually(lambda: "serves" in processes.said("serve"), what="it does not serve")
        eventually((own.home / "scheduler").exists, what="its runner does not work")
        yield server
    said = processes.said("serve")
    assert "Traceback" not in said, said


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from start(tmp_path_factory.mktemp("server"), requests_per_second=1000)


@pytest.fixture
def remote(server: Server) -> Iterator[RemoteService]:
    with connect(server.url) as service:
        assert isinstance(service, RemoteService)
        yield service
