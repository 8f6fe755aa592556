from __future__ import annotations

import json
import uuid
import zipfile
from io import BytesIO, StringIO
from typing import Any

import netCDF4
import numpy as np
import pandas as pd
import pytest
import requests

from csserv.http.native.openapi import document
from csserv.http.native.result_models import ResultModel
from tests.http.conftest import BOX, Server
from tests.processes import halted_runners

UNKNOWN = "0b6f9d2e-6a0c-4f0e-9d0a-ffffffffffff"
MISSING_DAY = 4  #: the 5th of January has no data
JANUARY = np.array([np.nan if day == MISSING_DAY else day + 1.0 for day in range(31)])


@pytest.fixture(scope="module")
def done(server: Server) -> dict[str, Any]:
    """A task that has succeeded: the mean over a box in January."""
    ended = server.until_ended(server.submit()["id"])
    assert ended["state"] == "succeeded", ended
    return ended


def events(server: Server, task_id: str) -> list[tuple[str, Any]]:
    url = f"{server.url}/api/v1/tasks/{task_id}/events"
    found, kind = [], ""
    with requests.get(url, stream=True, timeout=60) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        for line in answer.iter_lines(decode_unicode=True):
            name, _, value = line.partition(": ")
            kind = value if name == "event" else kind
            if name == "data":
                found.append((kind, json.loads(value)))
    return found


def test_a_request_is_accepted_with_its_address(server: Server) -> None:
    body = {"dataset": "rain", "operation": "mean", "area": BOX, "period": "2019-01"}
    answer = server.ask("POST", "/tasks", json=body)
    assert answer.status_code == 202
    task = answer.json()
    assert answer.headers["Location"] == f"/api/v1/tasks/{task['id']}" == task["links"]["self"]
    assert requests.get(server.url + answer.headers["Location"], timeout=60).json()["id"]


def test_the_same_id_again_changes_nothing(server: Server) -> None:
    own = str(uuid.uuid4())
    assert server.submit(id=own)["submitted"] == server.submit(id=own)["submitted"]


def test_a_download_that_broke_off_goes_on_only_in_the_same_version(
    server: Server, done: dict[str, Any]
) -> None:
    address = f"{server.url}/api/v1/tasks/{done['id']}/result?format="
    for name in ("csv", "xlsx", "netcdf", "json"):
        whole = requests.get(address + name, timeout=60)
        etag = whole.headers["Etag"]

        def part(url: str = address + name, **headers: str) -> requests.Response:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            return requests.get(url, headers=given | {"Accept-Encoding": "identity"}, timeout=60)

        plain = part()
        assert part().headers["Etag"] == plain.headers["Etag"]  # made once, kept
        etag = plain.headers["Etag"]
        first, rest = part(Range="bytes=0-99"), part(Range="bytes=100-", If_Range=etag)
        assert (first.status_code, rest.status_code) == (206, 206)
        assert first.content + rest.content == plain.content
        other = part(Range="bytes=100-", If_Range='"another"')
        assert (other.status_code, other.content) == (200, plain.content)
        assert part(If_Match='"another"').status_code == 412
        assert part(If_Match=etag).status_code == part(If_Match="*").status_code == 200
        assert part(If_None_Match=etag).status_code == 304
        off = part(Range="bytes=999999999-")
        assert (off.status_code, off.headers["Content-Type"]) == (416, "application/problem+json")
        assert f"{len(plain.content):,} bytes" in off.json()["detail"]


def test_a_long_answer_is_compressed_for_who_takes_that(
    server: Server, done: dict[str, Any]
) -> None:
    for path in (f"/tasks/{done['id']}/result", "/layers/country", "/datasets"):
        packed = server.ask("GET", path, headers={"Accept-Encoding": "gzip"})
        plain = server.ask("GET", path, headers={"Accept-Encoding": "identity"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert int(packed.headers["Content-Length"]) < len(plain.content) / 2
        assert packed.json() == plain.json()
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_result_is_as_the_document_says(server: Server, done: dict[str, Any]) -> None:
    whole = server.ask("GET", f"/tasks/{done['id']}/result").json()
    read = ResultModel.model_validate(whole)
    assert read.series[0].value == whole["series"][0]["value"]
    assert read.partial is False
    described = document()["paths"]["/tasks/{id}/result"]["get"]["responses"]["200"]["content"]
    forms = [{"$ref": f"#/components/schemas/{one}"} for one in ("ResultModel", "CompactResult")]
    assert described["application/json"]["schema"] == {"anyOf": forms}


def test_a_damaged_result_is_not_sent(server: Server, done: dict[str, Any]) -> None:
    path = server.settings.home / "results" / done["id"] / f"{done['id']}.json"
    whole = path.read_bytes()
    damaged = whole.replace(b'"value":[', b'"value":[1', 1)
    assert damaged != whole
    path.write_bytes(damaged)
    try:
        for address in ("result", f"files/{path.name}"):
            refused = server.ask("GET", f"/tasks/{done['id']}/{address}")
            assert refused.status_code == 503
            assert refused.json()["type"] == "urn:csserv:damaged-result"
            assert f"{path.name} is damaged" in refused.json()["detail"]
    finally:
        path.write_bytes(whole)
    assert server.ask("GET", f"/tasks/{done['id']}/result").status_code == 200


def test_a_result_comes_as_json_csv_xlsx_and_netcdf(
    server: Server, done: dict[str, Any], tmp_path: Any
) -> None:
    path = f"/tasks/{done['id']}/result"
    plain = server.ask("GET", path)
    assert plain.headers["Content-Type"] == "application/json"
    values = plain.json()["series"][0]["value"]
    assert values[MISSING_DAY] is None
    np.testing.assert_allclose(np.array(values, float), JANUARY, rtol=1e-12)
    table = pd.read_csv(StringIO(server.ask("GET", f"{path}?format=csv").text))
    np.testing.assert_allclose(table["value"], JANUARY, rtol=1e-12)
    (tmp_path / "rain.nc").write_bytes(server.ask("GET", f"{path}?format=netcdf").content)
    with netCDF4.Dataset(tmp_path / "rain.nc") as data:
        np.testing.assert_allclose(data["mean"][:].filled(np.nan), JANUARY, rtol=1e-12)
    book = server.ask("GET", f"{path}?format=xlsx")
    assert book.headers["Content-Type"].endswith("spreadsheetml.sheet")
    stem = "rain_mean_box-22--2-26-2_2019-01"
    assert book.headers["Content-Disposition"] == f'attachment; filename="{stem}.xlsx"'
    with zipfile.ZipFile(BytesIO(book.content)) as parts:
        assert "xl/worksheets/sheet2.xml" in parts.namelist()


def test_files_are_sent_in_parts_and_not_again(server: Server, done: dict[str, Any]) -> None:
    address = server.url + done["links"]["files"][0]
    whole = requests.get(address, timeout=60)
    assert whole.headers["Content-Disposition"].endswith('_2019-01.json"')
    part = requests.get(address, headers={"Range": "bytes=10-19"}, timeout=60)
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    off = requests.get(address, headers={"Range": f"bytes={10**9}-"}, timeout=60)
    assert off.status_code == 416
    known = requests.get(address, headers={"If-None-Match": whole.headers["Etag"]}, timeout=60)
    assert (known.status_code, known.content) == (304, b"")
    head = requests.head(address, timeout=60)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(whole.content)))


def test_events_tell_progress_new_steps_and_the_end(server: Server) -> None:
    task = server.submit(dataset="long", operation="p37", period="2019/2026", area="Kenya")
    told = events(server, task["id"])
    kinds = [kind for kind, _ in told]
    assert kinds[-1] == "end"
    assert kinds.count("end") == 1
    assert told[-1][1]["state"] == "succeeded"
    progress = [value["progress"] for kind, value in told if kind in ("task", "end")]
    assert progress == sorted(progress)
    times = [time for kind, one in told if kind == "series" for time in one["series"][0]["time"]]
    assert len(times) == len(set(times)) <= 8 * 365


def test_a_stream_that_is_opened_again_goes_on_instead_of_replaying(server: Server) -> None:
    task = server.submit(dataset="long", operation="p38", period="2019/2026", area="Kenya")
    url, seen, last = f"{server.url}/api/v1/tasks/{task['id']}/events", list[str](), ""
    for _ in range(100):
        kind = ""
        with requests.get(url, stream=True, timeout=60, headers={"Last-Event-ID": last}) as answer:
            for line in answer.iter_lines(decode_unicode=True):
                name, _, value = line.partition(": ")
                kind = value if name == "event" else kind
                last = value if name == "id" else last
                if name == "data" and kind == "series":
                    seen += json.loads(value)["series"][0]["time"]
                    break  # the line is lost after each
        if kind == "end":
            break
    assert kind == "end"
    assert len(seen) == len(set(seen)) <= 8 * 365


def test_events_of_an_ended_task_are_its_end(server: Server, done: dict[str, Any]) -> None:
    (told,) = events(server, done["id"])
    assert told == ("end", done)


def test_a_task_is_cancelled_then_removed(server: Server) -> None:
    with halted_runners(server.settings.home):
        waiting = server.submit(dataset="long", operation="median", period="2019/2026")
        path = f"/tasks/{waiting['id']}"
        assert server.ask("DELETE", f"{path}?action=remove").status_code == 409
        assert server.ask("DELETE", path).json()["state"] == "cancelled"
    server.ask("DELETE", path)
    assert server.ask("GET", path).status_code == 404


def test_tasks_are_listed_a_page_at_a_time(server: Server) -> None:
    ids = [server.submit(client="pages")["id"] for _ in range(3)]
    first = server.ask("GET", "/tasks?client=pages&count=2").json()
    second = requests.get(server.url + first["next"], timeout=60).json()
    listed = [task["id"] for task in first["tasks"] + second["tasks"]]
    assert listed == ids[::-1]
    assert second["next"] is None


def test_walking_the_pages_neither_loses_nor_doubles_tasks_that_come_and_go(
    server: Server,
) -> None:
    ids = {server.submit(client="walker")["id"] for _ in range(7)}
    for name in ids:
        server.until_ended(name)
    seen: list[str] = []
    url = "/api/v1/tasks?client=walker&count=2"
    while url:
        page = requests.get(server.url + url, timeout=60).json()
        seen += [task["id"] for task in page["tasks"]]
        for task in page["tasks"]:
            server.ask("DELETE", f"/tasks/{task['id']}?action=remove")
        server.submit(client="walker")  # newer than all of the walk
        url = page["next"]
    assert sorted(seen) == sorted(ids)
    assert server.ask("GET", "/tasks?after=yesterday").status_code == 422


def test_an_estimate_makes_no_task(server: Server) -> None:
    before = server.ask("GET", "/tasks?count=1000").json()["tasks"]
    asked = {"dataset": "rain", "operation": "mean", "area": BOX, "period": "2019-02/2019-03"}
    found = server.ask("POST", "/estimate", json=asked).json()
    assert (found["zones"], found["cells"], found["steps"], found["granules"]) == (1, 16, 28, 1)
    assert found["missing"] == [{"first": "2019-03-01", "last": "2019-03-31", "steps": 31}]
    assert found["refused"] is None
    assert found["bytes"] > 0
    assert found["seconds"] > 0
    assert "seconds_low" not in found  # clients of version 0.1 take no key that they do not know
    ranged = server.ask("POST", "/estimate?time_range=true", json=asked).json()
    assert 0 < ranged["seconds_low"] <= ranged["seconds"] <= ranged["seconds_high"]
    after = server.ask("GET", "/tasks?count=1000").json()["tasks"]
    assert [task["id"] for task in after] == [task["id"] for task in before]


def test_datasets_tell_what_there_is(server: Server) -> None:
    rows = {row["name"]: row for row in server.ask("GET", "/datasets").json()}
    assert (rows["rain"]["first"], rows["rain"]["last"]) == ("2019-01-01", "2019-02-28")
    assert not rows["broken"]["available"]
    assert "rain.nc" in rows["broken"]["reason"]
    here = server.ask("GET", "/datasets?available=true").json()
    assert {row["name"] for row in here} >= {"rain", "long"}
    coverage = server.ask("GET", "/datasets/rain").json()["coverage"]
    assert (coverage["steps"], coverage["time_step"], coverage["gaps"]) == (59, "daily", [])
    assert coverage["bounds"] == [20.0, -8.0, 40.0, 8.0]


def test_layers_give_names_and_shapes(server: Server) -> None:
    assert {row["id"] for row in server.ask("GET", "/layers").json()} >= {"country"}
    found = server.ask("GET", "/layers/country?search=kenya").json()
    assert [row["iso"] for row in found] == ["KEN"]
    for name in ("Ivory Coast", "cote d'i", "Elfenbeinküste"):
        rows = server.ask("GET", "/layers/country", params={"search": name}).json()
        assert [row["id"] for row in rows] == ["CIV"]
    shape = server.ask("GET", "/layers/country?search=kenya&format=geojson").json()
    assert shape["type"] == "FeatureCollection"


@pytest.mark.parametrize(
    ("area", "zones"),
    [
        ("Kenya", 1),
        (BOX, 1),
        ({"point": [30.5, 0.5]}, 1),
        ({"layer": "country", "features": ["KEN", "UGA"]}, 2),
        ({"type": "Point", "coordinates": [30.5, 0.5]}, 1),
    ],
)
def test_an_area_is_written_in_many_ways(server: Server, area: object, zones: int) -> None:
    assert server.submit(area=area)["request"]["zones"] == zones


@pytest.mark.parametrize(
    ("changes", "status", "kind", "words"),
    [
        ({"dataset": "rian"}, 404, "unknown-dataset", "rain"),
        ({"operation": "maen"}, 404, "unknown-operation", "mean"),
        ({"area": "Knya"}, 422, "invalid-area", "Kenya"),
        ({"area": "/etc/passwd"}, 422, "invalid-area", "/etc/passwd"),
        ({"area": "area.geojson"}, 422, "invalid-area", "area.geojson"),
        ({"area": {"layer": "contry", "features": ["x"]}}, 404, "unknown-layer", "country"),
        ({"area": {"box": [0, 0, 1]}}, 422, "invalid-request", "box"),
        ({"area": ["Kenya", "Uganda"]}, 422, "invalid-request", 'area: write a name ("Kenya", '),
        ({"area": 5}, 422, "invalid-request", 'area: write a name ("Kenya", '),
        ({"area": None}, 422, "invalid-request", '"point": [lon, lat]}, {"layer": '),
        ({"area": {"type": "LineString", "coordinates": []}}, 422, "invalid-request", "Polygon"),
        ({"period": "2019-13"}, 422, "invalid-request", "2019-13"),
        ({"period": "1999"}, 422, "empty-selection", "2019-01-01 to 2019-02-28"),
        ({"time_step": "fortnight"}, 422, "invalid-request", "fortnight"),
        ({"over_time": "total"}, 422, "invalid-request", "over_time"),
        ({"select": {"member": "*"}}, 422, "invalid-request", "it has none to choose of"),
        ({"select": {"member": [1, 2]}}, 422, "invalid-request", "no further dimension 'member'"),
        ({"accumulate": 0}, 422, "invalid-request", "accumulate"),
        ({"accumulate": 3, "time_step": "period"}, 422, "invalid-request", "allowed with it are"),
        ({"over_time": "mean"}, 422, "invalid-request", "ask for a longer time_step"),
        ({"against": "2001/2005"}, 422, "invalid-request", "which is 5 years; normals need"),
        ({"against": "1991"}, 422, "invalid-request", "which is 1 year; normals need"),
        ({"against": "long ago"}, 422, "invalid-request", "allowed are first and last year"),
        ({"against": True}, 422, "invalid-request", "rain has 0, from 2019-01-01"),
        ({"against": 1991}, 422, "invalid-request", "against"),
        ({"against": "default"}, 422, "invalid-request", "rain has 0, from 2019-01-01"),
        ({"against": "1991/2020"}, 422, "invalid-request", "the data begin in 2019"),
        ({"own_year": "out"}, 422, "invalid-request", "says something with against alone"),
        ({"own_year": "maybe"}, 422, "invalid-request", "'in' or 'out'"),
        ({"priority": 11}, 422, "invalid-request", "priority"),
        ({"perid": "2019"}, 422, "invalid-request", "perid"),
        ({"id": "seven"}, 422, "invalid-request", "seven"),
        ({"dataset": "broken"}, 503, "granule", "rain.nc"),
    ],
)
def test_a_wrong_request_is_refused_in_words(
    server: Server, changes: dict[str, Any], status: int, kind: str, words: str
) -> None:
    usual = {"dataset": "rain", "operation": "mean", "area": BOX, "period": "2019-01"}
    answer = server.ask("POST", "/tasks", json=usual | changes)
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, problem["type"]) == (status, f"urn:csserv:{kind}"), problem
    assert words in problem["detail"]
    assert str(server.settings.home.parent) not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "how", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("GET", "/tasks/7", {}, 404),
        ("GET", f"/tasks/{UNKNOWN}", {}, 404),
        ("GET", f"/tasks/{UNKNOWN}/events", {}, 404),
        ("PUT", "/tasks", {}, 405),
        ("DELETE", "/tasks", {}, 405),
        ("POST", "/tasks", {"data": "{}", "headers": {"Content-Type": "text/plain"}}, 415),
        ("POST", "/tasks", {"data": "{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/tasks", {"json": []}, 422),
        ("GET", "/tasks?count=0", {}, 422),
        ("GET", "/tasks?count=1&count=2", {}, 422),
        ("GET", "/tasks?since=yesterday", {}, 422),
        ("GET", "/datasets/..%2f..%2fetc", {}, 404),
        ("DELETE", "/workers/nobody", {}, 404),
    ],
)
def test_a_wrong_address_is_a_problem(
    server: Server, method: str, path: str, how: dict[str, Any], status: int
) -> None:
    answer = server.ask(method, path, **how)
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == status


def test_no_file_but_those_of_the_result_is_sent(server: Server, done: dict[str, Any]) -> None:
    for name in ("..%2f..%2ftask_log.json", "task_log.json", "%2fetc%2fpasswd", ".", "%00"):
        assert server.ask("GET", f"/tasks/{done['id']}/files/{name}").status_code == 404


def test_the_result_of_an_unfinished_task_is_told_to_wait(server: Server) -> None:
    task = server.submit(dataset="long", operation="p61", period="2019/2026", area="Kenya")
    answer = server.ask("GET", f"/tasks/{task['id']}/result")
    assert answer.status_code in (409, 200)  # 200 only where it was quicker than this
    part = server.ask("GET", f"/tasks/{task['id']}/result?partial=true").json()
    assert "series" in part
    server.until_ended(task["id"])


def test_workers_are_listed(server: Server) -> None:
    found = server.ask("GET", "/workers").json()
    assert len(found) == server.settings.workers
    assert {"uuid", "state", "task", "memory"} <= set(found[0])


def test_pages_of_other_sites_get_nothing(server: Server) -> None:
    answer = server.ask("GET", "/tasks", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    rebound = server.ask("GET", "/tasks", headers={"Host": "elsewhere.example"})
    assert rebound.status_code == 401


def test_a_body_that_is_too_large_is_refused_with_its_size(server: Server) -> None:
    answer = server.ask(
        "POST", "/tasks", data=b" " * 70_000_000, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert "70.0 MB; at most 64 MB" in answer.json()["detail"]


def test_a_body_that_comes_in_pieces_is_refused_once_it_is_too_large(server: Server) -> None:
    pieces = (b" " * 1_000_000 for _ in range(70))
    answer = server.ask("POST", "/tasks", data=pieces, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "at most 64 MB" in answer.json()["detail"]


def test_connections_are_kept_after_a_refusal(server: Server) -> None:
    with requests.Session() as session:
        for _ in range(20):
            assert session.get(f"{server.url}/api/v1/nothing", timeout=60).status_code == 404
            assert session.get(f"{server.url}/api/v1/tasks/7", timeout=60).status_code == 404


def test_the_page_of_the_api_needs_nothing_from_elsewhere(server: Server) -> None:
    page = server.ask("GET", "/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "/api/v1/tasks/{id}/events" in page.text
    assert "http://" not in page.text.replace(server.url, "")
    assert "<script" not in page.text


def test_the_document_names_all_addresses(server: Server) -> None:
    plain = server.ask("GET", "/openapi.json").json()
    assert plain["openapi"] == "3.1.0"
    assert {"/tasks", "/tasks/{id}/events", "/estimate", "/health"} <= set(plain["paths"])


@pytest.mark.slow
def test_a_runner_that_is_killed_is_replaced(server: Server) -> None:
    (runner, *_) = server.processes.children("serve", "csserv run")
    runner.kill()
    assert server.until_ended(server.submit()["id"])["state"] == "succeeded"


@pytest.mark.parametrize(
    ("select", "members"), [("*", [1, 2, 5]), ([5, 1.0], [5, 1]), ("2,5", [2, 5])]
)
def test_members_are_asked_for_together(server: Server, select: Any, members: list[int]) -> None:
    asked = {"dataset": "ensemble", "select": {"member": select}}
    body = {"operation": "mean", "area": BOX, "period": "2019-01"} | asked
    cost = server.ask("POST", "/estimate", json=body).json()
    assert cost["selections"] == len(members)
    ended = server.until_ended(server.submit(**asked)["id"])
    assert ended["state"] == "succeeded", ended
    path = f"/tasks/{ended['id']}/result"
    plain = server.ask("GET", path).json()
    assert plain["dimensions"]["member"]["coordinates"] == members
    alone = server.until_ended(
        server.submit(dataset="ensemble", select={"member": members[0]})["id"]
    )
    one = server.ask("GET", f"/tasks/{alone['id']}/result").json()["series"][0]
    assert plain["series"][0] == one | {"select": {"member": str(members[0])}}
    table = pd.read_csv(StringIO(server.ask("GET", f"{path}?format=csv").text))
    assert table["member"].unique().tolist() == members
    array = netCDF4.Dataset("m", memory=server.ask("GET", f"{path}?format=netcdf").content)
    assert array["mean"].dimensions == ("member", "time")


def test_files_of_maps_are_of_one_member(server: Server) -> None:
    body = {"dataset": "ensemble", "operation": "geotiff", "area": BOX, "period": "2019-01"}
    answer = server.ask("POST", "/tasks", json=body | {"select": {"member": "*"}})
    assert answer.status_code in (400, 422)
    assert "choose one (select: member=1)" in answer.json()["detail"]
