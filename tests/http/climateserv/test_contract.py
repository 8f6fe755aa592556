"""The contract of ClimateSERV's API, to the byte where clients depend on it."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import netCDF4
import pytest
import requests
from rasterio.io import MemoryFile

from csserv.http.climateserv.handlers import METHODS
from csserv.http.climateserv.percent import MonotonicProgress
from tests.cf_checker import complaints
from tests.http.climateserv.legacy import (
    SQUARE,
    USUAL,
    call,
    document,
    finished,
    poll,
    submit,
    values,
)
from tests.http.conftest import Server
from tests.processes import halted_runners

BASES = ("api", "chirps", "chirps/scriptAccess")
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TYPES = (
    '[[0, "max", "Max"], [1, "min", "Min"], [2, "median", "Median"], [3, "range", "Range"], '
    '[4, "sum", "Sum"], [5, "avg", "Average"], [6, "download", "Download"], '
    '[7, "netcdf", "NetCDF"], [8, "csv", "CSV"]]'
)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("end", ["", "/"])
def test_three_base_paths_with_and_without_last_slash(server: Server, base: str, end: str) -> None:
    answer = requests.get(f"{server.url}/{base}/getParameterTypes{end}", timeout=60)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.content == TYPES.encode()


def test_an_accepted_request_answers_one_uuid_and_no_more(server: Server) -> None:
    answer = submit(server)
    assert re.fullmatch(rf'\["{UUID4}"\]'.encode(), answer.content)


@pytest.mark.parametrize("how", ["urlencoded", "multipart", "query"])
def test_parameters_stand_in_the_form_or_else_in_the_query(server: Server, how: str) -> None:
    url = f"{server.url}/api/submitDataRequest/"
    wrong = {"operationtype": "99"}  # the form comes first
    if how == "urlencoded":
        answer = requests.post(url, params=wrong, data=USUAL, timeout=60)
    elif how == "multipart":
        parts = {name: (None, str(value)) for name, value in USUAL.items()}
        answer = requests.post(url, params=wrong, files=parts, timeout=60)
    else:
        answer = requests.get(url, params=USUAL, timeout=60)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", ["f", "$", "_a.b$9", "jQuery1_2"])
def test_a_callback_gets_its_answer(server: Server, name: str) -> None:
    answer = call(server, "getParameterTypes", callback=name)
    assert answer.headers["Content-Type"] == "application/javascript"
    assert answer.text == f"{name}({TYPES})"


@pytest.mark.parametrize("name", ["f(", "1f", "a-b", "<script>", "f;alert", "é", "f\nf"])
def test_what_is_no_name_is_no_callback(server: Server, name: str) -> None:
    answer = call(server, "getParameterTypes", callback=name)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/html"
    assert "callback is " in answer.json()["errMsg"]
    assert "<script>" not in answer.text


def test_what_was_given_cannot_become_a_page(server: Server) -> None:
    answer = submit(server, begintime="<img src=x onerror=alert(1)>")
    assert answer.status_code == 400
    assert "<" not in answer.text
    assert "<img" in answer.json()[0]


def test_pages_of_all_sites_may_ask_for_these_paths_and_no_others(server: Server) -> None:
    origin = {"Origin": "https://elsewhere.example"}
    for method in METHODS:
        answer = requests.options(f"{server.url}/api/{method}/", headers=origin, timeout=60)
        assert answer.status_code == 204
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
    # but where callers on the machine itself are trusted, see test_foreign_sites
    assert call(server, "getFeatureLayers").headers["Access-Control-Allow-Origin"] == "*"
    native = server.ask("GET", "/datasets", headers=origin)
    assert "Access-Control-Allow-Origin" not in native.headers


def test_progress_is_one_number_that_never_falls(server: Server) -> None:
    answers = poll(server, submit(server).json()[0])
    assert all(re.fullmatch(r"\[\d{1,3}\.\d\]", text) for text in answers)
    assert not any("100" in text for text in answers[:-1])
    assert answers == sorted(answers, key=lambda text: float(text[1:-1]))


def test_a_task_that_begins_anew_is_told_no_less_than_before() -> None:
    progress = MonotonicProgress()
    assert [progress.report("a", share) for share in (0.0, 40.0, 0.0, 30.0, 99.9)] == [
        *(0.0, 40.0, 40.0, 40.0, 99.9)
    ]


@pytest.mark.parametrize("task_id", ["0b6f9d2e-6a0c-4f0e-9d0a-ffffffffffff", "nothing", "-1", "🦒"])
def test_an_unknown_id_polls_as_lost(server: Server, task_id: str) -> None:
    answer = call(server, "getDataRequestProgress", id=task_id)
    assert (answer.status_code, answer.content) == (200, b"[-1.0]")
    for method, key in (("getDataFromRequest", "errMsg"), ("getFileForJobID", "msg")):
        missing = call(server, method, id=task_id)
        assert missing.status_code == 404
        assert "no task" in missing.json()[key]


def test_a_cancelled_request_polls_as_lost_and_says_why(server: Server) -> None:
    with halted_runners(server.settings.home):
        task = server.submit(dataset="long", operation="p50", period="2019/2026")
        assert server.ask("DELETE", f"/tasks/{task['id']}?action=cancel").status_code == 200
    assert call(server, "getDataRequestProgress", id=task["id"]).text == "[-1.0]"
    answer = call(server, "getDataFromRequest", id=task["id"])
    assert answer.status_code == 410
    assert "cancelled" in answer.json()["errMsg"]


def test_a_request_under_way_has_no_data_and_no_file_yet(server: Server) -> None:
    with halted_runners(server.settings.home):
        task = server.submit(dataset="long", operation="p50", period="2019/2026")
        data = call(server, "getDataFromRequest", id=task["id"])
        file = call(server, "getFileForJobID", id=task["id"])
    assert data.status_code == 409
    assert "no result yet" in data.json()["errMsg"]
    assert file.status_code == 409
    assert re.fullmatch(
        r'\{"msg": "File still being built\.", "fileProgress": "\d{1,2}\.\d"\}', file.text
    )
    server.ask("DELETE", f"/tasks/{task['id']}?action=cancel")


def test_data_are_written_as_clients_read_them(server: Server) -> None:
    task_id = finished(server, begintime="1/4/2019", endtime="01/06/2019", operationtype=0)
    answer = call(server, "getDataFromRequest", id=task_id)
    rows = [
        '{"year": 2019, "month": 1, "day": 4, "date": "01/04/2019", "epochTime": 1546560000, '
        '"value": {"max": 4.0}, "raw_value": 4.0, "NaN": 0.0, "isodate": "01/04/2019"}',
        '{"year": 2019, "month": 1, "day": 5, "date": "01/05/2019", "epochTime": 1546646400, '
        '"value": {"max": -9999}, "raw_value": -9999, "NaN": 100.0, "isodate": "01/05/2019"}',
        '{"year": 2019, "month": 1, "day": 6, "date": "01/06/2019", "epochTime": 1546732800, '
        '"value": {"max": 6.0}, "raw_value": 6.0, "NaN": 0.0, "isodate": "01/06/2019"}',
    ]
    area = json.dumps(answer.json()["polygon_Str_ToPass"])
    assert answer.text == (
        f'{{"data": [{", ".join(rows)}], "polygon_Str_ToPass": {area}, "uid": "{task_id}", '
        '"datatype": 0, "operationtype": 0, "intervaltype": 0, "derived_product": false}'
    )
    assert json.loads(answer.json()["polygon_Str_ToPass"])["type"] == "Polygon"
    assert answer.headers["Link"].startswith(f"</api/v1/tasks/{task_id}/result>")
    assert server.ask("GET", f"/tasks/{task_id}/result").json()["id"] == task_id


@pytest.mark.parametrize(
    ("code", "key", "value"),
    [
        *((0, "max", 2.0), (1, "min", 2.0), (2, "median", 2.0), (3, "range", 0.0)),
        *((4, "sum", 8.0), (5, "avg", 2.0), (6, "download", 1.0), (7, "netcdf", 1.0)),
        (8, "csv", 1.0),
    ],
)
def test_every_operation_has_a_row_with_its_one_key(
    server: Server, code: int, key: str, value: float
) -> None:
    found = document(server, operationtype=code, begintime="01/02/2019", endtime="01/02/2019")
    (row,) = found["data"]
    assert row["value"] == {key: pytest.approx(value)}
    assert row["raw_value"] == row["value"][key]
    assert found["operationtype"] == code
    assert [name for name, part in found.items() if isinstance(part, dict | list)] == ["data"]


def test_an_interval_is_a_time_step(server: Server) -> None:
    monthly = document(server, intervaltype=1, datatype=7, endtime="02/28/2019")
    assert [row["value"]["avg"] for row in monthly["data"]] == pytest.approx([31.0, 28.0])
    assert [row["isodate"] for row in monthly["data"]] == ["01/01/2019", "02/01/2019"]
    assert monthly["intervaltype"] == 1
    yearly = document(server, intervaltype=2, datatype=7, endtime="02/28/2019")
    assert [row["value"]["avg"] for row in yearly["data"]] == pytest.approx([59.0])
    assert yearly["data"][0]["isodate"] == "01/01/2019"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"datatype": "12345"}, "no dataset has the number '12345'; there are 0 to 2, 5 to 26,"),
        ({"datatype": "chirp s"}, "did you mean"),
        ({"datatype": None}, "datatype is missing"),
        ({"datatype": 667}, "has no files on this server"),
        ({"operationtype": -1}, "operationtype is '-1'; allowed are 0 Max, 1 Min"),
        ({"intervaltype": 3}, "allowed are 0 day, 1 month, 2 year"),
        ({"begintime": "2019-01-01"}, "write a day as MM/DD/YYYY"),
        ({"begintime": "02/30/2019"}, "no day"),
        ({"endtime": "01/01/2018"}, "ends (2018-01-01) before it starts"),
        ({"begintime": "01/01/2030", "endtime": "01/01/2030"}, "it has 2019-01-01 to 2019-02-28"),
        ({"geometry": "{"}, "no JSON"),
        ({"geometry": None}, "give geometry (GeoJSON), or layerid and featureids"),
        ({"geometry": '{"type": "LineString", "coordinates": [[0, 0], [1, 1]]}'}, "LineString"),
        ({"geometry": None, "layerid": "country", "featureids": "KENN"}, "did you mean KEN"),
        ({"geometry": None, "layerid": "contry", "featureids": "KEN"}, "country"),
        ({"datatype": "CCSM4", "seasonal_ensemble": "ens11"}, "CCSM4 has ens01 to ens10"),
        ({"datatype": "CFSV2", "seasonal_ensemble": "ens01"}, "Temperature, Precipitation"),
    ],
)
def test_a_refusal_says_what_was_given_and_what_is_allowed(
    server: Server, changes: dict[str, object], words: str
) -> None:
    answer = submit(server, **changes)
    assert answer.status_code == 400
    (text,) = answer.json()
    assert words in text


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"datatype": "CHIRPS"}, 0),
        ({"datatype": "IMERG", "endtime": "01/03/2019"}, 26),
        (
            {
                "datatype": "CCSM4",
                "seasonal_ensemble": "ens01",
                "seasonal_variable": "Temperature",
            },
            6,
        ),
        (
            {
                "datatype": "Seasonal_Forecast",
                "seasonal_ensemble": "ens02",
                "seasonal_variable": "Precipitation",
            },
            9,
        ),
        ({"datatype": "0", "seasonal_ensemble": "ens99", "isZip_CurrentDataType": "False"}, 0),
    ],
)
def test_old_names_and_members_of_forecasts_are_numbers(
    server: Server, changes: dict[str, str], number: int
) -> None:
    assert document(server, **changes)["datatype"] == number


@pytest.mark.parametrize("number", [35, 36])
def test_withdrawn_datasets_get_an_id_that_is_lost(server: Server, number: int) -> None:
    (task_id,) = submit(server, datatype=number).json()
    assert UUID(task_id).version == 4
    assert call(server, "getDataRequestProgress", id=task_id).text == "[-1.0]"


def test_more_than_twenty_years_get_an_id_that_is_lost(server: Server) -> None:
    answer = submit(server, begintime="01/01/1999", endtime="01/02/2019")
    assert answer.status_code == 200
    task_id, words = answer.json()
    assert words == "Max date range is: 20 years"
    assert call(server, "getDataRequestProgress", id=task_id).text == "[-1.0]"
    assert len(submit(server, begintime="01/01/1999", endtime="01/01/2019").json()) == 1


WEST = {"type": "Polygon", "coordinates": [[[24, 0], [25, 0], [25, 2], [24, 2], [24, 0]]]}
EAST = {"type": "Polygon", "coordinates": [[[25, 0], [26, 0], [26, 2], [25, 2], [25, 0]]]}


@pytest.mark.parametrize(
    ("geometry", "cells"),
    [
        (SQUARE | {"properties": {"name": "a square"}}, 4),
        ({"type": "Feature", "geometry": SQUARE, "properties": None}, 4),
        (
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "geometry": part, "properties": {}} for part in (WEST, EAST)
                ],
            },
            4,
        ),
        ({"type": "MultiPolygon", "coordinates": [WEST["coordinates"]]}, 2),
        (
            {
                "type": "Polygon",
                "coordinates": [
                    [[22, -2], [27, -2], [27, 3], [22, 3], [22, -2]],
                    [[24, 0], [24, 1], [25, 1], [25, 0], [24, 0]],
                ],
            },
            24,
        ),
    ],
)
def test_geometries_of_all_kinds_are_one_area(
    server: Server, geometry: dict[str, object], cells: int
) -> None:
    found = values(
        server, datatype=26, operationtype=4, endtime="01/01/2019", geometry=json.dumps(geometry)
    )
    assert found == pytest.approx([cells])


def test_features_of_a_layer_are_one_area(server: Server) -> None:
    asked = {"geometry": None, "layerid": "country", "featureids": "KEN, UGA,KEN"}
    found = document(server, datatype=26, **asked)
    assert [row["value"]["avg"] for row in found["data"]] == pytest.approx([1.0] * 3)


def test_maps_come_as_geotiffs_in_a_zip(server: Server) -> None:
    task_id = finished(server, operationtype=6, endtime="01/03/2019")
    answer = call(server, "getFileForJobID", id=task_id)
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{task_id}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        days = ["20190101.tif", "20190102.tif", "20190103.tif"]
        assert archive.namelist() == days
        with MemoryFile(archive.read(days[1])) as memory, memory.open() as tiff:
            assert (tiff.dtypes, tiff.crs.to_epsg()) == (("float32",), 4326)
            assert (tiff.read(1) == 2.0).all()


def test_several_steps_a_day_have_several_maps(server: Server) -> None:
    task_id = finished(server, datatype=41, operationtype=6, endtime="01/01/2019")
    with zipfile.ZipFile(
        io.BytesIO(call(server, "getFileForJobID", id=task_id).content)
    ) as archive:
        assert archive.namelist() == [f"20190101T{hour:02}0000.tif" for hour in (0, 6, 12, 18)]


def test_a_netcdf_has_the_name_of_the_request(server: Server) -> None:
    task_id = finished(server, operationtype=7, endtime="01/03/2019")
    answer = call(server, "getFileForJobID", id=task_id)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == [f"{task_id}.nc"]
        with netCDF4.Dataset("a.nc", memory=archive.read(f"{task_id}.nc")) as data:
            assert data["rain"][:].mean(axis=(1, 2)).tolist() == [1.0, 2.0, 3.0]


@pytest.mark.slow
@pytest.mark.parametrize("interval", [0, 1, 2])
def test_a_netcdf_is_cf(server: Server, tmp_path: Path, interval: int) -> None:
    task_id = finished(server, operationtype=7, intervaltype=interval)
    answer = call(server, "getFileForJobID", id=task_id)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert complaints(Path(archive.extract(f"{task_id}.nc", tmp_path))) == []


def test_a_csv_has_dates_and_values(server: Server) -> None:
    point = json.dumps({"type": "Point", "coordinates": [24.3, 1.8]})
    task_id = finished(server, operationtype=8, begintime="01/04/2019", geometry=point)
    answer = call(server, "getFileForJobID", id=task_id)
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{task_id}.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[:3] == [["Date", "Value"], ["2019-01-04", "4.0"], ["2019-01-05", "-9999"]]
    assert len(rows) == 29


@pytest.mark.slow
@pytest.mark.parametrize("code", [7, 8])
def test_files_come_in_pieces_and_only_when_they_have_changed(server: Server, code: int) -> None:
    task_id = finished(server, operationtype=code, endtime="01/03/2019")
    url = f"{server.url}/api/getFileForJobID/?id={task_id}"
    whole = requests.get(url, timeout=60)
    part = requests.get(url, headers={"Range": "bytes=2-5"}, timeout=60)
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    same = requests.get(url, headers={"If-None-Match": whole.headers["ETag"]}, timeout=60)
    assert (same.status_code, same.content) == (304, b"")


def test_layers_are_listed(server: Server) -> None:
    assert call(server, "getFeatureLayers").text == (
        '[{"id": "country", "displayName": "Countries", "visible": "true"}, '
        '{"id": "admin_1_earth", "displayName": "Admin #1", "visible": "false"}]'
    )


def test_an_area_is_that_on_the_ellipsoid(server: Server) -> None:
    found = call(server, "get_aoi_area", layerid="country", featureids="KEN").json()
    assert found["unique_id"] is None
    assert re.fullmatch(r"\d+\.\d", found["area"])
    assert float(found["area"]) == pytest.approx(582_650, rel=0.01)  # as the CIA's factbook has it
    globe = {
        "type": "Polygon",
        "coordinates": [[[0, -90], [360, -90], [360, 90], [0, 90], [0, -90]]],
    }
    whole = call(server, "get_aoi_area", geometry=json.dumps(globe)).json()
    assert whole["area"] == "510065621.7"  # WGS 84


def test_forecasts_are_listed_with_their_members(server: Server) -> None:
    found = call(server, "getClimateScenarioInfo").json()
    members = found["climate_DatatypeMap"]
    assert [one["climate_Ensemble"] for one in members] == ["ccsm4_ens01", "ccsm4_ens02"]
    assert members[0]["climate_DataTypes"] == [
        {
            "dataType_Number": number,
            "climate_Variable": variable,
            "climate_Ensemble": "ccsm4_ens01",
            "climate_Ensemble_Label": "",
            "climate_Variable_Label": "",
        }
        for number, variable in ((6, "air_temperature"), (7, "precipitation"))
    ]
    assert found["climate_DataTypeCapabilities"] == [
        {"current_Capabilities": {"startDateTime": "2019-01-01", "endDateTime": "2019-06-29"}}
    ]
    assert found["RequestName"] == "getClimateScenarioInfo"
    assert found["isError"] is False


def test_capabilities_of_a_dataset_are_those_of_its_files(server: Server) -> None:
    found = call(server, "getCapabilitiesForDataset", datatype=0).json()
    (row,) = found.pop("current_DataType_Capabilities_List")
    assert found == {
        "RequestName": "getCapabilitiesForDataset",
        "Request_Param_Name": "datatype",
        "Request_Param_Value": 0,
        "isError": False,
    }
    assert row == {
        "name": "rain",
        "description": "Rain",
        "variable": "rain",
        "units": "mm/day",
        "startDateTime": "2019-01-01",
        "endDateTime": "2019-02-28",
        "bbox": [20.0, -8.0, 40.0, 8.0],
        "resolution": 1.0,
        "fillValue": -9999,
    }


def test_days_begin_at_midnight_utc(server: Server) -> None:
    for row in document(server, datatype=32, begintime="12/30/2018", endtime="01/02/2019")["data"]:
        moment = datetime.fromtimestamp(row["epochTime"], UTC)
        assert moment.strftime("%m/%d/%Y %H:%M") == f"{row['date']} 00:00"


def test_a_monthly_analysis_has_the_record_beside_the_forecast(server: Server) -> None:
    answer = call(
        server,
        "submitMonthlyRainfallAnalysisRequest",
        geometry=json.dumps(SQUARE),
        seasonal_start_date="2019-01-01",
        seasonal_end_date="2019-06-30",
    )
    assert re.fullmatch(rf'\["{UUID4}"\]', answer.text)
    task_id = answer.json()[0]
    answers = [float(text[1:-1]) for text in poll(server, task_id)]
    assert answers == sorted(answers)
    found = call(server, "getDataFromRequest", id=task_id).json()
    rows = found["MonthlyAnalysisOutput"]["avg_percentiles_dataLines"]
    assert [row["col01_Month"] for row in rows] == ["01", "02", "03", "04", "05", "06"]
    # members of 1 and 3 mm/day; June has 29 days of forecast
    means = [row["col02_MonthlyAverage"] for row in rows]
    assert means == pytest.approx([62, 56, 62, 60, 62, 60])
    # January: 491 mm in 30 days, and one without data; one year is its own percentile
    for column in ("col03_25thPercentile", "col04_75thPercentile", "col05_50thPercentile"):
        assert [row[column] for row in rows] == pytest.approx([491 * 31 / 30, 0, *[-9999] * 4])
    assert call(server, "getFileForJobID", id=task_id).status_code == 400


def test_an_analysis_that_is_refused_leaves_nothing_behind(server: Server) -> None:
    def known() -> list[str]:
        return [one["id"] for one in server.ask("GET", "/tasks").json()["tasks"]]

    before = known()
    for geometry, words in (("{}", "has no type"), (json.dumps(FAR), "lies outside")):
        answer = call(server, "submitMonthlyRainfallAnalysisRequest", geometry=geometry)
        assert answer.status_code == 400
        assert words in answer.json()[0]
    assert known() == before


FAR = {"type": "Point", "coordinates": [100, 50]}
