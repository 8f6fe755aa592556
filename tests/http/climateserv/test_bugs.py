"""Faults of ClimateSERV that are not ours: section by section of the contract's list of thirteen.

The grid of the data is 20 to 40 E, 8 N to 8 S, cells of one degree: see ``numbered``.
"""

from __future__ import annotations

import io
import json
import zipfile
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest
import requests
from rasterio.io import MemoryFile
from tinydb import TinyDB

from csserv import Area, Service, Settings
from csserv.tasks.log.task_log import TaskLog
from tests.http.climateserv.legacy import call, document, finished, poll, submit, values
from tests.http.conftest import Server

ONES, GRADIENT, GRADIENT_UP, SPOILT = 26, 90, 91, 541
pytestmark = pytest.mark.slow

ONE_DAY = {"begintime": "01/01/2019", "endtime": "01/01/2019"}


def ring(*corners: tuple[float, float]) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [[*corners, corners[0]]]})


def box(west: float, south: float, east: float, north: float) -> str:
    return ring((west, south), (east, south), (east, north), (west, north))


def area(south: float, north: float) -> float:
    """What cells between two latitudes weigh, of one width."""
    return float(np.sin(np.deg2rad(north)) - np.sin(np.deg2rad(south)))


def test_1_cells_outside_a_triangle_do_not_count_as_zero(server: Server) -> None:
    triangle = ring((22, -4), (30, -4), (22, 4))
    for code in (0, 1, 5):
        asked = {"datatype": ONES, "operationtype": code, "geometry": triangle}
        assert values(server, **asked, **ONE_DAY) == pytest.approx([1.0])


@pytest.mark.parametrize("dataset", [GRADIENT, GRADIENT_UP])
def test_2_north_is_north_whichever_way_the_file_goes(server: Server, dataset: int) -> None:
    row = box(22, 4, 30, 5)
    assert values(server, datatype=dataset, geometry=row, **ONE_DAY) == pytest.approx([4.5])


@pytest.mark.parametrize("dataset", [GRADIENT, GRADIENT_UP])
def test_3_a_window_that_is_not_square_stretches_nothing(server: Server, dataset: int) -> None:
    # eight cells from 5 N to 6 N, and one from 4 N to 5 N:
    #   # # # # # # # #    5.5
    #   # . . . . . . .    4.5
    hook = ring((22, 4), (23, 4), (23, 5), (30, 5), (30, 6), (22, 6))
    upper, lower = 8 * area(5, 6), area(4, 5)
    expected = (5.5 * upper + 4.5 * lower) / (upper + lower)
    assert values(server, datatype=dataset, geometry=hook, **ONE_DAY) == pytest.approx([expected])


def test_4_maps_lie_where_they_belong_and_days_begin_at_midnight_utc(server: Server) -> None:
    asked = {"datatype": GRADIENT, "operationtype": 6, "geometry": box(22, 3, 25, 5)}
    task_id = finished(server, **asked, **ONE_DAY)
    with zipfile.ZipFile(
        io.BytesIO(call(server, "getFileForJobID", id=task_id).content)
    ) as archive:
        content = archive.read("20190101.tif")
    with MemoryFile(content) as memory, memory.open() as tiff:
        assert tuple(tiff.bounds) == (22, 3, 25, 5)
        assert tiff.read(1).tolist() == [[4.5] * 3, [3.5] * 3]
        assert np.isnan(tiff.nodata)
    (row,) = call(server, "getDataFromRequest", id=task_id).json()["data"]
    assert row["epochTime"] == 1546300800  # date -u -d 2019-01-01 +%s


def test_5_a_failed_request_is_lost_and_says_why(server: Server) -> None:
    (task_id,) = submit(server, datatype=SPOILT, endtime="01/03/2019").json()
    answers = poll(server, task_id)
    assert answers[-1] == "[-1.0]"
    assert not any("100" in text for text in answers)
    for method, key in (("getDataFromRequest", "errMsg"), ("getFileForJobID", "msg")):
        answer = call(server, method, id=task_id)
        assert answer.status_code == 410
        assert "a.nc: damaged chunk" in answer.json()[key]


def test_6_each_request_is_taken_by_one(settings: Settings, service: Service) -> None:
    for day in range(1, 31):
        service.submit("rain", "mean", Area.from_box(24, 0, 26, 2), f"2019-01-{day:02}")
    start, claimed = Barrier(8), list[str]()

    def claim() -> None:
        log = TaskLog(settings.home)
        start.wait()
        while task := log.claim(60):
            claimed.append(task.id)

    threads = [Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(task.id for task in service.tasks())
    assert len(claimed) == 30


def test_6_a_request_outlives_those_who_work_on_it(server: Server) -> None:
    (task_id,) = submit(
        server, datatype=542, operationtype=2, begintime="01/01/2019", endtime="12/29/2026"
    ).json()
    while call(server, "getDataRequestProgress", id=task_id).text == "[0.0]":
        pass
    for worker in server.processes.workers("serve"):
        worker.kill()
    assert poll(server, task_id)[-1] == "[100.0]"
    rows = call(server, "getDataFromRequest", id=task_id).json()["data"]
    assert len(rows) == 8 * 365
    assert {row["value"]["median"] for row in rows} == {1.0}
    with TinyDB(server.settings.home / "task_log.json", access_mode="r") as log:
        assert [one["id"] for one in log].count(task_id) <= 1


def test_7_no_day_is_lost_at_the_turn_of_the_year(server: Server) -> None:
    found = document(server, datatype=32, begintime="12/15/2018", endtime="02/10/2019")["data"]
    assert [row["value"]["avg"] for row in found] == pytest.approx(np.arange(15, 73))
    assert [found[place]["date"] for place in (0, 16, 17, -1)] == [
        *("12/15/2018", "12/31/2018", "01/01/2019", "02/10/2019")
    ]


def test_8_cells_count_by_their_area_on_the_globe(server: Server) -> None:
    rows = np.arange(8)
    weights = [area(south, south + 1) for south in rows]
    expected = np.average(rows + 0.5, weights=weights)
    assert expected < 3.995  # 4 without weights
    north = box(22, 0, 24, 8)
    assert values(server, datatype=GRADIENT, geometry=north, **ONE_DAY) == pytest.approx([expected])


def test_8_an_area_that_holds_no_centre_is_not_its_bounding_box(server: Server) -> None:
    # a sliver through the corners of four cells, three quarters of it in the northern ones
    sliver = box(23.6, 3.9, 24.4, 4.3)
    north, south = area(4, 4.3), area(3.9, 4)
    expected = (4.5 * north + 3.5 * south) / (north + south)
    found = values(server, datatype=GRADIENT, geometry=sliver, **ONE_DAY)
    assert found == pytest.approx([expected])


def test_8_an_area_off_the_grid_takes_no_cells_of_its_edge(server: Server) -> None:
    answer = submit(server, datatype=GRADIENT, geometry=box(41, 0, 43, 2), **ONE_DAY)
    assert answer.status_code == 400
    assert "which covers longitude 20 to 40, latitude -8 to 8" in answer.json()[0]
    asked = {"datatype": GRADIENT, "geometry": box(39, 7, 41, 9)}
    (row,) = document(server, **asked, **ONE_DAY)["data"]
    assert row["value"]["avg"] == pytest.approx(7.5)
    assert row["NaN"] == pytest.approx(100 - 50 * area(7, 8) / area(7, 9), abs=0.01)


@pytest.mark.parametrize(("code", "expected"), [(2, 5.5), (3, 1.0), (4, 29.5)])
def test_9_median_range_and_sum_are_not_empty(server: Server, code: int, expected: float) -> None:
    # five cells of 5.5 and one of 4.5 less a half of it, whose weight does not bring it in
    hook = ring((22, 4), (22.5, 4), (22.5, 5), (27, 5), (27, 6), (22, 6))
    total = 5 * 5.5 + 0.5 * 4.5
    wanted = total if code == 4 else expected
    asked = {"datatype": GRADIENT, "operationtype": code, "geometry": hook}
    assert values(server, **asked, **ONE_DAY) == pytest.approx([wanted])


@pytest.mark.parametrize("code", range(9))
def test_10_a_step_without_data_is_no_bare_nan(server: Server, code: int) -> None:
    day = {"begintime": "01/05/2019", "endtime": "01/05/2019"}
    (row,) = document(server, operationtype=code, **day)["data"]  # refuses NaN and Infinity
    assert row["raw_value"] == (1.0 if code > 5 else -9999)
    assert row["NaN"] == 100.0


def test_11_several_points_are_their_cells_and_no_box(server: Server) -> None:
    points = json.dumps({"type": "MultiPoint", "coordinates": [[22.5, 7.5], [30.5, 7.5]]})
    asked = {"datatype": GRADIENT, "geometry": points}
    assert values(server, **asked, **ONE_DAY) == pytest.approx([7.5])
    assert values(server, operationtype=4, **asked, **ONE_DAY) == pytest.approx([15.0])


def test_11_a_map_of_a_point_is_its_cell(server: Server) -> None:
    point = json.dumps({"type": "Point", "coordinates": [22.3, 6.8]})
    asked = {"datatype": GRADIENT, "operationtype": 6, "geometry": point}
    answer = call(server, "getFileForJobID", id=finished(server, **asked, **ONE_DAY))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = archive.namelist()
        with MemoryFile(archive.read(name)) as memory, memory.open() as tiff:
            assert tiff.read(1).tolist() == [[6.5]]


def test_12_longer_steps_are_made_of_days_and_what_is_missing_is_not_zero(server: Server) -> None:
    long: dict[str, Any] = {"datatype": 6, "endtime": "02/28/2019"}
    # 1 to 31 without 5 in January, zeros in February
    assert values(server, intervaltype=1, **long) == pytest.approx([491 / 30, 0.0])
    assert values(server, intervaltype=2, **long) == pytest.approx([491 / 58])
    # of rain, the days with data stand for the one without
    assert values(server, intervaltype=1) == pytest.approx([491 / 30 * 31])


def test_13_nothing_can_be_changed_without_leave(server: Server) -> None:
    for path in ("admin", "api/admin", "etl", "api/settings", "api/etl_datasets"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert requests.request(method, f"{server.url}/{path}", timeout=60).status_code == 404
    for method in ("PUT", "PATCH", "DELETE"):
        answer = requests.request(method, f"{server.url}/api/submitDataRequest/", timeout=60)
        assert answer.status_code == 405
