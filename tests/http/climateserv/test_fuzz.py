"""Whatever is sent to ClimateSERV's paths: an answer, no mistake of the server, and in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csserv.http.climateserv.handlers import METHODS
from tests.http.climateserv.legacy import SQUARE, USUAL, call, finished, poll, submit
from tests.http.conftest import Server, start

pytestmark = pytest.mark.slow

SECRET = "a token of the tests, long enough"

few = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for callers without a token; scripts have one."""
    yield from start(
        tmp_path_factory.mktemp("legacy"),
        requests_per_second=10_000,
        max_open_tasks=200,
        max_area=5e6,
        max_body=2,
        max_years_climateserv=2,
        access="tokens",
        anonymous="submitter",
        script_token=SECRET,
    )


texts = st.text(max_size=30)
coordinates = st.recursive(
    st.floats() | st.integers() | st.none() | texts,
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)
geometries = st.fixed_dictionaries(
    {"type": st.sampled_from(["Point", "Polygon", "MultiPoint", "Feature", "LineString", ""])},
    optional={"coordinates": coordinates, "geometry": coordinates, "properties": coordinates},
)
parameters = st.fixed_dictionaries(
    {},
    optional={
        "datatype": st.sampled_from(["0", "26", "35", "CCSM4", "CHIRPS", "٣", "1e5"]) | texts,
        "operationtype": st.sampled_from(["0", "5", "6", "-1", "²"]) | texts,
        "begintime": st.sampled_from(["01/01/2019", "1/2/0000", "13/13/9999"]) | texts,
        "endtime": st.sampled_from(["01/03/2019", "12/31/9999"]) | texts,
        "intervaltype": st.sampled_from(["0", "1", "2", "3"]) | texts,
        "geometry": st.just(json.dumps(SQUARE)) | geometries.map(json.dumps) | texts,
        "layerid": st.sampled_from(["country", "admin_1_earth"]) | texts,
        "featureids": st.sampled_from(["KEN", "KEN,UGA", ",,"]) | texts,
        "seasonal_ensemble": st.sampled_from(["ens01", "ens99"]) | texts,
        "seasonal_variable": st.sampled_from(["Temperature"]) | texts,
        "id": st.uuids().map(str) | texts,
        "callback": st.just("f") | texts,
        "t": st.just(SECRET),
        "cmd": st.sampled_from(list(METHODS)) | texts,
    },
)


@few
@given(
    st.sampled_from([*METHODS, "scriptAccess"]),
    parameters,
    parameters,
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT"]),
)
def test_any_parameters_get_an_answer(
    open_server: Server, method: str, query: dict[str, str], form: dict[str, str], verb: str
) -> None:
    check(open_server, verb, method, params=query, data=form if verb == "POST" else None)


@few
@given(parameters.map(lambda given: USUAL | given))
def test_a_request_that_is_nearly_right_gets_an_answer(
    open_server: Server, asked: dict[str, Any]
) -> None:
    answer = check(open_server, "POST", "submitDataRequest", params=asked)
    if answer.status_code == 400 and "callback" not in asked:
        assert len(answer.json()) == 1


@few
@given(
    st.binary(max_size=200),
    st.sampled_from(
        [
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=utf-16",
            "application/json",
            "",
        ]
    ),
)
def test_any_body_gets_an_answer(open_server: Server, body: bytes, kind: str) -> None:
    check(open_server, "POST", "submitDataRequest", data=body, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    "geometry",
    [
        "[" * 50_000,
        '{"type":"FeatureCollection","features":[' * 20_000,
        '{"type":"Polygon","coordinates":[[[0,0],[1e999,0],[1,1],[0,0]]]}',
        '{"type":"Polygon","coordinates":[[[0,0],[NaN,0],[1,1],[0,0]]]}',
        '{"type":"MultiPoint","coordinates":[]}',
        '{"type":"Polygon","coordinates":[[[24,0],[26,2],[26,0],[24,2],[24,0]]]}',
        '{"type":"GeometryCollection","geometries":['
        '{"type":"Point","coordinates":[24,0]},'
        '{"type":"Polygon","coordinates":[[[30,0],[31,0],[31,1],[30,0]]]}]}',
    ],
)
def test_a_hostile_area_is_refused(open_server: Server, geometry: str) -> None:
    answer = check(open_server, "POST", "submitDataRequest", data=USUAL | {"geometry": geometry})
    assert answer.status_code == 400
    assert len(answer.text) < 1000


def check(server: Server, verb: str, method: str, **how: Any) -> requests.Response:
    answer = requests.request(verb, f"{server.url}/api/{method}/", timeout=30, **how)
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    return answer


def test_a_limit_is_told(open_server: Server) -> None:
    wide = [[-60, -50], [60, -50], [60, 50], [-60, 50], [-60, -50]]
    answer = submit(open_server, geometry=json.dumps(SQUARE | {"coordinates": [wide]}))
    assert answer.status_code == 400
    assert "at most 5,000,000 km2 are allowed (CSSERV_MAX_AREA)" in answer.json()[0]


def test_the_longest_period_is_a_setting(open_server: Server) -> None:
    answer = submit(open_server, begintime="01/01/2016")
    assert answer.json()[1:] == ["Max date range is: 2 years"]


def test_a_body_that_is_too_large_is_not_read(open_server: Server) -> None:
    large = requests.post(
        f"{open_server.url}/api/submitDataRequest/", data=b"x" * 2_500_000, timeout=30
    )
    assert large.status_code == 413
    assert "at most 2 MB" in large.json()[0]


@pytest.mark.parametrize("base", ["api", "chirps"])
def test_a_script_with_the_token_gets_its_data(open_server: Server, base: str) -> None:
    def ask(command: str, **more: Any) -> requests.Response:
        return call(open_server, "scriptAccess", base, t=SECRET, cmd=command, **more)

    (task_id,) = ask("submitDataRequest", **USUAL).json()
    poll(open_server, task_id)
    assert ask("getDataRequestProgress", id=task_id).text == "[100.0]"
    assert ask("getDataFromRequest", id=task_id).json()["data"][0]["value"] == {"avg": 1.0}
    assert ask("getFileForJobID", id=task_id).text.startswith("Date,Value\n")
    other = ask("getParameterTypes")
    assert other.status_code == 400
    assert "getFileForJobID" in other.json()["errMsg"]


def test_a_script_without_the_token_gets_nothing(open_server: Server) -> None:
    for token in ("", "x", SECRET + "x"):
        answer = call(open_server, "scriptAccess", t=token, cmd="submitDataRequest", **USUAL)
        assert answer.status_code == 403


def test_requests_still_come_to_an_end(open_server: Server) -> None:
    finished(open_server)
