"""The published clients of ClimateSERV get what they ask for; only their host is another."""

from __future__ import annotations

import csv
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest

from tests.http.climateserv import r_chirps
from tests.http.conftest import Server, start
from tests.processes import PYTHON

pytestmark = pytest.mark.slow

SQUARE = [[24, 0], [26, 0], [26, 2], [24, 2], [24, 0]]


def run(server: Server, call: str, **given: Any) -> Any:
    """Run a client in a process of its own, and return what it returns."""
    done = subprocess.run(
        [*PYTHON, "tests.http.climateserv.redirected", server.url, call, json.dumps(given)],
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.partition("returned: ")[2])


def climateserv(server: Server, operation: str, outfile: Path | str, **changes: Any) -> Any:
    asked = {
        "data_set_type": 0,
        "operation_type": operation,
        "earliest_date": "01/01/2019",
        "latest_date": "01/06/2019",
        "geometry_coords": SQUARE,
        "seasonal_ensemble": "",
        "seasonal_variable": "",
        "outfile": str(outfile),
    }
    return run(server, "climateserv", **asked | changes)


@pytest.mark.parametrize(("operation", "key"), [("Average", "avg"), ("Max", "max"), ("Min", "min")])
def test_climateserv_writes_a_csv(server: Server, tmp_path: Path, operation: str, key: str) -> None:
    climateserv(server, operation, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        (job, task_id), heads, *rows = csv.reader(file)
    assert (job, heads) == ("JobID", ["date", key])
    assert [day for day, _ in rows] == [f"01/0{day}/2019" for day in range(1, 7)]
    assert [float(value) for _, value in rows] == pytest.approx([1, 2, 3, 4, -9999, 6])
    assert server.ask("GET", f"/tasks/{task_id}").json()["state"] == "succeeded"


@pytest.mark.parametrize(
    ("dataset", "ensemble", "variable", "expected"),
    [(0, "", "", 2.0), ("CHIRPS", "", "", 2.0), ("CCSM4", "ens02", "Precipitation", 3.0)],
)
def test_climateserv_keeps_the_answer_in_memory(
    server: Server, dataset: str | int, ensemble: str, variable: str, expected: float
) -> None:
    found = climateserv(
        server,
        "Average",
        "memory_object",
        data_set_type=dataset,
        seasonal_ensemble=ensemble,
        seasonal_variable=variable,
        earliest_date="01/02/2019",
        latest_date="01/02/2019",
    )
    assert [row["value"] for row in found["data"]] == [{"avg": pytest.approx(expected)}]


@pytest.mark.parametrize("operation", ["Download", "NetCDF"])
def test_climateserv_downloads_a_zip(server: Server, tmp_path: Path, operation: str) -> None:
    climateserv(server, operation, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        if operation == "Download":
            assert names == [f"2019010{day}.tif" for day in range(1, 7)]
            return
        with netCDF4.Dataset("a.nc", memory=archive.read(names[0])) as data:
            assert data["rain"][1].tolist() == [[2.0, 2.0], [2.0, 2.0]]


def test_climateserv_ends_when_a_request_fails(server: Server, tmp_path: Path) -> None:
    climateserv(server, "Average", tmp_path / "out.csv", data_set_type=541)
    assert not (tmp_path / "out.csv").exists()


def climateservaccess(**changes: Any) -> dict[str, Any]:
    return {
        "data_type": 0,
        "start_date": "01/04/2019",
        "end_date": "01/06/2019",
        "operation_type": "Average",
    } | changes


def test_climateservaccess_makes_a_frame(server: Server) -> None:
    rows = run(server, "data_frame", geometry_coords=SQUARE, **climateservaccess())
    assert [row["data"]["value"]["avg"] for row in rows] == pytest.approx([4, -9999, 6])
    assert {row["operationtype"] for row in rows} == {5}


def test_climateservaccess_writes_a_csv(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    asked = climateservaccess(operation_type="max", filename=str(path))
    run(server, "data_file", geometry_coords=[1.5, 24.5, 0.5], **asked)
    with path.open(newline="") as file:
        heads, *rows = csv.reader(file)
    assert heads == ["Date", "CHIRPS_Rainfall"]
    assert [(day, float(value)) for day, value in rows] == [
        *(("2019-01-04", 4.0), ("2019-01-05", -9999.0), ("2019-01-06", 6.0))
    ]


def test_climateservaccess_ends_when_a_request_fails(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    asked = climateservaccess(data_type=541, filename=str(path))
    run(server, "data_file", geometry_coords=[1.5, 24.5, 0.5], **asked)
    assert not path.exists()


DAYS = ["01/01/2019", "01/02/2019", "01/03/2019"]


@pytest.mark.parametrize("rings", [r_chirps.DEGREES, r_chirps.METRES], ids=["degrees", "metres"])
def test_chirps_of_r_has_its_rows_on_a_corner_of_cells(server: Server, rings: Any) -> None:
    rows = r_chirps.get_chirps(server.url, r_chirps.geojson(rings[24.0, 0.0]))
    assert rows == [(day, pytest.approx(level)) for level, day in enumerate(DAYS, 1)]


@pytest.mark.parametrize("key", ["max", "min", "avg"])
def test_chirps_of_r_has_its_rows_on_half_a_degree(server: Server, key: str) -> None:
    code, wanted = {"max": (0, 4.0), "min": (1, 1.0), "avg": (5, 2.5)}[key]
    point = r_chirps.geojson(r_chirps.DEGREES[24.5, 0.5])
    how = {"datatype": "33", "operationtype": str(code)}
    rows = r_chirps.get_chirps(server.url, point, **how)
    assert rows == [(day, pytest.approx(wanted)) for day in DAYS]
    # sf's buffer in metres lies in the east by 0.642, and in the south by 0.1186
    rows = r_chirps.get_chirps(server.url, r_chirps.geojson(r_chirps.METRES[24.5, 0.5]), **how)
    share = {"max": wanted, "min": wanted, "avg": 1 + 0.642 + 2 * 0.1186}[key]
    assert rows == [(day, pytest.approx(share, abs=1e-3)) for day in DAYS]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it is without settings."""
    yield from start(tmp_path_factory.mktemp("usual"))


def test_twelve_scripts_behind_one_address_get_their_rows_under_default_settings(
    usual: Server,
) -> None:
    """They ask for progress without a pause."""
    squares = [[[west + x, y] for x, y in SQUARE] for west in np.arange(-2, 1, 0.25)]
    asked = climateservaccess(start_date="01/01/2019", end_date="02/28/2019")
    assert run(usual, "office", scripts=12, squares=squares, **asked) == [59] * 12
